"""Sets of labels as one yes-or-no question for each label."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Places
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification.majority_vote import MajorityVote
from dataforge.aggregation.tables.frames import Frame, Keyed, Kind, Table, appended, as_column, encode, read
from dataforge.aggregation.tables.known import known_pairs, need_a_common_task
from dataforge.aggregation.tables.labels import read_labels
from dataforge.aggregation.tables.values import Series, Values, values_of
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["BinaryRelevance"]


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """What a fit leaves behind: the answers and known sets so far, the aggregator of each label, and the result."""

    frame: Frame
    golds: tuple[_KnownSets, ...]
    aggregators: dict[Any, BaseClassificationAggregator]
    labels: Any


@named_entries
@dataclass(eq=False)
class BinaryRelevance(BaseClassificationAggregator):
    """One aggregator for each label says for each task whether the label belongs; `label` holds lists of labels.

    Any classification estimator can be the `base_aggregator`; it sees the labels 0 and 1. A missing list is no
    answer; an empty one says that no label belongs.
    """

    base_aggregator: BaseClassificationAggregator = field(default_factory=MajorityVote)
    _fitted: _Fitted | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself; `true_labels` holds the known list of labels of some tasks."""
        return self._begin(data, true_labels, early=False)

    def partial_fit(self, data: Table, true_labels: Keyed | None = None) -> Self:
        """The estimator itself with more answers: those of each label go on from where they are."""
        earlier = self._fitted
        if earlier is None:
            return self._begin(data, true_labels, early=True)
        frame, kind = self._read(data)
        return self._learn(frame, appended(earlier.frame, frame), kind, true_labels, earlier)

    def fit_predict(self, data: Table, true_labels: Keyed | None = None) -> Any:
        """The list of labels of each task."""
        return self.fit(data, true_labels).labels_

    def _begin(self, data: Table, true_labels: Keyed | None, *, early: bool) -> Self:
        self._check_base()
        frame, kind = self._read(data)
        if not early:
            for known in _known_sets(true_labels, kind):
                tasks = read_labels(_about(frame, [], kind)).tasks
                need_a_common_task(tasks, as_column("task", list(known.tasks), kind))
        return self._learn(frame, frame, kind, true_labels, None, early=early)

    def predict(self, data: Table) -> Any:
        """The labels of each task in other answers, by the aggregators as they are; the base needs `predict`."""
        aggregators: dict[Any, Any] = self._after_fit(self._fitted).aggregators
        if not hasattr(self.base_aggregator, "predict"):
            raise AggregationError(
                f"predict needs a base_aggregator that has it, such as DawidSkene(), got {self.base_aggregator!r}"
            )
        frame, kind = self._read(data)
        rows = _rows_by_label(frame)
        unknown = [label for label in rows if label not in aggregators]
        if unknown:
            raise AggregationError(f"labels {unknown!r} were not seen in fit; fit again or call partial_fit")
        column = encode(as_column("label", list(aggregators), kind)).values
        labels = column.take(column.order()) if len(column) else column
        tasks = read_labels(_about(frame, [], kind)).tasks
        chosen = np.zeros((len(tasks), len(labels)), np.bool_)
        for k, label in enumerate(labels.to_list()):
            found = aggregators[label].predict(_about(frame, rows.get(label, []), kind))
            chosen[:, k] = _values(found, kind) == 1
        return _as_result(kind, tasks, labels, chosen)

    def _read(self, data: Table) -> tuple[Frame, Kind]:
        """The answers whose list is not missing."""
        frame, kind = read(data, self.columns)
        lists = frame["label"].to_list()
        answered = [not _is_missing(labels) for labels in lists]
        for row, labels in enumerate(lists):
            if answered[row]:
                _check(labels, f"column 'label': row {row}")
        return (frame if all(answered) else frame.filter(answered)), kind

    def _check_base(self) -> None:
        if not isinstance(self.base_aggregator, BaseClassificationAggregator):
            raise AggregationError(
                "base_aggregator needs to be a classification estimator such as MajorityVote(), "
                f"got {self.base_aggregator!r}"
            )

    def _learn(
        self,
        new: Frame,
        whole: Frame,
        kind: Kind,
        true_labels: Keyed | None,
        earlier: _Fitted | None,
        *,
        early: bool = True,
    ) -> Self:
        """Each label's answers: the new ones for a label seen before, all of them for one that is new."""
        gold = _known_sets(true_labels, kind)
        _, names = _flat(whole["label"].to_list())
        known = (*(() if earlier is None else earlier.golds), *gold)
        aggregators = {} if earlier is None else dict(earlier.aggregators)
        column = encode(as_column("label", names + [name for one in known for name in one.names()], kind))
        labels = column.values.take(column.values.order()) if len(column.values) else column.values
        tasks = read_labels(_about(whole, [], kind)).tasks
        chosen = np.zeros((len(tasks), len(labels)), np.bool_)
        new_rows, rows = _rows_by_label(new), _rows_by_label(whole)
        for k, label in enumerate(labels.to_list()):
            aggregator = aggregators.get(label)
            if aggregator is None:
                aggregator, sets = self.base_aggregator.unfitted(), known
                answers = _about(whole, rows.get(label, []), kind)
            else:
                sets = gold
                answers = _about(new, new_rows.get(label, []), kind)
            chosen[:, k] = _values(_belongs(aggregator, answers, label, sets, early=early), kind) == 1
            aggregators[label] = aggregator
        self._fitted = _Fitted(whole, known, aggregators, _as_result(kind, tasks, labels, chosen))
        return self

    @property
    def labels_(self) -> Any:
        """The list of labels of each task, named `agg_label`."""
        return self._after_fit(self._fitted).labels

    @property
    def aggregators_(self) -> dict[Any, BaseClassificationAggregator]:
        """The fitted aggregator of each label."""
        return dict(self._after_fit(self._fitted).aggregators)


