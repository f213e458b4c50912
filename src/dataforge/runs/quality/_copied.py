"""Who writes or draws what others did, in the answers to one output."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.radar.copies import copied_drawings, copies
from dataforge.aggregation.radar.rings import Ring
from dataforge.data.items import Items
from dataforge.runs.core.columns import Places
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._drawn import DRAWN, own_shapes
from dataforge.runs.quality._values import Values
from dataforge.tasks.task import Slot

__all__ = ["Copied"]

# Whose answers are looked at for copies, beside what is drawn.
TEXT = "text"


class Copied:
    """Looks at the answers to one output; it keeps the items with drafts of it, and from which number on they are."""

    def __init__(self, slot: Slot, values: Values, responses: Responses) -> None:
        self._slot = slot
        self._values = values
        self._responses = responses
        self._drafted: list[tuple[int, Items]] = []

    def grow(self, first: int, items: Items) -> None:
        """Know further items, numbered from `first` on."""
        if self._slot.name in items.drafted:
            self._drafted.append((first, items))

    def found(self, rows: Places) -> list[Ring]:
        """Workers who write or draw what others did, as these answers show; nobody where answers are often the same."""
        kind = self._slot.type.name
        if kind != TEXT and kind not in DRAWN:
            return []
        rows = rows[~self._responses.numbering.control[self._responses.item.values[rows]]]
        given = self._values.columns[self._slot.name].given(rows)
        said = np.array([value is not None for value in given], bool)
        item, who, given = self._responses.item.values[rows][said], self._responses.workers(rows)[said], given[said]
        if kind == TEXT:
            return copies(item, who, given.tolist())
        return copied_drawings(item, who, list(map(own_shapes, given.tolist(), self._drafts_of(item))))

    def _drafts_of(self, items: Places) -> list[Any]:
        """The draft of each of these items, None where there is none."""
        found: list[Any] = [None] * len(items)
        for first, batch in self._drafted:
            places = np.flatnonzero((items >= first) & (items < first + batch.count))
            for place, draft in zip(places.tolist(), batch.drafts_at(items[places] - first), strict=True):
                found[place] = draft.get(self._slot.name)
        return found
