"""Sums by code, by row, and of products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats, Integers

__all__ = ["inner", "of_columns", "of_rows", "tally", "tops"]


def tally(codes: Integers, weights: NDArray[Any] | None, size: int) -> Floats:
    """Sum of the weights of each code, or how often it occurs, shape (size,)."""
    return np.bincount(codes, weights, size).astype(np.float64, copy=False)


def inner(one: Floats, two: Floats) -> float:
    """The sum of the products of two arrays of one shape.

    Not by BLAS, which from 10,000 numbers on wakes threads that go on spinning while the passes run: half of the CPU
    time of an iteration of Dawid and Skene's EM at a million answers went there.
    """
    return float(np.einsum("i,i->" if one.ndim == 1 else "ij,ij->", one, two))


def tops(table: Floats) -> Floats:
    """The greatest number of each row, of which each has at least one."""
    return _folded(np.maximum, table)


def of_rows(table: Floats) -> Floats:
    """The sum of each row."""
    return _folded(np.add, table)


def _folded(operation: np.ufunc, table: Floats) -> Floats:
    """One number for each row; many short rows go column by column, as numpy takes each row by itself."""
    if len(table) <= table.shape[1] or table.shape[1] == 0:
        whole: Floats = operation.reduce(table, axis=1)
        return whole
    found = table[:, 0].copy()
    for k in range(1, table.shape[1]):
        operation(found, table[:, k], out=found)
    return found


def of_columns(table: Floats) -> Floats:
    """The sum of each column."""
    whole: Floats = table.sum(axis=0)
    return whole
