"""Answers of the classification family as codes: read from a table, extended by more answers, turned into results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats, Places
from dataforge.aggregation.kernels.engine import Local, local
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.tables.frames import Column, Keyed, Kind, Table, encode, pairs, present, read
from dataforge.aggregation.tables.known import known_pairs
from dataforge.aggregation.tables.values import Series, Values, as_series, merged, ranked
from dataforge.errors import AggregationError

__all__ = ["Duplicates", "LabelAnswers", "Moves", "known_codes", "numbers_by", "read_labels"]

Duplicates = Literal["all", "last", "error"]


@dataclass(frozen=True, slots=True, eq=False)
class LabelAnswers:
    """Coded answers; codes are places in sorted values, so results come sorted and ties go to the least label.

    `known[t]` is the label code of task t's known answer, -1 where there is none. `golds` are the tables of known
    answers that came so far; their labels are among `labels`, their tasks need not be among `tasks`.
    """

    task: Codes
    worker: Codes
    label: Codes
    tasks: Values
    workers: Values
    labels: Values
    kind: Kind
    known: Codes | None = None
    golds: tuple[Any, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(number of tasks, of workers, of labels)."""
        return len(self.tasks), len(self.workers), len(self.labels)

    def part(self) -> Part:
        """The answers grouped by task."""
        return group(self.task, self.worker, self.label, self.shape, known=self.known)

    def taught(self) -> Part:
        """The answers grouped by task, with those of one worker more, the last: who gives the known answers."""
        if self.known is None:
            return self.part()
        sure = np.flatnonzero(self.known >= 0)
        n_tasks, n_workers, n_labels = self.shape
        task, label = np.append(self.task, sure), np.append(self.label, self.known[sure])
        worker = np.append(self.worker, np.full(len(sure), n_workers, np.int32))
        return group(task.astype(np.int32), worker, label, (n_tasks, n_workers + 1, n_labels), known=self.known)

    def or_known(self, codes: Codes) -> Codes:
        """The known label code of each task, and that of `codes` where there is none."""
        return codes if self.known is None else np.where(self.known >= 0, self.known, codes)

    def engine(self) -> Local:
        """The answers as algorithms take them, on as many cores as pays."""
        return local(self.part())

    def only(self, keep: Flags) -> LabelAnswers:
        """The answers marked; tasks, workers and labels keep their codes."""
        return replace(self, task=self.task[keep], worker=self.worker[keep], label=self.label[keep])

    def chosen(self, codes: Codes, name: str = "agg_label") -> Any:
        """A label by task."""
        return self.kind.series(self.tasks, "task", self.labels.take(codes), name)

    def by_task(self, numbers: NDArray[Any], name: str) -> Any:
        """A number by task."""
        return self.kind.series(self.tasks, "task", numbers, name)

    def by_worker(self, numbers: NDArray[Any], name: str) -> Any:
        """A number by worker."""
        return self.kind.series(self.workers, "worker", numbers, name)

    def by_label(self, numbers: NDArray[Any], name: str) -> Any:
        """A number by label."""
        return self.kind.series(self.labels, "label", numbers, name)

    def probabilities(self, matrix: Floats, columns_name: str | None = "label") -> Any:
        """A row of numbers by task, one column for each label."""
        return self.kind.table(self.tasks, "task", self.labels, columns_name, matrix)

    def with_known(self, true_labels: Keyed | None) -> LabelAnswers:
        """The same answers with known answers for some tasks, in place of those that they had."""
        if true_labels is None:
            return self
        keys, values = pairs(true_labels, "known answers", self.kind)
        labels = self.labels.extended(values)
        grown = self if len(labels) == len(self.labels) else self._relabelled(labels)
        known = np.full(len(self.tasks), -1, np.int32) if self.known is None else grown.known
        assert known is not None
        known = known.copy()
        found = known_codes(keys, values, grown)
        known[found >= 0] = found[found >= 0]
        return replace(grown, known=known, golds=(*self.golds, true_labels))

    def right_labels(self) -> tuple[Codes, ...]:
        """The codes of the known labels of each task, of which any is right, -1 where there are no more.

        The first holds one for each task of which anything is known, the next those of tasks with two, and so on.
        """
        n_labels = len(self.labels)
        cells = np.zeros(0, np.int64)
        for gold in self.golds:
            keys, values = pairs(gold, "known answers", self.kind)
            task, label = self.tasks.locate(keys), self.labels.locate(values)
            told = (task >= 0) & (label >= 0)
            task, label = task[told], label[told]
            # What is told of a task later stands in for what was told before.
            cells = np.concatenate([cells[~np.isin(cells // max(n_labels, 1), task)], task * n_labels + label])
        task, label = np.divmod(np.unique(cells), max(n_labels, 1))
        rank = np.arange(len(task)) - np.searchsorted(task, task)
        layers = np.full((rank.max(initial=-1) + 1, len(self.tasks)), -1, np.int32)
        layers[rank, task] = label
        return tuple(layers)

    def _relabelled(self, labels: Values) -> LabelAnswers:
        rank, labels = ranked(labels)
        known = None if self.known is None else np.where(self.known >= 0, rank[self.known], -1).astype(np.int32)
        return replace(self, label=rank[self.label].astype(np.int32), labels=labels, known=known)

    def joined(self, other: LabelAnswers, duplicates: Duplicates = "all") -> tuple[LabelAnswers, Moves]:
        """These answers followed by others, and where the codes of tasks, workers and labels went.

        `duplicates` says what to do when an answer is given again; a label stays one even if nobody gives it any more.
        """
        tasks, task_moves, task = merged(self.tasks, other.tasks, mixed=True)
        workers, worker_moves, worker = merged(self.workers, other.workers, mixed=True)
        labels, label_moves, label = merged(self.labels, other.labels)
        joined = LabelAnswers(
            task=np.concatenate([task_moves[self.task], task[other.task]]).astype(np.int32),
            worker=np.concatenate([worker_moves[self.worker], worker[other.worker]]).astype(np.int32),
            label=np.concatenate([label_moves[self.label], label[other.label]]).astype(np.int32),
            tasks=tasks,
            workers=workers,
            labels=labels,
            kind=self.kind,
        )
        # A known answer may have come before the first answer to its task.
        for gold in (*self.golds, *other.golds):
            joined = joined.with_known(gold)
        kept = _kept_of_repeated(joined, duplicates)
        if kept is not None:
            joined = replace(joined, task=joined.task[kept], worker=joined.worker[kept], label=joined.label[kept])
        return joined, Moves(task_moves, worker_moves, label_moves, joined.shape)

    def moves_to(self, other: LabelAnswers) -> Moves | None:
        """Where the codes of these answers are among those of others, -1 where they are not; None if labels differ."""
        label = other.labels.locate(as_series(self.labels))
        if np.any(label < 0) or len(label) != len(other.labels):
            return None
        task = other.tasks.locate(as_series(self.tasks))
        return Moves(task, other.workers.locate(as_series(self.workers)), label, other.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """New codes of the tasks, workers and labels of earlier answers, -1 for what is gone.

    `shape` is (number of tasks, of workers, of labels) that there are now.
    """

    task: Places
    worker: Places
    label: Places
    shape: tuple[int, int, int]

    def by_task(self, earlier: Floats, new: float) -> Floats:
        """Numbers by task under the new codes, `new` for tasks that were not there."""
        return _moved(earlier, self.task, self.shape[0], new)

    def by_worker(self, earlier: Floats, new: float) -> Floats:
        """Numbers by worker under the new codes, `new` for strangers."""
        return _moved(earlier, self.worker, self.shape[1], new)


def read_labels(data: Table, *, duplicates: Duplicates = "all", true_labels: Keyed | None = None) -> LabelAnswers:
    """Answers from a table with the columns `task`, `worker`, `label`.

    A missing label is no answer: the row is left out, and a task without any answer is not in the result. A missing
    task or worker is an error. `duplicates` says what to do when a worker answered a task more than once.
    """
    frame, kind = read(data, ("task", "worker", "label"))
    columns = {name: encode(frame[name]) for name in frame.columns}
    for name in ("task", "worker"):
        present(columns[name], name)
    answered = columns["label"].codes >= 0
    if not answered.all():
        columns = {name: _kept(column, answered) for name, column in columns.items()}
    (task, tasks), (worker, workers), (label, labels) = (_ranked(columns[name], name) for name in columns)
    responses = LabelAnswers(task, worker, label, tasks, workers, labels, kind)
    return _without_duplicates(responses, duplicates).with_known(true_labels)


def known_codes(keys: Series, values: Series, responses: LabelAnswers) -> Codes:
    """The label code of each task by a table of known answers, -1 where it has none; later rows win."""
    known = np.full(len(responses.tasks), -1, np.int32)
    places = responses.tasks.locate(keys)
    codes = responses.labels.locate(values)
    use = (places >= 0) & (codes >= 0)
    known[places[use]] = codes[use]
    return known


def numbers_by(ids: Values, numbers: Keyed, what: str, kind: Kind) -> Floats:
    """A number for each id, from whatever `pairs` takes; NaN where it has none."""
    keys, values = known_pairs(numbers, what, kind)
    try:
        found = np.asarray(values.to_numpy(), np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(f"{what} need to be numbers, got {values.dtype}") from error
    places = ids.locate(keys)
    out = np.full(len(ids), np.nan)
    out[places[places >= 0]] = found[places >= 0]
    return out


def _ranked(column: Column, name: str) -> tuple[Codes, Values]:
    try:
        rank, values = ranked(column.values, mixed=name != "label")
    except AggregationError as error:
        raise AggregationError(f"column {name!r}: {error}") from error
    return (column.codes if values is column.values else rank.astype(np.int32)[column.codes]), values


def _kept(column: Column, keep: Flags) -> Column:
    codes = column.codes[keep]
    used = np.bincount(codes, minlength=len(column.values)) > 0
    if used.all():
        return Column(codes, column.values)
    new = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Column(new[codes], column.values.take(np.flatnonzero(used)))


def _moved(earlier: Floats, places: Places, n: int, new: float) -> Floats:
    out = np.full(n, new)
    kept = places >= 0
    out[places[kept]] = earlier[kept]
    return out


def _kept_of_repeated(responses: LabelAnswers, policy: Duplicates) -> Places | None:
    """The places of the answers that stay, in order; None if all of them do."""
    if policy == "all":
        return None
    if policy not in ("last", "error"):
        raise AggregationError(f"duplicates needs to be 'all', 'last' or 'error', got {policy!r}")
    pair = responses.task * np.int64(len(responses.workers)) + responses.worker
    last = len(pair) - 1 - np.unique(pair[::-1], return_index=True)[1]
    if len(last) == len(pair):
        return None
    if policy == "error":
        raise AggregationError(
            f"{len(pair) - len(last)} answers repeat the task and worker of another; "
            "keep all of them (duplicates='all') or the last of each (duplicates='last')"
        )
    last.sort()
    kept: Places = last
    return kept


def _without_duplicates(responses: LabelAnswers, policy: Duplicates) -> LabelAnswers:
    last = _kept_of_repeated(responses, policy)
    if last is None:
        return responses
    kept = {name: getattr(responses, name)[last] for name in ("task", "worker", "label")}
    # A label that only dropped answers gave is gone.
    column = _kept(Column(kept["label"], responses.labels), np.ones(len(last), np.bool_))
    return replace(responses, task=kept["task"], worker=kept["worker"], label=column.codes, labels=column.values)
