"""Strengths of items from workers some of whom answer by side rather than by item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import log_sigmoid, noisy_objective
from dataforge.aggregation.pairwise._comparisons import Comparisons, TieRule, read_comparisons
from dataforge.errors import AggregationError

__all__ = ["NoisyBradleyTerry"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class NoisyFit:
    """Latent scores, biases and skills at the optimum, before the logistic function."""

    scores: Floats
    biases: Floats
    skills: Floats
    n_iter: int
    converged: bool
    history: tuple[float, ...]


@dataclass(eq=False)
class NoisyBradleyTerry(BasePairwiseAggregator):
    """Bradley-Terry with a skill and a side bias for each worker (Bugakova et al., 2019).

    A worker looks at the items with the probability `sigmoid(skill)` and otherwise chooses the left one with the
    probability `sigmoid(bias)`. The latent scores are drawn to 0 a little, which fixes their origin.

    Args:
        n_iter: iterations of L-BFGS at most.
        tol: stop when the relative change of the objective is below this.
        regularization_ratio: how strongly the latent scores are drawn to 0.
        random_state: seed of the starting point.
        ties: what becomes of comparisons without a winner: `"error"` or `"drop"`.
        on_iteration: called after each iteration with its number and the objective.
    """

    n_iter: int = 100
    tol: float = 1e-5
    regularization_ratio: float = 1e-5
    random_state: int = 0
    ties: TieRule = field(default="error", kw_only=True)
    on_iteration: Callable[[int, float], None] | None = field(default=None, kw_only=True, repr=False)

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `worker`, `left`, `right`, `label`."""
        if self.ties == "half":
            raise AggregationError("ties need to be 'error' or 'drop' here, got 'half': the model has no half wins")
        if not self.regularization_ratio >= 0:
            raise AggregationError(f"regularization_ratio needs to be 0 or more, got {self.regularization_ratio!r}")
        self._comparisons = read_comparisons(data, ties=self.ties, with_workers=True)
        rng = np.random.default_rng(self.random_state)
        self._fit = minimise(
            self._comparisons, self.n_iter, self.tol, self.regularization_ratio, rng, self.on_iteration
        )
        return self

    def fit_predict(self, data: Any) -> Any:
        """The scores of the items."""
        return self.fit(data).scores_

    @property
    def scores_(self) -> Any:
        """The logistic function of each item's latent score, between 0 and 1, items sorted."""
        fitted: Comparisons = self._need("_comparisons")
        return fitted.by_item(np.exp(log_sigmoid(self._result.scores)), "agg_score", "label")

    @property
    def skills_(self) -> Any:
        """How often each worker looks at the items, between 0 and 1."""
        return self._by_worker(self._result.skills, "skill")

    @property
    def biases_(self) -> Any:
        """How often each worker chooses left when not looking, between 0 and 1."""
        return self._by_worker(self._result.biases, "bias")

    @property
    def loss_history_(self) -> list[float]:
        """The objective after each iteration."""
        return list(self._result.history)

    @property
    def n_iter_(self) -> int:
        """Iterations done."""
        return self._result.n_iter

    @property
    def converged_(self) -> bool:
        """Whether `tol` was reached."""
        return self._result.converged

    def _by_worker(self, latent: Floats, name: str) -> Any:
        fitted: Comparisons = self._need("_comparisons")
        assert fitted.workers is not None
        index_name = None if fitted.kind.is_pandas else "worker"
        return fitted.kind.series(fitted.workers, index_name, np.exp(log_sigmoid(latent)), name)

    @property
    def _result(self) -> NoisyFit:
        result: NoisyFit = self._need("_fit")
        return result


def minimise(
    data: Comparisons,
    n_iter: int,
    tol: float,
    penalty: float,
    rng: np.random.Generator,
    on_iteration: Callable[[int, float], None] | None,
) -> NoisyFit:
    """Minimise the penalised negative log-likelihood by L-BFGS."""
    assert data.workers is not None
    n_items, n_workers = len(data.items), len(data.workers)
    if len(data.left) == 0:
        return NoisyFit(np.zeros(n_items), np.zeros(n_workers), np.zeros(n_workers), 0, True, ())
    from scipy.optimize import minimize

    sign = 2 * data.outcome - 1
    history: list[float] = []

    def objective(point: Floats) -> tuple[float, Floats]:
        scores, biases, skills = parts(point)
        found = noisy_objective(data.left, data.right, data.worker, sign, scores, biases, skills, penalty)
        return found.value, np.concatenate([found.by_score, found.by_bias, found.by_skill])

    def parts(point: Floats) -> tuple[Floats, Floats, Floats]:
        return point[:n_items], point[n_items : n_items + n_workers], point[n_items + n_workers :]

    def after_step(intermediate_result: Any) -> None:
        history.append(float(intermediate_result.fun))
        if on_iteration is not None:
            on_iteration(len(history), history[-1])

    start = rng.random(n_items + 2 * n_workers)
    # The scores start around 0, where the penalty holds them; a common shift of all would be a slow direction.
    start[:n_items] -= start[:n_items].mean()
    if n_iter < 1:
        return NoisyFit(*parts(start), 0, False, ())
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=after_step,
        options={"maxiter": n_iter, "maxfun": 20 * n_iter, "ftol": tol},
    )
    return NoisyFit(*parts(found.x), int(found.nit), bool(found.success), tuple(history))
