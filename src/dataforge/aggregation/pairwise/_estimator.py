"""What the models of strengths share: fits that go on from the last one, and results as tables."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.pairwise._chances import Foreteller, Pairs
from dataforge.aggregation.pairwise._comparisons import Comparisons, Counted
from dataforge.aggregation.pairwise._strengths import Strengths, maximise
from dataforge.aggregation.pairwise.intervals import score_intervals
from dataforge.aggregation.progress import Course, Resumable
from dataforge.aggregation.tables.values import Values
from dataforge.errors import AggregationError

__all__ = ["StrengthModel"]


@dataclass(eq=False)
class StrengthModel(Foreteller, Resumable):
    """Strengths that depend on the comparisons through their counts by pair of items only."""

    n_iter: int
    tol: float = 1e-5
    prior: float = field(default=0.0, kw_only=True)

    @abstractmethod
    def _read(self, data: Any) -> Comparisons:
        """The comparisons of a table with the columns `left`, `right`, `label`."""

    @abstractmethod
    def _ties(self) -> Literal["none", "half", "model"]:
        """What ties count for."""

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        return self._learn(self._read(data).counted())

    def partial_fit(self, data: Any) -> Self:
        """The estimator itself, going on with more comparisons from the strengths so far; a first call is a `fit`."""
        more = self._read(data).counted()
        earlier: Counted | None = getattr(self, "_counted", None)
        if earlier is None:
            return self._learn(more)
        return self._maximise(earlier.joined(more), earlier)

    def fit_predict(self, data: Any) -> Any:
        """The scores of the items."""
        return self.fit(data).scores_

    def _learn(self, counted: Counted) -> Self:
        return self._maximise(counted, getattr(self, "_counted", None) if self.warm_start else None)

    def _maximise(self, counted: Counted, earlier: Counted | None) -> Self:
        if not self.prior >= 0:
            raise AggregationError(f"prior needs to be 0 or more, got {self.prior!r}")
        start = None
        if earlier is not None:
            start = self._strengths.moved(counted.places_of(earlier), len(counted.items))
        self._strengths: Strengths = maximise(
            counted.counts,
            self.n_iter,
            self.tol,
            prior=self.prior,
            ties=self._ties(),
            start=start,
            on_iteration=self.on_iteration,
        )
        self._counted = counted
        return self

    @property
    def scores_(self) -> Any:
        """The strength of each item, items sorted; they sum to 1."""
        counted: Counted = self._need("_counted")
        return counted.by_item(self._result.scores, "agg_score")

    def _rating(self) -> tuple[Values, Floats]:
        counted: Counted = self._need("_counted")
        return counted.items, self._result.scores

    def _chances(self, pairs: Pairs) -> dict[str, Floats]:
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
        counted: Counted = self._need("_counted")
        return counted.by_item(self._result.part, "part")

    def intervals(self, level: float = 0.95, random_state: int = 0) -> Any:
        """Scores with standard errors of their logarithms and confidence limits, one row per item."""
        counted: Counted = self._need("_counted")
        found = score_intervals(counted.counts, self._result, level, self.prior, random_state)
        return found.table(counted.kind, counted.items)

    def _course(self) -> Course:
        return Course(self._result.n_iter, self._result.converged, self._result.history)

    @property
    def _result(self) -> Strengths:
        result: Strengths = self._need("_strengths")
        return result
