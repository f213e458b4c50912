"""Message passing between tasks and workers for two labels (Karger, Oh and Shah, 2014)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.choice import ONCE, Work, compiled_pays

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


def kos(
    part: Part,
    *,
    n_iter: int,
    seed: int | None,
    compiled: bool | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """What the messages say of each task; rounds end early once no message moves.

    The work chooses the passes, unless it is said whether they are `compiled`.
    """
    if compiled is None:
        compiled = compiled_pays(Work.iterated(part.n_answers, ONCE, n_iter))
    part = replace(part, compiled=compiled)
    part = steps.in_order(part)  # the random start must not depend on the order of rows
    trust = np.random.default_rng(seed).normal(1.0, 1.0, part.n_answers)
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        moved, size = steps.passed_messages(part, trust)
        if size > 0:  # otherwise nobody shares a task with anybody: no message says anything, nor may the random start
            moved /= size
        history.append(float(np.abs(moved - trust).max(initial=0.0)))
        trust = moved
        converged = history[-1] < STILL
        if on_iteration is not None:
            on_iteration(len(history), history[-1])
    return Fit(steps.beliefs(part, trust), tuple(history), converged)
