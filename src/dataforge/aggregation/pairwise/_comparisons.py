"""Tables of comparisons as coded arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation._frames import Column, Kind, Values, as_series, encode, read
from dataforge.aggregation.kernels.comparisons import PairCounts, count_pairs
from dataforge.errors import AggregationError

__all__ = ["Comparisons", "Counted", "TieRule", "read_comparisons"]

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
TieRule = Literal["error", "drop", "half"]


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Coded comparisons: `outcome` is 1 where left won, 0 where right won, 0.5 for a tie.

    `items` are in sorted order, which is the order of their codes. `worker` and `workers` are there if asked for.
    """

    left: Codes
    right: Codes
    outcome: Floats
    items: Values
    kind: Kind
    worker: Codes
    workers: Values | None

    def pairs(self) -> PairCounts:
        """The comparisons added up by pair of items."""
        return count_pairs(self.left, self.right, self.outcome, len(self.items))

    def by_item(self, values: NDArray[Any], name: str, index_name: str | None = None) -> Any:
        """One value per item in the kind of table that came in; a pandas index is named `index_name`."""
        return self.kind.series(self.items, index_name if self.kind.is_pandas else "label", values, name)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Comparisons of which only the counts by pair are at hand: they suffice for strengths that know no workers."""

    counts: PairCounts
    items: Values
    kind: Kind

    def pairs(self) -> PairCounts:
        """The counts."""
        return self.counts

    def by_item(self, values: NDArray[Any], name: str) -> Any:
        """One value per item in the kind of table that came in."""
        return self.kind.series(self.items, "label", values, name)


def read_comparisons(
    data: Any, *, ties: TieRule | Literal["keep"], tie: Any = None, with_workers: bool = False
) -> Comparisons:
    """Comparisons of a table with the columns `left`, `right` and `label`, the winner.

    A comparison without a winner, or whose label is `tie`, is a tie. `ties` says what becomes of them: `"keep"` and
    `"half"` (half a win for both) keep them as 0.5, `"drop"` leaves them out, `"error"` refuses them.
    """
    if ties not in ("keep", "half", "drop", "error"):
        raise AggregationError(f"ties need to be 'error', 'drop' or 'half', got {ties!r}")
    names = ["left", "right", "label", *(["worker"] if with_workers else [])]
    frame, kind = read(data, names)
    left, right, winner = (encode(frame[name]) for name in names[:3])
    items, (left_code, right_code, winner_code) = common_codes(left, right, winner)
    for name, codes in (("left", left_code), ("right", right_code)):
        refuse(codes < 0, f"column {name!r} needs an item in every row")
    refuse(left_code == right_code, "left and right need to be two different items")
    tied = winner.codes < 0
    if tie is not None:
        tied = tied | np.isin(winner.codes, [n for n, value in enumerate(winner.values.to_list()) if value == tie])
    by_left, by_right = winner_code == left_code, winner_code == right_code
    refuse(~(tied | by_left | by_right), "label needs to equal left or right, or be missing for a tie")
    if ties == "error":
        refuse(tied, "label needs to equal left or right: there are ties; choose ties='half' or 'drop', or Davidson")
    outcome = np.where(tied, 0.5, by_left.astype(np.float64))
    worker, workers = np.zeros(0, np.int32), None
    if with_workers:
        column = encode(frame["worker"])
        refuse(column.codes < 0, "column 'worker' needs a worker in every row")
        worker, workers = in_order(column)
    if ties == "drop" and tied.any():
        keep = ~tied
        left_code, right_code, outcome = left_code[keep], right_code[keep], outcome[keep]
        worker = worker[keep] if with_workers else worker
    return Comparisons(left_code, right_code, outcome, items, kind, worker, workers)


def common_codes(left: Column, right: Column, winner: Column) -> tuple[Values, tuple[Codes, Codes, Codes]]:
    """The items of both sides in sorted order, and the columns in codes of theirs; -1 for what is no item."""
    items = left.values.extended(as_series(right.values))
    order = items.order()
    rank = np.empty(len(order) + 1, np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    rank[-1] = -1  # the spare last place stands for whatever is missing
    codes = []
    for column in (left, right, winner):
        places = items.locate(as_series(column.values))
        codes.append(np.append(rank[places], np.int32(-1))[column.codes])
    return items.take(order), (codes[0], codes[1], codes[2])


def in_order(column: Column) -> tuple[Codes, Values]:
    """Codes and values of a column with the values sorted."""
    order = column.values.order()
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[column.codes], column.values.take(order)


def refuse(wrong: NDArray[np.bool_], need: str) -> None:
    """Raise if any row is wrong, naming the first and how many there are."""
    if wrong.any():
        rows = np.flatnonzero(wrong)
        raise AggregationError(f"comparisons: {need}; row {int(rows[0])} does not ({len(rows)} rows in all)")
