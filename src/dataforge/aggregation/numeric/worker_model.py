"""Numbers from workers who each have a bias, a scale and a noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats
from dataforge.aggregation.kernels.bias_variance import BiasVarianceFit, bias_variance
from dataforge.aggregation.numeric._estimator import Numbers, NumericEstimator
from dataforge.errors import AggregationError

__all__ = ["BiasVariance"]


@dataclass(eq=False)
class BiasVariance(NumericEstimator):
    """Variational Bayes over answer = line of the worker at the value of the task + noise of the worker's own variance.

    The congeneric measurement model (Jöreskog, 1971) with priors. A worker's line has a bias (it answers higher than
    others) and a scale (it stretches or compresses differences). Without the scale, one who gives every task nearly
    the same number would pass for the most precise. Values, lines and variances have priors whose means and spreads
    are learnt from the data, so a worker with few answers is taken for an average one; `prior_answers` is how many
    answers the average variance counts for.

    Answers alone tell values only up to a straight line: without known values the mean of all answers is taken for
    right, so biases and scales are relative to the crowd's. Known values put them on the line of the truth, and show
    how far truth is from what the crowd agrees on, which `std_` then holds too.
    """

    n_iter: int = 500
    tol: float = 1e-4
    prior_answers: float = field(default=3.0, kw_only=True)
    on_iteration: Callable[[int, float], None] | None = field(default=None, kw_only=True)

    def fit(self, data: Any, true_values: Any = None) -> Self:
        """The estimator itself; `true_values` holds the known number of some tasks, which stay as they are."""
        if not self.prior_answers > 0:
            raise AggregationError(f"prior_answers needs to be above 0, got {self.prior_answers!r}")
        numbers = self._read(data)
        self._found: BiasVarianceFit = bias_variance(
            numbers.task,
            numbers.worker,
            numbers.value,
            (len(numbers.tasks), len(numbers.workers)),
            known=numbers.known(true_values),
            n_iter=self.n_iter,
            tol=self.tol,
            prior_answers=self.prior_answers,
            on_iteration=self.on_iteration,
        )
        self._accept(numbers, self._found.value)
        return self

    def fit_predict(self, data: Any, true_values: Any = None) -> Any:
        """The value of each task, named `agg_value`."""
        return self.fit(data, true_values).values_

    @property
    def std_(self) -> Any:
        """The standard deviation of each task's value under the model."""
        numbers: Numbers = self._need("_numbers")
        return numbers.kind.series(numbers.tasks, "task", np.sqrt(self._fitted.variance), "std")

    @property
    def biases_(self) -> Any:
        """How far above its value each worker answers a task of mean value."""
        return self._by_worker(self._fitted.bias, "bias")

    @property
    def scales_(self) -> Any:
        """How much each worker's answers differ where values differ by 1."""
        return self._by_worker(self._fitted.scale, "scale")

    @property
    def variances_(self) -> Any:
        """The variance of each worker's noise."""
        return self._by_worker(self._fitted.noise, "variance")

    @property
    def loss_history_(self) -> list[float]:
        """The lower bound of the log probability of the standardised answers after each iteration."""
        return list(self._fitted.bounds)

    @property
    def n_iter_(self) -> int:
        """Number of iterations done."""
        return len(self._fitted.bounds)

    @property
    def converged_(self) -> bool:
        """Whether the last iteration moved no value by more than `tol` standard deviations of the noise."""
        return self._fitted.converged

    @property
    def _fitted(self) -> BiasVarianceFit:
        found: BiasVarianceFit = self._need("_found")
        return found

    def _by_worker(self, found: Floats, name: str) -> Any:
        numbers: Numbers = self._need("_numbers")
        return numbers.kind.series(numbers.workers, "worker", found, name)
