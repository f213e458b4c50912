"""Averages of numbers by task."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels.parts import Floats
from dataforge.aggregation.kernels.reference import sums_by

__all__ = ["huber_means", "means", "medians"]

Codes = NDArray[Any]

# The median absolute deviation of a normal distribution, in standard deviations.
MAD = 0.6744897501960817


def means(task: Codes, value: Floats, weight: Floats, n_tasks: int) -> Floats:
    """Weighted mean by task, shape (n_tasks,); NaN where the weights sum to nothing."""
    total = sums_by(task, weight, n_tasks)
    sums = sums_by(task, weight * value, n_tasks)
    out: Floats = np.divide(sums, total, out=np.full(n_tasks, np.nan), where=total > 0)
    return out


def medians(task: Codes, value: Floats, n_tasks: int) -> Floats:
    """Median by task, shape (n_tasks,)."""
    if n_tasks == 0:
        return np.empty(0)
    in_order = value[np.lexsort((value, task))]
    ends = np.cumsum(np.bincount(task, minlength=n_tasks))
    starts = np.concatenate([[0], ends[:-1]])
    lower, upper = (starts + ends - 1) // 2, (starts + ends) // 2
    middle: Floats = (in_order[lower] + in_order[upper]) / 2
    return middle


def huber_means(task: Codes, value: Floats, n_tasks: int, *, k: float, n_iter: int, tol: float) -> Floats:
    """Huber's M-estimate of location by task, with one scale for all answers, shape (n_tasks,)."""
    centre = medians(task, value, n_tasks)
    if len(value) == 0:
        return centre
    scale = float(np.median(np.abs(value - centre[task]))) / MAD
    if scale == 0:  # most answers are their task's median: those that are not still have a spread
        scale = float(np.std(value - centre[task]))
    if scale == 0:
        return centre
    for _ in range(n_iter):
        away = np.abs(value - centre[task]) / scale
        moved = means(task, value, np.where(away > k, k / np.maximum(away, k), 1.0), n_tasks)
        still = float(np.abs(moved - centre).max()) < tol * scale
        centre = moved
        if still:
            break
    return centre
