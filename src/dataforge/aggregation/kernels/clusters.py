"""Shapes of several people put together: which of them are of one object.

A shape is known here by its *frame*, the box around it, and by the answer that it belongs to. One object has at most
one shape of each answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Integers, Places
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, passes

__all__ = ["Pairs", "clusters", "overlapping"]

# Numbers added up for a pair of shapes: what overlaps, along two axes.
PAIR_TERMS = 30.0
# What joining two shapes takes in plain Python, as numbers added up.
JOIN_TERMS = 300.0


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of shapes of different answers to one item, with how much of both is in both, 0..1."""

    first: Places
    second: Places
    overlap: Floats


def overlapping(frames: Floats, item: Integers, answer: Integers, least: float) -> Pairs:
    """All pairs that overlap at least so much, by intersection over union.

    Args:
        frames: left, top, right and bottom of each shape, shape (n_shapes, 4).
        item: which item each shape is of, shape (n_shapes,).
        answer: which answer each shape is of, shape (n_shapes,).
        least: the least overlap, above 0.
    """
    order = np.lexsort((frames[:, 0], item))
    sorted_frames, sorted_item = np.ascontiguousarray(frames[order]), item[order]
    last = _candidates_end(sorted_frames, sorted_item)
    found = int((last - np.arange(len(last)) - 1).sum())
    run = passes(compiled_pays(Work(found, PAIR_TERMS)))
    first, second, overlap = run.overlaps(sorted_frames, answer[order].astype(np.int64), last, least)
    return Pairs(order[first], order[second], overlap)


def clusters(pairs: Pairs, liking: Floats, answer: Integers) -> Codes:
    """The cluster of each shape, numbered from 0: pairs are joined from the most alike to the least.

    Clusters that both have a shape of the same answer stay apart.
    """
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    best_first = np.lexsort((high, low, -liking))
    run = passes(compiled_pays(Work(len(low), JOIN_TERMS)))
    root = run.joined(low[best_first], high[best_first], answer.astype(np.int64))
    is_root = root == np.arange(len(root))
    numbers: Codes = (np.cumsum(is_root, dtype=np.int32) - np.int32(1))[root]
    return numbers


def _candidates_end(frames: Floats, item: Integers) -> Places:
    """For each shape, where those of its item end that begin before it ends; sorted by item and left edge."""
    if not len(item):
        return np.zeros(0, np.int64)
    low = frames[:, 0].min()
    room = frames[:, 2].max() - low + 1.0
    keys = item * room + (frames[:, 0] - low)
    ends: Places = np.searchsorted(keys, item * room + (frames[:, 2] - low), side="left").astype(np.int64)
    return ends
