"""Strengths of items from comparisons that may end in a tie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from dataforge.aggregation.pairwise._estimator import StrengthModel
from dataforge.aggregation.pairwise.comparisons import Comparisons, read_comparisons
from dataforge.aggregation.tables.frames import Table
from dataforge.arguments import named_entries

__all__ = ["Davidson"]


@named_entries
@dataclass(eq=False)
class Davidson(StrengthModel):
    """The Bradley-Terry model with ties (Davidson, 1970).

    The odds of "i wins : j wins : tie" are `p_i : p_j : tie_rate sqrt(p_i p_j)`. Without ties in the data it is the
    Bradley-Terry model.

    Args:
        n_iter: iterations at most.
        tol: stop when the scores are estimated to be this close to the optimum (sum of absolute differences).
        tie: the label of a tie, or a list of such labels; a missing label is one in any case.
        prior: wins and losses of each item against one imagined item; above 0 all strengths are finite and comparable.
        warm_start: whether `fit` starts from the strengths of the last fit.
        on_iteration: called after each iteration with its number and how far the scores moved.
    """

    n_iter: int = 1000
    tie: Any = field(default=None, kw_only=True)

    def _read(self, data: Table) -> Comparisons:
        return read_comparisons(data, ties="keep", tie=self.tie)

    def _ties(self) -> Literal["model"]:
        return "model"

    @property
    def tie_rate_(self) -> float:
        """How much more frequent ties are than wins between equal items: `tie_rate / 2` ties for each win of either."""
        return self._result.tie_rate
