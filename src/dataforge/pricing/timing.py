"""How long the items of a launch take, where their task does not say: from what they hold, or as its function says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

import numpy as np

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.errors import DataError, SpecError
from dataforge.tasks.task import LONGEST_DURATION, Task

__all__ = ["timed"]

LOOKED_AT = 500
"""Of more items so many are looked at, evenly spread: files have to be opened to know how long they play."""
LONG, FEW = 3.0, 20
"""The long items of a launch take so many times what the middle one does; of fewer items that is not told."""
LONGER = 0.95


def timed(task: Task, items: Items) -> tuple[Task, Items]:
    """The task with the duration that its items take on average, and the items with a notice where they differ much.

    Where the task says how long an item takes, or there are no items, both as they are. Raises `DataError` with the
    place of an item for which the task's function gives no duration.
    """
    if task.timing is None or not items.count:
        return task, items
    each = [_seconds(task, items, place) for place in _looked_at(items.count)]
    # As people write durations; what is stored and read again is the same.
    mean = min(max(float(f"{fmean(each):.3g}"), 0.1), LONGEST_DURATION)
    notices = (*items.notices, *_uneven(each))
    return replace(task, duration=mean, timing=None), replace(items, notices=notices)


def _looked_at(count: int) -> list[int]:
    """Places of the items that are looked at, the same in each launch."""
    places: list[int] = np.unique(np.linspace(0, count - 1, min(count, LOOKED_AT)).round().astype(np.int64)).tolist()
    return places


def _seconds(task: Task, items: Items, place: int) -> float:
    assert task.timing is not None
    try:
        return task.timing(task, items.inputs(place))
    except SpecError as error:
        raise DataError(f"{items.place(place)}: {error}") from None


def _uneven(each: Sequence[float]) -> list[dict[str, str]]:
    """Word of items that take much longer than others: pages are paid, and haste is judged, by the mean."""
    middle, long = median(each), float(np.quantile(each, LONGER))
    if len(each) < FEW or long < LONG * middle:
        return []
    return [dict(say("items_uneven", middle=f"{middle:.3g}", long=f"{long:.3g}", mean=f"{fmean(each):.3g}"))]
