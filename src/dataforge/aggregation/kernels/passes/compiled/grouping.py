"""Answers put in the order of their tasks, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Integers, Places
from dataforge.aggregation.kernels.passes.compiled.primitives import jit

__all__ = ["group"]


def group(
    task: Integers, worker: Integers, label: Integers, n_tasks: int, n_labels: int, dtype: Any
) -> tuple[Places, NDArray[Any]]:
    """Where the answers of each task begin and end, and the rows of pairs in that order, in the order they came."""
    row = np.empty(len(task), dtype)
    return _group(task, worker, label, n_tasks, n_labels, row), row


@jit
def _group(task, worker, label, n_tasks, n_labels, row):
    offsets = np.zeros(n_tasks + 1, np.int64)
    in_order = True
    for a in range(len(task)):
        offsets[task[a] + 1] += 1
        if a > 0 and task[a] < task[a - 1]:
            in_order = False
    for t in range(n_tasks):
        offsets[t + 1] += offsets[t]
    if in_order:
        for a in range(len(task)):
            row[a] = worker[a] * n_labels + label[a]
        return offsets
    place = offsets[:-1].copy()
    for a in range(len(task)):
        row[place[task[a]]] = worker[a] * n_labels + label[a]
        place[task[a]] += 1
    return offsets
