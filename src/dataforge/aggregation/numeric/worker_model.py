"""Numbers from workers who each have a bias and a spread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats, as_series
from dataforge.aggregation._progress import Course, Resumable
from dataforge.aggregation.kernels.numbers import BiasVarianceFit, bias_variance, bias_variances, degrees_of_freedom
from dataforge.aggregation.numeric._estimator import Numbers, NumericEstimator
from dataforge.errors import AggregationError

__all__ = ["BiasVariance"]


@dataclass(eq=False)
class BiasVariance(NumericEstimator, Resumable):
    """EM over answer = value of the task + bias of the worker + noise with the worker's own variance.

    Values, biases and log variances have normal-type priors whose spread is learnt from the data, so a worker with
    few answers is taken for an average one. `prior_answers` is how many answers that average counts for. The biases
    of workers without known answers are relative to the crowd's.
    """

    n_iter: int = 100
    tol: float = 1e-6
    prior_answers: float = field(default=3.0, kw_only=True)

    def _learn(self, numbers: Numbers, earlier: Numbers | None) -> Self:
        if earlier is None and self.warm_start:
            earlier = getattr(self, "_numbers", None)
        self._found: BiasVarianceFit = bias_variance(
            numbers.task,
            numbers.worker,
            numbers.value,
            known=numbers.known,
            n_workers=len(numbers.workers),
            n_iter=self.n_iter,
            tol=self.tol,
            prior_answers=self.prior_answers,
            start=None if earlier is None or not len(earlier.value) else _moved(self._found, earlier, numbers),
            on_iteration=self.on_iteration,
        )
        return self._accept(numbers, self._found.value)

    @property
    def std_(self) -> Any:
        """The standard deviation of each task's value under the model."""
        numbers: Numbers = self._need("_numbers")
        return numbers.by_task(np.sqrt(self._found.variance), "std")

    @property
    def biases_(self) -> Any:
        """How far above the task's value each worker answers."""
        numbers: Numbers = self._need("_numbers")
        return numbers.by_worker(self._found.bias, "bias")

    @property
    def variances_(self) -> Any:
        """The variance of each worker's noise."""
        numbers: Numbers = self._need("_numbers")
        return numbers.by_worker(self._found.noise, "variance")

    def intervals(self, level: float = 0.95) -> Any:
        """A table by task: `value`, `std`, and the interval `low`, `high` under the workers as they are."""
        numbers: Numbers = self._need("_numbers")
        std = np.sqrt(self._found.variance)
        width = _width(level) * std
        columns = {"value": self._values, "std": std, "low": self._values - width, "high": self._values + width}
        return numbers.kind.columns(numbers.tasks, "task", columns)

    def bias_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `bias`, and its interval `low`, `high`."""
        numbers: Numbers = self._need("_numbers")
        width = _width(level) * np.sqrt(bias_variances(numbers.task, numbers.worker, numbers.known, self._found))
        return self._by_worker("bias", self._found.bias, self._found.bias - width, self._found.bias + width)

    def variance_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `variance`, and its interval `low`, `high` from the chi-squared law.

        Its degrees of freedom are the answers less what values and bias take of them, plus `prior_answers`.
        """
        from scipy.special import chdtri

        numbers: Numbers = self._need("_numbers")
        tail = _tail(level)
        degrees = degrees_of_freedom(numbers.task, numbers.worker, self._found) + self.prior_answers
        sums = self._found.noise * degrees
        return self._by_worker(
            "variance", self._found.noise, sums / chdtri(degrees, tail), sums / chdtri(degrees, 1 - tail)
        )

    def _by_worker(self, name: str, value: Floats, low: Floats, high: Floats) -> Any:
        numbers: Numbers = self._need("_numbers")
        columns = {"answers": numbers.answers, name: value, "low": low, "high": high}
        return numbers.kind.columns(numbers.workers, "worker", columns)

    def _course(self) -> Course:
        found: BiasVarianceFit = self._need("_found")
        return Course(len(found.history), found.converged, found.history)


def _moved(found: BiasVarianceFit, earlier: Numbers, numbers: Numbers) -> BiasVarianceFit:
    """The workers of an earlier fit under the codes of these answers; the noise of strangers is NaN."""
    places = numbers.workers.locate(as_series(earlier.workers))
    bias, noise = np.zeros(len(numbers.workers)), np.full(len(numbers.workers), np.nan)
    bias[places[places >= 0]] = found.bias[places >= 0]
    noise[places[places >= 0]] = found.noise[places >= 0]
    return replace(found, bias=bias, noise=noise)


def _width(level: float) -> float:
    from scipy.special import ndtri

    return -float(ndtri(_tail(level)))


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise AggregationError(f"level needs to be between 0 and 1, got {level!r}")
    return (1 - level) / 2
