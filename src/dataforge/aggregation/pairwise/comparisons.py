"""Tables of comparisons as coded arrays."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats, Places
from dataforge.aggregation.kernels.comparisons import PairCounts, added_pairs, count_pairs
from dataforge.aggregation.tables.frames import Column, Kind, Table, encode, read
from dataforge.aggregation.tables.values import Values, as_series, merged, ranked
from dataforge.errors import AggregationError, AggregationWarning

__all__ = ["Comparisons", "Counted", "TieRule", "read_comparisons"]

TieRule = Literal["error", "drop", "half"]

# Words by which files of comparisons name a side instead of its item.
SIDES = {"left", "right", "a", "b", "model_a", "model_b", "first", "second"}


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

    def counted(self) -> Counted:
        """The comparisons added up by pair, with the names of the items."""
        return Counted(self.pairs(), self.items, self.kind)

    def joined(self, other: Comparisons) -> Comparisons:
        """These comparisons followed by others."""
        items, codes, others = merged(self.items, other.items)
        workers: Values | None = None
        worker = self.worker
        if self.workers is not None and other.workers is not None:
            workers, own, theirs = merged(self.workers, other.workers, mixed=True)
            worker = np.concatenate([own[self.worker], theirs[other.worker]]).astype(np.int32)
        return Comparisons(
            left=np.concatenate([codes[self.left], others[other.left]]).astype(np.int32),
            right=np.concatenate([codes[self.right], others[other.right]]).astype(np.int32),
            outcome=np.concatenate([self.outcome, other.outcome]),
            items=items,
            kind=self.kind,
            worker=worker,
            workers=workers,
        )

    def by_item(self, values: NDArray[Any], name: str, index_name: str | None = None) -> Any:
        """One value per item in the kind of table that came in; a pandas index is named `index_name`."""
        return self.kind.series(self.items, index_name if self.kind.is_pandas else "label", values, name)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Comparisons of which only the counts by pair are at hand: they suffice for strengths that know no workers."""

    counts: PairCounts
    items: Values
    kind: Kind

    def joined(self, other: Counted) -> Counted:
        """The counts of both."""
        items, codes, others = merged(self.items, other.items)
        return Counted(added_pairs([(self.counts, codes), (other.counts, others)], len(items)), items, self.kind)

    def by_item(self, values: NDArray[Any], name: str) -> Any:
        """One value per item in the kind of table that came in; a pandas index has no name."""
        return self.kind.series(self.items, None if self.kind.is_pandas else "label", values, name)

    def places_of(self, other: Counted) -> Places:
        """Where the items of others are among these, -1 for those that are not."""
        return self.items.locate(as_series(other.items))


def read_comparisons(
    data: Table, *, ties: TieRule | Literal["keep"], tie: Any = None, with_workers: bool = False
) -> Comparisons:
    """Comparisons of a table with the columns `left`, `right` and `label`, the winner.

    A comparison without a winner is a tie, and so is one whose label is `tie`, or among them if it is a list. `ties`
    says what becomes of ties: `"keep"` and `"half"` (half a win for both) keep them as 0.5, `"drop"` leaves them out,
    `"error"` refuses them.
    """
    if ties not in ("keep", "half", "drop", "error"):
        raise AggregationError(f"ties need to be 'error', 'drop' or 'half', got {ties!r}")
    names = ["left", "right", "label", *(["worker"] if with_workers else [])]
    frame, kind = read(data, names)
    _warn_of_weights(data)
    left, right, winner = (encode(frame[name]) for name in names[:3])
    items, (left_code, right_code, winner_code) = _common_codes(left, right, winner)
    for name, codes in (("left", left_code), ("right", right_code)):
        refuse(codes < 0, f"column {name!r} needs an item in every row")
    refuse(left_code == right_code, "left and right need to be two different items")
    tied = winner.codes < 0
    if tie is not None:
        labels = winner.values.to_list()
        words = list(tie) if isinstance(tie, list | set | frozenset) else [tie]
        tied = tied | np.isin(winner.codes, [n for n, value in enumerate(labels) if value in words])
        if (winner_code[tied] >= 0).any():
            raise AggregationError(f"tie needs to be a label that no item has, got {tie!r}, which is an item")
    by_left, by_right = winner_code == left_code, winner_code == right_code
    neither = ~(tied | by_left | by_right)
    if neither.any():
        odd = winner.values.take(winner.codes[neither][:1]).to_list()[0]
        need = f"label needs to equal left or right, or be missing for a tie, got {odd!r}"
        refuse(neither, f"{need}; {_mend(odd)}")
    if ties == "error":
        refuse(tied, "label needs to equal left or right: there are ties; choose ties='half', ties='drop' or Davidson")
    outcome = np.where(tied, 0.5, by_left.astype(np.float64))
    worker, workers = np.zeros(0, np.int32), None
    if with_workers:
        column = encode(frame["worker"])
        refuse(column.codes < 0, "column 'worker' needs a worker in every row")
        rank, workers = ranked(column.values, mixed=True)
        worker = rank[column.codes].astype(np.int32)
    if ties == "drop" and tied.any():
        keep = ~tied
        left_code, right_code, outcome = left_code[keep], right_code[keep], outcome[keep]
        worker = worker[keep] if with_workers else worker
    return Comparisons(left_code, right_code, outcome, items, kind, worker, workers)


def _mend(odd: Any) -> str:
    """What to do about a label that is neither item."""
    if str(odd).lower() in SIDES:
        return "it names a side: put the item of that side in its place"
    return f"if it is the label of a tie, name it, or a list of such labels: Davidson(tie={odd!r})"


def _warn_of_weights(data: Table) -> None:
    """Warn of a column of weights, which no method of comparisons reads."""
    if "weight" in getattr(data, "column_names", getattr(data, "columns", ())):
        warnings.warn(
            "comparisons: the column 'weight' is not read, every row counts once; repeat a row as often as it weighs, "
            "or drop the column",
            AggregationWarning,
            stacklevel=5,
        )


def _common_codes(left: Column, right: Column, winner: Column) -> tuple[Values, tuple[Codes, Codes, Codes]]:
    """The items of both sides in sorted order, and the columns in codes of theirs; -1 for what is no item."""
    items = left.values.extended(as_series(right.values))
    places, in_order = ranked(items)
    rank: Codes = np.append(places, -1).astype(np.int32)  # the spare last place stands for whatever is missing
    codes = []
    for column in (left, right, winner):
        places = items.locate(as_series(column.values))
        codes.append(np.append(rank[places], np.int32(-1))[column.codes])
    return in_order, (codes[0], codes[1], codes[2])


def refuse(wrong: Flags, need: str) -> None:
    """Raise if any row is wrong, naming the first and how many there are."""
    if wrong.any():
        rows = np.flatnonzero(wrong)
        raise AggregationError(f"comparisons: {need}; row {int(rows[0])} does not ({len(rows)} in all)")
