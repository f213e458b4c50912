"""Which workers share mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.dawid_skene import DawidSkene
from dataforge.aggregation.radar.rings import Ring, rings
from dataforge.aggregation.tables.labels import read_labels
from dataforge.arguments import named_entry
from dataforge.errors import SpecError

__all__ = ["worker_rings"]


@named_entry
def worker_rings(answers: Any, true_labels: Any = None, error: float = 0.2) -> Any:
    """Workers who give the same answers more often than honest ones could: one person, or people who copy.

    A table by worker with the columns `ring`, numbers from 0 on, the surest ring first, and `evidence`: the natural
    logarithm of how much likelier the answers of the whole ring are if they come from one source, less what the best
    of all sets of workers shows anyway. It is empty where there are no rings. Nobody should be barred for it alone.

    Habits and difficult tasks are no ring: who always gives one label agrees with all who do, and some tasks mislead
    everybody. The source of the method is in `dataforge.aggregation.radar.rings`.

    Args:
        answers: a table with the columns `task`, `worker`, `label`.
        true_labels: known labels by task, such as those of control items.
        error: how probably a crowd without rings shows one, at most.
    """
    if not 0 < error <= 1:
        raise SpecError(f"error is a probability, more than 0 and 1 at most; got {error!r}")
    table = read_labels(answers, true_labels=true_labels)
    n_tasks, n_workers, n_labels = table.shape
    responses = Responses(table.task, table.worker, table.label, n_tasks, n_workers, n_labels, known=table.known)
    found = rings(responses, DawidSkene().fit(responses).probabilities, error) if len(table.task) else []
    columns = {
        "ring": np.repeat(np.arange(len(found)), [len(ring.workers) for ring in found]).astype(np.int64),
        "evidence": np.repeat([ring.evidence for ring in found], [len(ring.workers) for ring in found]).astype(float),
    }
    return table.kind.columns(table.workers.take(_members(found)), "worker", columns)


def _members(found: list[Ring]) -> Places:
    return np.array([worker for ring in found for worker in ring.workers], np.int64)
