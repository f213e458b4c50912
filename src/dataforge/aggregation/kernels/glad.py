"""EM over worker abilities and task difficulties (Whitehill et al., 2009)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels._tally import inner
from dataforge.aggregation.kernels.parts import Engine, Floats, PerPart

__all__ = ["Abilities", "Fit", "glad", "log_others_of"]

LOG_NORMAL = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Abilities:
    """P(worker w is right on task t) = sigmoid(alpha[w] · exp(beta[t])); `prior[k]` is P(k)."""

    alpha: Floats
    beta: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters after the last M-step, and those that the posteriors were computed with."""

    parameters: Abilities
    used: Abilities
    posteriors: PerPart
    loss_history: tuple[float, ...]
    converged: bool


def glad(
    engine: Engine,
    *,
    n_iter: int,
    tol: float,
    class_prior: Floats | None,
    alpha_mean: Floats,
    beta_mean: Floats,
    m_step_max_iter: int,
    m_step_tol: float,
    start: Abilities | None = None,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Posteriors, abilities and difficulties, with normal priors of variance 1 around the given means.

    The M-step is conjugate gradients over all abilities and difficulties, as many steps as `m_step_max_iter` or until
    no slope exceeds `m_step_tol`. Stops when the mean loss per answer and label grows by less than `tol`.
    """
    prior = np.full(engine.n_labels, 1 / max(engine.n_labels, 1)) if class_prior is None else class_prior
    point = start or Abilities(np.ones(engine.n_workers), np.ones(engine.n_tasks), prior)
    loss = -np.inf
    losses: list[float] = []
    used = point
    posteriors = _posteriors(engine, point)
    converged = False
    for iteration in range(n_iter if engine.n_answers else 0):
        if iteration:
            used = point
            posteriors = _posteriors(engine, point)
        point, gained = _maximised(engine, point, posteriors, alpha_mean, beta_mean, m_step_max_iter, m_step_tol)
        losses.append(gained / max(engine.n_answers * engine.n_labels, 1))
        if on_iteration is not None:
            on_iteration(iteration + 1, losses[-1])
        if losses[-1] - loss < tol:
            converged = True
            break
        loss = losses[-1]
    return Fit(point, used, posteriors, tuple(losses), converged)


def log_others_of(n_labels: int) -> float:
    """Log of the number of wrong labels, among which errors spread evenly."""
    return float(np.log(max(n_labels - 1, 1)))


def _posteriors(engine: Engine, point: Abilities) -> PerPart:
    with np.errstate(divide="ignore"):
        log_prior = np.log(point.prior)
    exp_beta = engine.split(np.exp(point.beta))
    return engine.keep(steps.difficulty_posteriors, point.alpha, exp_beta, log_others_of(engine.n_labels), log_prior)


def _maximised(
    engine: Engine,
    point: Abilities,
    posteriors: PerPart,
    alpha_mean: Floats,
    beta_mean: Floats,
    max_iter: int,
    tol: float,
) -> tuple[Abilities, float]:
    from scipy.optimize import minimize

    n_workers = len(point.alpha)

    def negative(x: Floats) -> tuple[float, Floats]:
        alpha, beta = x[:n_workers], x[n_workers:]
        found: list[Any] = list(
            engine.each(
                steps.difficulty_gradient,
                np.ascontiguousarray(alpha),
                engine.split(np.exp(np.minimum(beta, 500.0))),
                posteriors,
                log_others_of(engine.n_labels),
            )
        )
        away_alpha, away_beta = alpha - alpha_mean, beta - beta_mean
        value = sum(value for value, _, _ in found) - len(x) * LOG_NORMAL
        value -= 0.5 * (inner(away_alpha, away_alpha) + inner(away_beta, away_beta))
        by_alpha = sum(by_alpha for _, by_alpha, _ in found) - away_alpha
        by_beta = np.concatenate([by_beta for _, _, by_beta in found]) - away_beta
        slopes = -np.concatenate([by_alpha, by_beta])
        return -value if np.isfinite(value) else np.inf, slopes.view(Slopes)

    start = np.concatenate([point.alpha, point.beta])
    with np.errstate(all="ignore"):
        best = minimize(negative, start, method="CG", jac=True, tol=tol, options={"maxiter": max_iter})
    found = np.asarray(best.x)
    return Abilities(found[:n_workers], found[n_workers:], point.prior), -float(best.fun)


class Slopes(np.ndarray[Any, np.dtype[np.float64]]):
    """A gradient whose products, which scipy's conjugate gradients take, go past BLAS and its spinning threads."""

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """As for any array, but for the product of two vectors."""
        if func is np.dot and not kwargs:
            return inner(*(np.asarray(vector) for vector in args))
        return super().__array_function__(func, types, args, kwargs)
