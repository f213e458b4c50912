"""Averages of numbers: mean, median, and a mean that outliers hardly move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import numbers as kernels
from dataforge.aggregation.numeric._estimator import Fitted, Numbers, NumericEstimator
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.aggregation.tables.labels import numbers_by
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries

__all__ = ["MeanValue", "MedianValue", "RobustMean"]


@named_entries
@dataclass(eq=False)
class MeanValue(NumericEstimator):
    """The mean of each task's answers, weighted by worker if weights are given."""

    _weights: Floats | None = field(default=None, init=False, repr=False)

    def fit(  # type: ignore[override]  # weights come first, as in a vote
        self, data: Table, skills: Keyed | None = None, true_values: Keyed | None = None
    ) -> Self:
        """The estimator itself; `skills` holds a weight for each worker, 0 for those who have none.

        `true_values` holds the known number of some tasks, which stay as they are.
        """
        numbers = self._read(data, true_values)
        return self._average(numbers, _weights(numbers, skills))

    def partial_fit(  # type: ignore[override]
        self, data: Table, skills: Keyed | None = None, true_values: Keyed | None = None
    ) -> Self:
        """The estimator itself with more answers; `skills` adds to the weights given so far, the later ones count."""
        numbers = self._read(data, true_values, early=True)
        if self._fitted is None:
            return self._average(numbers, _weights(numbers, skills))
        earlier = self._fitted.numbers
        numbers = earlier.joined(numbers)
        weights = _weights(numbers, skills)
        if self._weights is not None:
            before = np.full(len(numbers.workers), np.nan)
            before[numbers.workers.locate(as_series(earlier.workers))] = self._weights
            weights = before if weights is None else np.where(np.isnan(weights), before, weights)
        return self._average(numbers, weights)

    def fit_predict(  # type: ignore[override]
        self, data: Table, skills: Keyed | None = None, true_values: Keyed | None = None
    ) -> Any:
        """The mean of each task's answers, named `agg_value`."""
        return self.fit(data, skills, true_values).values_

    def predict(self, data: Table) -> Any:
        """The mean of each task in other answers, with the weights that were given; strangers weigh nothing then."""
        fitted = self._after_fit(self._fitted).numbers
        others = self._read(data, None)
        weight = np.ones(len(others.value))
        if self._weights is not None:
            places = fitted.workers.locate(as_series(others.workers))
            weight = np.append(np.nan_to_num(self._weights), 0.0)[places][others.worker]
        return others.by_task(kernels.means(others.task, others.value, weight, len(others.tasks)), "agg_value")

    def _learn(self, numbers: Numbers, earlier: Fitted | None) -> Self:
        return self._average(numbers, None)

    def _average(self, numbers: Numbers, weights: Floats | None) -> Self:
        self._weights = weights
        weight = np.ones(len(numbers.value)) if weights is None else np.nan_to_num(weights)[numbers.worker]
        return self._accept(numbers, kernels.means(numbers.task, numbers.value, weight, len(numbers.tasks)))


def _weights(numbers: Numbers, skills: Keyed | None) -> Floats | None:
    return None if skills is None else numbers_by(numbers.workers, skills, "skills", numbers.kind)


@named_entries
@dataclass(eq=False)
class MedianValue(NumericEstimator):
    """The median of each task's answers; of an even number the mean of the middle two."""

    def _learn(self, numbers: Numbers, earlier: Fitted | None) -> Self:
        return self._accept(numbers, kernels.medians(numbers.task, numbers.value, len(numbers.tasks)))


@named_entries
@dataclass(eq=False)
class RobustMean(NumericEstimator, Iterative):
    """Huber's mean: answers further than `k` scales from the task's value pull no harder than at `k` scales.

    The scale is that of all answers about their task's median, or known number, from the median absolute deviation.
    With k = 1.345 it keeps 95 % of the mean's efficiency where errors are normal (Huber, 1964).
    """

    k: float = 1.345
    n_iter: int = 50
    tol: float = 1e-9
    _huber: kernels.HuberFit | None = field(default=None, init=False, repr=False)
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)

    def _learn(self, numbers: Numbers, earlier: Fitted | None) -> Self:
        if earlier is None and self.warm_start:
            earlier = self._fitted
        start = np.full(len(numbers.tasks), np.nan)
        if earlier is not None:
            places = numbers.tasks.locate(as_series(earlier.numbers.tasks))
            start[places[places >= 0]] = earlier.values[places >= 0]
        found = kernels.huber_means(
            numbers.task,
            numbers.value,
            known=numbers.known,
            start=start,
            k=self.k,
            n_iter=self.n_iter,
            tol=self.tol,
            on_iteration=self.on_iteration,
        )
        self._huber = found
        return self._accept(numbers, found.value)

    def predict(self, data: Table) -> Any:
        """Huber's mean of each task in other answers, with the scale of those fitted, named `agg_value`."""
        fitted = self._after_fit(self._huber)
        others = self._read(data, None)
        unknown = np.full(len(others.tasks), np.nan)
        found = kernels.huber_means(
            others.task, others.value, known=unknown, start=unknown, k=self.k, n_iter=self.n_iter, tol=self.tol,
            scale=fitted.scale,
        )  # fmt: skip
        return others.by_task(found.value, "agg_value")

    def _course(self) -> Course:
        found = self._after_fit(self._huber)
        return Course(len(found.history), found.converged, found.history)
