"""Averages of numbers by task, and a model of workers with bias and variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.kernels.parts import Floats
from dataforge.aggregation.kernels.reference import sums_by

__all__ = ["BiasVarianceFit", "HuberFit", "bias_variance", "bias_variances", "degrees_of_freedom", "huber_means", "means", "medians"]

Codes = NDArray[Any]

# The median absolute deviation of a normal distribution, in standard deviations.
MAD = 0.6744897501960817
# Variances below this are raised to it.
LEAST = 1e-12
# Up to this many workers their covariance is computed as a whole.
DENSE = 2_000


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


@dataclass(frozen=True, slots=True, eq=False)
class HuberFit:
    """Value by task, and how far each iteration moved one at most, in scales."""

    value: Floats
    history: tuple[float, ...]
    converged: bool


def huber_means(
    task: Codes,
    value: Floats,
    *,
    known: Floats,
    start: Floats,
    k: float,
    n_iter: int,
    tol: float,
    on_iteration: Callable[[int, float], None] | None = None,
) -> HuberFit:
    """Huber's M-estimate of location by task, with one scale for all answers.

    `known[t]` is NaN where the value is to be found, from `start[t]` on, or from the median where that is NaN.
    """
    n_tasks = len(known)
    sure = ~np.isnan(known)
    centre = np.where(sure, known, medians(task, value, n_tasks))
    scale = float(np.median(np.abs(value - centre[task]))) / MAD if len(value) else 0.0
    if scale == 0 and len(value):  # most answers are their task's median: those that are not still have a spread
        scale = float(np.std(value - centre[task]))
    if scale == 0:
        return HuberFit(centre, (), True)
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
    return HuberFit(centre, tuple(history), converged)


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The laws that tasks and workers come from: the tasks' mean and variance, and the variance of the biases."""

    mean: float
    among_tasks: float
    among_workers: float


@dataclass(frozen=True, slots=True, eq=False)
class BiasVarianceFit:
    """Value and its variance by task, bias and noise variance by worker; `history` is how far each iteration moved."""

    value: Floats
    variance: Floats
    bias: Floats
    noise: Floats
    population: Population
    history: tuple[float, ...]
    converged: bool


def bias_variance(
    task: Codes,
    worker: Codes,
    value: Floats,
    *,
    known: Floats,
    n_workers: int,
    n_iter: int,
    tol: float,
    prior_answers: float,
    start: BiasVarianceFit | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> BiasVarianceFit:
    """EM over value[t] + bias[w] + noise; `known[t]` is NaN where the value is to be found.

    Goes on from the workers of `start`, whose noise is NaN for strangers.
    """
    n_tasks = len(known)
    if len(value) == 0:
        nothing = np.empty(0)
        return BiasVarianceFit(nothing, nothing, nothing, nothing, Population(0.0, 1.0, 1.0), (), True)
    sure = ~np.isnan(known)
    given = np.bincount(worker, minlength=n_workers).astype(np.float64)
    centre = np.where(sure, known, means(task, value, np.ones(len(value)), n_tasks))
    spread = max(float(np.mean((value - centre[task]) ** 2)), LEAST)
    noise, bias = np.full(n_workers, spread), np.zeros(n_workers)
    laws = Population(float(centre.mean()), max(float(centre.var()), LEAST), spread)
    if start is not None:
        met = ~np.isnan(start.noise)
        noise, bias, laws = np.where(met, start.noise, noise), np.where(met, start.bias, bias), start.population
    variance = np.zeros(n_tasks)
    history: list[float] = []
    converged = False
    while len(history) < n_iter and not converged:
        weight = 1 / noise[worker]
        precision = sums_by(task, weight, n_tasks) + 1 / laws.among_tasks
        pulled = sums_by(task, weight * (value - bias[worker]), n_tasks) + laws.mean / laws.among_tasks
        moved = np.where(sure, known, pulled / precision)
        variance = np.where(sure, 0.0, 1 / precision)
        left = value - moved[task]
        bias_precision = given / noise + 1 / laws.among_workers
        bias = sums_by(worker, left, n_workers) / noise / bias_precision
        if not sure.any():
            bias = bias - np.average(bias, weights=given)  # only differences of biases can be seen
        square = (left - bias[worker]) ** 2 + variance[task] + 1 / bias_precision[worker]
        pooled = max(float(square.mean()), LEAST)
        noise = (sums_by(worker, square, n_workers) + prior_answers * pooled) / (given + prior_answers)
        mean = float(moved.mean())
        laws = Population(
            mean,
            max(float(np.mean((moved - mean) ** 2 + variance)), LEAST),
            max(float(np.mean(bias**2 + 1 / bias_precision)), LEAST),
        )
        history.append(float(np.abs(moved - centre).max() / np.sqrt(pooled)))
        centre = moved
        converged = history[-1] < tol
        if on_iteration is not None:
            on_iteration(len(history), history[-1])
    return BiasVarianceFit(centre, variance, bias, noise, laws, tuple(history), converged)


def bias_variances(task: Codes, worker: Codes, known: Floats, found: BiasVarianceFit) -> Floats:
    """Variance of each worker's bias, the variances of noise taken as known, shape (n_workers,).

    The values of the tasks are unknown too: what the answers tell of them is lost to the biases. Above 2,000 workers
    each bias is taken alone, the others' as known.
    """
    n_tasks, n_workers = len(known), len(found.bias)
    weight = 1 / found.noise[worker]
    free = np.isnan(known)
    of_task = np.where(free, 1 / (sums_by(task, weight, n_tasks) + 1 / found.population.among_tasks), 0.0)
    given = np.bincount(worker, minlength=n_workers).astype(np.float64)
    precision = given / found.noise + 1 / found.population.among_workers
    if n_workers > DENSE or n_workers == 0:
        alone: Floats = 1 / (precision - sums_by(worker, weight**2 * of_task[task], n_workers))
        return alone
    from scipy import sparse

    rows = sparse.csr_matrix((weight * np.sqrt(of_task[task]), (task, worker)), shape=(n_tasks, n_workers))
    covariance = np.linalg.inv(np.diag(precision) - (rows.T @ rows).toarray())
    if free.all():  # biases are measured from their mean
        centring = np.eye(n_workers) - given / given.sum()
        covariance = centring @ covariance @ centring.T
    variances: Floats = np.diag(covariance).copy()
    return variances


def degrees_of_freedom(task: Codes, worker: Codes, found: BiasVarianceFit) -> Floats:
    """Answers of each worker less what its values and bias took, for the law of its noise, shape (n_workers,)."""
    taken = found.variance[task] / found.noise[worker]
    given = np.bincount(worker, minlength=len(found.bias)).astype(np.float64)
    left = given - sums_by(worker, np.minimum(taken, 1.0), len(found.bias)) - 1
    degrees: Floats = np.maximum(left, 1.0)
    return degrees
