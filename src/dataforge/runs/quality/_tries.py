"""Control items as if nobody knew them: their answers, as many at a time as a real item has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.merging.base import Answers

__all__ = ["tried"]


def tried(answers: Answers, controls: Sequence[int], asked: int) -> tuple[Answers, Places, Floats]:
    """The answers to these items, `asked` at a time in the order in which they came, each part an item of its own.

    Beside them which of `controls` each part is of, and what it counts: every control item counts once in all.
    """
    number = np.full(answers.item_count, -1, np.int64)
    number[list(controls)] = np.arange(len(controls))
    rows = np.flatnonzero(number[answers.items] >= 0)
    rows = rows[np.argsort(number[answers.items[rows]], kind="stable")]
    item = number[answers.items[rows]]
    begins = (np.arange(len(item)) - np.searchsorted(item, item)) % asked == 0
    part, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    tries = Answers(
        [answers.values[row] for row in rows.tolist()],
        part.astype(np.int64),
        answers.workers[rows],
        item_count=len(first),
        worker_count=answers.worker_count,
    )
    of = item[first]
    weight: Floats = np.bincount(part, minlength=len(first)) / np.bincount(item, minlength=len(controls))[of]
    return tries, of, weight
