"""Rows of log weights and of weights as probabilities, by the rules that all methods share.

A known answer has probability 1, a closed label 0. A task about which nothing speaks is spread evenly over its open
labels; one whose labels are all closed gets zeros.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.sums import inner, of_rows, tops

__all__ = ["entropy_of", "evened", "softmax", "with_known"]


def softmax(log_weights: Floats, part: Part) -> tuple[Floats, Floats]:
    """Rows of log weights as probabilities, and the log of each row's sum: of a known answer, its own log weight."""
    if log_weights.size == 0:
        return log_weights, np.zeros(len(log_weights))
    if part.allowed is not None:
        log_weights = np.where(part.allowed, log_weights, -np.inf)
    top = tops(log_weights)
    if part.allowed is not None:
        top[np.isneginf(top)] = 0.0  # every label is closed
    weights = np.exp(log_weights - top[:, None])
    total = of_rows(weights)
    if part.allowed is not None:
        total[total == 0] = 1.0
    weights /= total[:, None]
    evidence = np.log(total) + top
    if part.known is not None:
        sure = np.flatnonzero(part.known >= 0)
        evidence[sure] = log_weights[sure, part.known[sure]]
    return with_known(weights, part), evidence


def evened(weights: Floats, part: Part) -> Floats:
    """Rows of weights as probabilities; the weights are changed where they stand."""
    if part.allowed is not None:
        weights *= part.allowed
    total = of_rows(weights)
    none = np.flatnonzero(total <= 0)
    if len(none):
        weights[none] = 1.0 if part.allowed is None else part.allowed[none]
        total[none] = np.maximum(weights[none].sum(axis=1), 1.0)
    weights /= total[:, None]
    return with_known(weights, part)


def with_known(probabilities: Floats, part: Part) -> Floats:
    """The probabilities, changed where answers are known."""
    if part.known is not None:
        sure = np.flatnonzero(part.known >= 0)
        probabilities[sure] = 0.0
        probabilities[sure, part.known[sure]] = 1.0
    return probabilities


def entropy_of(posteriors: Floats) -> float:
    """Entropy of all rows together, in nats."""
    return -inner(posteriors, np.log(np.maximum(posteriors, np.finfo(np.float64).tiny)))
