"""Aggregation beyond one machine: the same estimators over a Dask DataFrame of answers partitioned by task.

    from dask.distributed import Client
    from dataforge.aggregation.distributed import DawidSkene

    client = Client("scheduler:8786")
    labels = DawidSkene(n_iter=20).fit(dask.dataframe.read_parquet("s3://answers")).labels_

Workers' parameters are broadcast, sums come back up a tree, answers and posteriors stay where they are. `BradleyTerry`
takes comparisons, partitioned in any way: their counts by pair come up the tree and are all that it needs. Every
value is made by a task that can be run again, so the death of a machine costs time and nothing else.
"""

from __future__ import annotations

from dataforge.aggregation.distributed.estimators import (
    GLAD,
    DawidSkene,
    HierarchicalDawidSkene,
    MajorityVote,
    OneCoinDawidSkene,
    Wawa,
)
from dataforge.aggregation.distributed.pairs import BradleyTerry

__all__ = [
    "GLAD",
    "BradleyTerry",
    "DawidSkene",
    "HierarchicalDawidSkene",
    "MajorityVote",
    "OneCoinDawidSkene",
    "Wawa",
]
