"""Parts on the machines of a Dask cluster, behind the interface that algorithms run over.

Tables that a sum needs are scattered, and sent again if the machine that held them died: the round is repeated. What
stays on the cluster is made by tasks alone, from the answers in their files on, so that Dask can make it again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels.engine import PerPart, WholeTables, added
from dataforge.aggregation.kernels.passes.choice import Work
from dataforge.errors import AggregationError, MissingDependency

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FAN_IN", "Cluster", "Slice", "in_tree", "running_client", "stored"]

S = TypeVar("S", bound=tuple[Any, ...])
R = TypeVar("R")

# How many sums one task adds up: as many tables are in a machine's memory at once.
FAN_IN = 8
# A task's own data goes through the scheduler; more than 10 MB in one message makes Dask warn.
BYTES_AT_ONCE = 4_000_000
# Smaller arrays go with each task.
LEAST_TABLE = 20_000
# A round is lost only if the machine that holds its tables dies within it.
MOST_ROUNDS = 10


class Slice(NamedTuple):
    """Some tasks of a part: from `first` up to, not including, `last`."""

    part: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Cluster(WholeTables):
    """An engine over parts that lie on a cluster; `parts` are futures of them.

    A part is made of several partitions: as many parts as a machine has threads, so that an iteration costs the same
    whatever the number of partitions. `slices` says where the tasks of each partition are, `tasks` are futures of
    their names, `no_tasks` is an empty index of their type, and `machines` says on which machine each part was made.
    """

    client: Any
    parts: Sequence[Any]
    task_counts: Sequence[int]
    tasks: Sequence[Any]
    slices: Sequence[Slice]
    workers: pd.Index[Any]
    labels: pd.Index[Any]
    n_answers: int
    no_tasks: pd.Index[Any]
    machines: Sequence[str]

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

    @property
    def n_slices(self) -> int:
        """In how many slices tables by worker are kept."""
        return 1

    def suited(self, work: Work) -> Self:
        """The cluster as it is: its machines stay loaded, so its parts had their passes from the start."""
        return self

    def total(self, step: Callable[..., S], *values: Any) -> S:
        """The sum over all parts, added up in a tree on the cluster."""
        for _ in range(MOST_ROUNDS):
            try:
                shared = [self._scattered(value) for value in values]
                found: S = self.client.gather(in_tree(self.client, added, self._mapped(step, shared)))
            except (CancelledError, OSError):
                continue
            return found
        raise AggregationError(f"machines of the cluster died in {MOST_ROUNDS} rounds in a row; see their logs")

    def summed(self, step: Callable[..., S], *values: Any) -> S:
        """As `total`: the first field, a table by worker, is the client's."""
        return self.total(step, *values)

    def fetched(self, table: Any) -> Any:
        """A table by worker as an array."""
        return table

    def each(self, step: Callable[..., R], *values: Any) -> Sequence[R]:
        """Each part's result, fetched."""
        found: Sequence[R] = self.client.gather(list(self.keep(step, *values).pieces))
        return found

    def keep(self, step: Callable[..., Any], *values: Any) -> PerPart:
        """Each part's result, left on the cluster."""
        shared = [stored(self.client, value) if _is_table(value) else value for value in values]
        return PerPart(self._mapped(step, shared))

    def split(self, by_task: NDArray[Any]) -> PerPart:
        """An array with an entry for each task, cut into the parts' pieces and sent to the cluster."""
        pieces = np.split(by_task, np.cumsum(self.task_counts)[:-1])
        return PerPart([stored(self.client, piece) for piece in pieces])

    def _mapped(self, step: Callable[..., Any], values: Sequence[Any]) -> list[Any]:
        pieces = [value.pieces if isinstance(value, PerPart) else [value] * len(self.parts) for value in values]
        futures: list[Any] = self.client.map(step, self.parts, *pieces, pure=False)
        return futures

    def _scattered(self, value: Any) -> Any:
        return self.client.scatter(value, hash=False) if _is_table(value) else value


def running_client() -> Any:
    """The Dask client of this process."""
    try:
        from dask.distributed import get_client
    except ImportError as error:
        raise MissingDependency("aggregation on a cluster needs: pip install 'dask[dataframe]' distributed") from error
    try:
        return get_client()
    except ValueError as error:
        raise AggregationError("no Dask client is running; start one: dask.distributed.Client()") from error


def in_tree(client: Any, combine: Callable[[list[Any]], Any], futures: Sequence[Any]) -> Any:
    """The future of all values combined, FAN_IN at a time."""
    level = list(futures)
    while len(level) > 1:
        batches = [level[i : i + FAN_IN] for i in range(0, len(level), FAN_IN)]
        level = client.map(combine, batches, pure=False)
    return level[0]


def stored(client: Any, value: Any) -> Any:
    """The future of a value, made by tasks that carry it: if its machine dies, it is made again."""
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    starts = range(0, len(content), BYTES_AT_ONCE)
    if len(starts) == 1:
        return client.submit(pickle.loads, content, pure=False)
    slices = [client.submit(bytes, content[first : first + BYTES_AT_ONCE], pure=False) for first in starts]
    return client.submit(_restored, slices, pure=False)


def _restored(slices: list[bytes]) -> Any:
    return pickle.loads(b"".join(slices))


def _is_table(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.nbytes > LEAST_TABLE
