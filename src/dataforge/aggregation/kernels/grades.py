"""Grades of a scale: which of them one is mistaken for."""

from __future__ import annotations

from functools import cache

import numpy as np

from dataforge.aggregation.arrays import Floats

__all__ = ["FARTHER", "mistaken"]

# A grade one further off is mistaken for the right one so many times as often, before answers show otherwise.
FARTHER = 0.5


@cache
def mistaken(n_labels: int) -> Floats:
    """What a grade is mistaken for where it is, by how far grades are apart, shape (right, mistaken), rows of 1."""
    grades = np.arange(n_labels)
    likely = FARTHER ** np.abs(grades[:, None] - grades).astype(np.float64)
    np.fill_diagonal(likely, 0.0)
    found: Floats = likely / np.maximum(likely.sum(axis=1, keepdims=True), 1e-300)
    found.setflags(write=False)
    return found
