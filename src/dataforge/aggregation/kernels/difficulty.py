"""Passes over the answers under abilities and difficulties: P(right) = sigmoid(alpha[worker] · exp(beta[task])).

Their results do not depend on the order of answers, workers, tasks or labels, nor on how answers are cut into parts,
nor on which passes run, to the last bit: terms are put on a grid (`exact`) before they are added up, and exponentials
and logarithms are polynomials of our own. Conjugate gradients would otherwise
amplify the last bits from step to step until they are the second digit.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.exact import Grid, grid, on_grid
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.steps import passes_of

__all__ = ["EASIEST", "exp_of", "gradient", "posteriors"]

# exp() of more leaves the range of floats soon.
EASIEST = 500.0


def exp_of(beta: Floats) -> Floats:
    """exp(beta), finite for all."""
    return np.exp(np.minimum(beta, EASIEST))


def gradient(
    part: Part, alpha: Floats, beta: Floats, posteriors: Floats, log_others: float, steps: Grid
) -> tuple[Floats, Floats, Floats]:
    """The expected log likelihood of each task, and its gradients by beta, (n_tasks,), and by alpha, (n_workers, 2).

    The latter is the sum of two columns: what was added up in coarse and in fine steps. `steps` is a grid for as many
    terms as the busiest worker or task has answers and as great as 2 · max(1, |alpha|) · max(1, exp(beta)) +
    `log_others` + 1.
    """
    return passes_of(part).difficulty_gradient(part, alpha, exp_of(beta), posteriors, log_others, steps)


def posteriors(part: Part, alpha: Floats, beta: Floats, most: int, log_others: float, log_prior: Floats) -> Floats:
    """P(label) of each task, shape (n_tasks, n_labels); `most` is the number of answers of the busiest task."""
    abilities = on_grid(alpha, grid(float(np.abs(alpha).max(initial=0.0)), most))
    return passes_of(part).difficulty_posteriors(part, abilities, exp_of(beta), log_others, log_prior)
