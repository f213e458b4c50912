"""Shapes of several people put together: which of them are of one object.

A shape is known here by its *frame*, the box around it, and by the answer that it belongs to. One object has at most
one shape of each answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats, Integers, Places
from dataforge.aggregation.kernels.orders import in_order, item_keys
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, passes
from dataforge.aggregation.kernels.passes.reference.clusters import areas_of, in_common
from dataforge.aggregation.kernels.passes.table import Edges

__all__ = ["Pairs", "close", "clusters", "overlapping"]

# Numbers added up for a pair of shapes: what overlaps, along two axes.
PAIR_TERMS = 30.0
# What joining two shapes takes, as numbers added up.
JOIN_TERMS = 30.0
# An item that has more candidates for a shape than this is crowded: only so many of each other answer are looked at.
MOST_CANDIDATES, NEAREST = 64, 4
# How far frames that are the same are from each other when the nearest are looked for, in sizes.
HAIR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of shapes of different answers to one item, with how much of both is in both, 0..1."""

    first: Places
    second: Places
    overlap: Floats


def overlapping(frames: Floats, item: Integers, answer: Integers, least: float) -> Pairs:
    """All pairs that overlap at least so much, by intersection over union; on crowded items the nearest ones.

    Args:
        frames: left, top, right and bottom of each shape, shape (n_shapes, 4).
        item: which item each shape is of, shape (n_shapes,).
        answer: which answer each shape is of, shape (n_shapes,).
        least: the least overlap, above 0.
    """
    low, high = float(frames[:, 0].min(initial=0.0)), float(frames[:, 2].max(initial=0.0))
    order = in_order(item_keys(item, frames[:, 0], low, high))
    # Column by column: arrays as large as all frames would be memory that is asked for anew each time.
    left, top, right, bottom = (np.take(column, order) for column in frames.T)
    edges = left, top, right, bottom
    sorted_item, sorted_answer = np.take(item, order), np.take(answer, order).astype(np.int64)
    # Shapes that have this share of both in common have that share of the width of each in common too.
    ends = right - least * (right - left)
    starts = item_keys(sorted_item, left, low, high)
    last = np.searchsorted(starts, item_keys(sorted_item, ends, low, high), side="right").astype(np.int64)
    crowded = _crowded(last, sorted_item)
    last = np.where(crowded, 0, last)
    work = Work(int(np.maximum(last - np.arange(len(last)) - 1, 0).sum()), PAIR_TERMS)
    found = [passes(compiled_pays(work)).overlaps(edges, sorted_answer, last, least)]
    found += _on_crowded(edges, sorted_item, sorted_answer, crowded, least)
    first, second, overlap = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pairs(order[first], order[second], overlap)


def close(places: Floats, near: Floats, item: Integers, answer: Integers) -> Pairs:
    """Pairs of points nearer than `near`, and how near they are, 0..1.

    They are nearer than half the way to the next point of either answer, too.

    Args:
        places: from the left and from the top, shape (n_points, 2).
        near: by point, the same for all of an item, shape (n_points,).
        item: which item each point is of, shape (n_points,).
        answer: which answer each point is of, shape (n_points,).
    """
    around = near[:, None]
    # Of squares of twice that width those of near points have more than a quarter in common.
    pairs = overlapping(np.hstack([places - around, places + around]), item, answer, 0.25)
    apart = np.hypot(*(places[pairs.first] - places[pairs.second]).T) / near[pairs.first]
    alone = _alone(places / around, answer)
    enough = apart < np.minimum(alone[pairs.first], alone[pairs.second])
    return Pairs(pairs.first[enough], pairs.second[enough], 1.0 - apart[enough])


