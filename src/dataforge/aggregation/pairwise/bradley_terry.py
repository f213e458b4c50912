"""Strengths of items from who won against whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.pairwise._comparisons import Comparisons, Counted, TieRule, read_comparisons
from dataforge.aggregation.pairwise._strengths import Strengths, maximise
from dataforge.aggregation.pairwise.intervals import Intervals, score_intervals
from dataforge.errors import AggregationError

__all__ = ["BradleyTerry"]


@dataclass(eq=False)
class BradleyTerry(BasePairwiseAggregator):
    """Strengths `p` under which i beats j with probability `p_i / (p_i + p_j)` (Bradley and Terry, 1952; Hunter, 2004).

    Args:
        n_iter: iterations at most.
        tol: stop when the scores are estimated to be this close to the optimum (sum of absolute differences).
        ties: what becomes of comparisons without a winner: `"error"`, `"drop"`, or `"half"` a win for both.
        prior: wins and losses of each item against one imagined item. Above 0, items that always won or always lost
            get finite strengths, and items that no chain of comparisons links can be compared.
        on_iteration: called after each iteration with its number and how far the scores moved.

    Without a prior the strengths of items that no chain of comparisons links cannot be compared: `parts_` tells which
    items belong together, and each part's scores sum to its share of the items.
    """

    n_iter: int
    tol: float = 1e-5
    ties: TieRule = field(default="error", kw_only=True)
    prior: float = field(default=0.0, kw_only=True)
    on_iteration: Callable[[int, float], None] | None = field(default=None, kw_only=True, repr=False)

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._learn(read_comparisons(data, ties=self.ties))

    def _learn(self, comparisons: Comparisons | Counted) -> Self:
        if not self.prior >= 0:
            raise AggregationError(f"prior needs to be 0 or more, got {self.prior!r}")
        self._comparisons = comparisons
        self._strengths = maximise(
            comparisons.pairs(),
            self.n_iter,
            self.tol,
            prior=self.prior,
            ties="half" if self.ties == "half" else "none",
            on_iteration=self.on_iteration,
        )
        return self

    def fit_predict(self, data: Any) -> Any:
        """The scores of the items."""
        return self.fit(data).scores_

    @property
    def scores_(self) -> Any:
        """The strength of each item, items sorted; they sum to 1."""
        fitted: Comparisons | Counted = self._need("_comparisons")
        return fitted.by_item(self._result.scores, "agg_score")

    @property
    def parts_(self) -> Any:
        """The connected part of the comparisons that each item belongs to, numbered from 0."""
        fitted: Comparisons | Counted = self._need("_comparisons")
        return fitted.by_item(self._result.part, "part")

    @property
    def loss_history_(self) -> list[float]:
        """How far each iteration moved the scores: the sum of their absolute changes."""
        return list(self._result.history)

    @property
    def n_iter_(self) -> int:
        """Iterations done."""
        return self._result.n_iter

    @property
    def converged_(self) -> bool:
        """Whether `tol` was reached."""
        return self._result.converged

    def intervals(self, level: float = 0.95, random_state: int = 0) -> Any:
        """Scores with standard errors of their logarithms and confidence limits, one row per item."""
        fitted: Comparisons | Counted = self._need("_comparisons")
        found: Intervals = score_intervals(fitted.pairs(), self._result, level, self.prior, random_state)
        return found.table(fitted.kind, fitted.items)

    @property
    def _result(self) -> Strengths:
        result: Strengths = self._need("_strengths")
        return result
