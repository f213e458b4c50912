"""Coded answers as a part."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Integers
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, passes

__all__ = ["group", "ordered"]


def group(
    task: Integers,
    worker: Integers,
    label: Integers,
    shape: tuple[int, int, int],
    *,
    known: Codes | None = None,
    compiled: bool | None = None,
) -> Part:
    """Coded answers grouped by task; `shape` is (n_tasks, n_workers, n_labels).

    Passes are those that a single one is worth, unless it is said whether they are `compiled`; an algorithm with more
    of them asks its engine for what suits it.
    """
    n_tasks, n_workers, n_labels = shape
    if compiled is None:
        compiled = compiled_pays(Work(len(task)))
    dtype = np.int32 if n_workers * max(n_labels, 1) < np.iinfo(np.int32).max else np.int64
    offsets, row = passes(compiled).group(task, worker, label, n_tasks, n_labels, dtype)
    return Part(offsets, row, n_workers, n_labels, known, compiled)


def ordered(
    task: Integers,
    worker: Integers,
    label: Integers,
    shape: tuple[int, int, int],
    *,
    known: Codes | None = None,
    allowed: Flags | None = None,
) -> Part:
    """The same in numpy, the answers to each task in the order of workers and labels, whatever order they come in.

    `allowed[t, k]` tells whether label k is open for task t.
    """
    n_tasks, n_workers, n_labels = shape
    n_rows = n_workers * n_labels
    key = task.astype(np.int64)
    for codes, n in ((worker, n_workers), (label, n_labels)):
        key *= n
        key += codes
    key.sort()
    first = n_rows * np.arange(n_tasks + 1, dtype=np.int64)
    offsets = np.searchsorted(key, first)
    key -= first[:-1].repeat(offsets[1:] - offsets[:-1])
    row = key.astype(np.int32) if n_rows < np.iinfo(np.int32).max else key
    return Part(offsets, row, n_workers, n_labels, known, allowed=allowed)
