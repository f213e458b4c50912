"""What the numeric estimators share: answers as numbers, results as tables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.base import BaseNumericAggregator, NotFitted
from dataforge.aggregation.tables.frames import Keyed, Kind, Table, as_column, encode, read
from dataforge.aggregation.tables.known import known_pairs, need_a_common_task
from dataforge.aggregation.tables.sorting import sorted_codes
from dataforge.aggregation.tables.values import Series, Values, merged
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["Fitted", "Numbers", "NumericEstimator", "read_numbers"]

# Levels are one apart: a number so near to the middle between two of them is as near to either.
MIDDLE = 1e-9

Gold = tuple[Series, Floats]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Coded answers whose label is a number; codes of tasks and workers are places in sorted values.

    `golds` are known numbers by task, which need not be among those that have answers; the later ones count.
    """

    task: Places
    worker: Places
    value: Floats
    tasks: Values
    workers: Values
    kind: Kind
    golds: tuple[Gold, ...]

    @cached_property
    def known(self) -> Floats:
        """The known number of each task, NaN where there is none."""
        known = np.full(len(self.tasks), np.nan)
        for tasks, numbers in self.golds:
            places = self.tasks.locate(tasks)
            known[places[places >= 0]] = numbers[places >= 0]
        return known

    @property
    def answers(self) -> Floats:
        """Number of answers by worker."""
        return np.bincount(self.worker, minlength=len(self.workers)).astype(np.float64)

    def by_task(self, numbers: Floats, name: str) -> Any:
        """A number by task."""
        return self.kind.series(self.tasks, "task", numbers, name)

    def by_worker(self, numbers: Floats, name: str) -> Any:
        """A number by worker."""
        return self.kind.series(self.workers, "worker", numbers, name)

    def or_known(self, values: Floats) -> Floats:
        """The known number of each task, and that of `values` where there is none."""
        return np.where(np.isnan(self.known), values, self.known)

    def joined(self, other: Numbers) -> Numbers:
        """These answers followed by others."""
        tasks, task, others = merged(self.tasks, other.tasks, mixed=True)
        workers, worker, their = merged(self.workers, other.workers, mixed=True)
        return Numbers(
            task=np.concatenate([task[self.task], others[other.task]]),
            worker=np.concatenate([worker[self.worker], their[other.worker]]),
            value=np.concatenate([self.value, other.value]),
            tasks=tasks,
            workers=workers,
            kind=self.kind,
            golds=self.golds + other.golds,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """What every fit leaves behind: the answers, and the number of each task."""

    numbers: Numbers
    values: Floats


@named_entries
@dataclass(eq=False)
class NumericEstimator(BaseNumericAggregator):
    """An estimator over the columns `task`, `worker`, `label`, where labels are numbers.

    `levels` lists the labels of an ordered scale from lowest to highest; the numbers are then their places, 0 first,
    and `labels_` gives the level nearest to each task's number.
    """

    levels: Sequence[Any] | None = field(default=None, kw_only=True)
    _fitted: Fitted | None = field(default=None, init=False, repr=False)

    @property
    def values_(self) -> Any:
        """The aggregated number of each task, named `agg_value`."""
        fitted = self._after_fit(self._fitted)
        return fitted.numbers.by_task(fitted.values, "agg_value")

    @property
    def labels_(self) -> Any:
        """The level nearest to each task's number, the lower of two equally near; needs `levels`."""
        fitted = self._after_fit(self._fitted)
        if self.levels is None:
            raise NotFitted("labels_ needs the levels of the scale; without them see values_")
        places = np.clip(np.ceil(fitted.values - 0.5 - MIDDLE), 0, len(self.levels) - 1).astype(np.int64)
        levels = encode(as_column("label", list(self.levels), fitted.numbers.kind))
        return fitted.numbers.kind.series(
            fitted.numbers.tasks, "task", levels.values.take(levels.codes[places]), "agg_label"
        )

    def fit(self, data: Table, true_values: Keyed | None = None) -> Self:
        """The estimator itself; `true_values` holds the known number of some tasks, which stay as they are."""
        return self._learn(self._read(data, true_values), None)

    def partial_fit(self, data: Table, true_values: Keyed | None = None) -> Self:
        """The estimator itself with more answers, going on from where it is; a first call is a `fit`."""
        more = self._read(data, true_values, early=True)
        return self._learn(more if self._fitted is None else self._fitted.numbers.joined(more), self._fitted)

    def fit_predict(self, data: Table, true_values: Keyed | None = None) -> Any:
        """The number of each task, named `agg_value`."""
        return self.fit(data, true_values).values_

    @abstractmethod
    def _learn(self, numbers: Numbers, earlier: Fitted | None) -> Self:
        """The numbers of these answers' tasks; `earlier` is the last fit, if this one is to go on from there."""

    def _read(self, data: Table, true_values: Keyed | None, *, early: bool = False) -> Numbers:
        """Answers with what is known of their tasks, and if `early` maybe of tasks to come alone."""
        numbers = read_numbers(data, self.levels, true_values)
        if not early:
            for tasks, _ in numbers.golds:
                need_a_common_task(numbers.tasks, tasks)
        return numbers

    def _accept(self, numbers: Numbers, values: Floats) -> Self:
        self._fitted = Fitted(numbers, numbers.or_known(values))
        return self


def read_numbers(data: Table, levels: Sequence[Any] | None = None, true_values: Keyed | None = None) -> Numbers:
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
    (task, tasks), (worker, workers) = sorted_codes(frame["task"]), sorted_codes(frame["worker"])
    return Numbers(task, worker, value, tasks, workers, kind, _gold(true_values, levels, kind))


def _gold(true_values: Keyed | None, levels: Sequence[Any] | None, kind: Kind) -> tuple[Gold, ...]:
    if true_values is None:
        return ()
    tasks, values = known_pairs(true_values, "known answers", kind)
    return ((tasks, _numbers(values) if levels is None else _places(values, levels, kind)),)


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
