"""Averages of numbers by task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers
from dataforge.aggregation.kernels.sums import tally

__all__ = ["HuberFit", "huber_means", "means", "medians"]

# The median absolute deviation of a normal distribution, in standard deviations.
MAD = 0.6744897501960817


def means(task: Integers, value: Floats, weight: Floats, n_tasks: int) -> Floats:
    """Weighted mean by task, shape (n_tasks,); NaN where the weights sum to nothing."""
    total = tally(task, weight, n_tasks)
    sums = tally(task, weight * value, n_tasks)
    out: Floats = np.divide(sums, total, out=np.full(n_tasks, np.nan), where=total > 0)
    return out


def medians(task: Integers, value: Floats, n_tasks: int) -> Floats:
    """Median by task, shape (n_tasks,)."""
    if n_tasks == 0:
        return np.empty(0)
    in_order = value[np.lexsort((value, task))]
    ends = np.cumsum(np.bincount(task, minlength=n_tasks))
    starts = np.concatenate([[0], ends[:-1]])
    lower, upper = (starts + ends - 1) // 2, (starts + ends) // 2
    middle: Floats = (in_order[lower] + in_order[upper]) / 2
    return middle


@dataclass(frozen=True, slots=True, eq=False)
class HuberFit:
    """Value by task, the scale of all answers, and how far each iteration moved a value at most, in scales."""

    value: Floats
    scale: float
    history: tuple[float, ...]
    converged: bool


def huber_means(
    task: Integers,
    value: Floats,
    *,
    known: Floats,
    start: Floats,
    k: float,
    n_iter: int,
    tol: float,
    scale: float | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> HuberFit:
    """Huber's M-estimate of location by task, with one scale for all answers.

    `known[t]` is NaN where the value is to be found, from `start[t]` on, or from the median where that is NaN.
    `scale` is measured unless it is given.
    """
    n_tasks = len(known)
    sure = ~np.isnan(known)
    centre = np.where(sure, known, medians(task, value, n_tasks))
    if scale is None:
        scale = _scale_about(value - centre[task])
    if scale == 0 or len(value) == 0:
        return HuberFit(centre, scale, (), True)
    centre = np.where(sure | np.isnan(start), centre, start)
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        away = np.abs(value - centre[task]) / scale
        pulled = means(task, value, np.where(away > k, k / np.maximum(away, k), 1.0), n_tasks)
        moved = np.where(sure, known, pulled)
        history.append(float(np.abs(moved - centre).max()) / scale)
        centre = moved
        converged = history[-1] < tol
        if on_iteration is not None:
            on_iteration(len(history), history[-1])
    return HuberFit(centre, scale, tuple(history), converged)


def _scale_about(away: Floats) -> float:
    """The scale of deviations from their medians, 0 where there are none."""
    if len(away) == 0:
        return 0.0
    scale = float(np.median(np.abs(away))) / MAD
    # Where most answers are their task's median, those that are not still have a spread.
    return scale if scale > 0 else float(np.std(away))
