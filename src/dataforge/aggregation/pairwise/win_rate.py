"""Shares of comparisons won."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import win_rates
from dataforge.aggregation.pairwise._chances import read_pairs
from dataforge.aggregation.pairwise.comparisons import Counted, read_comparisons
from dataforge.aggregation.tables.frames import Table
from dataforge.arguments import named_entries

__all__ = ["AverageWinRate"]


@named_entries
@dataclass(eq=False)
class AverageWinRate(BasePairwiseAggregator):
    """Mean over an item's opponents of the share of points it took from them, a tie being half a point.

    Every opponent counts the same, however often it was met.

    Args:
        tie: the label of a tie, or a list of such labels; a missing label is one in any case.
    """

    tie: Any = None

    _fitted: tuple[Counted, Floats] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._learn(self._read(data))

    def partial_fit(self, data: Table) -> Self:
        """The estimator itself with more comparisons; a first call is a `fit`."""
        more = self._read(data)
        return self._learn(more if self._fitted is None else self._fitted[0].joined(more))

    def fit_predict(self, data: Table) -> Any:
        """The win rates of the items."""
        return self.fit(data).scores_

    def predict_scores(self, data: Table) -> Any:
        """The scores of both items of each row: columns `left` and `right`, rows in the order of `data`."""
        counted, rates = self._after_fit(self._fitted)
        return read_pairs(data, counted.items, type(self).__name__).scored(rates)

    @property
    def scores_(self) -> Any:
        """The win rate of each item, between 0 and 1, items sorted."""
        counted, rates = self._after_fit(self._fitted)
        return counted.by_item(rates, "agg_score")

    def _read(self, data: Table) -> Counted:
        return read_comparisons(data, ties="keep", tie=self.tie).counted()

    def _learn(self, counted: Counted) -> Self:
        self._fitted = counted, win_rates(counted.counts)
        return self
