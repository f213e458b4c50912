"""Strengths of items from workers some of whom answer by side rather than by item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import log_sigmoid, noisy_objective
from dataforge.aggregation.pairwise._chances import Chances, Pairs, read_pairs
from dataforge.aggregation.pairwise._looks import Looks, looks_of
from dataforge.aggregation.pairwise.comparisons import Comparisons, TieRule, read_comparisons
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Table
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["NoisyBradleyTerry"]


# The latent skill of every worker at the start: they look more often than not.
FIRST_SKILL = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _NoisyFit:
    """Latent scores, biases and skills at the optimum, before the logistic function."""

    scores: Floats
    biases: Floats
    skills: Floats
    n_iter: int
    converged: bool
    history: tuple[float, ...]


@named_entries
@dataclass(eq=False)
class NoisyBradleyTerry(BasePairwiseAggregator, Iterative):
    """Bradley-Terry with a skill and a side bias for each worker (Bugakova et al., 2019).

    A worker looks at the items with the probability `sigmoid(skill)` and otherwise chooses the left one with the
    probability `sigmoid(bias)`. The latent scores are drawn to 0 a little, which fixes their origin.

    Args:
        n_iter: iterations of L-BFGS at most.
        tol: stop when the relative change of the objective is below this.
        regularization_ratio: how strongly the latent scores are drawn to 0.
        random_state: has no effect: all items and all workers start alike, so that names, sides and the order of rows
            change nothing.
        ties: what becomes of comparisons without a winner: `"error"` or `"drop"`.
        tie: the label of a tie, or a list of such labels; a missing label is one in any case.
        worker_prior: pseudo-counts of answers with and without a look at the items, added to every worker's:
            (9, 1) says that workers look nine times in ten.
        warm_start: whether `fit` starts from what the last fit found.
        on_iteration: called after each iteration with its number and the objective.
    """

    n_iter: int = 100
    tol: float = 1e-5
    regularization_ratio: float = 1e-5
    random_state: int = 0
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    ties: TieRule = field(default="error", kw_only=True)
    tie: Any = field(default=None, kw_only=True)
    worker_prior: tuple[float, float] = field(default=(0.0, 0.0), kw_only=True)
    _fitted: tuple[Comparisons, _NoisyFit] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to comparisons with the columns `worker`, `left`, `right`, `label`."""
        comparisons = self._read(data)
        return self._learn(comparisons, self._moved_to(comparisons) if self.warm_start else None)

    def partial_fit(self, data: Table) -> Self:
        """The estimator itself, going on with more comparisons from what it found so far; a first call is a `fit`."""
        comparisons = self._read(data)
        if self._fitted is not None:
            comparisons = self._fitted[0].joined(comparisons)
        return self._learn(comparisons, self._moved_to(comparisons))

    def _read(self, data: Table) -> Comparisons:
        if self.ties == "half":
            raise AggregationError("ties need to be 'error' or 'drop' here, got 'half': the model has no half wins")
        if not self.regularization_ratio >= 0:
            raise AggregationError(f"regularization_ratio needs to be 0 or more, got {self.regularization_ratio!r}")
        if not min(self.worker_prior) >= 0:
            raise AggregationError(f"worker_prior needs two counts of 0 or more, got {self.worker_prior!r}")
        return read_comparisons(data, ties=self.ties, tie=self.tie, with_workers=True)

    def _learn(self, comparisons: Comparisons, start: Floats | None) -> Self:
        found = _minimise(
            comparisons,
            _even_start(comparisons) if start is None else start,
            n_iter=self.n_iter,
            tol=self.tol,
            penalty=self.regularization_ratio,
            worker_prior=self.worker_prior,
            on_iteration=self.on_iteration,
        )
        self._fitted = comparisons, found
        return self

    def _moved_to(self, comparisons: Comparisons) -> Floats | None:
        """What was found, by the items and workers of these comparisons; strangers as a first start has them."""
        if self._fitted is None:
            return None
        earlier, found = self._fitted
        assert earlier.workers is not None
        assert comparisons.workers is not None
        start = _even_start(comparisons)
        n_items, n_workers = len(comparisons.items), len(comparisons.workers)
        items = comparisons.items.locate(as_series(earlier.items))
        workers = comparisons.workers.locate(as_series(earlier.workers))
        for first, places, values in (
            (0, items, found.scores),
            (n_items, workers, found.biases),
            (n_items + n_workers, workers, found.skills),
        ):
            start[first + places[places >= 0]] = values[places >= 0]
        return start

    def fit_predict(self, data: Table) -> Any:
        """The scores of the items."""
        return self.fit(data).scores_

    def predict(self, data: Table) -> Any:
        """The likelier winner of each row of a table with the columns `left` and `right`, named `agg_label`.

        Rows come in the order of `data`, a pandas index is kept. Of equally likely ones the lesser item wins.
        """
        pairs = self._pairs(data)
        return pairs.likelier(self._chances(pairs))

    def predict_proba(self, data: Table) -> Any:
        """The probability that the `left` and that the `right` item of each row wins, rows in the order of `data`."""
        pairs = self._pairs(data)
        return pairs.columns(self._chances(pairs))

    def predict_scores(self, data: Table) -> Any:
        """The scores of both items of each row: columns `left` and `right`, rows in the order of `data`."""
        return self._pairs(data).scored(np.exp(log_sigmoid(self._result.scores)))

    @property
    def scores_(self) -> Any:
        """The logistic function of each item's latent score, between 0 and 1, items sorted."""
        return self._compared.by_item(np.exp(log_sigmoid(self._result.scores)), "agg_score", "label")

    def _pairs(self, data: Table) -> Pairs:
        return read_pairs(data, self._compared.items, type(self).__name__)

    def _chances(self, pairs: Pairs) -> Chances:
        """The chances in the eyes of a worker who looks."""
        gap = self._result.scores[pairs.left] - self._result.scores[pairs.right]
        return {"left": np.exp(log_sigmoid(gap)), "right": np.exp(log_sigmoid(-gap))}

    @property
    def skills_(self) -> Any:
        """How often each worker looks at the items, between 0 and 1."""
        return self._by_worker(self._result.skills, "skill")

    @property
    def biases_(self) -> Any:
        """How often each worker chooses left when not looking, between 0 and 1."""
        return self._by_worker(self._result.biases, "bias")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers`, `skill`, and the interval `low`, `high` that holds it with this probability.

        It is that of the posterior of skill and bias, both with flat priors; the scores of the items are taken
        as they are but for a common scale, which is as unsure as the answers of all workers leave it.
        """
        return self._intervals("skill", self._looks().skill(level))

    def bias_intervals(self, level: float = 0.95) -> Any:
        """The same table for the biases: `answers`, `bias`, `low`, `high`."""
        return self._intervals("bias", self._looks().bias(level))

    def _looks(self) -> Looks:
        data = self._compared
        gap = (2 * data.outcome - 1) * (self._result.scores[data.left] - self._result.scores[data.right])
        return looks_of(data.worker, gap, data.outcome > 0.5, len(self._result.skills), self.worker_prior)

    def _intervals(self, name: str, limits: tuple[Floats, Floats]) -> Any:
        data = self._compared
        assert data.workers is not None
        latent = self._result.skills if name == "skill" else self._result.biases
        estimate = np.exp(log_sigmoid(latent))
        # The estimate is the posterior's maximum, which may be on the border, beyond the limits of both tails.
        low, high = np.minimum(limits[0], estimate), np.maximum(limits[1], estimate)
        answers = np.bincount(data.worker, minlength=len(latent))
        columns = {"answers": answers, name: estimate, "low": low, "high": high}
        return data.kind.columns(data.workers, "worker", columns)

    def _course(self) -> Course:
        return Course(self._result.n_iter, self._result.converged, self._result.history)

    def _by_worker(self, latent: Floats, name: str) -> Any:
        fitted = self._compared
        assert fitted.workers is not None
        index_name = None if fitted.kind.is_pandas else "worker"
        return fitted.kind.series(fitted.workers, index_name, np.exp(log_sigmoid(latent)), name)

    @property
    def _result(self) -> _NoisyFit:
        return self._after_fit(self._fitted)[1]

    @property
    def _compared(self) -> Comparisons:
        return self._after_fit(self._fitted)[0]


def _even_start(data: Comparisons) -> Floats:
    """Latent scores, biases and skills to start from, one after the other: the same for all items and all workers.

    Neither names nor sides nor the order of rows have a part in it, so none of them has in what it leads to.
    """
    assert data.workers is not None
    n_items, n_workers = len(data.items), len(data.workers)
    return np.repeat([0.0, 0.0, FIRST_SKILL], [n_items, n_workers, n_workers])


def _minimise(
    data: Comparisons,
    start: Floats,
    *,
    n_iter: int,
    tol: float,
    penalty: float,
    worker_prior: tuple[float, float],
    on_iteration: OnIteration | None,
) -> _NoisyFit:
    """Minimise the penalised negative log-likelihood by L-BFGS."""
    assert data.workers is not None
    n_items, n_workers = len(data.items), len(data.workers)
    if len(data.left) == 0:
        return _NoisyFit(np.zeros(n_items), np.zeros(n_workers), np.zeros(n_workers), 0, True, ())
    from scipy.optimize import minimize

    sign = 2 * data.outcome - 1
    history: list[float] = []

    def objective(point: Floats) -> tuple[float, Floats]:
        scores, biases, skills = parts(point)
        found = noisy_objective(data.left, data.right, data.worker, sign, scores, biases, skills, penalty, worker_prior)
        return found.value, np.concatenate([found.by_score, found.by_bias, found.by_skill])

    def parts(point: Floats) -> tuple[Floats, Floats, Floats]:
        return point[:n_items], point[n_items : n_items + n_workers], point[n_items + n_workers :]

    def after_step(intermediate_result: Any) -> None:
        history.append(float(intermediate_result.fun))
        if on_iteration is not None:
            on_iteration(len(history), history[-1])

    if n_iter < 1:
        return _NoisyFit(*parts(start), 0, False, ())
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=after_step,
        options={"maxiter": n_iter, "maxfun": 20 * n_iter, "ftol": tol},
    )
    return _NoisyFit(*parts(found.x), int(found.nit), bool(found.success), tuple(history))
