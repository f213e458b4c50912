"""Shapes that overlap, and shapes joined to clusters, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.passes.compiled.primitives import jit

__all__ = ["joined", "overlaps"]


@jit
def _overlap(left, top, right, bottom, one, other):
    """Intersection over union of two frames."""
    width = min(right[one], right[other]) - max(left[one], left[other])
    height = min(bottom[one], bottom[other]) - max(top[one], top[other])
    if width <= 0.0 or height <= 0.0:
        return 0.0
    common = width * height
    area = (right[one] - left[one]) * (bottom[one] - top[one])
    area += (right[other] - left[other]) * (bottom[other] - top[other])
    return common / (area - common)


@jit
def overlaps(edges, answer, last, least):
    """Pairs of frames of different answers, and their intersection over union where that is enough."""
    left, top, right, bottom = edges
    room = max(len(left), 16)
    first, second = np.empty(room, np.int64), np.empty(room, np.int64)
    overlap = np.empty(room, np.float64)
    found = 0
    for one in range(len(left)):
        for other in range(one + 1, last[one]):
            if answer[one] == answer[other]:
                continue
            common = _overlap(left, top, right, bottom, one, other)
            if common < least:
                continue
            if found == room:
                first = np.concatenate((first, np.empty(room, np.int64)))
                second = np.concatenate((second, np.empty(room, np.int64)))
                overlap = np.concatenate((overlap, np.empty(room, np.float64)))
                room *= 2
            first[found], second[found], overlap[found] = one, other, common
            found += 1
    return first[:found].copy(), second[:found].copy(), overlap[:found].copy()


@jit
def _share_an_answer(low, high, following, answer):
    """Whether two clusters, each a chain from its lowest shape, have shapes of the same answer."""
    one = low
    while one >= 0:
        other = high
        while other >= 0:
            if answer[one] == answer[other]:
                return True
            other = following[other]
        one = following[one]
    return False


@jit
def joined(first, second, answer):
    """The lowest shape of each shape's cluster, after each pair in turn is joined unless one answer had two in it."""
    root = np.arange(len(answer))
    following = np.full(len(answer), -1, np.int64)
    end = np.arange(len(answer))
    for pair in range(len(first)):
        low = min(root[first[pair]], root[second[pair]])
        high = max(root[first[pair]], root[second[pair]])
        if low == high or _share_an_answer(low, high, following, answer):
            continue
        following[end[low]] = high
        end[low] = end[high]
        shape = high
        while shape >= 0:
            root[shape] = low
            shape = following[shape]
    return root