def _alone(places: Floats, answer: Integers) -> Floats:
    """Half the way from each point to the next one of its answer, at most 1; a tenth at least, for slips."""
    if not len(places):
        return np.zeros(0)
    from scipy.spatial import cKDTree

    # Answers lie one above the other, too far from each other to be near.
    tree = cKDTree(np.column_stack([places, 4.0 * answer]))
    distance = tree.query(tree.data, [2], distance_upper_bound=2.0)[0][:, 0]
    alone: Floats = np.clip(distance / 2, 0.1, 1.0)
    return alone


def clusters(pairs: Pairs, liking: Floats, answer: Integers) -> Codes:
    """The cluster of each shape, numbered from 0: pairs are joined from the most alike to the least.

    `answer` is which of its item's answers each shape is of, from 0. Clusters that both have a shape of the same answer
    stay apart.
    """
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    best_first = in_order(-liking)
    run = passes(compiled_pays(Work(len(low), JOIN_TERMS)))
    root = run.joined(low[best_first], high[best_first], answer.astype(np.int64))
    is_root = root == np.arange(len(root))
    numbers: Codes = (np.cumsum(is_root, dtype=np.int32) - np.int32(1))[root]
    return numbers


def _crowded(last: Places, item: Integers) -> Flags:
    """The shapes of items that have so many candidates for a shape that looking at all would take too long."""
    if not len(item):
        return np.zeros(0, np.bool_)
    number = np.cumsum(np.diff(item, prepend=item[0]) != 0)
    candidates = np.bincount(number, last - np.arange(len(last)) - 1)
    crowded: Flags = (candidates > MOST_CANDIDATES * np.bincount(number))[number]
    return crowded


def _on_crowded(
    edges: Edges, item: Integers, answer: Places, crowded: Flags, least: float
) -> Iterator[tuple[Places, Places, Floats]]:
    """Pairs of each crowded item, of shapes sorted by item."""
    places = np.flatnonzero(crowded)
    for of_item in np.split(places, np.flatnonzero(np.diff(item[places])) + 1) if len(places) else ():
        left, top, right, bottom = (edge[of_item] for edge in edges)
        some = left, top, right, bottom
        first, second = _nearest(_edges(np.stack(some, axis=1), answer[of_item]), answer[of_item], NEAREST)
        overlap = in_common(some, areas_of(some), first, second)
        enough = overlap >= least
        yield of_item[first[enough]], of_item[second[enough]], overlap[enough]


def _edges(frames: Floats, answer: Places) -> Floats:
    """Edges in usual sizes, and a hair's breadth between frames of one answer that are the same.

    So the first of the same ones of each answer are nearest to each other, then the second, and so on.
    """
    sizes = np.maximum(np.median(frames[:, 2:] - frames[:, :2], axis=0), np.finfo(float).tiny)
    columns = (*(frames / np.tile(sizes, 2)).T, answer)
    order = np.lexsort(columns)
    same = np.all([np.diff(column[order]) == 0 for column in columns], axis=0)
    place = np.arange(len(order))
    start = np.maximum.accumulate(np.where(np.append(False, same), 0, place))
    turn = np.empty(len(order))
    turn[order] = HAIR * (place - start)
    return np.stack([*columns[:4], turn], axis=1)


def _nearest(places: Floats, answer: Integers, most: int) -> tuple[Places, Places]:
    """Pairs of a place of one answer and one of the `most` nearest to it of another that has as many places or more."""
    # Loaded where it is needed: few items are crowded.
    from scipy.spatial import cKDTree

    groups = np.split(np.argsort(answer, kind="stable"), np.cumsum(np.bincount(answer - answer.min())))
    groups = sorted((group for group in groups if len(group)), key=len)
    trees = [cKDTree(places[group]) for group in groups]
    first, second = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one, other in combinations(range(len(groups)), 2):
        count = min(most, len(groups[other]))
        found = trees[other].query(places[groups[one]], np.arange(1, count + 1), p=1)[1]
        first.append(np.repeat(groups[one], count))
        second.append(groups[other][found.ravel()])
    return np.concatenate(first), np.concatenate(second)
