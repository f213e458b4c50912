"""A run's items by number: their keys, and which of them are control items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dataforge.items import Items
from dataforge.runs.core.columns import Flags

__all__ = ["Numbering"]


class Numbering:
    """The numbers of a run's items: `keys[number]`, `index[key]` and `control[number]`."""

    def __init__(self) -> None:
        self.keys: Sequence[str] = ()
        self.index: dict[str, int] = {}
        self.control: Flags = np.zeros(0, bool)
        self.control_total = 0

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def real_total(self) -> int:
        """How many items are not control items."""
        return len(self.keys) - self.control_total

    def grow(self, items: Items) -> None:
        """Number the items that are new in this longer table; those before keep their places."""
        start = len(self.keys)
        self.keys = items.keys
        self.index.update((key, start + place) for place, key in enumerate(items.keys[start:]))
        self.control = np.asarray(items.control, bool)
        self.control_total = int(self.control.sum())
