"""Sets of labels as one yes-or-no question for each label."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Codes, Kind, Places, Values, as_column, encode, read, values_of
from dataforge.aggregation._responses import read_responses
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification.majority_vote import MajorityVote
from dataforge.errors import AggregationError

__all__ = ["BinaryRelevance"]


@dataclass(eq=False)
class BinaryRelevance(BaseClassificationAggregator):
    """One aggregator for each label says for each task whether the label belongs; `label` holds lists of labels.

    Any classification estimator can be the `base_aggregator`; it sees the labels 0 and 1. A missing list is no
    answer; an empty one says that no label belongs.
    """

    base_aggregator: BaseClassificationAggregator = field(default_factory=MajorityVote)

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        if not isinstance(self.base_aggregator, BaseClassificationAggregator):
            raise AggregationError(
                "base_aggregator needs to be a classification estimator such as MajorityVote(), "
                f"got {self.base_aggregator!r}"
            )
        frame, kind = read(data, self.columns)
        lists = frame["label"].to_list()
        answered = np.array([not _is_missing(labels) for labels in lists], np.bool_)
        if not answered.all():
            frame = frame.filter(answered.tolist())
        rows, names = _flat(lists, np.flatnonzero(answered))
        column = encode(as_column("label", names, kind))
        order = column.values.order() if names else np.empty(0, np.int64)
        labels = column.values.take(order) if names else column.values
        belongs = np.zeros((len(frame), len(labels)), np.int8)
        if names:
            rank = np.empty(len(order), np.int64)
            rank[order] = np.arange(len(order))
            belongs[rows, rank[column.codes]] = 1
        ids = {name: frame[name] for name in ("task", "worker")}
        whole = read_responses(kind_table(kind, ids, np.zeros(len(frame), np.int64)))
        chosen = np.zeros((len(whole.tasks), len(labels)), np.bool_)
        aggregators: dict[Any, BaseClassificationAggregator] = {}
        for k, label in enumerate(labels.to_list()):
            aggregator = self.base_aggregator.unfitted()
            answers = aggregator.fit_predict(kind_table(kind, ids, belongs[:, k].astype(np.int64)))
            chosen[:, k] = _values(answers, kind) == 1
            aggregators[label] = aggregator
        self._aggregators = aggregators
        self._labels = _as_result(kind, whole.tasks, labels, chosen)
        return self

    def fit_predict(self, data: Any) -> Any:
        """The list of labels of each task."""
        return self.fit(data).labels_

    @property
    def labels_(self) -> Any:
        """The list of labels of each task, named `agg_label`."""
        return self._need("_labels")

    @property
    def aggregators_(self) -> dict[Any, BaseClassificationAggregator]:
        """The fitted aggregator of each label."""
        return dict(self._need("_aggregators"))


def _is_missing(labels: Any) -> bool:
    if labels is None or isinstance(labels, Collection):
        return labels is None
    try:
        return bool(labels != labels)
    except TypeError:  # pandas.NA is neither
        return True


def _flat(lists: list[Any], places: Places) -> tuple[Codes, list[Any]]:
    """The row, among those at the places, and the name of each label in all lists."""
    rows, names = [], []
    for row, place in enumerate(places.tolist()):
        labels = lists[place]
        if not isinstance(labels, Iterable) or isinstance(labels, str | bytes | Mapping):
            raise AggregationError(f"column 'label': row {place} needs a list of labels, got {labels!r}")
        for label in labels:
            if _is_missing(label):
                raise AggregationError(
                    f"column 'label': row {place} needs labels in its list, got {labels!r}; leave {label!r} out"
                )
            rows.append(row)
            names.append(label)
    return np.array(rows, np.int32), names


def kind_table(kind: Kind, ids: dict[str, Any], label: Any) -> Any:
    """A table of answers of the kind in use, from columns and an array of labels."""
    first = ids["task"]
    native = as_column("label", label, kind)
    if kind.is_pandas:
        import pandas as pd

        columns = {name: ids[name].to_native().reset_index(drop=True) for name in ids}
        return pd.DataFrame(columns | {"label": label})
    return first.to_frame().with_columns(ids["worker"], native.alias("label")).to_native()


def _values(answers: Any, kind: Kind) -> Any:
    import narwhals as nw

    if kind.is_pandas:
        return answers.to_numpy()
    return nw.from_native(answers, eager_only=True)["agg_label"].to_numpy()


def _as_result(kind: Kind, tasks: Values, labels: Values, chosen: Any) -> Any:
    names = labels.to_list()
    lists = [[names[k] for k in np.flatnonzero(row)] for row in chosen]
    if kind.is_pandas:
        import pandas as pd

        return pd.Series(lists, index=values_of(tasks).index.rename("task"), name="agg_label", dtype=object)
    return kind.columns(tasks, "task", {"agg_label": lists})
