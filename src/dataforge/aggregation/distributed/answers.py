"""Answers of a Dask DataFrame, coded where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from narwhals import Implementation
from numpy.typing import NDArray

from dataforge.aggregation.distributed.cluster import Cluster, Slice, in_tree, running_client, stored
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.parts import Part, joined
from dataforge.aggregation.kernels.passes.choice import Process, Work, installed
from dataforge.aggregation.tables.frames import Kind
from dataforge.aggregation.tables.known import known_pairs
from dataforge.aggregation.tables.labels import LabelAnswers, read_labels
from dataforge.aggregation.tables.values import PandasValues, Values, as_series
from dataforge.errors import AggregationError, MissingColumn

__all__ = ["open_cluster", "partitions", "union"]

# So many tasks' hashes are compared by one task of the cluster: 400 MB.
TASKS_AT_ONCE = 50_000_000
# A part holds at most about so many answers: 1 GB.
ANSWERS_AT_ONCE = 200_000_000

Hashes = NDArray[np.uint64]


class _Names(NamedTuple):
    """Values of one column, sorted; and, if every partition has the same, all categories in their own order."""

    present: pd.Index[Any]
    categories: pd.Index[Any] | None

    def in_order(self) -> pd.Index[Any]:
        """The values in the order of the categories, or else sorted."""
        return self.present if self.categories is None else self.categories[self.categories.isin(self.present)]


class _Contents(NamedTuple):
    """What partitions hold; `sizes` are (number of tasks, of answers) of each."""

    workers: _Names | None
    labels: _Names | None
    sizes: list[tuple[int, int]]


class _Read(NamedTuple):
    """A partition with codes of its own."""

    responses: LabelAnswers
    contents: _Contents


class _Placed(NamedTuple):
    """A partition with the codes of the whole, and the names of its tasks."""

    part: Part
    tasks: pd.Index[Any]


def partitions(client: Any, data: Any, columns: Sequence[str]) -> list[Any]:
    """Futures of the partitions of a Dask DataFrame, with these columns alone."""
    if not hasattr(data, "to_delayed") or not hasattr(data, "columns"):
        raise AggregationError(f"a Dask DataFrame is needed, got {type(data).__name__}; use dataforge.aggregation else")
    missing = [name for name in columns if name not in data.columns]
    if missing:
        raise MissingColumn(
            f"answers need the columns {', '.join(map(repr, columns))}: {', '.join(map(repr, missing))} not found "
            f"among {', '.join(map(repr, data.columns)) or 'no columns'}"
        )
    frames: list[Any] = client.compute(data[list(columns)].to_delayed())
    return frames


def open_cluster(data: Any, *, known: Any = None, check: bool = True) -> Cluster:
    """The answers of a Dask DataFrame as an engine; `check` makes sure that no task is in two partitions."""
    from dask.distributed import wait

    client = running_client()
    frames = partitions(client, data, ("task", "worker", "label"))
    read = client.map(_read, frames, range(len(frames)), pure=False)
    del frames
    contents = in_tree(client, _together, client.map(_contents_of, read, pure=False))
    given = None if known is None else stored(client, _one_each(pd.Series(known).dropna()))
    names = client.submit(_names, contents, given, pure=False)
    sizes: list[tuple[int, int]] = client.submit(_sizes_of, contents, pure=False).result()
    n_tasks, n_answers = (sum(each) for each in zip(*sizes, strict=True))
    if check and len(sizes) > 1:
        _check_tasks(client, read, n_tasks)
    compiled = Process(installed(), loaded=True).compiles(Work(n_answers))  # machines of a cluster stay loaded
    placed = client.map(_placed, read, [names] * len(read), [given] * len(read), compiled=compiled, pure=False)
    wait(placed)  # type: ignore[no-untyped-call]
    groups, machines = _groups(client, placed, sizes)
    workers, labels = names.result()
    return Cluster(
        client=client,
        parts=client.map(_joined_parts, [[placed[i] for i in places] for places in groups], pure=False),
        task_counts=[sum(sizes[i][0] for i in places) for places in groups],
        tasks=client.map(_tasks_of, placed, pure=False),
        slices=_slices(groups, sizes),
        workers=workers,
        labels=labels,
        n_answers=n_answers,
        no_tasks=client.submit(_no_tasks, placed[_first_filled(sizes)], pure=False).result(),
        machines=machines,
    )


def _groups(client: Any, placed: Sequence[Any], sizes: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[str]]:
    """Which partitions make up each part, as many of a machine's as it has threads or more; and their machines."""
    threads = client.nthreads()
    holders = client.who_has(placed)
    held: dict[str, list[int]] = {}
    for i, future in enumerate(placed):
        machines = holders.get(future.key) or ("",)
        held.setdefault(min(machines, key=lambda name: (len(held.get(name, ())), name)), []).append(i)
    groups: list[list[int]] = []
    places: list[str] = []
    for machine in sorted(held):
        answers = sum(sizes[i][1] for i in held[machine])
        n = min(len(held[machine]), max(threads.get(machine, 1), -(-answers // ANSWERS_AT_ONCE)))
        groups += [held[machine][k::n] for k in range(n)]
        places += [machine] * n
    return groups, places


def _slices(groups: Sequence[Sequence[int]], sizes: Sequence[tuple[int, int]]) -> list[Slice]:
    slices = {}
    for part, places in enumerate(groups):
        first = 0
        for i in places:
            slices[i] = Slice(part, first, first + sizes[i][0])
            first += sizes[i][0]
    return [slices[i] for i in range(len(sizes))]


def union(indexes: Sequence[pd.Index[Any]]) -> pd.Index[Any]:
    """All values of these pandas indexes, sorted; an empty one has no say in their type."""
    whole = PandasValues(next((index for index in indexes if len(index)), indexes[0]))
    for index in indexes:
        if len(index):
            whole = whole.extended(as_series(PandasValues(index)))
    return whole.index.take(whole.order())


def _read(frame: pd.DataFrame, place: int) -> _Read:
    try:
        responses = read_labels(frame)
    except AggregationError as error:
        raise AggregationError(f"partition {place}: {error}") from error
    size = (len(responses.tasks), len(responses.task))
    if not size[1]:
        return _Read(responses, _Contents(None, None, [size]))
    workers, labels = (
        _Names(union([_index(values)]), _categories(frame[name]))
        for name, values in (("worker", responses.workers), ("label", responses.labels))
    )
    return _Read(responses, _Contents(workers, labels, [size]))


def _index(values: Values) -> pd.Index[Any]:
    assert isinstance(values, PandasValues)
    return values.index


def _categories(column: pd.Series[Any]) -> pd.Index[Any] | None:
    return column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else None


def _contents_of(read: _Read) -> _Contents:
    return read.contents


def _sizes_of(contents: _Contents) -> list[tuple[int, int]]:
    return contents.sizes


def _together(several: list[_Contents]) -> _Contents:
    workers, labels = (_joined([getattr(one, name) for one in several]) for name in ("workers", "labels"))
    return _Contents(workers, labels, [size for one in several for size in one.sizes])


def _joined(several: list[_Names | None]) -> _Names | None:
    filled = [one for one in several if one is not None]
    if not filled:
        return None
    first = filled[0].categories
    same = first is not None and all(one.categories is not None and first.equals(one.categories) for one in filled)
    return _Names(union([one.present for one in filled]), first if same else None)


def _one_each(known: pd.Series[Any]) -> pd.Series[Any]:
    """The known answers by task, if none has two different ones."""
    known_pairs(known, "known answers", Kind(Implementation.PANDAS))
    return known[~known.index.duplicated()]


def _names(contents: _Contents, known: pd.Series[Any] | None) -> tuple[pd.Index[Any], pd.Index[Any]]:
    """The workers and the labels of the whole, in the order of their codes."""
    nothing = pd.Index([], dtype=object)
    workers, labels = (nothing if names is None else names.in_order() for names in (contents.workers, contents.labels))
    if known is not None and not pd.Index(known.unique()).isin(labels).all():
        labels = union([labels, pd.Index(known.unique())])
    return workers, labels


def _placed(
    read: _Read, names: tuple[pd.Index[Any], pd.Index[Any]], known: pd.Series[Any] | None, compiled: bool
) -> _Placed:
    workers, labels = names
    responses = read.responses
    tasks = _index(responses.tasks)
    worker = workers.get_indexer(_index(responses.workers))[responses.worker]
    label = labels.get_indexer(_index(responses.labels))[responses.label]
    codes = None
    if known is not None:
        codes = labels.get_indexer(pd.Index(known.reindex(tasks))).astype(np.int32)
    shape = (len(tasks), len(workers), len(labels))
    return _Placed(group(responses.task, worker, label, shape, known=codes, compiled=compiled), tasks)


def _joined_parts(placed: list[_Placed]) -> Part:
    return joined([one.part for one in placed])


def _tasks_of(placed: _Placed) -> pd.Index[Any]:
    return placed.tasks


def _no_tasks(placed: _Placed) -> pd.Index[Any]:
    return placed.tasks[:0].rename("task")


def _first_filled(sizes: Sequence[tuple[int, int]]) -> int:
    return next((i for i, (_, n_answers) in enumerate(sizes) if n_answers), 0)


def _check_tasks(client: Any, read: Sequence[Any], n_tasks: int) -> None:
    hashes = client.map(_hashes, read, pure=False)
    n = -(-n_tasks // TASKS_AT_ONCE)
    found = [client.submit(_repeated, client.map(_share, hashes, i=i, n=n, pure=False), pure=False) for i in range(n)]
    repeated = np.concatenate([np.empty(0, np.uint64), *client.gather(found)])
    if not len(repeated):
        return
    # Two names may have one hash.
    places: dict[Any, list[int]] = {}
    for place, names in enumerate(client.gather(client.map(_names_of, read, wanted=repeated, pure=False))):
        for name in names:
            places.setdefault(name, []).append(place)
    for name, where in places.items():
        if len(where) > 1:
            raise AggregationError(
                f"all answers to a task need to be in one partition, task {name!r} has some in more than one "
                f"partition: {', '.join(map(str, where))}; partition the answers by task: data.shuffle('task')"
            )


def _hashes(read: _Read) -> Hashes:
    return pd.util.hash_array(_index(read.responses.tasks).to_numpy())


def _share(hashes: Hashes, i: int, n: int) -> Hashes:
    own: Hashes = hashes[hashes % np.uint64(n) == i]
    return own


def _repeated(several: list[Hashes]) -> Hashes:
    """Some of the hashes that are there more than once."""
    hashes = np.sort(np.concatenate(several))
    found: Hashes = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
    return found[:10]


def _names_of(read: _Read, wanted: Hashes) -> list[Any]:
    tasks = _index(read.responses.tasks)
    return list(tasks[np.isin(_hashes(read), wanted)])
