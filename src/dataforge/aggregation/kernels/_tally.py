"""Sums by code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["tally"]


def tally(codes: NDArray[np.integer[Any]], weights: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Sum of the weights of each code, shape (size,)."""
    return np.bincount(codes, weights, size).astype(np.float64, copy=False)
