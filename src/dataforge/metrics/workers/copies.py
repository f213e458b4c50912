"""Which workers write what others wrote."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.radar.copies import copies
from dataforge.aggregation.tables.frames import encode, present
from dataforge.aggregation.texts.answers import read_texts
from dataforge.arguments import named_entry
from dataforge.errors import SpecError

__all__ = ["worker_copies"]


@named_entry
def worker_copies(answers: Any, error: float = 0.2) -> Any:
    """Workers whose texts share words that the task does not explain: they copy, or are one person.

    A table by worker with the columns `ring`, numbers from 0 on, the surest first, and `evidence`: the natural
    logarithm of what a bet on the surest pair has won, less what the best of all pairs wins anyway. It is empty where
    everybody writes by themselves. What most write of a task, and what two people write alike by chance, is no copy.
    Nobody should be barred for it alone.

    The source of the method is in `dataforge.aggregation.radar.copies`.

    Args:
        answers: a table with the columns `task`, `worker`, `text`; a task tells something from three answers on.
        error: how probably workers are named where everybody writes by themselves, at most.
    """
    if not 0 < error <= 1:
        raise SpecError(f"error is a probability, more than 0 and 1 at most; got {error!r}")
    table = read_texts(answers)
    workers = present(encode(table.frame["worker"]), "worker")
    sizes = np.diff(table.starts, append=len(table.row))
    task = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    texts = [table.distinct[place] for place in table.text.tolist()]
    found = copies(task, workers.codes[table.row].astype(np.int32), texts, error=error)
    members = [len(ring.workers) for ring in found]
    columns = {
        "ring": np.repeat(np.arange(len(found)), members).astype(np.int64),
        "evidence": np.repeat([ring.evidence for ring in found], members).astype(float),
    }
    named = np.array([worker for ring in found for worker in ring.workers], np.int64)
    return table.kind.columns(workers.values.take(named), "worker", columns)
