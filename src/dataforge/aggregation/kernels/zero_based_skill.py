"""Skills that move towards agreement with the vote that they weigh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Engine, Floats

__all__ = ["Fit", "zero_based_skill"]

# Skills that move by less than this do not move.
STILL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The skills, and how many rounds they took."""

    skills: Floats
    n_iter: int
    converged: bool


def zero_based_skill(
    engine: Engine, *, n_iter: int, rate: float, steps_to_reduce: int, reduce_factor: float, eps: float
) -> Fit:
    """Skill of each worker, shape (n_workers,), from parts whose repeated answers are marked."""
    skills = np.full(engine.n_workers, 1 / max(engine.n_labels, 1) + eps)
    for iteration in range(1, n_iter + 1):
        if iteration % steps_to_reduce == 0:
            rate *= reduce_factor
        right, given = engine.total(steps.vote_hits, skills)
        moved = skills + rate * (np.divide(right, given, out=np.zeros_like(right), where=given > 0) - skills)
        moved = np.maximum(moved, 0.0)  # a rate above 1 may overshoot
        change = float(np.abs(moved - skills).max(initial=0.0))
        skills = moved
        if change < STILL:
            return Fit(skills, iteration, True)
    return Fit(skills, n_iter, False)
