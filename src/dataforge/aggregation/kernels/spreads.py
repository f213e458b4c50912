"""How exactly people draw, from how far what two of them drew of one object is apart."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["spreads"]

ROUNDS = 12
TOLERANCE = 1e-3
# Two that are apart so many times what is expected count as just that.
FAR = 2.5
# How far from the truth people draw before any answer, as so many pairs seen.
USUAL, PRIOR = 0.1, 4.0
NEAREST = 1e-3


def spreads(one: Places, other: Places, distance: Floats, weight: Floats, spread: Floats) -> Floats:
    """How far from the truth each worker draws: squares of two of them add up to that of their distance.

    Args:
        one: who drew the first of each pair.
        other: who drew the second.
        distance: how far both are apart.
        weight: what the pair counts: how probably both drew an object.
        spread: of each worker; NaN where it is to be learnt.
    """
    learnt = np.isnan(spread)
    exact = np.where(learnt, USUAL, np.maximum(spread, NEAREST))
    seen = tally(one, weight, len(exact)) + tally(other, weight, len(exact))
    for _ in range(ROUNDS):
        mine, theirs = exact[one] ** 2, exact[other] ** 2
        square = np.minimum(distance**2, FAR**2 * (mine + theirs)) * weight / (mine + theirs)
        found = tally(one, square * mine, len(exact)) + tally(other, square * theirs, len(exact))
        mean = (found.sum() + PRIOR * USUAL**2) / (seen.sum() + PRIOR)
        last = exact
        new = np.sqrt((found + PRIOR * mean) / (seen + PRIOR))
        exact = np.where(learnt, np.maximum(new, NEAREST), exact)
        if np.abs(exact - last).max(initial=0.0) < TOLERANCE:
            break
    return exact
