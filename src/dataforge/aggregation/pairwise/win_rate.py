"""Shares of comparisons won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.comparisons import win_rates
from dataforge.aggregation.pairwise._chances import Rated
from dataforge.aggregation.pairwise._comparisons import Counted, read_comparisons
from dataforge.aggregation.tables.values import Values

__all__ = ["AverageWinRate"]


@dataclass(eq=False)
class AverageWinRate(Rated):
    """Mean over an item's opponents of the share of points it took from them, a tie being half a point.

    Every opponent counts the same, however often it was met.

    Args:
        tie: the label of a tie; a missing label is one in any case.
    """

    tie: Any = None

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._learn(self._read(data))

    def partial_fit(self, data: Any) -> Self:
        """The estimator itself with more comparisons; a first call is a `fit`."""
        more = self._read(data)
        earlier: Counted | None = getattr(self, "_counted", None)
        return self._learn(more if earlier is None else earlier.joined(more))

    def fit_predict(self, data: Any) -> Any:
        """The win rates of the items."""
        return self.fit(data).scores_

    def _read(self, data: Any) -> Counted:
        return read_comparisons(data, ties="keep", tie=self.tie).counted()

    def _learn(self, counted: Counted) -> Self:
        self._counted = counted
        self._rates = win_rates(counted.counts)
        return self

    def _rating(self) -> tuple[Values, Floats]:
        counted: Counted = self._need("_counted")
        return counted.items, self._rates

    @property
    def scores_(self) -> Any:
        """The win rate of each item, between 0 and 1, items sorted."""
        counted: Counted = self._need("_counted")
        return counted.by_item(self._rates, "agg_score")
