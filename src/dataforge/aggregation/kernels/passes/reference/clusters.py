"""Shapes that overlap, and shapes joined to clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.passes.table import Edges

__all__ = ["areas_of", "in_common", "joined", "overlaps"]

# Pairs that are looked at together: what is made of them stays in the caches of a processor.
CHUNK = 8_000
# Pairs are joined in so many rounds, many at once; chains that take more are rare. So many answers fit into a number.
ROUNDS, BITS = 20, 62


def overlaps(edges: Edges, answer: Places, last: Places, least: float) -> tuple[Places, Places, Floats]:
    """Pairs (first, second) of frames of different answers, and their intersection over union where that is enough.

    `last[n]` is where the frames end that may overlap frame n, of those behind it.
    """
    areas = areas_of(edges)
    found = [_among(edges, areas, answer, first, second, least) for first, second in _candidates(last)]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    first, second, overlap = (np.concatenate(column) for column in zip(*found, strict=True))
    return first, second, overlap


def _candidates(last: Places) -> Iterator[tuple[Places, Places]]:
    """All pairs that may overlap, some at a time."""
    counts = np.maximum(last - np.arange(len(last)) - 1, 0)
    ends = np.cumsum(counts)
    start = 0
    while start < len(last):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + CHUNK, side="right")), start + 1)
        count = counts[start:stop]
        first = np.repeat(np.arange(start, stop), count)
        step = np.arange(len(first)) - np.repeat(ends[start:stop] - count - before, count)
        yield first, first + 1 + step
        start = stop


def _among(
    edges: Edges, areas: Floats, answer: Places, first: Places, second: Places, least: float
) -> tuple[Places, Places, Floats]:
    left, top, right, bottom = edges
    height = _shared(top, bottom, first, second)
    apart = (answer[first] != answer[second]) & (height > 0)
    first, second = first[apart], second[apart]
    common = np.maximum(_shared(left, right, first, second), 0.0) * height[apart]
    overlap = _of_both(common, areas, first, second)
    enough = overlap >= least
    return first[enough], second[enough], overlap[enough]


def areas_of(edges: Edges) -> Floats:
    """The areas of frames."""
    left, top, right, bottom = edges
    areas: Floats = (right - left) * (bottom - top)
    return areas


def in_common(edges: Edges, areas: Floats, first: Places, second: Places) -> Floats:
    """Intersection over union of pairs of frames with these edges and areas."""
    left, top, right, bottom = edges
    width, height = _shared(left, right, first, second), _shared(top, bottom, first, second)
    return _of_both(np.maximum(width, 0.0) * np.maximum(height, 0.0), areas, first, second)


def _of_both(common: Floats, areas: Floats, first: Places, second: Places) -> Floats:
    union = areas[first] + areas[second] - common
    overlap: Floats = np.divide(common, union, out=np.zeros(len(union)), where=union > 0)
    return overlap


def _shared(start: Floats, end: Floats, first: Places, second: Places) -> Floats:
    """The length that two intervals of a pair have in common, negative where they are apart."""
    length: Floats = np.minimum(end[first], end[second]) - np.maximum(start[first], start[second])
    return length


def joined(first: Places, second: Places, answer: Places) -> Places:
    """The lowest shape of each shape's cluster, after each pair in turn is joined unless one answer had two in it."""
    root = np.arange(len(answer))
    if int(answer.max(initial=0)) >= BITS:
        return _one_by_one(first, second, root, [1 << of for of in answer.tolist()])
    owners = np.left_shift(1, answer.astype(np.int64))
    for _ in range(ROUNDS):
        one, other = root[first], root[second]
        is_open = (one != other) & (owners[one] & owners[other] == 0)
        first, second = one[is_open], other[is_open]
        if not len(first):
            return root
        first, second = _join_the_best(first, second, root, owners)
        root = root[root]
    return _one_by_one(first, second, root, owners.tolist())


def _join_the_best(first: Places, second: Places, root: Places, owners: Places) -> tuple[Places, Places]:
    """The pairs of clusters that are left when those are joined that are the first pair of both their clusters.

    Nothing could happen to these before it is their turn, so that joining them all at once comes to the same.
    """
    number = np.arange(len(first))
    best = np.full(len(root), len(first))
    # Of several values for one place the last stands: from the last pair to the first.
    best[np.stack([first, second], axis=1).ravel()[::-1]] = np.repeat(number, 2)[::-1]
    is_best = (best[first] == number) & (best[second] == number)
    low, high = (of(first[is_best], second[is_best]) for of in (np.minimum, np.maximum))
    root[high] = low
    owners[low] |= owners[high]
    return first[~is_best], second[~is_best]


def _one_by_one(first: Places, second: Places, root: Places, owners: list[int]) -> Places:
    above = root.tolist()
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((_top(above, one), _top(above, other)))
        if low != high and not owners[low] & owners[high]:
            owners[low] |= owners[high]
            above[high] = low
    return np.array([_top(above, shape) for shape in range(len(above))], np.int64)


def _top(above: list[int], shape: int) -> int:
    while above[shape] != shape:
        above[shape] = above[above[shape]]
        shape = above[shape]
    return shape
