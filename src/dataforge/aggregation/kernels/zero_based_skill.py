"""Skills that move towards agreement with the vote that they weigh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import votes
from dataforge.aggregation.kernels.engine import Engine
from dataforge.aggregation.kernels.parts import Hits
from dataforge.aggregation.kernels.passes.choice import ONCE, Work

__all__ = ["Fit", "zero_based_skill"]

# Skills that move by less than this do not move.
STILL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The skills, the agreement that they follow, and how far the skills moved in each round at most."""

    skills: Floats
    hits: Hits
    history: tuple[float, ...]
    converged: bool

    @property
    def n_iter(self) -> int:
        """Number of rounds."""
        return len(self.history)


def zero_based_skill(
    engine: Engine,
    *,
    n_iter: int,
    rate: float,
    steps_to_reduce: int,
    reduce_factor: float,
    eps: float,
    start: Floats | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Skill of each worker, shape (n_workers,), from parts whose repeated answers are marked.

    The first vote is weighted by `start`, NaN for workers who have no skill yet, or else by equal skills.
    """
    engine = engine.suited(Work.iterated(engine.n_answers, ONCE, n_iter))
    first = 1 / max(engine.n_labels, 1) + eps
    skills = np.full(engine.n_workers, first) if start is None else np.nan_to_num(start, nan=first)
    hits = Hits(np.zeros(engine.n_workers), np.zeros(engine.n_workers))
    history: list[float] = []
    converged = False
    for iteration in range(1, n_iter + 1):
        if iteration % steps_to_reduce == 0:
            rate *= reduce_factor
        hits = engine.total(votes.agreement, skills)
        moved = skills + rate * (votes.share_right(hits) - skills)
        moved = np.maximum(moved, 0.0)  # a rate above 1 may overshoot
        history.append(float(np.abs(moved - skills).max(initial=0.0)))
        skills = moved
        if on_iteration is not None:
            on_iteration(iteration, history[-1])
        if history[-1] < STILL:
            converged = True
            break
    return Fit(skills, hits, tuple(history), converged)
