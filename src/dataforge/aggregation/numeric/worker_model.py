"""Numbers from workers who each have a bias and a spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.kernels.numbers import BiasVarianceFit, bias_variance
from dataforge.aggregation.numeric._estimator import Numbers, NumericEstimator

__all__ = ["BiasVariance"]


@dataclass(eq=False)
class BiasVariance(NumericEstimator):
    """EM over answer = value of the task + bias of the worker + noise with the worker's own variance.

    Values, biases and log variances have normal-type priors whose spread is learnt from the data, so a worker with
    few answers is taken for an average one. `prior_answers` is how many answers that average counts for. The biases
    of workers without known answers are relative to the crowd's.
    """

    n_iter: int = 100
    tol: float = 1e-6
    prior_answers: float = field(default=3.0, kw_only=True)
    on_iteration: Callable[[int, float], None] | None = field(default=None, kw_only=True)

    def fit(self, data: Any, true_values: Any = None) -> Self:
        """The estimator itself; `true_values` holds the known number of some tasks, which stay as they are."""
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
        return numbers.kind.series(numbers.tasks, "task", np.sqrt(self._found.variance), "std")

    @property
    def biases_(self) -> Any:
        """How far above the task's value each worker answers."""
        numbers: Numbers = self._need("_numbers")
        return numbers.kind.series(numbers.workers, "worker", self._found.bias, "bias")

    @property
    def variances_(self) -> Any:
        """The variance of each worker's noise."""
        numbers: Numbers = self._need("_numbers")
        return numbers.kind.series(numbers.workers, "worker", self._found.noise, "variance")

    @property
    def n_iter_(self) -> int:
        """Number of iterations done."""
        return int(self._need("_found").n_iter)

    @property
    def converged_(self) -> bool:
        """Whether the last iteration moved no value by more than `tol` scales."""
        return bool(self._need("_found").converged)
