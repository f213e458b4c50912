"""Strengths of items from comparisons on a cluster: counts by pair are all that they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from dataforge.aggregation import pairwise
from dataforge.aggregation._frames import PandasValues, read
from dataforge.aggregation.distributed.answers import partitions, union
from dataforge.aggregation.distributed.cluster import in_tree, running_client
from dataforge.aggregation.kernels.comparisons import PairCounts, added_pairs
from dataforge.aggregation.pairwise._comparisons import Counted, TieRule, read_comparisons

__all__ = ["BradleyTerry"]


class Tallied(NamedTuple):
    """Counts by pair, and the names of the items in the order of their codes."""

    items: Any
    counts: PairCounts


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
        tallied = client.map(_tallied, frames, ties=self.ties, pure=False)
        del frames
        whole: Tallied = in_tree(client, _added, tallied).result()
        kind = read(pd.DataFrame({"label": whole.items}), ("label",))[1]
        return self._learn(Counted(whole.counts, PandasValues(whole.items, sorted=True), kind))


def _tallied(frame: Any, ties: TieRule) -> Tallied:
    comparisons = read_comparisons(frame, ties=ties)
    assert isinstance(comparisons.items, PandasValues)
    return Tallied(comparisons.items.index, comparisons.pairs())


def _added(several: list[Tallied]) -> Tallied:
    items = union([one.items for one in several])
    parts = [(one.counts, items.get_indexer(one.items).astype(np.int64)) for one in several]
    return Tallied(items, added_pairs(parts, len(items)))
