"""What is to be expected of pairs under what was learnt: scores of both sides, chances, and the likelier winner."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation._frames import Frame, Kind, Values, as_series, encode, read
from dataforge.aggregation.base import BasePairwiseAggregator
from dataforge.aggregation.kernels.ties import TIE
from dataforge.aggregation.pairwise._comparisons import refuse
from dataforge.errors import AggregationError

__all__ = ["Foreteller", "Pairs", "Rated"]

Places = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs as places among the items of a fit, in the order of the rows."""

    frame: Frame
    kind: Kind
    items: Values
    left: Places
    right: Places

    def columns(self, columns: dict[str, Any]) -> Any:
        """Columns with a value for each row; a pandas table keeps its index."""
        if self.kind.is_pandas:
            import pandas as pd

            return pd.DataFrame(columns, index=self.frame.to_native().index)
        return self.kind.rows(columns)

    def chosen(self, places: Places) -> Any:
        """The item at each row's place, named `agg_label`."""
        items = self.items.take(places)
        if self.kind.is_pandas:
            import pandas as pd

            names = items.index if hasattr(items, "index") else items.to_list()
            return pd.Series(names, index=self.frame.to_native().index, name="agg_label")
        return self.kind.rows({"agg_label": items})


class Rated(BasePairwiseAggregator):
    """An aggregator whose scores of items say something of pairs that it has not seen."""

    @abstractmethod
    def _rating(self) -> tuple[Values, Floats]:
        """The items of the fit and their scores."""

    def predict_scores(self, data: Any) -> Any:
        """The scores of both items of each row: columns `left` and `right`, rows in the order of `data`."""
        pairs, (_, scores) = self._pairs(data), self._rating()
        return pairs.columns({"left": scores[pairs.left], "right": scores[pairs.right]})

    def _pairs(self, data: Any) -> Pairs:
        """The pairs of a table with the columns `left` and `right`."""
        items, _ = self._rating()
        frame, kind = read(data, ["left", "right"])
        left, right = (_places(frame[name], name, items, type(self).__name__) for name in ("left", "right"))
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


class Foreteller(Rated):
    """An aggregator with a chance of each side of a pair to win."""

    @abstractmethod
    def _chances(self, pairs: Pairs) -> dict[str, Floats]:
        """The probabilities that `left` and `right` win, and of a `tie` where the model has one."""

    def predict(self, data: Any) -> Any:
        """The likelier winner of each row of a table with the columns `left` and `right`, named `agg_label`.

        Rows come in the order of `data`, a pandas index is kept. Of equally likely ones the lesser item wins.
        """
        pairs = self._pairs(data)
        chances = self._chances(pairs)
        ahead = chances["left"] - chances["right"]
        first = np.where(np.abs(ahead) <= TIE, pairs.left < pairs.right, ahead > 0)
        return pairs.chosen(np.where(first, pairs.left, pairs.right))

    def predict_proba(self, data: Any) -> Any:
        """The probability that the `left` and that the `right` item of each row wins, rows in the order of `data`.

        Where the model has ties there is a third column, `tie`.
        """
        pairs = self._pairs(data)
        return pairs.columns(self._chances(pairs))
