"""Shares of comparisons won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import win_rates
from dataforge.aggregation.pairwise._comparisons import Comparisons, read_comparisons

__all__ = ["AverageWinRate"]


@dataclass(eq=False)
class AverageWinRate(BasePairwiseAggregator):
    """Mean over an item's opponents of the share of points it took from them, a tie being half a point.

    Every opponent counts the same, however often it was met.

    Args:
        tie: the label of a tie; a missing label is one in any case.
    """

    tie: Any = None

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        self._comparisons = read_comparisons(data, ties="keep", tie=self.tie)
        self._rates = win_rates(self._comparisons.pairs())
        return self

    def fit_predict(self, data: Any) -> Any:
        """The win rates of the items."""
        return self.fit(data).scores_

    @property
    def scores_(self) -> Any:
        """The win rate of each item, between 0 and 1, items sorted."""
        fitted: Comparisons = self._need("_comparisons")
        return fitted.by_item(self._need("_rates"), "agg_score")
