"""What the numeric estimators share: answers as numbers, results as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dataforge.aggregation._frames import Floats, Kind, Places, Values, as_column, encode, present, read
from dataforge.aggregation._responses import numbers_by
from dataforge.aggregation.base import BaseNumericAggregator
from dataforge.errors import AggregationError

__all__ = ["Numbers", "NumericEstimator", "read_numbers"]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Coded answers whose label is a number; codes of tasks and workers are places in sorted values."""

    task: Places
    worker: Places
    value: Floats
    tasks: Values
    workers: Values
    kind: Kind

    def known(self, true_values: Any) -> Floats:
        """The known number of each task, NaN where there is none."""
        if true_values is None:
            return np.full(len(self.tasks), np.nan)
        return numbers_by(self.tasks, true_values, "known answers", self.kind)


@dataclass(eq=False)
class NumericEstimator(BaseNumericAggregator):
    """An estimator over the columns `task`, `worker`, `label`, where labels are numbers.

    `levels` lists the labels of an ordered scale from lowest to highest; the numbers are then their places, 0 first,
    and `labels_` gives the level nearest to each task's number.
    """

    levels: Sequence[Any] | None = field(default=None, kw_only=True)

    @property
    def values_(self) -> Any:
        """The aggregated number of each task, named `agg_value`."""
        numbers: Numbers = self._need("_numbers")
        return numbers.kind.series(numbers.tasks, "task", self._values, "agg_value")

    @property
    def labels_(self) -> Any:
        """The level nearest to each task's number, the lower of two equally near; needs `levels`."""
        numbers: Numbers = self._need("_numbers")
        if self.levels is None:
            raise AggregationError("labels_ needs the levels of the scale; without them see values_")
        places = np.clip(np.ceil(self._values - 0.5 - 1e-9), 0, len(self.levels) - 1).astype(np.int64)
        levels = encode(as_column("label", list(self.levels), numbers.kind))
        return numbers.kind.series(numbers.tasks, "task", levels.values.take(levels.codes[places]), "agg_label")

    def _read(self, data: Any) -> Numbers:
        return read_numbers(data, self.levels)

    def _accept(self, numbers: Numbers, values: Floats) -> None:
        self._numbers = numbers
        self._values = values


def read_numbers(data: Any, levels: Sequence[Any] | None = None) -> Numbers:
    """Answers as numbers, or as places in `levels`; a missing label is no answer."""
    frame, kind = read(data, ("task", "worker", "label"))
    value = _numbers(frame["label"]) if levels is None else _places(frame["label"], levels, kind)
    frame = frame.select("task", "worker")
    answered = ~np.isnan(value)
    if not answered.all():
        frame = frame.filter(answered.tolist())
        value = value[answered]
    if np.isinf(value).any():
        raise AggregationError("labels need to be finite numbers, got an infinite one")
    coded = []
    for name in ("task", "worker"):
        column = present(encode(frame[name]), name)
        order = column.values.order()
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        coded.append((rank[column.codes], column.values.take(order)))
    (task, tasks), (worker, workers) = coded
    return Numbers(task, worker, value, tasks, workers, kind)


def _numbers(series: Any) -> Floats:
    try:
        if series.implementation.is_pandas():
            return np.asarray(series.to_native().to_numpy(np.float64, na_value=np.nan))
        return np.asarray(series.to_numpy(), np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(
            f"labels need to be numbers, got {series.dtype}; name the levels of an ordered scale with levels=[...]"
        ) from error


def _places(series: Any, levels: Sequence[Any], kind: Kind) -> Floats:
    scale = encode(as_column("label", list(levels), kind))
    if len(scale.values) != len(levels):
        raise AggregationError(f"levels need to differ from each other, got {list(levels)!r}")
    column = encode(series)
    own = column.values.to_list()
    place = {level: i for i, level in enumerate(levels)}
    unknown = [value for value in own if value not in place]
    if unknown:
        raise AggregationError(f"labels {unknown!r} are not among the levels {list(levels)!r}")
    places = np.array([place[value] for value in own] + [np.nan])
    return places[column.codes]
