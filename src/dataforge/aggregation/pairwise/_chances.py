"""What is to be expected of pairs under what was learnt: scores of both sides, chances, and the likelier winner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.ties import winners
from dataforge.aggregation.pairwise.comparisons import refuse
from dataforge.aggregation.tables.frames import Frame, Kind, Table, encode, read
from dataforge.aggregation.tables.values import Values, as_series
from dataforge.errors import AggregationError

__all__ = ["Chances", "Pairs", "read_pairs"]

Chances = dict[str, Floats]
"""The probabilities that `left` and `right` win, and of a `tie` where the model has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs as places among the items of a fit, in the order of the rows."""

    frame: Frame
    kind: Kind
    items: Values
    left: Places
    right: Places

    def columns(self, columns: Chances) -> Any:
        """Columns with a value for each row; a pandas table keeps its index."""
        if self.kind.is_pandas:
            import pandas as pd

            return pd.DataFrame(columns, index=self.frame.to_native().index)
        return self.kind.rows(columns)

    def scored(self, scores: Floats) -> Any:
        """The scores of both items of each row, in the columns `left` and `right`."""
        return self.columns({"left": scores[self.left], "right": scores[self.right]})

    def likelier(self, chances: Chances) -> Any:
        """The likelier winner of each row; of equally likely ones the lesser item."""
        left, right, in_order = chances["left"], chances["right"], self.left < self.right
        by_item = np.stack([np.where(in_order, left, right), np.where(in_order, right, left)], axis=1)
        lesser, greater = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        return self._chosen(np.where(winners(by_item) == 0, lesser, greater))

    def _chosen(self, places: Places) -> Any:
        """The item at each row's place, named `agg_label`."""
        items = self.items.take(places)
        if self.kind.is_pandas:
            import pandas as pd

            names = items.index if hasattr(items, "index") else items.to_list()
            return pd.Series(names, index=self.frame.to_native().index, name="agg_label")
        return self.kind.rows({"agg_label": items})


def read_pairs(data: Table, items: Values, who: str) -> Pairs:
    """The pairs of a table with the columns `left` and `right`; `who` is named where it has not seen an item."""
    frame, kind = read(data, ["left", "right"])
    left, right = (_places(frame[name], name, items, who) for name in ("left", "right"))
    refuse(left == right, "left and right need to be two different items")
    return Pairs(frame, kind, items, left, right)


def _places(column: Any, name: str, items: Values, who: str) -> Places:
    coded = encode(column)
    refuse(coded.codes < 0, f"column {name!r} needs an item in every row")
    places = items.locate(as_series(coded.values))
    unknown = coded.values.take(np.flatnonzero(places < 0)).to_list()
    if unknown:
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        raise AggregationError(
            f"{who} needs items that it has seen in fit, got {', '.join(map(repr, unknown[:5]))}{more} in column "
            f"{name!r}; fit comparisons with them, or leave such rows out"
        )
    return places[coded.codes]
