"""Message passing between tasks and workers for two labels (Karger, Oh and Shah, 2014)."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.parts import Floats, Part
from dataforge.aggregation.kernels.reference import sums_by

__all__ = ["kos"]


def kos(part: Part, *, n_iter: int, seed: int | None) -> Floats:
    """Belief that label 0 rather than label 1 is right, shape (n_tasks,): positive, negative, or 0 for no idea."""
    task, worker = part.task, part.worker
    order = np.lexsort((part.label, worker, task))  # the random start must not depend on the order of rows
    task, worker = task[order], worker[order]
    vote = np.where(part.label[order] == 0, 1.0, -1.0)
    trust = np.random.default_rng(seed).normal(1.0, 1.0, len(vote))
    for _ in range(n_iter):
        spoken = vote * trust
        belief = sums_by(task, spoken, part.n_tasks)[task] - spoken
        heard = vote * belief
        moved = sums_by(worker, heard, part.n_workers)[worker] - heard
        size = float(np.abs(moved).max(initial=0.0))
        if size == 0:  # nobody hears of anybody: the messages say nothing, and nor may the random start
            trust = moved
            break
        trust = moved / size
    return sums_by(task, vote * trust, part.n_tasks)
