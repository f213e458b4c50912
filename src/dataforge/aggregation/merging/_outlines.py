"""Outlines of several people made one: that which is most like all, or its corners moved to the middle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.outlines import Outlines, aligned, crosses_itself
from dataforge.aggregation.kernels.spreads import spreads
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.merging._places import Loss
from dataforge.aggregation.merging._sets import Clustered, Merging, Part, listed

__all__ = ["LOSS", "Alike", "exactness", "merge_outlines", "outlines_of"]

# What a deviation of 1 costs; as much as of a box with its four edges, per unit of loss.
LOSS = Loss(1.0, 0.38)
# The moved one is preferred to the drawn one unless that is more like all others by so much: it is in the middle.
PREFERRED = 0.02
# Outlines of more corners than this stay as they were drawn.
MOST_CORNERS = 300
DIGITS = 2


class Alike(Protocol):
    """How alike outlines are, row by row, 0..1; `row` are the shapes that these are of, which tell their size."""

    def __call__(self, one: Outlines, other: Outlines, row: Places, /) -> Floats:
        """The likeness of each row."""
        ...


def outlines_of(parts: Sequence[Part], *, closed: bool) -> Outlines:
    """The outlines of shapes."""
    lists = [part["points"] for part in parts]
    counts = np.fromiter(map(len, lists), np.int64, len(lists))
    numbers = chain.from_iterable(chain.from_iterable(lists))
    places = np.fromiter(numbers, np.float64, 2 * int(counts.sum())).reshape(-1, 2)
    return Outlines(places[:, 0].copy(), places[:, 1].copy(), np.append(0, np.cumsum(counts)), closed)


def merge_outlines(
    outlines: Outlines, alike: Alike, clustered: Clustered, presence: Floats, precision: Floats
) -> Merging:
    """One outline of each cluster, under these precisions of workers; NaN where they are to be learnt."""
    cluster, worker, count = clustered.cluster, clustered.drawn.worker, len(presence)
    one, other = clustered.pairs()
    likeness = alike(outlines.take(one), outlines.take(other), one)
    spread = exactness(clustered, one, other, likeness, presence, precision)
    weight = 1.0 / spread[worker] ** 2
    support = (
        weight + tally(one, weight[other] * likeness, len(cluster)) + tally(other, weight[one] * likeness, len(cluster))
    )
    reference = _highest(cluster, support, count)
    moved = _moved(outlines, reference[cluster], cluster, weight, count)
    total = tally(cluster, weight, count)
    middle = tally(cluster, weight * alike(moved.take(cluster), outlines, np.arange(len(cluster))), count)
    taken = (middle >= support[reference] - PREFERRED * total) & _sound(moved)
    deviation = np.where(taken, 1.0 / np.sqrt(total), spread[worker[reference]])
    return Merging(
        parts=listed(_parts(moved, outlines.take(reference), taken)),
        loss=LOSS.mean * deviation,
        loss_deviation=LOSS.deviation * deviation,
        precision=1.0 - np.minimum(LOSS.mean * spread, 1.0),
        exact=np.ones(count),
        inexact=np.zeros(count),
    )


def exactness(
    clustered: Clustered, one: Places, other: Places, likeness: Floats, presence: Floats, precision: Floats
) -> Floats:
    """How far from the truth each worker draws, of how alike pairs of shapes of one cluster are."""
    worker, square = clustered.drawn.worker, np.hypot(LOSS.mean, LOSS.deviation)
    given = np.maximum(1.0 - precision, 0.0) / LOSS.mean
    weight = presence[clustered.cluster[one]]
    return spreads(worker[one], worker[other], (1.0 - likeness) / square, weight, given)


def _highest(cluster: Places, support: Floats, count: int) -> Places:
    """The row of each cluster with the highest support, the first of equals."""
    order = np.lexsort((-np.arange(len(cluster)), support))
    best = np.empty(count, np.int64)
    best[cluster[order]] = order
    return best


def _moved(outlines: Outlines, reference: Places, cluster: Places, weight: Floats, count: int) -> Outlines:
    """The reference outline of each cluster, each corner at the weighted mean of where all have it."""
    row, x, y = aligned(outlines, reference, np.arange(len(cluster)))
    of_cluster = np.empty(count, np.int64)
    of_cluster[cluster] = reference
    begin = np.append(0, np.cumsum(outlines.counts()[of_cluster]))
    counts = outlines.counts()[reference]
    step = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    corner = begin[cluster[row]] + step
    total = tally(corner, weight[row], int(begin[-1]))
    x, y = (np.round(tally(corner, weight[row] * at, int(begin[-1])) / total, DIGITS) for at in (x, y))
    return Outlines(x, y, begin, outlines.closed)


def _sound(outlines: Outlines) -> Flags:
    """Which outlines have not too many corners, are more than a point, and cross themselves nowhere."""
    left, top, right, bottom = outlines.frames().T
    sound: Flags = (outlines.counts() <= MOST_CORNERS) & ((right > left) | (bottom > top))
    if outlines.closed:
        sound &= (right > left) & (bottom > top)
        for number in np.flatnonzero(sound).tolist():
            corners = slice(int(outlines.start[number]), int(outlines.start[number + 1]))
            sound[number] = not crosses_itself(outlines.x[corners], outlines.y[corners])
    return sound


def _parts(moved: Outlines, drawn: Outlines, taken: Flags) -> list[dict[str, Any]]:
    found = []
    lists = [(list(zip(of.x.tolist(), of.y.tolist(), strict=True)), of.start.tolist()) for of in (drawn, moved)]
    for number, is_moved in enumerate(taken.tolist()):
        corners, start = lists[is_moved]
        found.append({"points": [list(corner) for corner in corners[start[number] : start[number + 1]]]})
    return found
