"""Sets of labels as one yes-or-no question for each label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Codes, Kind, Values, as_column, encode, read, values_of
from dataforge.aggregation._responses import read_responses
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.aggregation.classification.majority_vote import MajorityVote
from dataforge.errors import AggregationError

__all__ = ["BinaryRelevance"]


@dataclass(eq=False)
class BinaryRelevance(BaseClassificationAggregator):
    """One aggregator for each label says for each task whether the label belongs; `label` holds lists of labels.

    Any classification estimator can be the `base_aggregator`; it sees the labels 0 and 1. A label that every answer
    names, or a task whose answers are all empty, needs no vote.
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
        rows, names = _flat(frame["label"].to_list())
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


def _flat(lists: list[Any]) -> tuple[Codes, list[Any]]:
    """The row and the name of each label in all lists."""
    rows, names = [], []
    for row, labels in enumerate(lists):
        if labels is None or isinstance(labels, str) or not isinstance(labels, Iterable):
            raise AggregationError(f"row {row}: a list of labels is needed, got {labels!r}")
        for label in labels:
            rows.append(row)
            names.append(label)
    return np.array(rows, np.int32), names


def kind_table(kind: Kind, ids: dict[str, Any], label: Any) -> Any:
    """A table of answers of the kind in use, from columns and an array of labels."""
    first = ids["task"]
    native = as_column("label", label, kind)
    if kind.is_pandas:
        import pandas as pd

        return pd.DataFrame({name: ids[name].to_native().to_numpy() for name in ids} | {"label": label})
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
