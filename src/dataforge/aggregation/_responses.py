"""Answers of the classification family as codes: read from a table, extended by more answers, turned into results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation._frames import (
    Codes,
    Column,
    Floats,
    Kind,
    Places,
    Series,
    Values,
    as_series,
    encode,
    pairs,
    present,
    read,
)
from dataforge.aggregation.kernels.parts import Local, Part, group, local
from dataforge.errors import AggregationError

__all__ = ["Duplicates", "Moves", "Responses", "known_codes", "numbers_by", "read_responses"]

Duplicates = Literal["all", "last", "error"]


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Coded answers; codes are places in sorted values, so results come sorted and ties go to the least label.

    `known[t]` is the label code of task t's known answer, -1 where there is none.
    """

    task: Codes
    worker: Codes
    label: Codes
    tasks: Values
    workers: Values
    labels: Values
    kind: Kind
    known: Codes | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(number of tasks, of workers, of labels)."""
        return len(self.tasks), len(self.workers), len(self.labels)

    def part(self) -> Part:
        """The answers grouped by task."""
        return group(self.task, self.worker, self.label, self.shape, known=self.known)

    def engine(self) -> Local:
        """The answers as algorithms take them, on as many cores as pays."""
        return local(self.part())

    def only(self, keep: NDArray[np.bool_]) -> Responses:
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

    def with_known(self, true_labels: Any) -> Responses:
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
        return replace(grown, known=known)

    def _relabelled(self, labels: Values) -> Responses:
        rank, labels = _sorted(labels)
        known = None if self.known is None else np.where(self.known >= 0, rank[self.known], -1).astype(np.int32)
        return replace(self, label=rank[self.label], labels=labels, known=known)

    def joined(self, other: Responses) -> tuple[Responses, Moves]:
        """These answers followed by others, and where the codes of workers and labels went."""
        task, tasks, _ = _merged(self.task, self.tasks, other.task, other.tasks)
        worker, workers, worker_moves = _merged(self.worker, self.workers, other.worker, other.workers)
        label, labels, label_moves = _merged(self.label, self.labels, other.label, other.labels)
        joined = Responses(task, worker, label, tasks, workers, labels, self.kind)
        for part in (self, other):
            if part.known is not None:
                sure = np.flatnonzero(part.known >= 0)
                places = tasks.locate(as_series(part.tasks.take(sure)))
                known = joined.known.copy() if joined.known is not None else np.full(len(tasks), -1, np.int32)
                known[places] = labels.locate(as_series(part.labels.take(part.known[sure])))
                joined = replace(joined, known=known)
        return joined, Moves(worker_moves, label_moves, len(workers), len(labels))


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """New codes of the workers and labels of earlier answers, and how many there are now."""

    worker: Places
    label: Places
    n_workers: int
    n_labels: int


def read_responses(data: Any, *, duplicates: Duplicates = "all", true_labels: Any = None) -> Responses:
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
    responses = Responses(task, worker, label, tasks, workers, labels, kind)
    return _without_duplicates(responses, duplicates).with_known(true_labels)


def known_codes(keys: Series, values: Series, responses: Responses) -> Codes:
    """The label code of each task by a table of known answers, -1 where it has none; later rows win."""
    known = np.full(len(responses.tasks), -1, np.int32)
    places = responses.tasks.locate(keys)
    codes = responses.labels.locate(values)
    use = (places >= 0) & (codes >= 0)
    known[places[use]] = codes[use]
    return known


def numbers_by(ids: Values, numbers: Any, what: str, kind: Kind) -> Floats:
    """A number for each id, from whatever `pairs` takes; NaN where it has none."""
    keys, values = pairs(numbers, what, kind)
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
        rank, values = _sorted(column.values)
    except AggregationError as error:
        raise AggregationError(f"column {name!r}: {error}") from error
    return (column.codes if values is column.values else rank[column.codes]), values


def _sorted(values: Values) -> tuple[Codes, Values]:
    """The new code of each value, and the values in sorted order; the same object if they are sorted already."""
    order = values.order()
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank, values if _is_identity(order) else values.take(order)


def _is_identity(order: Places) -> bool:
    return bool(np.array_equal(order, np.arange(len(order))))


def _kept(column: Column, keep: NDArray[np.bool_]) -> Column:
    codes = column.codes[keep]
    used = np.bincount(codes, minlength=len(column.values)) > 0
    if used.all():
        return Column(codes, column.values)
    new = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Column(new[codes], column.values.take(np.flatnonzero(used)))


def _merged(codes: Codes, values: Values, more: Codes, others: Values) -> tuple[Codes, Values, Places]:
    whole = values.extended(as_series(others))
    rank, in_order = _sorted(whole)
    places = whole.locate(as_series(others))
    moves = rank[: len(values)]
    return np.concatenate([moves[codes], rank[places][more]]), in_order, moves.astype(np.int64)


def _without_duplicates(responses: Responses, policy: Duplicates) -> Responses:
    if policy == "all":
        return responses
    if policy not in ("last", "error"):
        raise AggregationError(f"duplicates needs to be 'all', 'last' or 'error', got {policy!r}")
    pair = responses.task * np.int64(len(responses.workers)) + responses.worker
    last = len(pair) - 1 - np.unique(pair[::-1], return_index=True)[1]
    if len(last) == len(pair):
        return responses
    if policy == "error":
        raise AggregationError(
            f"{len(pair) - len(last)} answers repeat the task and worker of another; "
            "keep all of them (duplicates='all') or the last of each (duplicates='last')"
        )
    last.sort()
    kept = {name: getattr(responses, name)[last] for name in ("task", "worker", "label")}
    # A label that only dropped answers gave is gone.
    column = _kept(Column(kept["label"], responses.labels), np.ones(len(last), np.bool_))
    return replace(responses, task=kept["task"], worker=kept["worker"], label=column.codes, labels=column.values)
