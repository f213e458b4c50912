"""A run's items by number: their keys, and which of them are control items."""

from __future__ import annotations

import itertools

import numpy as np

from dataforge.items import Items
from dataforge.runs.core.columns import Column, Flags

__all__ = ["Numbering", "item_ranges"]

ADDED_AT_ONCE = 2_000
MOST_SEGMENTS = 10


class Numbering:
    """The numbers of a run's items: `keys[number]`, `index[key]` and `control[number]`."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.index: dict[str, int] = {}
        self.control_total = 0
        self._control: Column[np.bool_] = Column(np.bool_)
        self.control: Flags = self._control.values

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def real_total(self) -> int:
        """How many items are not control items."""
        return len(self.keys) - self.control_total

    def grow(self, items: Items) -> None:
        """Number further items; those before keep their numbers."""
        start = len(self.keys)
        self.keys += items.keys
        self.index.update(zip(self.keys[start:], itertools.count(start), strict=False))
        self._control.extend(items.control)
        self.control = self._control.values
        self.control_total += items.control_count


def item_ranges(control: Flags, first: int = 0) -> list[tuple[int, int]]:
    """Items from the number `first` on in ranges of bearable size, in the order in which they go on the platform.

    Control items come first, so that the first pages have some.
    """
    edges = [0, *(np.flatnonzero(np.diff(control.astype(np.int8))) + 1).tolist(), len(control)]
    segments = list(itertools.pairwise(edges))
    if len(segments) > MOST_SEGMENTS:
        segments = [(0, len(control))]
    segments.sort(key=lambda segment: not control[segment[0] : segment[0] + 1].all())
    return [
        (first + start, first + min(start + ADDED_AT_ONCE, stop))
        for begin, stop in segments
        for start in range(begin, stop, ADDED_AT_ONCE)
    ]
