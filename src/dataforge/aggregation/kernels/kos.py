"""Message passing between tasks and workers for two labels (Karger, Oh and Shah, 2014)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.kernels.parts import Floats, Part
from dataforge.aggregation.kernels.reference import sums_by

__all__ = ["Fit", "kos"]

# Messages, the greatest of which is 1, that move by less than this do not move.
STILL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Belief that label 0 rather than label 1 is right, shape (n_tasks,): positive, negative, or 0 for no idea.

    `history` holds how far each round moved the messages at most.
    """

    belief: Floats
    history: tuple[float, ...]
    converged: bool


def kos(part: Part, *, n_iter: int, seed: int | None, on_iteration: Callable[[int, float], None] | None = None) -> Fit:
    """What the messages say of each task; rounds end early once no message moves."""
    task, worker = part.task, part.worker
    order = np.lexsort((part.label, worker, task))  # the random start must not depend on the order of rows
    task, worker = task[order], worker[order]
    vote = np.where(part.label[order] == 0, 1.0, -1.0)
    trust = np.random.default_rng(seed).normal(1.0, 1.0, len(vote))
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        spoken = vote * trust
        belief = sums_by(task, spoken, part.n_tasks)[task] - spoken
        heard = vote * belief
        moved = sums_by(worker, heard, part.n_workers)[worker] - heard
        size = float(np.abs(moved).max(initial=0.0))
        # Where nobody shares a task with anybody the messages say nothing.
        now = moved / size if size else trust
        history.append(float(np.abs(now - trust).max(initial=0.0)))
        trust = now
        converged = history[-1] < STILL
        if on_iteration is not None:
            on_iteration(len(history), history[-1])
    return Fit(sums_by(task, vote * trust, part.n_tasks), tuple(history), converged)
