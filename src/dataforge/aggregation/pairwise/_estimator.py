"""What the models of strengths share: fits that go on from the last one, and results as tables."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np

from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.pairwise._chances import Chances, Pairs, read_pairs
from dataforge.aggregation.pairwise._strengths import Strengths, maximise, unbeaten
from dataforge.aggregation.pairwise.comparisons import Comparisons, Counted
from dataforge.aggregation.pairwise.intervals import score_intervals
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Table
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError, AggregationWarning

__all__ = ["StrengthModel"]


@named_entries
@dataclass(eq=False)
class StrengthModel(BasePairwiseAggregator, Iterative):
    """Strengths that depend on the comparisons through their counts by pair of items only."""

    n_iter: int
    tol: float = 1e-5
    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    prior: float = field(default=0.0, kw_only=True)

    @abstractmethod
    def _read(self, data: Table) -> Comparisons:
        """The comparisons of a table with the columns `left`, `right`, `label`."""

    @abstractmethod
    def _ties(self) -> Literal["none", "half", "model"]:
        """What ties count for."""

    _fitted: tuple[Counted, Strengths] | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._learn(self._read(data).counted())

    def partial_fit(self, data: Table) -> Self:
        """The estimator itself, going on with more comparisons from the strengths so far; a first call is a `fit`."""
        counted = self._read(data).counted()
        if self._fitted is not None:
            counted = self._fitted[0].joined(counted)
        return self._maximise(counted, self._fitted)

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
        """The probability that the `left` and that the `right` item of each row wins, rows in the order of `data`.

        Where the model has ties there is a third column, `tie`.
        """
        pairs = self._pairs(data)
        return pairs.columns(self._chances(pairs))

    def predict_scores(self, data: Table) -> Any:
        """The scores of both items of each row: columns `left` and `right`, rows in the order of `data`."""
        return self._pairs(data).scored(self._result.scores)

    def _learn(self, counted: Counted) -> Self:
        return self._maximise(counted, self._fitted if self.warm_start else None)

    def _maximise(self, counted: Counted, earlier: tuple[Counted, Strengths] | None) -> Self:
        if not self.prior >= 0:
            raise AggregationError(f"prior needs to be 0 or more, got {self.prior!r}")
        start = None
        if earlier is not None:
            start = earlier[1].moved(counted.places_of(earlier[0]), len(counted.items))
        found = maximise(
            counted.counts,
            self.n_iter,
            self.tol,
            prior=self.prior,
            ties=self._ties(),
            start=start,
            on_iteration=self.on_iteration,
        )
        self._fitted = counted, found
        self._warn_of_unbeaten()
        return self

    def _warn_of_unbeaten(self) -> None:
        """Warn of items that never lost: their strength has no greatest likelihood, it grows with every iteration."""
        counted, found = self._fitted or (None, None)
        if counted is None or found is None or self.prior > 0 or found.n_iter == 0:
            return
        never = unbeaten(counted.counts, ties_count=self._ties() != "none")
        if len(never):
            first = counted.items.take(never[:1]).to_list()[0]
            others = f" and {len(never) - 1} more" if len(never) > 1 else ""
            warnings.warn(
                f"{type(self).__name__}: {first!r}{others} never lost, so no strength is the likeliest: it grows with "
                "every iteration and means nothing but first place; set prior above 0, such as prior=1",
                AggregationWarning,
                stacklevel=5,
            )

    @property
    def scores_(self) -> Any:
        """The strength of each item, items sorted; they sum to 1."""
        return self._counted.by_item(self._result.scores, "agg_score")

    def _pairs(self, data: Table) -> Pairs:
        return read_pairs(data, self._counted.items, type(self).__name__)

    def _chances(self, pairs: Pairs) -> Chances:
        """The model's odds; items of different parts have none, as their strengths cannot be compared."""
        found = self._result
        apart = np.flatnonzero(found.part[pairs.left] != found.part[pairs.right])
        if len(apart):
            one, two = (pairs.items.take(side[apart[:1]]).to_list()[0] for side in (pairs.left, pairs.right))
            raise AggregationError(
                f"{type(self).__name__} needs a chain of comparisons between the items of a pair, got none between "
                f"{one!r} and {two!r} in row {int(apart[0])} ({len(apart)} such rows in all); set prior above 0"
            )
        left, right = found.scores[pairs.left], found.scores[pairs.right]
        tie = found.tie_rate * np.sqrt(left * right)
        total = left + right + tie
        # Two items that never won a comparison are alike.
        even, known = 1 / (2 + found.tie_rate), total > 0
        chances = {
            name: np.divide(part, total, out=np.full(len(total), even), where=known)
            for name, part in (("left", left), ("right", right))
        }
        return chances | {"tie": 1 - chances["left"] - chances["right"]} if self._ties() == "model" else chances

    @property
    def parts_(self) -> Any:
        """The connected part of the comparisons that each item belongs to, numbered from 0."""
        return self._counted.by_item(self._result.part, "part")

    def intervals(self, level: float = 0.95, random_state: int = 0) -> Any:
        """Scores with standard errors of their logarithms and confidence limits, one row per item."""
        counted = self._counted
        found = score_intervals(counted.counts, self._result, level, self.prior, random_state)
        return found.table(counted.kind, counted.items)

    def _course(self) -> Course:
        return Course(self._result.n_iter, self._result.converged, self._result.history)

    @property
    def _counted(self) -> Counted:
        return self._after_fit(self._fitted)[0]

    @property
    def _result(self) -> Strengths:
        return self._after_fit(self._fitted)[1]
