"""What answers tell of each worker when the right labels are not known but probable.

The information of a likelihood with hidden parts is that of the complete data less that of the hidden part (Louis,
1982). Here the hidden part is whether each answer is right: the slope of the log likelihood by a worker's parameter is
a sum over the worker's answers of `slope · right + constant`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.difficulty import exp_of
from dataforge.aggregation.kernels.glad import Abilities
from dataforge.aggregation.kernels.parts import Part

__all__ = ["DENSE", "Coupling", "ability_errors", "information", "knows_or_spams", "right_or_wrong", "worker_variances"]

# The posterior of a difficulty need not be curved downwards away from its maximum; its prior alone gives 1.
LEAST_CURVATURE = 0.1
# Up to this many workers the information is inverted as a whole; above it workers are taken one by one.
DENSE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """Information about one parameter of each task, shape (n_tasks,), and what it has in common with each answer's."""

    own: Floats
    shared: Floats


def information(confusion: Floats, prior: Floats) -> Floats:
    """What an answer of each worker tells of the label, in nats: their mutual information, shape (n_workers,).

    `confusion` is [worker, right label, answer]. Who always says the same tells nothing, however often that is right.
    """
    joint = prior[:, None] * confusion
    given = joint.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = np.where(joint > 0, joint * np.log(confusion / given), 0.0)
    whole: Floats = told.sum(axis=(1, 2))
    return whole


def right_or_wrong(part: Part, posteriors: Floats, right: Floats, given: Floats) -> tuple[Floats, Floats]:
    """Right and wrong answers that tell as much of each worker's skill as the expected ones, plus one of each.

    Whether an answer is right is itself only probable, so `given` answers, `right` of them expected to be right, tell
    less than as many checked ones (Louis, 1982). The one more of each is a flat prior.
    """
    share = (right + 1) / (given + 2)
    spread = share * (1 - share)
    variance = worker_variances(part, posteriors, np.ones(part.n_answers), (given + 2) * spread)
    worth = np.clip(1 / (variance * spread), 2.0, given + 2)
    return share * worth, (1 - share) * worth


def knows_or_spams(part: Part, posteriors: Floats, spamming: Floats, thetas: Floats) -> tuple[Floats, Floats]:
    """The same two numbers for P(knows) of a worker who otherwise answers by a strategy `thetas`, which is known.

    `spamming[w]` holds weights of spamming and of knowing.
    """
    given = np.bincount(part.worker, minlength=part.n_workers).astype(np.float64)
    knows = spamming[:, 1] / spamming.sum(axis=1)
    spread = knows * (1 - knows)
    own = knows[part.worker]
    # A right answer may be a spammer's luck: the probability that it is not.
    earned = own / (own + (1 - own) * thetas[part.worker, part.label])
    p = posteriors[part.task, part.label]
    luck = np.bincount(part.worker, p * earned * (1 - earned), part.n_workers)
    complete = np.maximum((given + 2) * spread - luck, 2 * spread)
    variance = worker_variances(part, posteriors, earned, complete)
    worth = np.clip(1 / (variance * spread), 2.0, given + 2)
    return knows * worth, (1 - knows) * worth


def ability_errors(part: Part, posteriors: Floats, point: Abilities) -> Floats:
    """Standard error of each ability where P(right) = sigmoid(alpha · exp(beta)), priors having the variance 1."""
    task, alpha = part.task, point.alpha[part.worker]
    ease = exp_of(point.beta)[task]
    right = 1 / (1 + np.exp(-np.clip(alpha * ease, -500.0, 500.0)))
    p = posteriors[task, part.label]
    spread, surprise = right * (1 - right), p - right
    complete = np.ones(part.n_workers) + np.bincount(part.worker, ease**2 * spread, part.n_workers)
    # The difficulties are found from the same answers: what is shared with them is lost.
    pull = alpha * ease
    by_label = np.bincount(task * part.n_labels + part.label, pull, part.n_tasks * part.n_labels)
    named = by_label.reshape(part.n_tasks, part.n_labels)
    mean = (posteriors * named).sum(axis=1)
    hidden = (posteriors * named**2).sum(axis=1) - mean**2
    own = 1.0 + np.bincount(task, pull**2 * spread - pull * surprise, part.n_tasks) - hidden
    together = ease * p * (named[task, part.label] - mean[task])
    shared = pull * ease * spread - ease * surprise - together
    coupling = Coupling(np.maximum(own, LEAST_CURVATURE), shared)
    errors: Floats = np.sqrt(worker_variances(part, posteriors, ease, complete, coupling))
    return errors


def worker_variances(
    part: Part, posteriors: Floats, slope: Floats, complete: Floats, coupling: Coupling | None = None
) -> Floats:
    """Variance of each worker's parameter, shape (n_workers,).

    `slope` is by answer, `complete` the information by worker if the right labels were known, that of a prior included.
    """
    p = posteriors[part.task, part.label]
    hidden = np.bincount(part.worker, slope**2 * p * (1 - p), part.n_workers)
    if coupling is not None:
        hidden += np.bincount(part.worker, coupling.shared**2 / coupling.own[part.task], part.n_workers)
    alone = np.maximum(complete - hidden, 1e-3 * complete)
    if part.n_workers > DENSE or part.n_workers == 0:
        return 1 / alone
    shared = _hidden(part, posteriors, slope)
    if coupling is not None:
        rows = _by_task_and_worker(part, coupling.shared / np.sqrt(coupling.own[part.task]))
        shared = shared + rows.T @ rows
    return _inverse_diagonal(np.diag(complete) - shared.toarray(), alone)


def _hidden(part: Part, posteriors: Floats, slope: Floats) -> Any:
    """Covariance of the workers' slopes over what the right labels may be, summed over tasks; sparse."""
    mean = _by_task_and_worker(part, slope * posteriors[part.task, part.label])
    hidden = -(mean.T @ mean)
    for k in range(part.n_labels):
        chosen = part.label == k
        weight = np.sqrt(posteriors[part.task, k]) * slope * chosen
        rows = _by_task_and_worker(part, weight)
        hidden = hidden + rows.T @ rows
    return hidden


def _by_task_and_worker(part: Part, values: Floats) -> Any:
    from scipy import sparse

    return sparse.csr_matrix((values, (part.task, part.worker)), shape=(part.n_tasks, part.n_workers))


def _inverse_diagonal(matrix: Floats, alone: Floats) -> Floats:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    try:
        inverse = cho_solve(cho_factor(matrix), np.eye(len(matrix)))
    except LinAlgError:  # away from the optimum the information need not be positive
        return 1 / alone
    diagonal: Floats = np.diag(inverse).copy()
    return diagonal
