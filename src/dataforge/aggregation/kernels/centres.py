"""Places of objects from what several people drew: means weighted by how exactly each draws, robust against a slip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Centres", "centres"]

ROUNDS = 12
TOLERANCE = 1e-4
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
    learnt = np.isnan(spread)
    exact = np.where(learnt, USUAL, np.maximum(spread, NEAREST))
    trust = np.ones(len(cluster))
    for _ in range(ROUNDS):
        weight = trust / exact[worker] ** 2
        total = tally(cluster, weight, len(presence))
        places = _means(numbers, cluster, weight / total[cluster], len(presence))
        beside = _squares(numbers, places, sizes, cluster)
        # A shape pulls the mean to itself: what is left of its deviation on average.
        left = np.maximum(1.0 - weight / total[cluster], 0.0)
        last, last_trust = exact, trust
        found = _spread(beside, left, trust * presence[cluster], worker, len(exact))
        exact = np.where(learnt, found, exact)
        expected = exact[worker] * np.sqrt(left)
        trust = np.minimum(1.0, FAR * expected / np.maximum(np.sqrt(beside), 1e-12))
        trust[left < 1e-9] = 1.0
        if max(_moved(exact, last), _moved(trust, last_trust)) < TOLERANCE:
            break
    return Centres(places, 1.0 / np.sqrt(total), exact)


def _moved(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max(initial=0.0))


def _means(numbers: Floats, cluster: Places, share: Floats, count: int) -> Floats:
    columns = [tally(cluster, share * numbers[:, n], count) for n in range(numbers.shape[1])]
    return np.stack(columns, axis=1)


def _squares(numbers: Floats, places: Floats, sizes: Floats, cluster: Places) -> Floats:
    """The mean square of a shape's deviations, in sizes."""
    total = np.zeros(len(cluster))
    for n in range(numbers.shape[1]):
        total += ((numbers[:, n] - places[cluster, n]) / sizes[cluster, n]) ** 2
    mean: Floats = total / numbers.shape[1]
    return mean


def _spread(beside: Floats, left: Floats, weight: Floats, worker: Places, workers: int) -> Floats:
    """How far each worker draws from the truth, drawn to how far all do."""
    found = tally(worker, weight * beside, workers)
    seen = tally(worker, weight * left, workers)
    mean = (found.sum() + PRIOR * USUAL**2) / (seen.sum() + PRIOR)
    spread: Floats = np.sqrt(np.maximum((found + PRIOR * mean) / (seen + PRIOR), NEAREST**2))
    return spread
