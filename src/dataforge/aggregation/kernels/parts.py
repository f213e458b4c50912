"""Answers grouped by task, and the interface that lets one algorithm run on one core, on several, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels._dispatch import compiled
from dataforge.errors import AggregationError

__all__ = [
    "Codes",
    "Engine",
    "Flags",
    "Floats",
    "Greatest",
    "Local",
    "Part",
    "PerPart",
    "Places",
    "added",
    "group",
    "joined",
    "local",
]

Codes = NDArray[np.int32]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
S = TypeVar("S", bound=tuple[Any, ...])
R = TypeVar("R")

# Below so many answers the numpy pass ends before the compiled one is loaded (about half a second of imports).
FAST_FROM = 50_000
# Below so many answers a second thread costs more than it saves.
THREADS_FROM = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Answers to whole tasks, grouped by task: those to task t are `row[offsets[t]:offsets[t + 1]]`.

    A row is `worker * n_labels + label`: the place of the pair in tables of shape (n_workers * n_labels, …).
    `known[t]` is the label code of task t's known answer, -1 where there is none. `fast` picks the compiled passes.
    `once` marks the answers that count where a worker's same answer counts once; without it all count.
    """

    offsets: Places
    row: NDArray[Any]
    n_workers: int
    n_labels: int
    known: Codes | None = None
    fast: bool = False
    once: Flags | None = None

    @property
    def n_tasks(self) -> int:
        """How many tasks the part holds."""
        return len(self.offsets) - 1

    @property
    def n_answers(self) -> int:
        """How many answers the part holds."""
        return int(self.offsets[-1] - self.offsets[0])

    @property
    def n_rows(self) -> int:
        """Number of (worker, label) pairs, whether they occur or not."""
        return self.n_workers * self.n_labels

    @property
    def answers(self) -> NDArray[Any]:
        """The rows of this part's answers, in the order of its tasks."""
        return self.row[self.offsets[0] : self.offsets[-1]]

    @property
    def task(self) -> Places:
        """The task of each answer, counted from the part's first."""
        return np.repeat(np.arange(self.n_tasks), np.diff(self.offsets))

    @property
    def worker(self) -> NDArray[Any]:
        """The worker of each answer."""
        return self.answers // self.n_labels

    @property
    def label(self) -> NDArray[Any]:
        """The label of each answer."""
        return self.answers % self.n_labels

    def slice(self, first: int, last: int) -> Part:
        """The tasks `first` up to `last`, without a copy."""
        offsets = self.offsets[first : last + 1]
        known = None if self.known is None else self.known[first:last]
        once = None if self.once is None else self.once[offsets[0] - self.offsets[0] : offsets[-1] - self.offsets[0]]
        return replace(self, offsets=offsets, known=known, once=once)


def group(
    task: NDArray[Any],
    worker: NDArray[Any],
    label: NDArray[Any],
    shape: tuple[int, int, int],
    *,
    known: Codes | None = None,
    fast: bool | None = None,
) -> Part:
    """Coded answers grouped by task; `shape` is (n_tasks, n_workers, n_labels)."""
    n_tasks, n_workers, n_labels = shape
    row: NDArray[Any]
    if fast is None:
        fast = len(task) >= FAST_FROM
    dtype = np.int32 if n_workers * max(n_labels, 1) < np.iinfo(np.int32).max else np.int64
    if fast:
        offsets, row = compiled("grouping").group(task, worker, label, n_tasks, n_labels, np.empty(len(task), dtype))
    else:
        offsets = np.zeros(n_tasks + 1, np.int64)
        np.cumsum(np.bincount(task, minlength=n_tasks), out=offsets[1:])
        row = worker.astype(dtype)
        row *= n_labels
        row += label
        if len(task) and not np.all(task[1:] >= task[:-1]):
            row = row[np.argsort(task, kind="stable")]
    return Part(offsets, row, n_workers, n_labels, known, fast)


def joined(parts: Sequence[Part]) -> Part:
    """The tasks of several parts as one, in their order."""
    if len(parts) == 1:
        return parts[0]
    counts = [np.diff(part.offsets) for part in parts]
    known = [part.known for part in parts if part.known is not None]
    return replace(
        parts[0],
        offsets=np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
        row=np.concatenate([part.answers for part in parts]),
        known=np.concatenate(known) if known else None,
    )


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


@dataclass(frozen=True, slots=True, eq=False)
class Local:
    """Parts in the memory of this process; several of them run in threads, as the compiled passes free the lock."""

    parts: tuple[Part, ...]
    n_tasks: int
    n_answers: int
    n_workers: int
    n_labels: int

    def total(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over all parts, added up in their order."""
        return added(self.each(step, *values))

    def each(self, step: Callable[..., R], *values: Any) -> Sequence[R]:
        """Each part's result."""
        calls = [(part, *own) for part, own in zip(self.parts, _dealt(values, len(self.parts)), strict=True)]
        if len(calls) == 1:
            return [step(*calls[0])]
        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(lambda call: step(*call), calls))

    def keep(self, step: Callable[..., Any], *values: Any) -> PerPart:
        """Each part's result, to pass on to another step."""
        return PerPart(self.each(step, *values))

    def split(self, by_task: NDArray[Any]) -> PerPart:
        """Views of the array, one for each part."""
        ends = np.cumsum([part.n_tasks for part in self.parts])
        return PerPart(np.split(by_task, ends[:-1]))


def _dealt(values: tuple[Any, ...], n: int) -> list[list[Any]]:
    return [[value.pieces[i] if isinstance(value, PerPart) else value for value in values] for i in range(n)]


def local(part: Part, threads: int | None = None) -> Local:
    """An engine over one part, cut into as many pieces of whole tasks as there are cores when that pays."""
    if threads is None:
        threads = available_cores() if part.fast and part.n_answers >= THREADS_FROM else 1
    goals = part.offsets[0] + np.arange(1, threads) * part.n_answers // max(threads, 1)
    cuts = [0, *np.searchsorted(part.offsets, goals).tolist(), part.n_tasks]
    parts = tuple(part.slice(first, last) for first, last in pairwise(cuts) if last > first)
    return Local(parts or (part,), part.n_tasks, part.n_answers, part.n_workers, part.n_labels)


def available_cores() -> int:
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
