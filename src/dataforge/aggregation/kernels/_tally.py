"""Sums by code, and sums of products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["inner", "tally"]


def tally(codes: NDArray[np.integer[Any]], weights: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Sum of the weights of each code, shape (size,)."""
    return np.bincount(codes, weights, size).astype(np.float64, copy=False)


def inner(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """The sum of the products of two arrays of one shape.

    Not by BLAS, which from 10,000 numbers on wakes threads that go on spinning while the passes run: half of the CPU
    time of an iteration of Dawid and Skene's EM at a million answers went there.
    """
    return float(np.einsum("i,i->" if one.ndim == 1 else "ij,ij->", one, two))
