"""Parts on the machines of a Dask cluster, behind the interface that algorithms run over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dataforge.aggregation._frames import PandasValues
from dataforge.aggregation._responses import read_responses
from dataforge.aggregation.kernels.parts import Part, PerPart, added, group
from dataforge.errors import AggregationError, MissingDependency

__all__ = ["FAN_IN", "Cluster", "open_cluster", "running_client", "union"]

S = TypeVar("S", bound=tuple[Any, ...])
R = TypeVar("R")

# How many sums one task adds up on the way to the root of the tree.
FAN_IN = 8


class Known(NamedTuple):
    """What a partition says about itself before codes are given out."""

    workers: Any
    labels: Any
    task_hashes: Any


class Placed(NamedTuple):
    """A partition with codes: its answers, and the names of its tasks."""

    part: Part
    tasks: Any


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """An engine over parts that lie on a cluster; `pieces` are futures of them."""

    client: Any
    parts: Sequence[Any]
    tasks: Sequence[Any]
    task_counts: Sequence[int]
    workers: Any
    labels: Any
    n_answers: int

    @property
    def n_tasks(self) -> int:
        """Number of tasks in all parts."""
        return int(sum(self.task_counts))

    @property
    def n_workers(self) -> int:
        """Number of workers of the whole."""
        return len(self.workers)

    @property
    def n_labels(self) -> int:
        """Number of labels of the whole."""
        return len(self.labels)

    def total(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over all parts, added up in a tree on the cluster."""
        level = list(self.keep(step, *values).pieces)
        while len(level) > 1:
            level = [
                self.client.submit(_summed, level[i : i + FAN_IN], pure=False) for i in range(0, len(level), FAN_IN)
            ]
        found: S = level[0].result()
        return found

    def each(self, step: Callable[..., R], *values: Any) -> Sequence[R]:
        """Each part's result, fetched."""
        found: Sequence[R] = self.client.gather(list(self.keep(step, *values).pieces))
        return found

    def keep(self, step: Callable[..., Any], *values: Any) -> PerPart:
        """Each part's result, left on the cluster."""
        shared = [value if isinstance(value, PerPart) else self._broadcast(value) for value in values]
        calls = [
            self.client.submit(
                step,
                part,
                *(value.pieces[i] if isinstance(value, PerPart) else value for value in shared),
                pure=False,
            )
            for i, part in enumerate(self.parts)
        ]
        return PerPart(calls)

    def split(self, by_task: NDArray[Any]) -> PerPart:
        """An array with an entry for each task, cut into the parts' pieces."""
        return PerPart(np.split(by_task, np.cumsum(self.task_counts)[:-1]))

    def _broadcast(self, value: Any) -> Any:
        # A task that returns the value, not scattered data: lost with its machine, it is made again.
        return self.client.submit(_same, value, pure=False) if isinstance(value, np.ndarray) else value


def open_cluster(data: Any, *, known: Any = None, check: bool = True) -> Cluster:
    """The answers of a Dask DataFrame, coded where they lie; `check` makes sure that no task is in two partitions."""
    client = running_client()
    if not hasattr(data, "to_delayed"):
        raise AggregationError(f"a Dask DataFrame is needed, got {type(data).__name__}; use dataforge.aggregation else")
    frames = client.compute(data[["task", "worker", "label"]].to_delayed())
    found: list[Known] = client.gather([client.submit(_known, frame, check, pure=False) for frame in frames])
    if check:
        hashes = np.concatenate([part.task_hashes for part in found])
        if len(np.unique(hashes)) < len(hashes):
            raise AggregationError(
                "some tasks have answers in more than one partition; partition them by task: data.shuffle('task')"
            )
    workers, labels = (union([getattr(part, name) for part in found]) for name in ("workers", "labels"))
    if known is not None:
        labels = union([labels, pd.Index(pd.Series(known).dropna().unique())])
    names = client.submit(_same, (workers, labels, known), pure=False)
    placed = [client.submit(_placed, frame, names, pure=False) for frame in frames]
    sizes = client.gather([client.submit(_sizes, piece, pure=False) for piece in placed])
    return Cluster(
        client=client,
        parts=[client.submit(_part_of, piece, pure=False) for piece in placed],
        tasks=[client.submit(_tasks_of, piece, pure=False) for piece in placed],
        task_counts=[n_tasks for n_tasks, _ in sizes],
        workers=workers,
        labels=labels,
        n_answers=sum(n_answers for _, n_answers in sizes),
    )


def running_client() -> Any:
    """The Dask client of this process."""
    try:
        from dask.distributed import get_client
    except ImportError as error:
        raise MissingDependency("aggregation on a cluster needs: pip install 'dataforge-labeling[dask]'") from error
    try:
        return get_client()
    except ValueError as error:
        raise AggregationError("no Dask client is running; start one: dask.distributed.Client()") from error


def union(indexes: Sequence[Any]) -> Any:
    """All values of these pandas indexes, sorted."""
    whole = indexes[0]
    for index in indexes[1:]:
        whole = whole.append(index[whole.get_indexer(index) < 0])
    return whole.sort_values()


def _known(frame: Any, check: bool) -> Known:
    responses = read_responses(frame)
    workers, labels, tasks = (_index(values) for values in (responses.workers, responses.labels, responses.tasks))
    return Known(workers, labels, pd.util.hash_array(tasks.to_numpy()) if check else np.empty(0, np.uint64))


def _index(values: Any) -> Any:
    assert isinstance(values, PandasValues)
    return values.index


def _placed(frame: Any, names: tuple[Any, Any, Any]) -> Placed:
    workers, labels, known = names
    responses = read_responses(frame)
    tasks = _index(responses.tasks)
    worker = workers.get_indexer(_index(responses.workers))[responses.worker]
    label = labels.get_indexer(_index(responses.labels))[responses.label]
    codes = None
    if known is not None:
        own = pd.Series(known).reindex(tasks)
        codes = labels.get_indexer(pd.Index(own)).astype(np.int32)
    shape = (len(tasks), len(workers), len(labels))
    return Placed(group(responses.task, worker, label, shape, known=codes), tasks)


def _part_of(placed: Placed) -> Part:
    return placed.part


def _tasks_of(placed: Placed) -> Any:
    return placed.tasks


def _sizes(placed: Placed) -> tuple[int, int]:
    return placed.part.n_tasks, placed.part.n_answers


def _same(value: Any) -> Any:
    return value


def _summed(results: list[Any]) -> Any:
    return added(results)
