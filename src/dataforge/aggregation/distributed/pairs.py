"""Strengths of items from comparisons on a cluster: counts by pair are all that they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from dataforge.aggregation import pairwise
from dataforge.aggregation.distributed.answers import partitions, union
from dataforge.aggregation.distributed.cluster import in_tree, running_client
from dataforge.aggregation.kernels.comparisons import PairCounts, added_pairs
from dataforge.aggregation.pairwise.comparisons import Counted, TieRule, read_comparisons
from dataforge.aggregation.tables.frames import read
from dataforge.aggregation.tables.values import PandasValues
from dataforge.errors import AggregationError

__all__ = ["BradleyTerry"]


class _Tallied(NamedTuple):
    """Counts by pair, the names of the items in the order of their codes, and what was wrong with a partition."""

    items: pd.Index[Any]
    counts: PairCounts
    wrong: str | None = None


@dataclass(eq=False)
class BradleyTerry(pairwise.BradleyTerry):
    """The same strengths from a Dask DataFrame, whatever its partitions.

    Each partition is reduced to the counts of its pairs, these are added up in a tree on the cluster, and the strengths
    are computed from the sum where the client is. Results are pandas objects.
    """

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to comparisons with the columns `left`, `right`, `label`."""
        client = running_client()
        frames = partitions(client, data, ("left", "right", "label"))
        tallied = client.map(_tallied, frames, range(len(frames)), ties=self.ties, pure=False)
        del frames
        whole: _Tallied = in_tree(client, _added, tallied).result()
        if whole.wrong is not None:
            raise AggregationError(whole.wrong)
        kind = read(pd.DataFrame({"label": whole.items}), ("label",))[1]
        return self._learn(Counted(whole.counts, PandasValues(whole.items, sorted=True), kind))


def _tallied(frame: pd.DataFrame, place: int, ties: TieRule) -> _Tallied:
    try:
        comparisons = read_comparisons(frame, ties=ties)
    except AggregationError as error:
        # A value and not an exception, of which each machine would print the stack.
        none, zero = np.empty(0, np.int32), np.empty(0)
        return _Tallied(pd.Index([]), PairCounts(none, none, zero, zero, zero, 0), f"partition {place}: {error}")
    assert isinstance(comparisons.items, PandasValues)
    return _Tallied(comparisons.items.index, comparisons.pairs())


def _added(several: list[_Tallied]) -> _Tallied:
    items = union([one.items for one in several])
    parts = [(one.counts, items.get_indexer(one.items).astype(np.int64)) for one in several]
    wrong = next((one.wrong for one in several if one.wrong is not None), None)
    return _Tallied(items, added_pairs(parts, len(items)), wrong)
