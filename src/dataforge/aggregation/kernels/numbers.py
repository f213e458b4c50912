"""Averages of numbers by task, and a model of workers with bias and variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels.parts import Floats
from dataforge.aggregation.kernels.reference import sums_by

__all__ = ["BiasVarianceFit", "bias_variance", "huber_means", "means", "medians"]

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


@dataclass(frozen=True, slots=True, eq=False)
class BiasVarianceFit:
    """Value and its variance by task, bias and noise variance by worker."""

    value: Floats
    variance: Floats
    bias: Floats
    noise: Floats
    n_iter: int
    converged: bool


def bias_variance(
    task: Codes,
    worker: Codes,
    value: Floats,
    shape: tuple[int, int],
    *,
    known: Floats,
    n_iter: int,
    tol: float,
    prior_answers: float,
    on_iteration: Callable[[int, float], None] | None = None,
) -> BiasVarianceFit:
    """EM over value[t] + bias[w] + noise; `known[t]` is NaN where the value is to be found."""
    n_tasks, n_workers = shape
    if len(value) == 0:
        return BiasVarianceFit(np.empty(0), np.empty(0), np.empty(0), np.empty(0), 0, True)
    sure = ~np.isnan(known)
    given = np.bincount(worker, minlength=n_workers).astype(np.float64)
    centre = np.where(sure, known, means(task, value, np.ones(len(value)), n_tasks))
    spread = max(float(np.mean((value - centre[task]) ** 2)), 1e-12)
    noise, bias = np.full(n_workers, spread), np.zeros(n_workers)
    mean, among_tasks, among_workers = float(centre.mean()), max(float(centre.var()), 1e-12), spread
    variance = np.zeros(n_tasks)
    converged = False
    iteration = 0
    for iteration in range(1, n_iter + 1):
        weight = 1 / noise[worker]
        precision = sums_by(task, weight, n_tasks) + 1 / among_tasks
        pulled = sums_by(task, weight * (value - bias[worker]), n_tasks) + mean / among_tasks
        moved = np.where(sure, known, pulled / precision)
        variance = np.where(sure, 0.0, 1 / precision)
        left = value - moved[task]
        bias_precision = given / noise + 1 / among_workers
        bias = sums_by(worker, left, n_workers) / noise / bias_precision
        if not sure.any():
            bias = bias - np.average(bias, weights=given)  # only differences of biases can be seen
        square = (left - bias[worker]) ** 2 + variance[task] + 1 / bias_precision[worker]
        pooled = max(float(square.mean()), 1e-12)
        noise = (sums_by(worker, square, n_workers) + prior_answers * pooled) / (given + prior_answers)
        mean = float(moved.mean())
        among_tasks = max(float(np.mean((moved - mean) ** 2 + variance)), 1e-12)
        among_workers = max(float(np.mean(bias**2 + 1 / bias_precision)), 1e-12)
        change = float(np.abs(moved - centre).max()) / np.sqrt(pooled)
        centre = moved
        if on_iteration is not None:
            on_iteration(iteration, change)
        if change < tol:
            converged = True
            break
    return BiasVarianceFit(centre, variance, bias, noise, iteration, converged)
