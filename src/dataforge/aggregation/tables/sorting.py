"""Columns of ids as places in their sorted values, and rows put together by task."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Places
from dataforge.aggregation.tables.frames import encode, present
from dataforge.aggregation.tables.values import Series, Values, ranked

__all__ = ["by_task", "sorted_codes"]


def sorted_codes(series: Series) -> tuple[Places, Values]:
    """Codes of the sorted values of a column, which needs one in every row."""
    column = present(encode(series), series.name)
    rank, values = ranked(column.values, mixed=True)
    return rank[column.codes], values


def by_task(task: Places, n_tasks: int) -> tuple[Places, Places]:
    """Rows in the order of their tasks, and of the table inside a task; and where each task's rows start."""
    counts = np.bincount(task, minlength=n_tasks)
    return np.argsort(task, kind="stable"), np.cumsum(counts) - counts
