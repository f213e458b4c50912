"""Message passing between tasks and workers for two labels (Karger, Oh and Shah, 2014)."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Floats, Part

__all__ = ["kos"]


def kos(part: Part, *, n_iter: int, seed: int | None) -> Floats:
    """Belief that label 0 rather than label 1 is right, shape (n_tasks,): positive, negative, or 0 for no idea."""
    part = steps.in_order(part)  # the random start must not depend on the order of rows
    trust = np.random.default_rng(seed).normal(1.0, 1.0, part.n_answers)
    for _ in range(n_iter):
        moved, size = steps.passed_messages(part, trust)
        if size == 0:  # nobody shares a task with anybody: the messages say nothing
            break
        trust = moved
        trust /= size
    return steps.beliefs(part, trust)
