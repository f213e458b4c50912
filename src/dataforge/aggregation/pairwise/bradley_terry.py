"""Strengths of items from who won against whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from dataforge.aggregation.pairwise._estimator import StrengthModel
from dataforge.aggregation.pairwise.comparisons import Comparisons, TieRule, read_comparisons
from dataforge.aggregation.tables.frames import Table
from dataforge.arguments import named_entries

__all__ = ["BradleyTerry"]


@named_entries
@dataclass(eq=False)
class BradleyTerry(StrengthModel):
    """Strengths `p` under which i beats j with probability `p_i / (p_i + p_j)` (Bradley and Terry, 1952; Hunter, 2004).

    Args:
        n_iter: iterations at most.
        tol: stop when the scores are estimated to be this close to the optimum (sum of absolute differences).
        ties: what becomes of comparisons without a winner: `"error"`, `"drop"`, or `"half"` a win for both.
        tie: the label of a tie, or a list of such labels; a missing label is one in any case.
        prior: wins and losses of each item against one imagined item. Above 0, items that always won or always lost
            get finite strengths, and items that no chain of comparisons links can be compared.
        warm_start: whether `fit` starts from the strengths of the last fit.
        on_iteration: called after each iteration with its number and how far the scores moved.

    Without a prior the strengths of items that no chain of comparisons links cannot be compared: `parts_` tells which
    items belong together, and each part's scores sum to its share of the items.
    """

    ties: TieRule = field(default="error", kw_only=True)
    tie: Any = field(default=None, kw_only=True)

    def _read(self, data: Table) -> Comparisons:
        return read_comparisons(data, ties=self.ties, tie=self.tie)

    def _ties(self) -> Literal["none", "half"]:
        return "half" if self.ties == "half" else "none"
