"""Numbers from workers who each have a bias, a scale and a noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.bias_variance import BiasVarianceFit, Spread, bias_variance, values_under
from dataforge.aggregation.numeric._estimator import Fitted, Numbers, NumericEstimator
from dataforge.aggregation.parameters import tail_of
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Table
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["BiasVariance"]


@named_entries
@dataclass(eq=False)
class BiasVariance(NumericEstimator, Iterative):
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
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    prior_answers: float = field(default=3.0, kw_only=True)
    _found: BiasVarianceFit | None = field(default=None, init=False, repr=False)

    def _learn(self, numbers: Numbers, earlier: Fitted | None) -> Self:
        if not self.prior_answers > 0:
            raise AggregationError(f"prior_answers needs to be above 0, got {self.prior_answers!r}")
        if earlier is None and self.warm_start:
            earlier = self._fitted
        state = None if earlier is None else self._model.state
        if earlier is not None and state is not None:
            places = numbers.workers.locate(as_series(earlier.numbers.workers))
            state = state.of_workers(places, len(numbers.workers))
        found = bias_variance(
            numbers.task,
            numbers.worker,
            numbers.value,
            (len(numbers.tasks), len(numbers.workers)),
            known=numbers.known,
            n_iter=self.n_iter,
            tol=self.tol,
            prior_answers=self.prior_answers,
            earlier=state,
            on_iteration=self.on_iteration,
        )
        self._found = found
        return self._accept(numbers, found.value)

    def predict(self, data: Table) -> Any:
        """The value of each task in other answers, under the workers as they are, named `agg_value`.

        A worker whom `fit` has not seen is as the prior has them.
        """
        fitted = self._after_fit(self._fitted).numbers
        state = self._model.state
        if state is None:
            raise AggregationError("BiasVariance needs answers to learn from before it predicts, fit got none")
        others = self._read(data, None)
        state = state.of_workers(others.workers.locate(as_series(fitted.workers)), len(others.workers))
        values = values_under(state, others.task, others.worker, others.value, len(others.tasks))
        return others.by_task(values, "agg_value")

    @property
    def std_(self) -> Any:
        """The standard deviation of each task's value under the model."""
        numbers = self._after_fit(self._fitted).numbers
        return numbers.by_task(np.sqrt(self._model.variance), "std")

    @property
    def biases_(self) -> Any:
        """How far above its value each worker answers a task of mean value."""
        return self._after_fit(self._fitted).numbers.by_worker(self._model.bias, "bias")

    @property
    def scales_(self) -> Any:
        """How much each worker's answers differ where values differ by 1."""
        return self._after_fit(self._fitted).numbers.by_worker(self._model.scale, "scale")

    @property
    def variances_(self) -> Any:
        """The variance of each worker's noise."""
        return self._after_fit(self._fitted).numbers.by_worker(self._model.noise, "variance")

    def intervals(self, level: float = 0.95) -> Any:
        """A table by task: `value`, `std`, and the interval `low`, `high`, the workers taken as they are.

        Without known values it is an interval of what the crowd agrees on: an error that workers share is not in it,
        and 95 % intervals of 700 ratings of emotions held 65 % of the experts' values.
        """
        numbers = self._after_fit(self._fitted).numbers
        values, std = self._after_fit(self._fitted).values, np.sqrt(self._model.variance)
        width = _width(level) * std
        columns = {"value": values, "std": std, "low": values - width, "high": values + width}
        return numbers.kind.columns(numbers.tasks, "task", columns)

    def bias_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `bias`, and its interval `low`, `high`, the values taken as they are."""
        width = _width(level) * self._spread().bias
        return self._limits("bias", self._model.bias, self._model.bias - width, self._model.bias + width)

    def scale_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `scale`, and its interval `low`, `high`, the values taken as they are."""
        width = _width(level) * self._spread().scale
        return self._limits("scale", self._model.scale, self._model.scale - width, self._model.scale + width)

    def variance_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `variance` of the noise, and its interval `low`, `high`.

        The values are taken as they are, which makes the interval too narrow where tasks have few answers.
        """
        from scipy.special import gammaincinv

        law, tail = self._spread(), tail_of(level)
        low, high = law.rate / gammaincinv(law.shape, 1 - tail), law.rate / gammaincinv(law.shape, tail)
        return self._limits("variance", self._model.noise, low, high)

    def _spread(self) -> Spread:
        return self._model.spread()

    def _limits(self, name: str, value: Floats, low: Floats, high: Floats) -> Any:
        numbers = self._after_fit(self._fitted).numbers
        columns = {"answers": numbers.answers.astype(np.int64), name: value, "low": low, "high": high}
        return numbers.kind.columns(numbers.workers, "worker", columns)

    @property
    def _model(self) -> BiasVarianceFit:
        return self._after_fit(self._found)

    def _course(self) -> Course:
        return Course(len(self._model.bounds), self._model.converged, self._model.bounds)


def _width(level: float) -> float:
    from scipy.special import ndtri

    return -float(ndtri(tail_of(level)))
