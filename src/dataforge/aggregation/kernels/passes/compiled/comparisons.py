"""Passes over comparisons of pairs, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.

from __future__ import annotations

import math

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels.passes.compiled.primitives import jit

__all__ = ["balance", "elo_ratings", "roots"]


def balance(
    first: Codes, second: Codes, first_points: Floats, second_points: Floats, strength: Floats, tie_rate: float
) -> tuple[Floats, Floats, float]:
    """Pulls upwards and downwards on each item, and `sum_ij n_ij sqrt(p_i p_j) / D_ij`."""
    return _balance(first, second, first_points, second_points, strength, np.sqrt(strength), tie_rate)


@jit
def _balance(first, second, first_points, second_points, strength, root, tie_rate):
    """Pulls upwards and downwards; `root` is the square root of `strength`.

    Pairs are sorted by their first item, whose sums stay in registers until the next one begins.
    """
    up = np.zeros(len(strength))
    down = np.zeros(len(strength))
    ties = 0.0
    half = tie_rate * 0.5
    n = len(first_points)
    pair = 0
    while pair < n:
        i = first[pair]
        own, own_root = strength[i], root[i]
        up_here, down_here = 0.0, 0.0
        while pair < n and first[pair] == i:
            j = second[pair]
            other = strength[j]
            won, lost = first_points[pair], second_points[pair]
            if tie_rate == 0.0:
                below = own + other
                inverse = 1.0 / below if below > 0.0 else 0.0
                up_here += won * other * inverse
                down_here += lost * inverse
                up[j] += lost * own * inverse
                down[j] += won * inverse
            else:
                middle = own_root * root[j]
                below = own + other + tie_rate * middle
                inverse = 1.0 / below if below > 0.0 else 0.0
                ties += (won + lost) * middle * inverse
                up_here += won * (other + half * middle) * inverse
                down_here += lost * (1.0 + (half * root[j] / own_root if own_root > 0.0 else 0.0)) * inverse
                up[j] += lost * (own + half * middle) * inverse
                down[j] += won * (1.0 + (half * own_root / root[j] if root[j] > 0.0 else 0.0)) * inverse
            pair += 1
        up[i] += up_here
        down[i] += down_here
    return up, down, ties


@jit
def roots(first, second, n_items):
    """Lowest item of the connected part of each item, by union and find with path halving."""
    parent = np.arange(n_items)
    for pair in range(len(first)):
        i, j = first[pair], second[pair]
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        while parent[j] != j:
            parent[j] = parent[parent[j]]
            j = parent[j]
        if i < j:
            parent[j] = i
        elif j < i:
            parent[i] = j
    # Parents are never higher than their children, so one pass upwards meets finished parents only.
    for i in range(n_items):
        parent[i] = parent[parent[i]]
    return parent


@jit
def elo_ratings(left, right, outcome, ratings, step, scale):
    """Ratings after the comparisons in the order given."""
    now = ratings.copy()
    factor = math.log(10.0) / scale
    for n in range(len(left)):
        i, j = left[n], right[n]
        expected = 1.0 / (1.0 + math.exp((now[j] - now[i]) * factor))
        change = step * (outcome[n] - expected)
        now[i] += change
        now[j] -= change
    return now
