"""Trimmed means of many workers, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.primitives_compiled import jit

__all__ = ["trimmed_means"]


@jit
def trimmed_means(starts, neighbour, covariance, scale, current, trim, floor, out):
    """Mean of |covariance| / scale over each worker's neighbours without the `trim` extremes on either side."""
    for j in range(len(starts) - 1):
        n = starts[j + 1] - starts[j]
        ratios = np.empty(n)
        for i in range(n):
            ratios[i] = covariance[starts[j] + i] / scale[neighbour[starts[j] + i]]
        ratios.sort()
        below = np.searchsorted(ratios, current[j], side="left")
        first = below if below < trim else trim
        above = n - np.searchsorted(ratios, current[j], side="right")
        last = n - (above if above < trim else trim)
        if last <= first:
            out[j] = current[j]
        elif last - first == 1 and ratios[first] == 0:
            out[j] = floor
        else:
            out[j] = ratios[first:last].mean()