@dataclass(frozen=True, slots=True)
class _KnownSets:
    """The known labels of some tasks."""

    tasks: tuple[Any, ...]
    labels: tuple[tuple[Any, ...], ...]

    def names(self) -> list[Any]:
        """The labels that occur."""
        return [name for labels in self.labels for name in labels]

    def about(self, label: object) -> dict[Any, int]:
        """Whether the label belongs, by task."""
        return {task: int(label in labels) for task, labels in zip(self.tasks, self.labels, strict=True)}


def _known_sets(true_labels: Keyed | None, kind: Kind) -> tuple[_KnownSets, ...]:
    if true_labels is None:
        return ()
    if isinstance(true_labels, Mapping):
        tasks, labels = list(true_labels), list(true_labels.values())
    else:
        keys, values = known_pairs(true_labels, "known answers", kind)
        tasks, labels = keys.to_list(), values.to_list()
    for task, one in zip(tasks, labels, strict=True):
        _check(one, f"known answers: task {task!r}")
    return (_KnownSets(tuple(tasks), tuple(tuple(one) for one in labels)),)


def _belongs(aggregator: Any, answers: Table, label: object, sets: tuple[_KnownSets, ...], *, early: bool) -> Any:
    """Whether the label belongs to each task, by an aggregator that goes on from the answers it has seen."""
    seen = hasattr(aggregator, "labels_")
    if not sets:
        return aggregator.partial_fit(answers).labels_ if seen else aggregator.fit_predict(answers)
    gold: dict[Any, int] = {}
    for one in sets:
        gold |= one.about(label)
    if not (seen or early):
        return aggregator.fit_predict(answers, true_labels=gold)
    return aggregator.partial_fit(answers, true_labels=gold).labels_


def _about(frame: Frame, rows: list[int], kind: Kind) -> Table:
    """The answers as ones in these rows, whose labels hold the one in question, and zeros elsewhere."""
    belongs = np.zeros(len(frame), np.int64)
    belongs[rows] = 1
    return _kind_table(kind, {name: frame[name] for name in ("task", "worker")}, belongs)


def _rows_by_label(frame: Frame) -> dict[Any, list[int]]:
    by_label: dict[Any, list[int]] = {}
    for row, label in zip(*_flat(frame["label"].to_list()), strict=True):
        by_label.setdefault(label, []).append(int(row))
    return by_label


def _flat(lists: list[Any]) -> tuple[Codes, list[Any]]:
    """The row and the name of each label in all lists."""
    rows, names = [], []
    for row, labels in enumerate(lists):
        for label in labels:
            rows.append(row)
            names.append(label)
    return np.array(rows, np.int32), names


def _is_missing(labels: object) -> bool:
    if labels is None or isinstance(labels, Collection):
        return labels is None
    try:
        return bool(labels != labels)
    except TypeError:  # pandas.NA is neither
        return True


def _check(labels: object, where: str) -> None:
    if not isinstance(labels, Iterable) or isinstance(labels, str | bytes | Mapping):
        raise AggregationError(
            f"{where} needs a list of labels, got {labels!r}; split it, which .jsonl and .parquet files can hold"
        )
    for label in labels:
        if _is_missing(label):
            raise AggregationError(f"{where} needs labels in its list, got {labels!r}; leave {label!r} out")


def _kind_table(kind: Kind, ids: dict[str, Series], label: Places) -> Table:
    """A table of answers of the kind in use, from columns and an array of labels."""
    first = ids["task"]
    native = as_column("label", label, kind)
    if kind.is_pandas:
        import pandas as pd

        columns = {name: ids[name].to_native().reset_index(drop=True) for name in ids}
        return pd.DataFrame(columns | {"label": label})
    table: Table = first.to_frame().with_columns(ids["worker"], native.alias("label")).to_native()
    return table


def _values(answers: Any, kind: Kind) -> Any:
    import narwhals as nw

    if kind.is_pandas:
        return answers.to_numpy()
    return nw.from_native(answers, eager_only=True)["agg_label"].to_numpy()


def _as_result(kind: Kind, tasks: Values, labels: Values, chosen: Flags) -> Any:
    names = labels.to_list()
    lists = [[names[k] for k in np.flatnonzero(row)] for row in chosen]
    if kind.is_pandas:
        import pandas as pd

        return pd.Series(lists, index=values_of(tasks).index.rename("task"), name="agg_label", dtype=object)
    return kind.columns(tasks, "task", {"agg_label": lists})
