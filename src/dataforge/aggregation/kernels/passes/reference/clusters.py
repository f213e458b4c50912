"""Shapes that overlap, and shapes joined to clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dataforge.aggregation.arrays import Floats, Places

__all__ = ["joined", "overlaps"]

# Pairs that are looked at together; their boxes are a few dozen megabytes.
CHUNK = 500_000


def overlaps(frames: Floats, answer: Places, last: Places, least: float) -> tuple[Places, Places, Floats]:
    """Pairs (first, second) of frames of different answers, and their intersection over union where that is enough.

    `last[n]` is where the frames end that may overlap frame n, of those behind it.
    """
    found = [_among(frames, answer, first, second, least) for first, second in _candidates(last)]
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
    frames: Floats, answer: Places, first: Places, second: Places, least: float
) -> tuple[Places, Places, Floats]:
    apart = answer[first] != answer[second]
    first, second = first[apart], second[apart]
    one, other = frames[first], frames[second]
    width = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    height = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    common = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    union = _area(one) + _area(other) - common
    overlap = np.divide(common, union, out=np.zeros(len(union)), where=union > 0)
    enough = overlap >= least
    return first[enough], second[enough], overlap[enough]


def _area(frames: Floats) -> Floats:
    area: Floats = (frames[:, 2] - frames[:, 0]) * (frames[:, 3] - frames[:, 1])
    return area


def joined(first: Places, second: Places, answer: Places) -> Places:
    """The lowest shape of each shape's cluster, after each pair in turn is joined unless one answer had two in it."""
    root = list(range(len(answer)))
    members = [[shape] for shape in root]
    owners = [{owner} for owner in answer.tolist()]
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((root[one], root[other]))
        if low == high or not owners[low].isdisjoint(owners[high]):
            continue
        owners[low] |= owners[high]
        members[low] += members[high]
        for shape in members[high]:
            root[shape] = low
    return np.array(root, np.int64)
