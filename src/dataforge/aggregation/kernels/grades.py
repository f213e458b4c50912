"""Grades of a scale: which of them one is mistaken for, which is in the middle, and which hold the true one."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats

__all__ = ["FARTHER", "HELD", "holding", "middles", "mistaken", "reached"]

# A grade one further off is mistaken for the right one so many times as often, before answers show otherwise.
FARTHER = 0.5
# How probably the true grade is within the limits that are told.
HELD = 0.95


@cache
def mistaken(n_labels: int) -> Floats:
    """What a grade is mistaken for where it is, by how far grades are apart, shape (right, mistaken), rows of 1."""
    grades = np.arange(n_labels)
    likely = FARTHER ** np.abs(grades[:, None] - grades).astype(np.float64)
    np.fill_diagonal(likely, 0.0)
    found: Floats = likely / np.maximum(likely.sum(axis=1, keepdims=True), 1e-300)
    found.setflags(write=False)
    return found


def holding(grades: Floats, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last of the fewest grades in a row that hold so large a share; of several the likeliest."""
    count, size = grades.shape
    below = np.concatenate([np.zeros((count, 1)), np.cumsum(grades, axis=1)], axis=1)
    first, last = np.zeros(count, np.int64), np.full(count, size - 1)
    rest = np.arange(count)
    for length in range(1, size):
        within = below[rest, length:] - below[rest, :-length]
        start = within.argmax(axis=1)
        found = within[np.arange(len(rest)), start] >= share - 1e-9
        first[rest[found]], last[rest[found]] = start[found], start[found] + length - 1
        rest = rest[~found]
    return first, last


def middles(grades: Floats, points: Floats | None) -> NDArray[np.int64]:
    """The grade in the middle of what is probable, row by row; by `points` of grades the one next to their mean."""
    if points is None:
        return reached(grades, 0.5)
    found: NDArray[np.int64] = np.abs((grades @ points)[:, None] - points).argmin(axis=1)
    return found


def reached(grades: Floats, share: float) -> NDArray[np.int64]:
    """The first grade with which so large a share is reached."""
    found: NDArray[np.int64] = (np.cumsum(grades, axis=1) >= share - 1e-9).argmax(axis=1)
    return found
