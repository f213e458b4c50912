"""Labels of objects by those who drew them: EM over one accuracy per worker, errors spread over the other labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Labelled", "label_clusters"]

MOST_ITERATIONS = 60
TOLERANCE = 1e-3
# Nine labels of ten are right, before any answer, as so many objects seen; a worker is drawn to the mean as much.
USUAL, PRIOR = 0.9, 4.0
SUREST = 1.0 - 1e-6
# Labels are counted in a table if that has no more places than this for each shape.
ROOM = 8


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The most probable label of each cluster, how probable it is, and how often each worker's label is right."""

    label: Codes
    probability: Floats
    accuracy: Floats


def label_clusters(
    label: Codes, cluster: Places, worker: Places, presence: Floats, labels: int, accuracy: Floats
) -> Labelled:
    """The label of each cluster.

    Args:
        label: of each drawn shape, from 0.
        cluster: which cluster each shape is of; each has one shape at least.
        worker: who drew it.
        presence: how probably each cluster is an object; others tell nothing of those who drew them.
        labels: how many labels are open to a shape.
        accuracy: how often each worker's label is right; NaN where it is to be learnt.
    """
    learnt = np.isnan(accuracy)
    right = np.where(learnt, USUAL, np.clip(accuracy, 1.0 / labels, SUREST))
    stride = int(label.max(initial=0)) + 1
    named, choice = _distinct(cluster * np.int64(stride) + label, len(presence) * stride)
    of, code = named // stride, (named % stride).astype(np.int32)
    probability = np.ones(len(named))
    for _ in range(MOST_ITERATIONS if labels > 1 else 0):
        last, probability = probability, _posteriors(choice, of, right[worker], labels, len(presence))
        if not learnt.any() or np.abs(probability - last).max(initial=0.0) < TOLERANCE:
            break
        hits = tally(worker, presence[cluster] * probability[choice], len(right))
        found = _accuracy(hits, tally(worker, presence[cluster], len(right)))
        right = np.where(learnt, found, right)
    best = _best(of, probability, len(presence))
    return Labelled(code[best], probability[best], right if labels > 1 else np.ones(len(right)))


def _distinct(keys: Places, room: int) -> tuple[Places, Places]:
    """The keys that there are, in order, and the place of each key among them; keys are below `room`."""
    if room > ROOM * len(keys):
        named, choice = np.unique(keys, return_inverse=True)
        return named, choice
    there = np.bincount(keys, minlength=room) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def _best(of: Places, probability: Floats, clusters: int) -> Places:
    """The row of the most probable label of each cluster, the first of equals; rows are in order of clusters."""
    highest = np.zeros(clusters)
    np.maximum.at(highest, of, probability)
    rows = np.flatnonzero(probability == highest[of])[::-1]
    best = np.empty(clusters, np.int64)
    best[of[rows]] = rows
    return best


def _posteriors(choice: Places, of: Places, right: Floats, labels: int, clusters: int) -> Floats:
    """How probable each label that somebody gave is; labels that nobody gave have their share too."""
    right = np.clip(right, 1e-6, SUREST)
    score = tally(choice, np.log(right * (labels - 1) / (1.0 - right)), len(of))
    highest = np.zeros(clusters)
    np.maximum.at(highest, of, score)
    odds = np.exp(score - highest[of])
    others = np.maximum(labels - np.bincount(of, minlength=clusters), 0) * np.exp(-highest)
    total = tally(of, odds, clusters) + others
    share: Floats = odds / total[of]
    return share


def _accuracy(hits: Floats, seen: Floats) -> Floats:
    mean = (hits.sum() + USUAL * PRIOR) / (seen.sum() + PRIOR)
    accuracy: Floats = np.minimum((hits + mean * PRIOR) / (seen + PRIOR), SUREST)
    return accuracy
