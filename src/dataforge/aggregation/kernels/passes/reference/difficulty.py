"""Passes under abilities and difficulties, whose sums stand on a grid: any order gives the same bits."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers
from dataforge.aggregation.kernels.exact import Grid, grid, on_grid
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.reference.logistic import exp, log_of_one_and
from dataforge.aggregation.kernels.probabilities import with_known
from dataforge.aggregation.kernels.sums import tally

__all__ = ["difficulty_gradient", "difficulty_posteriors"]


def difficulty_gradient(
    part: Part, alpha: Floats, exp_beta: Floats, posteriors: Floats, log_others: float, steps: Grid
) -> tuple[Floats, Floats, Floats]:
    """The expected log likelihood of each task, and its gradients by beta, (n_tasks,), and by alpha, (n_workers, 2)."""
    task, worker = part.task, part.worker
    b = exp_beta.take(task)
    p = posteriors.ravel().take(part.cell)
    x = alpha.take(worker) * b
    e = exp(-np.abs(x))
    share = 1.0 / (1.0 + e)
    slope = p - np.where(x >= 0, share, e * share)
    value = np.minimum(x, 0.0) - log_of_one_and(e) - (1.0 - p) * (x + log_others)
    by_alpha = np.stack([tally(worker, terms, part.n_workers) for terms in on_grid(slope * b, steps)], axis=1)
    by_beta = _added_up(task, slope * x, part.n_tasks, steps)
    return _added_up(task, value, part.n_tasks, steps), by_beta, by_alpha


def difficulty_posteriors(
    part: Part, abilities: tuple[Floats, Floats], exp_beta: Floats, log_others: float, log_prior: Floats
) -> Floats:
    """P(label) of each task, shape (n_tasks, n_labels); abilities come in a coarse and a fine part."""
    cell, worker = part.cell, part.worker
    size = part.n_tasks * part.n_labels
    whole = sum(tally(cell, terms[worker], size) for terms in abilities)
    answers = np.bincount(cell, minlength=size)
    log_weights = whole * np.repeat(exp_beta, part.n_labels) + answers * log_others
    return _shares(log_weights.reshape(part.n_tasks, part.n_labels) + log_prior, part)


def _added_up(codes: Integers, terms: Floats, n: int, steps: Grid) -> Floats:
    """Terms added up by code on a grid, shape (n,)."""
    coarse, fine = on_grid(terms, steps)
    return tally(codes, coarse, n) + tally(codes, fine, n)


def _shares(log_weights: Floats, part: Part) -> Floats:
    if log_weights.size == 0:
        return log_weights
    weights = exp(log_weights - log_weights.max(axis=1, keepdims=True))
    coarse, _ = on_grid(weights, grid(1.0, part.n_labels))
    return with_known(weights / coarse.sum(axis=1, keepdims=True), part)
