"""Averages of numbers: mean, median, and a mean that outliers hardly move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import numbers_by
from dataforge.aggregation.kernels import numbers as kernels
from dataforge.aggregation.numeric._estimator import NumericEstimator

__all__ = ["MeanValue", "MedianValue", "RobustMean"]


@dataclass(eq=False)
class MeanValue(NumericEstimator):
    """The mean of each task's answers, weighted by worker if weights are given."""

    def fit(self, data: Any, skills: Any = None) -> Self:
        """The estimator itself; `skills` holds a weight for each worker, 0 for those who have none."""
        numbers = self._read(data)
        weight = np.ones(len(numbers.value))
        if skills is not None:
            weight = np.nan_to_num(numbers_by(numbers.workers, skills, "skills", numbers.kind))[numbers.worker]
        self._accept(numbers, kernels.means(numbers.task, numbers.value, weight, len(numbers.tasks)))
        return self

    def fit_predict(self, data: Any, skills: Any = None) -> Any:
        """The mean of each task's answers, named `agg_value`."""
        return self.fit(data, skills).values_


@dataclass(eq=False)
class MedianValue(NumericEstimator):
    """The median of each task's answers; of an even number the mean of the middle two."""

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        numbers = self._read(data)
        self._accept(numbers, kernels.medians(numbers.task, numbers.value, len(numbers.tasks)))
        return self

    def fit_predict(self, data: Any) -> Any:
        """The median of each task's answers, named `agg_value`."""
        return self.fit(data).values_


@dataclass(eq=False)
class RobustMean(NumericEstimator):
    """Huber's mean: answers further than `k` scales from the task's value pull no harder than at `k` scales.

    The scale is that of all answers about their task's median, from the median absolute deviation. With k = 1.345 it
    keeps 95 % of the mean's efficiency where errors are normal (Huber, 1964).
    """

    k: float = 1.345
    n_iter: int = 50
    tol: float = 1e-9

    def fit(self, data: Any) -> Self:
        """The estimator itself."""
        numbers = self._read(data)
        values: Floats = kernels.huber_means(
            numbers.task, numbers.value, len(numbers.tasks), k=self.k, n_iter=self.n_iter, tol=self.tol
        )
        self._accept(numbers, values)
        return self

    def fit_predict(self, data: Any) -> Any:
        """Huber's mean of each task's answers, named `agg_value`."""
        return self.fit(data).values_
