"""Passes under abilities and difficulties, compiled.

Exponentials, logarithms and shares are computed for a block of answers at a time, which the compiler turns into vector
code; every operation rounds as written, whatever the block.
"""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np
from numba import njit

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.exact import Grid, grid
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.compiled.primitives import exp, known_of, strict

__all__ = ["difficulty_gradient", "difficulty_posteriors"]

BLOCK = 256


def difficulty_gradient(
    part: Part, alpha: Floats, exp_beta: Floats, posteriors: Floats, log_others: float, steps: Grid
) -> tuple[Floats, Floats, Floats]:
    """The expected log likelihood of each task, and its gradients by beta, (n_tasks,), and by alpha, (n_workers, 2)."""
    by_alpha = np.zeros((part.n_workers, 2))
    value, by_beta = np.zeros(part.n_tasks), np.zeros(part.n_tasks)
    answers = (part.offsets, part.row, part.n_labels)
    _gradient(*answers, alpha, exp_beta, posteriors, log_others, *steps, by_alpha, by_beta, value)
    return value, by_beta, by_alpha


def difficulty_posteriors(
    part: Part, abilities: tuple[Floats, Floats], exp_beta: Floats, log_others: float, log_prior: Floats
) -> Floats:
    """P(label) of each task, shape (n_tasks, n_labels); abilities come in a coarse and a fine part."""
    out = np.empty((part.n_tasks, part.n_labels))
    one = grid(1.0, part.n_labels).coarse
    _posteriors(part.offsets, part.row, known_of(part), *abilities, exp_beta, log_others, log_prior, one, out)
    return out


@njit(inline="always")
def _log_of_one_and(e):
    """log(1 + e) for e in 0..1: log(1.5) + 2 · artanh((e - 0.5) / (e + 2.5)), the latter as a series."""
    z = (e - 0.5) / (e + 2.5)
    s = z * z
    p = 1 / 21.0
    p = p * s + 1 / 19.0
    p = p * s + 1 / 17.0
    p = p * s + 1 / 15.0
    p = p * s + 1 / 13.0
    p = p * s + 1 / 11.0
    p = p * s + 1 / 9.0
    p = p * s + 1 / 7.0
    p = p * s + 1 / 5.0
    p = p * s + 1 / 3.0
    p = p * s + 1.0
    return 0.4054651081081644 + 2.0 * z * p


@strict
def _gradient(offsets, row, n_labels, alpha, exp_beta, posteriors, log_others, coarse, fine, by_alpha, by_beta, value):
    """Adds the gradient by abilities to `by_alpha`, (n_workers, 2); fills those by tasks and the tasks' values."""
    n_tasks = len(offsets) - 1
    if n_tasks == 0:
        return
    owner, worker = np.empty(BLOCK, np.int64), np.empty(BLOCK, np.int64)
    p, b, x = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    level, slope = np.empty(BLOCK), np.empty(BLOCK)
    task = 0
    current = 0
    slide_coarse, slide_fine, level_coarse, level_fine = 0.0, 0.0, 0.0, 0.0
    for first in range(offsets[0], offsets[n_tasks], BLOCK):
        n = min(BLOCK, offsets[n_tasks] - first)
        for i in range(n):
            while first + i >= offsets[task + 1]:
                task += 1
            r = row[first + i]
            owner[i] = task
            worker[i] = r // n_labels
            p[i] = posteriors[task, r - worker[i] * n_labels]
            b[i] = exp_beta[task]
            x[i] = alpha[worker[i]] * b[i]
        for i in range(n):
            e = exp(max(-abs(x[i]), -708.0))
            share = 1.0 / (1.0 + e)
            slope[i] = p[i] - (share if x[i] >= 0 else e * share)
            level[i] = min(x[i], 0.0) - _log_of_one_and(e) - (1.0 - p[i]) * (x[i] + log_others)
        for i in range(n):
            if owner[i] != current:
                by_beta[current] = slide_coarse + slide_fine
                value[current] = level_coarse + level_fine
                slide_coarse, slide_fine, level_coarse, level_fine = 0.0, 0.0, 0.0, 0.0
                current = owner[i]
            rise = slope[i] * b[i]
            part = (rise + coarse) - coarse
            by_alpha[worker[i], 0] += part
            by_alpha[worker[i], 1] += ((rise - part) + fine) - fine
            slide = slope[i] * x[i]
            part = (slide + coarse) - coarse
            slide_coarse += part
            slide_fine += ((slide - part) + fine) - fine
            part = (level[i] + coarse) - coarse
            level_coarse += part
            level_fine += ((level[i] - part) + fine) - fine
    by_beta[current] = slide_coarse + slide_fine
    value[current] = level_coarse + level_fine


@strict
def _posteriors(offsets, row, known, alpha_coarse, alpha_fine, exp_beta, log_others, log_prior, one, out):
    """Posteriors of the tasks into `out`, shape (n_tasks, n_labels); abilities come cut in two."""
    n_labels = out.shape[1]
    abilities = np.empty((n_labels, 2))
    answers = np.empty(n_labels)
    for t in range(len(offsets) - 1):
        abilities[:] = 0.0
        answers[:] = 0.0
        for a in range(offsets[t], offsets[t + 1]):
            worker = row[a] // n_labels
            k = row[a] - worker * n_labels
            abilities[k, 0] += alpha_coarse[worker]
            abilities[k, 1] += alpha_fine[worker]
            answers[k] += 1.0
        top = -np.inf
        for k in range(n_labels):
            ability = abilities[k, 0] + abilities[k, 1]
            out[t, k] = ability * exp_beta[t] + answers[k] * log_others + log_prior[k]
            top = max(top, out[t, k])
        total = 0.0
        for k in range(n_labels):
            out[t, k] = exp(max(out[t, k] - top, -708.0))
            total += (out[t, k] + one) - one
        for k in range(n_labels):
            out[t, k] /= total
        if len(known) and known[t] >= 0:
            for k in range(n_labels):
                out[t, k] = 1.0 if k == known[t] else 0.0
