"""Measures of boxes, lines and polygons in the plane: areas, crossings, what two have in common.

A figure is its corners as `float64[n, 2]`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Points", "apart", "box_overlaps", "crosses_itself", "polygon_overlap"]

Points = NDArray[np.float64]

# A line is compared at so many places, evenly spaced along it.
SAMPLES = 64
# Two polygons are compared exactly if no more heights than these part them into trapezoids.
HEIGHTS = 1_000
# So many edges are compared with all others at a time, which keeps the numbers in the processor's cache.
ROWS = 16


def box_overlaps(one: Points, other: Points) -> NDArray[np.float64]:
    """Intersection over union of each of `one` with each of `other`: `[n, 2, 2]` and `[m, 2, 2]` give `[n, m]`.

    A box is its left upper and its right lower corner.
    """
    first, second = one[:, None], other[None]
    shared = np.minimum(first[:, :, 1], second[:, :, 1]) - np.maximum(first[:, :, 0], second[:, :, 0])
    common = shared.clip(0).prod(axis=-1)
    areas = (first[:, :, 1] - first[:, :, 0]).prod(axis=-1) + (second[:, :, 1] - second[:, :, 0]).prod(axis=-1)
    return np.asarray(common / (areas - common))


def _area(polygon: Points) -> float:
    """The area inside, by the shoelace formula; 0 of one without an inside."""
    x, y = (polygon - polygon[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def polygon_overlap(one: Points, other: Points) -> float:
    """Intersection over union of two polygons, exact but for rounding where they have few corners and crossings.

    Between two neighbouring heights at which a corner lies or two edges cross, both polygons are rows of trapezoids;
    what they share there is the length shared at half the height, times the height. Where there are too many of these
    heights, heights evenly spaced stand for them.
    """
    heights = _heights(one, other)
    middles, steps = (heights[1:] + heights[:-1]) / 2, np.diff(heights)
    common = sum(_shared_length(_cut(one, y), _cut(other, y)) * step for y, step in zip(middles, steps, strict=True))
    union = _area(one) + _area(other) - float(common)
    return min(1.0, max(0.0, float(common) / union)) if union > 0 else 0.0


def crosses_itself(polygon: Points) -> bool:
    """Whether two edges that are not neighbours meet, or two neighbours lie on one another.

    Time and memory grow with the square of the corners.
    """
    ends = np.roll(polygon, -1, axis=0)
    ways, following = ends - polygon, np.roll(ends, -1, axis=0) - ends
    folded = (ways[:, 0] * following[:, 1] == ways[:, 1] * following[:, 0]) & ((ways * following).sum(axis=1) < 0)
    return bool(folded.any()) or _edges_meet(polygon, ends)


def apart(one: Points, other: Points) -> float:
    """How far two lines are from each other: the mean distance of places of one to the other, the larger of the two."""
    return max(float(_distances(_along(a), b).mean()) for a, b in ((one, other), (other, one)))


def _edges_meet(starts: Points, ends: Points) -> bool:
    """Whether two edges of an outline that are not neighbours have a place in common."""
    count, (x, y) = len(starts), np.ascontiguousarray(starts.T)
    following = np.roll(np.arange(count), -1)
    parted = np.empty((count, count), bool)
    for first in range(0, count, ROWS):
        rows = slice(first, first + ROWS)
        (along_x, along_y), (from_x, from_y) = (ends[rows] - starts[rows]).T[..., None], starts[rows].T[..., None]
        turns = along_x * (y - from_y) - along_y * (x - from_x)
        left, right = turns > 0, turns < 0
        parted[rows] = ~(left & left[:, following] | right & right[:, following])
    # Each of two edges that meet parts the ends of the other; edges on one line do so too, and meet if their boxes do.
    one, two = np.nonzero(np.triu(parted & parted.T, 2))
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    near = (low[one] <= high[two]).all(axis=1) & (low[two] <= high[one]).all(axis=1)
    return bool((near & ((one != 0) | (two != count - 1))).any())


def _heights(one: Points, other: Points) -> NDArray[np.float64]:
    """The heights between which both polygons are trapezoids, from the lowest that both reach to the highest."""
    low, high = max(one[:, 1].min(), other[:, 1].min()), min(one[:, 1].max(), other[:, 1].max())
    if len(one) + len(other) <= HEIGHTS:
        found = np.unique(np.concatenate([one[:, 1], other[:, 1], _crossing_heights(one, other)]))
        heights: NDArray[np.float64] = found[(found >= low) & (found <= high)]
        if len(heights) <= HEIGHTS:
            return heights
    return np.linspace(low, high, HEIGHTS) if low < high else np.empty(0)


def _crossing_heights(one: Points, other: Points) -> NDArray[np.float64]:
    """Where edges of two polygons cross, as heights."""
    starts, alongs = other, np.roll(other, -1, axis=0) - other
    found = []
    for a, b in zip(one, np.roll(one, -1, axis=0), strict=True):
        way = b - a
        turn = way[0] * alongs[:, 1] - way[1] * alongs[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            here = ((starts[:, 0] - a[0]) * alongs[:, 1] - (starts[:, 1] - a[1]) * alongs[:, 0]) / turn
            there = ((starts[:, 0] - a[0]) * way[1] - (starts[:, 1] - a[1]) * way[0]) / turn
        met = (turn != 0) & (here >= 0) & (here <= 1) & (there >= 0) & (there <= 1)
        found.append(a[1] + here[met] * way[1])
    return np.concatenate(found)


def _cut(polygon: Points, y: float) -> NDArray[np.float64]:
    """Where a level line enters and leaves a polygon, from left to right; no corner lies on it."""
    ends = np.roll(polygon, -1, axis=0)
    crossed = (polygon[:, 1] < y) != (ends[:, 1] < y)
    start, end = polygon[crossed], ends[crossed]
    return np.sort(start[:, 0] + (y - start[:, 1]) / (end[:, 1] - start[:, 1]) * (end[:, 0] - start[:, 0]))


def _shared_length(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The length that lies in both of two lists of intervals, each given by its sorted ends."""
    ends = np.sort(np.concatenate([one, other]))
    if len(ends) < 2:
        return 0.0
    middles = (ends[1:] + ends[:-1]) / 2
    inside = (np.searchsorted(one, middles) % 2 == 1) & (np.searchsorted(other, middles) % 2 == 1)
    return float(np.diff(ends)[inside].sum())


def _along(line: Points) -> Points:
    """Places at equal distances along a line, from its start to its end."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    wanted = np.linspace(0.0, lengths[-1], SAMPLES)
    return np.stack([np.interp(wanted, lengths, line[:, axis]) for axis in (0, 1)], axis=1)


def _distances(places: Points, line: Points) -> NDArray[np.float64]:
    """The distance of each place to the nearest point of a line."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    squares = np.maximum((ways**2).sum(axis=1), np.finfo(float).tiny)
    share = (((places[:, None] - starts) * ways).sum(axis=2) / squares).clip(0, 1)
    nearest = starts + share[..., None] * ways
    distances: NDArray[np.float64] = np.linalg.norm(places[:, None] - nearest, axis=2).min(axis=1)
    return distances
