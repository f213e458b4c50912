"""Whether the machines of a cluster have room for a method's tables, said before its first iteration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataforge.aggregation.distributed.cluster import FAN_IN, Cluster
from dataforge.errors import AggregationError

__all__ = ["refuse_large_tables", "tables_at_once"]


def tables_at_once(threads: int, machines: int, slices: int) -> float:
    """How many tables of the workers are in a machine's memory: each thread's copy and sums, or those added up.

    Of one that is cut: its rows, each thread's sums and those of all of them; of a slice, the sums that come from
    others, and its counts, parameters and their logarithms.
    """
    if slices == 1:
        return max(2 * threads, FAN_IN)
    return 2 + threads + (min(machines, FAN_IN) + 4) / slices


def refuse_large_tables(cluster: Cluster, numbers_by_worker: int, advice: str) -> None:
    """Raise `AggregationError` if a table of so many numbers for each worker does not fit into a machine's memory."""
    machines: Mapping[str, Mapping[str, Any]] = cluster.client.scheduler_info()["workers"]
    table = 8 * cluster.n_workers * numbers_by_worker
    for name, machine in machines.items():
        at_once = tables_at_once(machine["nthreads"], len(machines), cluster.n_slices)
        needed, limit = at_once * table, machine["memory_limit"]
        # Without a limit Dask does not know how much there is.
        if limit and needed > limit:
            raise AggregationError(
                f"{cluster.n_workers:,} workers with {cluster.n_labels} labels make tables of {table / 1e9:.1f} GB, of "
                f"which each machine holds {at_once:.3g}: {needed / 1e9:.1f} GB beside the answers; {name} has "
                f"{limit / 1e9:.1f} GB; {advice}"
            )
