"""Rows of log weights and of weights as probabilities, by the rules that all methods share.

A known answer has probability 1, a closed label 0. A task about which nothing speaks is spread evenly over its open
labels; one whose labels are all closed gets zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.sums import inner, of_rows, tops

__all__ = ["Limits", "Opened", "entropy_of", "evened", "softmax", "softmax_evidence", "with_known"]


class Limits(Protocol):
    """What is settled about tasks before their answers, as a `Part` has it."""

    @property
    def known(self) -> Codes | None:
        """The label code of each task's known answer, -1 where there is none."""
        ...

    @property
    def allowed(self) -> Flags | None:
        """Which labels are open, shape (n_tasks, n_labels); None where all are."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """Limits that are flags alone."""

    allowed: Flags | None
    known: Codes | None = None


def softmax(log_weights: Floats, limits: Limits) -> Floats:
    """Rows of log weights as probabilities."""
    return _softmax(_opened(log_weights, limits), limits)[0]


def softmax_evidence(log_weights: Floats, limits: Limits) -> tuple[Floats, Floats]:
    """The same, and the log of each row's sum of weights: of a known answer, its own log weight."""
    log_weights = _opened(log_weights, limits)
    probabilities, total, top = _softmax(log_weights, limits)
    evidence = np.log(total) + top
    if limits.known is not None and log_weights.size:
        sure = np.flatnonzero(limits.known >= 0)
        evidence[sure] = log_weights[sure, limits.known[sure]]
    return probabilities, evidence


def _opened(log_weights: Floats, limits: Limits) -> Floats:
    """The log weights, those of closed labels endless below."""
    return log_weights if limits.allowed is None else np.where(limits.allowed, log_weights, -np.inf)


def _softmax(log_weights: Floats, limits: Limits) -> tuple[Floats, Floats, Floats]:
    """Probabilities of each row, the sum of its weights over that of the greatest, and the log of the greatest."""
    if log_weights.size == 0:
        return log_weights, np.ones(len(log_weights)), np.zeros(len(log_weights))
    top = tops(log_weights)
    if limits.allowed is not None:
        top[np.isneginf(top)] = 0.0  # every label is closed
    weights = log_weights - top[:, None]
    np.exp(weights, out=weights)
    total = of_rows(weights)
    if limits.allowed is not None:
        total[total == 0] = 1.0
    weights /= total[:, None]
    return with_known(weights, limits), total, top


def evened(weights: Floats, limits: Limits) -> Floats:
    """Rows of weights as probabilities; the weights are changed where they stand."""
    if limits.allowed is not None:
        weights *= limits.allowed
    total = of_rows(weights)
    if not (total > 0).all():
        none = np.flatnonzero(total <= 0)
        weights[none] = 1.0 if limits.allowed is None else limits.allowed[none]
        total[none] = np.maximum(weights[none].sum(axis=1), 1.0)
    weights /= total[:, None]
    return with_known(weights, limits)


def with_known(probabilities: Floats, limits: Limits) -> Floats:
    """The probabilities, changed where answers are known."""
    if limits.known is not None:
        sure = np.flatnonzero(limits.known >= 0)
        probabilities[sure] = 0.0
        probabilities[sure, limits.known[sure]] = 1.0
    return probabilities


def entropy_of(posteriors: Floats) -> float:
    """Entropy of all rows together, in nats."""
    return -inner(posteriors, np.log(np.maximum(posteriors, np.finfo(np.float64).tiny)))
