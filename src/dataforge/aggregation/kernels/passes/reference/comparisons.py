"""Passes over comparisons of pairs."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Integers
from dataforge.aggregation.kernels.sums import tally

__all__ = ["balance", "elo_ratings", "roots"]


def balance(
    first: Codes, second: Codes, first_points: Floats, second_points: Floats, strength: Floats, tie_rate: float
) -> tuple[Floats, Floats, float]:
    """Pulls upwards and downwards on each item, and `sum_ij n_ij sqrt(p_i p_j) / D_ij`."""
    root, n_items = np.sqrt(strength), len(strength)
    one, two = root[first], root[second]
    middle = one * two
    below = one * one + two * two + tie_rate * middle
    inverse = np.divide(1.0, below, out=np.zeros_like(below), where=below > 0)
    half = tie_rate / 2
    # An item of strength 0 has no points and keeps its 0, so what would divide by it is left out.
    to_second = np.divide(two, one, out=np.zeros_like(one), where=one > 0)
    to_first = np.divide(one, two, out=np.zeros_like(two), where=two > 0)
    up = tally(first, first_points * (two * two + half * middle) * inverse, n_items)
    up += tally(second, second_points * (one * one + half * middle) * inverse, n_items)
    down = tally(first, second_points * (1 + half * to_second) * inverse, n_items)
    down += tally(second, first_points * (1 + half * to_first) * inverse, n_items)
    return up, down, float(((first_points + second_points) * middle * inverse).sum())


def roots(first: Codes, second: Codes, n_items: int) -> Integers:
    """A number for each item, the same for all of a connected part."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(n_items, n_items))
    found: Integers = connected_components(graph, directed=False)[1]
    return found


def elo_ratings(left: Codes, right: Codes, outcome: Floats, ratings: Floats, step: float, scale: float) -> Floats:
    """Ratings after the comparisons in the order given."""
    now = ratings.tolist()
    for i, j, result in zip(left.tolist(), right.tolist(), outcome.tolist(), strict=True):
        expected = 1.0 / (1.0 + 10.0 ** ((now[j] - now[i]) / scale))
        change = step * (result - expected)
        now[i] += change
        now[j] -= change
    return np.array(now, np.float64)
