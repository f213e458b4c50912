"""Passes over the pairs of workers who have common tasks."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places

__all__ = ["trimmed_means", "trusted_means"]

# Ratios as alike as this are one value: which of them is left out must not depend on the order of workers.
ALIKE = 1e-9
# A skill below this is none: nothing is divided by it.
LEAST = 1e-100


def trimmed_means(
    starts: Places, neighbour: Any, shared: Floats, covariance: Floats, scale: Floats, current: Floats, share: float
) -> Floats:
    """Mean of covariance / scale over each worker's pairs without this share of them at either end.

    A pair weighs shared · scale², the inverse of its ratio's variance. Of equal ratios at an end each loses the same
    part. A worker without pairs, or whose pairs weigh nothing, keeps the `current` value.
    """
    out = current.copy()
    for worker in range(len(current)):
        ends = slice(starts[worker], starts[worker + 1])
        others = scale[neighbour[ends]]
        known = np.abs(others) > LEAST
        if not known.any():
            continue
        others, value = others[known], covariance[ends][known]
        ratio = value / others
        n = int(share * len(ratio))
        weight = shared[ends][known] * (1 - _left_out(ratio, n) - _left_out(-ratio, n)) * others
        out[worker] = (weight @ value) / (weight @ others)
    return out


def _left_out(ratio: Floats, n: int) -> Floats:
    """The part of each that is among the n least."""
    if n == 0:
        return np.zeros(len(ratio))
    end = np.partition(ratio, n - 1)[n - 1]
    width = ALIKE * max(abs(end), 1.0)
    below, equal = ratio < end - width, np.abs(ratio - end) <= width
    part: Floats = below + equal * ((n - below.sum()) / equal.sum())
    return part


def trusted_means(
    starts: Places, neighbour: Any, shared: Floats, covariance: Floats, scale: Floats, current: Floats, width: float
) -> Floats:
    """Mean of covariance / scale over each worker's pairs within width / sqrt(shared) of scale · current.

    Weights are those of `trimmed_means`. A worker without such pairs keeps the `current` value.
    """
    worker = np.repeat(np.arange(len(current)), np.diff(starts))
    others = scale[neighbour]
    off = covariance - others * current[worker]
    weight = np.where(shared * off * off <= width * width, shared, 0.0) * others
    above = np.bincount(worker, weight * covariance, len(current))
    below = np.bincount(worker, weight * others, len(current))
    return np.divide(above, below, out=current.copy(), where=below > 0)
