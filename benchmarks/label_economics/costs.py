"""What equal accuracy costs: curves of accuracy by cost, and how much less one policy pays than another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Interval", "Point", "cost_at", "envelope", "mean_of_sets"]

RESAMPLES = 4_000
# Accuracies of as many items are equal if they differ by a rounding error.
CLOSE_ENOUGH = 1e-9


class Point(NamedTuple):
    """A setting of a policy: what it pays for an item, and how many items of a hundred it has right."""

    cost: float
    accuracy: float


class Interval(NamedTuple):
    """A mean over sets and where it lies in 95 % of resamples of the sets; `sets` were in it."""

    mean: float
    low: float
    high: float
    sets: int


def envelope(points: Sequence[Point]) -> list[Point]:
    """The points that are more accurate than all cheaper ones, from the cheapest on."""
    found: list[Point] = []
    for point in sorted(points, key=lambda one: (one.cost, -one.accuracy)):
        if not found or point.accuracy > found[-1].accuracy:
            found.append(point)
    return found


def cost_at(points: Sequence[Point], accuracy: float) -> float | None:
    """What the accuracy costs, on the line between two points of the envelope; None if it is never reached."""
    before: Point | None = None
    for point in envelope(points):
        if point.accuracy >= accuracy - CLOSE_ENOUGH:
            if before is None or point.accuracy - before.accuracy < CLOSE_ENOUGH:
                return point.cost
            share = min((accuracy - before.accuracy) / (point.accuracy - before.accuracy), 1.0)
            return before.cost + share * (point.cost - before.cost)
        before = point
    return None


def mean_of_sets(values: Mapping[str, float | None], seed: int = 0) -> Interval:
    """The mean over the sets that have a value, with a bootstrap interval."""
    known = np.array([value for _, value in sorted(values.items()) if value is not None])
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    drawn = np.random.default_rng(seed).integers(len(known), size=(RESAMPLES, len(known)))
    low, high = np.quantile(known[drawn].mean(axis=1), [0.025, 0.975])
    return Interval(float(known.mean()), float(low), float(high), len(known))
