"""Items whose answers have moved since the requester's pages heard of them."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Arrays, Column, Places, load_columns, saved_columns
from dataforge.runs.core.numbering import Numbering

__all__ = ["Untold"]

NOTHING = np.empty(0, np.int64)
# More than one item in so many: all of them are looked at in the order of the platform.
MANY = 100
# What a checkpoint need not hold, or holds otherwise.
LEFT_OUT = ("_numbering", "_waiting")


class Untold:
    """The items in the order in which they are to be told, each once; and how often each was reported."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._waiting: deque[Places] = deque()
        self._waits: Column[np.bool_] = Column(np.bool_)
        self._reports: Column[np.int32] = Column(np.int32)

    def grow(self, count: int) -> None:
        """Make room for further items."""
        stop = len(self._waits) + count
        self._waits.grow(stop)
        self._reports.grow(stop)

    def note(self, items: Places) -> None:
        """Have these items told."""
        items = items[~self._waits.values[items]]
        if len(items):
            self._waits.values[items] = True
            self._waiting.append(self._as_they_lie(items))

    def note_reports(self, items: Places, reports: NDArray[np.int32]) -> None:
        """Have those of the items told that were reported since, of all `reports` by item: they may have no answer."""
        now = reports[items]
        moved = now != self._reports.values[items]
        self._reports.values[items] = now
        self.note(items[moved])

    def first(self, most: int) -> Places:
        """Up to so many of the items."""
        given = [NOTHING]
        for waiting in self._waiting:
            given.append(waiting[:most])
            most -= len(given[-1])
            if not most:
                break
        return np.concatenate(given)

    def told(self, items: Places) -> None:
        """Note that the items that `first` gave last are told."""
        left = len(items)
        while left:
            waiting = self._waiting.popleft()
            if len(waiting) > left:
                self._waiting.appendleft(waiting[left:])
            left -= min(left, len(waiting))
        self._waits.values[items] = False

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known."""
        return saved_columns(self, {}, LEFT_OUT) | {"waiting": np.concatenate([NOTHING, *self._waiting])}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        own = {name: array for name, array in arrays.items() if name != "waiting"}
        load_columns(self, own, {}, LEFT_OUT)
        self._waiting = deque([arrays["waiting"]])

    def _as_they_lie(self, items: Places) -> Places:
        """Many items in the order in which a platform has them, so that those told at once lie together there."""
        return self._numbering.in_order(items) if len(items) > len(self._numbering) / MANY else items
