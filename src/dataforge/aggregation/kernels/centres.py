"""Places of objects from what several people drew: means weighted by how exactly each draws, robust against a slip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Centres", "centres"]

ROUNDS = 12
# Of sizes, and of what a shape counts: places move by less than a thousandth of a size then.
TOLERANCE = 3e-3
# A deviation of so many times the expected counts as much as one of just that (Huber, 1964).
FAR = 2.5
# How far from the truth people draw, in sizes of the object, before any answer, as so many objects seen.
USUAL, PRIOR = 0.05, 4.0
NEAREST = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Merged numbers of each cluster, how far they are from the truth, and how far each worker is.

    `places` has the shape (n_clusters, n_numbers); `deviation` is by cluster, `spread` by worker: both are standard
    deviations of one number, in sizes of the object.
    """

    places: Floats
    deviation: Floats
    spread: Floats


def centres(
    numbers: Floats, sizes: Floats, cluster: Places, worker: Places, presence: Floats, spread: Floats
) -> Centres:
    """The merged numbers of each cluster.

    Args:
        numbers: of each drawn shape, shape (n_drawn, n_numbers).
        sizes: what a deviation of one size is, by cluster and number, shape (n_clusters, n_numbers).
        cluster: which cluster each shape is of; each has one shape at least.
        worker: who drew it.
        presence: how probably each cluster is an object; others tell nothing of those who drew them.
        spread: of each worker, in sizes; NaN where it is to be learnt.
    """
    # Column by column, in sizes: numpy is slow with short rows.
    scaled = [column / size.take(cluster) for column, size in zip(numbers.T, sizes.T, strict=True)]
    learnt = np.isnan(spread)
    exact = np.where(learnt, USUAL, np.maximum(spread, NEAREST))
    trust, of_object = np.ones(len(cluster)), presence[cluster]
    for _ in range(ROUNDS):
        weight = trust * (1.0 / exact**2).take(worker)
        total = tally(cluster, weight, len(presence))
        share = weight / total.take(cluster)
        places = [tally(cluster, column * share, len(presence)) for column in scaled]
        beside = _beside(scaled, places, cluster)
        # A shape pulls the mean to itself: what is left of its deviation on average.
        left = np.maximum(1.0 - share, 0.0)
        last, last_trust = exact, trust
        exact = np.where(learnt, _spread(beside, left, trust * of_object, worker, len(exact)), exact)
        expected = FAR * exact.take(worker)
        expected *= np.sqrt(left)
        trust = np.minimum(1.0, expected / np.maximum(np.sqrt(beside), 1e-12))
        trust[left < 1e-9] = 1.0
        if max(_moved(exact, last), _moved(trust, last_trust)) < TOLERANCE:
            break
    merged = [place * size for place, size in zip(places, sizes.T, strict=True)]
    return Centres(np.stack(merged, axis=1), 1.0 / np.sqrt(total), exact)


def _beside(scaled: Sequence[Floats], places: Sequence[Floats], cluster: Places) -> Floats:
    """The mean square of how far the numbers of each shape are from those of its cluster."""
    total = np.zeros(len(cluster))
    for column, of in zip(scaled, places, strict=True):
        off = of.take(cluster)
        off -= column
        off *= off
        total += off
    total /= len(scaled)
    return total


def _moved(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max(initial=0.0))


def _spread(beside: Floats, left: Floats, weight: Floats, worker: Places, workers: int) -> Floats:
    """How far each worker draws from the truth, drawn to how far all do."""
    found = tally(worker, weight * beside, workers)
    seen = tally(worker, weight * left, workers)
    mean = (found.sum() + PRIOR * USUAL**2) / (seen.sum() + PRIOR)
    spread: Floats = np.sqrt(np.maximum((found + PRIOR * mean) / (seen + PRIOR), NEAREST**2))
    return spread
