"""The interface that lets one algorithm run on one core, on several, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays
from dataforge.errors import AggregationError

__all__ = ["Engine", "Greatest", "Local", "PerPart", "TableEngine", "WholeTables", "added", "local"]

S = TypeVar("S", bound=tuple[Any, ...])
R = TypeVar("R")

# Below so many answers a second thread costs more than it saves.
THREADS_FROM = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PerPart:
    """A value of which each part gets its own piece, in the order of the parts."""

    pieces: Sequence[Any]


class Greatest(float):
    """A number that adding up leaves the greatest of."""

    def __add__(self, other: float) -> Greatest:
        """The greater of the two."""
        return Greatest(max(self, other))


class Engine(Protocol):
    """Where the parts lie. Algorithms ask for sums over all parts.

    `values` are broadcast to the parts, but for a `PerPart`, of which each part gets its own piece.
    """

    @property
    def n_tasks(self) -> int:
        """Number of tasks in all parts."""
        ...

    @property
    def n_answers(self) -> int:
        """Number of answers in all parts."""
        ...

    @property
    def n_workers(self) -> int:
        """Number of workers, the same in all parts."""
        ...

    @property
    def n_labels(self) -> int:
        """Number of labels, the same in all parts."""
        ...

    def suited(self, work: Work) -> Self:
        """The same answers with the passes that this work is worth; an algorithm asks once, before it begins."""
        ...

    def total(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over all parts of `step(part, *values)`, field by field."""
        ...

    def each(self, step: Callable[..., R], *values: Any) -> Sequence[R]:
        """`step(part, *values)` of each part, in order."""
        ...

    def keep(self, step: Callable[..., Any], *values: Any) -> PerPart:
        """What `each` gives, left where the parts are."""
        ...

    def split(self, by_task: NDArray[Any]) -> PerPart:
        """An array with an entry for each task, cut into the parts' pieces."""
        ...


class TableEngine(Engine, Protocol):
    """An engine that keeps tables by worker where it likes, whole or cut into slices of workers.

    Such a table has as many rows for each worker as for any other, those of one side by side. Algorithms only hand it
    on: a part gets the rows of its workers, a step by worker those of a slice. Here it is an array.
    """

    def summed(self, step: Callable[..., S], *values: Any) -> S:
        """As `total`, but that the first field is a table by worker, which stays."""
        ...

    def nothing(self, n_rows: int, columns: int) -> Any:
        """A table by worker of zeros, shape (n_rows, columns)."""
        ...

    def by_worker(self, step: Callable[..., Any], *values: Any) -> Any:
        """The table by worker of `step(*values)`, which treats each worker by themselves."""
        ...

    def over_workers(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over slices of `step(*values)`, field by field."""
        ...

    def lasting(self, table: Any, iteration: int) -> Any:
        """The same table; from time to time made to outlive what it was made from."""
        ...


class WholeTables:
    """How an engine keeps tables by worker that are not cut: as arrays of the caller's, who maximises them."""

    __slots__ = ()

    def nothing(self, n_rows: int, columns: int) -> Any:
        """Zeros, shape (n_rows, columns)."""
        return np.zeros((n_rows, columns))

    def by_worker(self, step: Callable[..., Any], *values: Any) -> Any:
        """The step's own result: the one slice has all workers."""
        return step(*values)

    def over_workers(self, step: Callable[..., S], *values: Any) -> S:
        """The step's own result."""
        return step(*values)

    def lasting(self, table: Any, iteration: int) -> Any:
        """The table as it is."""
        return table


@dataclass(frozen=True, slots=True, eq=False)
class Local(WholeTables):
    """Parts in the memory of this process; several of them run in threads, as the compiled passes free the lock.

    If it is `fixed`, the parts keep the passes that they have, whatever the work.
    """

    parts: tuple[Part, ...]
    n_tasks: int
    n_answers: int
    n_workers: int
    n_labels: int
    fixed: bool = False

    def suited(self, work: Work) -> Local:
        """One part cut into as many as there are cores if the compiled passes are worth it and that pays."""
        if self.fixed:
            return self
        compiled = compiled_pays(work)
        parts = [replace(part, compiled=compiled) for part in self.parts]
        if len(parts) == 1:
            return local(parts[0])
        return replace(self, parts=tuple(parts))

    def total(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over all parts, added up in their order."""
        return added(self.each(step, *values))

    summed = total

    def each(self, step: Callable[..., R], *values: Any) -> Sequence[R]:
        """Each part's result."""
        if len(self.parts) == 1:
            return [step(self.parts[0], *_dealt(values, 0))]
        with ThreadPoolExecutor(len(self.parts)) as threads:
            return list(threads.map(lambda i: step(self.parts[i], *_dealt(values, i)), range(len(self.parts))))

    def keep(self, step: Callable[..., Any], *values: Any) -> PerPart:
        """Each part's result, to pass on to another step."""
        return PerPart(self.each(step, *values))

    def split(self, by_task: NDArray[Any]) -> PerPart:
        """Views of the array, one for each part."""
        ends = np.cumsum([part.n_tasks for part in self.parts])
        return PerPart(np.split(by_task, ends[:-1]))


def _dealt(values: tuple[Any, ...], i: int) -> list[Any]:
    """What part i gets of the values."""
    return [value.pieces[i] if isinstance(value, PerPart) else value for value in values]


def local(part: Part, threads: int | None = None, *, compiled: bool | None = None) -> Local:
    """An engine over one part, cut into as many pieces of whole tasks as there are cores when that pays.

    An algorithm chooses the passes by its work, unless it is said here whether they are `compiled`.
    """
    fixed = compiled is not None
    if compiled is not None and compiled is not part.compiled:
        part = replace(part, compiled=compiled)
    if threads is None:
        threads = _available_cores() if part.compiled and part.n_answers >= THREADS_FROM else 1
    parts = (part,) if threads == 1 else _cut(part, threads)
    return Local(parts, part.n_tasks, part.n_answers, part.n_workers, part.n_labels, fixed)


def _cut(part: Part, n: int) -> tuple[Part, ...]:
    """At most n pieces of whole tasks with about as many answers each, and one at least."""
    goals = part.offsets[0] + np.arange(1, n) * part.n_answers // n
    cuts = [0, *np.searchsorted(part.offsets, goals).tolist(), part.n_tasks]
    return tuple(part.slice(first, last) for first, last in pairwise(cuts) if last > first) or (part,)


def _available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def added(results: Iterable[S]) -> S:
    """Tuples of arrays and numbers added up field by field."""

    def add(left: S, right: S) -> S:
        fields = (a + b for a, b in zip(left, right, strict=True))
        return type(left)(*fields) if hasattr(left, "_fields") else type(left)(fields)

    several = iter(results)
    first = next(several, None)
    if first is None:
        raise AggregationError("there are no answers to add up")
    return reduce(add, several, first)
