"""Passes over the answers under abilities and difficulties: P(right) = sigmoid(alpha[worker] · exp(beta[task])).

Their results do not depend on the order of answers, workers, tasks or labels, nor on how answers are cut into parts,
to the last bit: terms are put on a grid (`exact`) before they are added up. Conjugate gradients would otherwise
amplify the last bits from step to step until they are the second digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels._dispatch import compiled
from dataforge.aggregation.kernels._tally import tally
from dataforge.aggregation.kernels.exact import Grid, grid, on_grid
from dataforge.aggregation.kernels.parts import Floats, Part

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
    if part.fast:
        by_alpha = np.zeros((part.n_workers, 2))
        value, by_beta = np.zeros(part.n_tasks), np.zeros(part.n_tasks)
        compiled("difficulty").gradient(
            part.offsets,
            part.row,
            part.n_labels,
            alpha,
            exp_of(beta),
            posteriors,
            log_others,
            *steps,
            by_alpha,
            by_beta,
            value,
        )
        return value, by_beta, by_alpha
    task, worker = part.task, part.worker
    b = exp_of(beta)[task]
    p = posteriors[task, part.label]
    x = alpha[worker] * b
    log_right = -np.logaddexp(0.0, -x)
    slope = p - np.exp(log_right)
    value = p * log_right + (1 - p) * (log_right - x - log_others)
    by_alpha = np.stack([tally(worker, terms, part.n_workers) for terms in on_grid(slope * b, steps)], axis=1)
    by_beta = added_up(task, slope * x, part.n_tasks, steps)
    return added_up(task, value, part.n_tasks, steps), by_beta, by_alpha


def added_up(codes: NDArray[Any], terms: Floats, n: int, steps: Grid) -> Floats:
    """Terms added up by code on a grid, shape (n,)."""
    coarse, fine = on_grid(terms, steps)
    return tally(codes, coarse, n) + tally(codes, fine, n)


def posteriors(part: Part, alpha: Floats, beta: Floats, most: int, log_others: float, log_prior: Floats) -> Floats:
    """P(label) of each task, shape (n_tasks, n_labels); `most` is the number of answers of the busiest task."""
    steps = grid(float(np.abs(alpha).max(initial=0.0)), most)
    coarse, fine = on_grid(alpha, steps)
    if part.fast:
        out = np.empty((part.n_tasks, part.n_labels))
        known = np.empty(0, np.int32) if part.known is None else part.known
        one = grid(1.0, part.n_labels).coarse
        compiled("difficulty").posteriors(
            part.offsets, part.row, known, coarse, fine, exp_of(beta), log_others, log_prior, one, out
        )
        return out
    task = part.task
    cell, worker = task * part.n_labels + part.label, part.worker
    abilities = sum(tally(cell, terms[worker], part.n_tasks * part.n_labels) for terms in (coarse, fine))
    answers = np.bincount(cell, minlength=part.n_tasks * part.n_labels)
    log_weights = abilities * np.repeat(exp_of(beta), part.n_labels) + answers * log_others
    return _shares(log_weights.reshape(part.n_tasks, part.n_labels) + log_prior, part)


def _shares(log_weights: Floats, part: Part) -> Floats:
    if log_weights.size == 0:
        return log_weights
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    coarse, _ = on_grid(weights, grid(1.0, part.n_labels))
    shares: Floats = weights / coarse.sum(axis=1, keepdims=True)
    if part.known is not None:
        sure = np.flatnonzero(part.known >= 0)
        shares[sure] = 0.0
        shares[sure, part.known[sure]] = 1.0
    return shares
