"""Ratings that move with every comparison."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.comparisons import elo_ratings, log_sigmoid
from dataforge.aggregation.pairwise._chances import Chances, Pairs, read_pairs
from dataforge.aggregation.pairwise.comparisons import Comparisons, read_comparisons
from dataforge.aggregation.tables.frames import Table, as_column
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["Elo"]


@named_entries
@dataclass(eq=False)
class Elo(BasePairwiseAggregator):
    """Elo ratings of the items after all comparisons, in the order of the rows (Elo, 1978).

    After each comparison the winner gains, and the loser loses, `step` times the surprise: the outcome (1, or 0.5 for
    a tie) minus the expected one, `1 / (1 + 10 ** (-gap / scale))`. The result depends on the order of the rows: where
    the order means nothing, and rows of one pair may follow each other, take the mean over several random orders, or
    Bradley-Terry, which uses the same data better.

    Args:
        step: the largest change of one comparison (chess's K).
        scale: the gap at which the odds are ten to one.
        initial: the rating of an item before its first comparison.
        tie: the label of a tie, or a list of such labels; a missing label is one in any case.
        n_orders: above 1, ratings are the means over that many random orders of the rows.
        random_state: seed of those orders.
    """

    step: float = 32.0
    scale: float = 400.0
    initial: float = 1000.0
    tie: Any = None
    n_orders: int = field(default=1, kw_only=True)
    random_state: int = field(default=0, kw_only=True)
    _fitted: tuple[Comparisons, Floats] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._play(data, {})

    def partial_fit(self, data: Table) -> Self:
        """The estimator itself, with the ratings moved on by further comparisons, which are the later ones."""
        if self.n_orders > 1:
            raise AggregationError(
                f"partial_fit goes on in the order of rows, so n_orders needs to be 1, got {self.n_orders}"
            )
        return self._play(data, self._known())

    def fit_predict(self, data: Table) -> Any:
        """The ratings of the items."""
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
        return self._pairs(data).scored(self._rated[1])

    @property
    def scores_(self) -> Any:
        """The rating of each item, items sorted."""
        games, ratings = self._rated
        return games.by_item(ratings, "agg_score")

    @property
    def _rated(self) -> tuple[Comparisons, Floats]:
        return self._after_fit(self._fitted)

    def _pairs(self, data: Table) -> Pairs:
        return read_pairs(data, self._rated[0].items, type(self).__name__)

    def _chances(self, pairs: Pairs) -> Chances:
        """The expected outcome, in which a tie is half a win."""
        _, ratings = self._rated
        gap = np.log(10) * (ratings[pairs.left] - ratings[pairs.right]) / self.scale
        return {"left": np.exp(log_sigmoid(gap)), "right": np.exp(log_sigmoid(-gap))}

    def _known(self) -> dict[Any, float]:
        if self._fitted is None:
            return {}
        games, ratings = self._fitted
        return dict(zip(games.items.to_list(), ratings.tolist(), strict=True))

    def _play(self, data: Table, known: dict[Any, float]) -> Self:
        if self.n_orders < 1:
            raise AggregationError(f"n_orders needs to be 1 or more, got {self.n_orders!r}")
        if not (self.scale > 0 and np.isfinite(self.step)):
            raise AggregationError(f"scale needs to be above 0 and step finite, got {self.scale!r} and {self.step!r}")
        new = read_comparisons(data, ties="keep", tie=self.tie)
        items = new.items.to_list()
        start = np.array([known.pop(item, self.initial) for item in items], np.float64)
        self._fitted = _with_others(new, self._ratings(new, start), known)
        return self

    def _ratings(self, games: Comparisons, start: Floats) -> Floats:
        if self.n_orders == 1:
            return elo_ratings(games.left, games.right, games.outcome, start, self.step, self.scale)
        rng = np.random.default_rng(self.random_state)
        total = np.zeros(len(start))
        for _ in range(self.n_orders):
            order = rng.permutation(len(games.left))
            left, right, outcome = games.left[order], games.right[order], games.outcome[order]
            total += elo_ratings(left, right, outcome, start, self.step, self.scale)
        return total / self.n_orders


def _with_others(new: Comparisons, ratings: Floats, others: dict[Any, float]) -> tuple[Comparisons, Floats]:
    """The comparisons and ratings with those items that did not play this time put in their sorted places."""
    if not others:
        return new, ratings
    items = new.items.extended(as_column("label", list(others), new.kind))
    ratings = np.concatenate([ratings, np.array(list(others.values()), np.float64)])
    order = items.order()
    return replace(new, items=items.take(order)), ratings[order]
