"""EM over one confusion matrix per worker (Dawid and Skene, 1979)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels._tally import inner
from dataforge.aggregation.kernels.parts import Engine, Floats, Part, PerPart
from dataforge.aggregation.kernels.steps import ConfusionSums

__all__ = [
    "LEAST",
    "Confusions",
    "Fit",
    "InitialErrors",
    "dawid_skene",
    "initial_shares",
    "log_errors_of",
    "log_prior_of",
]

# Probabilities and counts below this are raised to it: an event never seen is rare, not impossible.
LEAST = 1e-10

OnIteration = Callable[[int, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Confusions:
    """Worker parameters: `errors[w * n_labels + a, k]` is P(worker w answers a | k is right), `prior[k]` is P(k)."""

    errors: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class InitialErrors:
    """What is known of workers beforehand, shape (n_rows, n_labels), and what the first M-step does with it."""

    counts: Floats
    strategy: Literal["assign", "addition"]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What EM found: parameters after the last M-step, and those that the posteriors were computed with."""

    parameters: Confusions
    used: Confusions | None
    posteriors: PerPart
    counts: Floats
    loss_history: tuple[float, ...]
    converged: bool


def dawid_skene(
    engine: Engine,
    *,
    n_iter: int,
    tol: float,
    start: Confusions | None = None,
    initial: InitialErrors | None = None,
    class_prior: Floats | None = None,
    worker_prior: Floats | None = None,
    on_iteration: OnIteration | None = None,
) -> Fit:
    """Posteriors and confusion matrices.

    Starts from the workers of `start`, or else from the shares of votes. `class_prior`, shape (n_labels,), is held
    fixed when given. `worker_prior`, shape (n_labels, n_labels), adds pseudo-counts [answer, right label] to every
    worker's. Stops when the mean loss per answer grows by less than `tol`.
    """
    used: Confusions | None = None
    counts = np.zeros((0, 0))
    if start is None:
        sums = engine.total(initial_sums)
        counts = _initial_counts(sums.counts, initial)
        parameters = _maximised(ConfusionSums(counts, sums.prior, 0.0), engine, class_prior, worker_prior)
    else:
        parameters = start
    losses: list[float] = []
    converged = False
    for iteration in range(n_iter):
        used = parameters
        sums = engine.total(steps.confusion_sums, log_errors_of(used), log_prior_of(used))
        counts = sums.counts
        parameters = _maximised(sums, engine, class_prior, worker_prior)
        losses.append(_loss(sums, parameters) / max(engine.n_answers, 1))
        if on_iteration is not None:
            on_iteration(iteration + 1, losses[-1])
        if len(losses) > 1 and losses[-1] - losses[-2] < tol:
            converged = True
            break
    return Fit(parameters, used, _posteriors(engine, used, start), counts, tuple(losses), converged)


def _posteriors(engine: Engine, used: Confusions | None, start: Confusions | None) -> PerPart:
    used = used or start
    if used is None:
        return engine.keep(initial_shares)
    return engine.keep(steps.confusion_posteriors, log_errors_of(used), log_prior_of(used))


def initial_shares(part: Part) -> Floats:
    """Shares of votes, even where nobody voted, and 1 for a known answer, shape (n_tasks, n_labels)."""
    shares = steps.vote_sums(part)
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    shares[total[:, 0] == 0] = 1 / max(part.n_labels, 1)
    if part.known is not None:
        sure = np.flatnonzero(part.known >= 0)
        shares[sure] = 0.0
        shares[sure, part.known[sure]] = 1.0
    return shares


def initial_sums(part: Part) -> ConfusionSums:
    """What the first M-step needs: sums under the shares of votes."""
    shares = initial_shares(part)
    return ConfusionSums(steps.row_sums(part, shares), shares.sum(axis=0), 0.0)


def _initial_counts(counts: Floats, initial: InitialErrors | None) -> Floats:
    if initial is None:
        return counts
    return initial.counts if initial.strategy == "assign" else counts + initial.counts


def _maximised(
    sums: ConfusionSums, engine: Engine, class_prior: Floats | None, worker_prior: Floats | None
) -> Confusions:
    """The M-step: errors of each worker sum to 1 over the answers that the worker gave; others get LEAST."""
    n_labels = engine.n_labels
    counts = sums.counts
    if worker_prior is not None:
        counts = (counts.reshape(-1, n_labels, n_labels) + worker_prior).reshape(counts.shape)
    errors = np.maximum(counts, LEAST)
    errors[~counts.any(axis=1)] = 0.0
    by_worker = errors.reshape(engine.n_workers, n_labels, n_labels)
    by_worker /= np.maximum(by_worker.sum(axis=1, keepdims=True), LEAST)
    np.maximum(errors, LEAST, out=errors, where=errors == 0)
    prior = sums.prior / max(engine.n_tasks, 1) if class_prior is None else class_prior
    return Confusions(errors, prior)


def log_errors_of(parameters: Confusions) -> Floats:
    """Logs of the errors as the passes over the answers take them."""
    return np.log(parameters.errors)


def log_prior_of(parameters: Confusions) -> Floats:
    """Logs of the label shares as the passes over the answers take them."""
    return np.log(np.maximum(parameters.prior, LEAST))


def _loss(sums: ConfusionSums, parameters: Confusions) -> float:
    """Expected log likelihood plus entropy. The prior counts once per answer, as the field's library has it."""
    expected = inner(sums.counts, log_errors_of(parameters))
    return expected + float(sums.counts.sum(axis=0) @ log_prior_of(parameters)) + sums.entropy
