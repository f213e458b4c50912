"""Passes over the pairs of workers who have common tasks, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.passes.compiled.primitives import jit
from dataforge.aggregation.kernels.passes.reference.common_tasks import ALIKE, LEAST

__all__ = ["trimmed_means", "trusted_means"]


@jit
def _least(ratio, n):
    """The n-th least ratio, as `numpy.partition` finds it, which takes seconds to compile."""
    ratio = ratio.copy()
    first, last = 0, len(ratio) - 1
    while first < last:
        pivot = ratio[(first + last) // 2]
        low, high = first, last
        while low <= high:
            while ratio[low] < pivot:
                low += 1
            while ratio[high] > pivot:
                high -= 1
            if low <= high:
                ratio[low], ratio[high] = ratio[high], ratio[low]
                low += 1
                high -= 1
        if high < n - 1 < low:
            break
        first, last = (first, high) if n - 1 <= high else (low, last)
    return ratio[n - 1]


@jit
def _nth(ratio, n):
    """The n-th least ratio, how far others may be from it to equal it, and the part of those that is left out."""
    end = _least(ratio, n)
    width = ALIKE * max(abs(end), 1.0)
    below = 0
    equal = 0
    for value in ratio:
        if value < end - width:
            below += 1
        elif value <= end + width:
            equal += 1
    return end, width, (n - below) / equal


@jit
def trimmed_means(starts, neighbour, shared, covariance, scale, current, share):
    """Mean of covariance / scale over each worker's pairs without this share of them at either end."""
    out = current.copy()
    for worker in range(len(current)):
        first, last = starts[worker], starts[worker + 1]
        ratio = np.empty(last - first)
        place = np.empty(last - first, np.int64)
        known = 0
        for pair in range(first, last):
            if abs(scale[neighbour[pair]]) > LEAST:
                ratio[known] = covariance[pair] / scale[neighbour[pair]]
                place[known] = pair
                known += 1
        if known == 0:
            continue
        ratio = ratio[:known]
        n = int(share * known)
        low, low_width, low_part = _nth(ratio, n) if n else (-np.inf, 0.0, 0.0)
        high, high_width, high_part = _nth(-ratio, n) if n else (-np.inf, 0.0, 0.0)
        above, below = 0.0, 0.0
        for i in range(known):
            part = 1.0
            if ratio[i] < low - low_width:
                part -= 1.0
            elif ratio[i] <= low + low_width:
                part -= low_part
            if -ratio[i] < high - high_width:
                part -= 1.0
            elif -ratio[i] <= high + high_width:
                part -= high_part
            other = scale[neighbour[place[i]]]
            weight = shared[place[i]] * part * other
            above += weight * covariance[place[i]]
            below += weight * other
        out[worker] = above / below
    return out


@jit
def trusted_means(starts, neighbour, shared, covariance, scale, current, width):
    """Mean of covariance / scale over each worker's pairs near their expectation."""
    out = current.copy()
    for worker in range(len(current)):
        own = current[worker]
        above, below = 0.0, 0.0
        for pair in range(starts[worker], starts[worker + 1]):
            other = scale[neighbour[pair]]
            off = covariance[pair] - other * own
            if shared[pair] * off * off <= width * width:
                weight = shared[pair] * other
                above += weight * covariance[pair]
                below += weight * other
        if below > 0:
            out[worker] = above / below
    return out
