"""Answers put in the order of their tasks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Integers, Places

__all__ = ["group"]


def group(
    task: Integers, worker: Integers, label: Integers, n_tasks: int, n_labels: int, dtype: Any
) -> tuple[Places, NDArray[Any]]:
    """Where the answers of each task begin and end, and the rows of pairs in that order, in the order they came."""
    offsets = np.zeros(n_tasks + 1, np.int64)
    np.cumsum(np.bincount(task, minlength=n_tasks), out=offsets[1:])
    row = worker.astype(dtype)
    row *= n_labels
    row += label
    if len(task) and not np.all(task[1:] >= task[:-1]):
        row = row.take(_order(task))
    return offsets, row


def _order(task: Integers) -> Places:
    """Places in the order of tasks, by one sort of (task, place) as single numbers: a tenth of a stable argsort."""
    bits = len(task).bit_length()
    key = task.astype(np.int64) << bits
    key |= np.arange(len(task))
    key.sort()
    key &= (1 << bits) - 1
    return key
