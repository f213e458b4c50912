"""Which control items come again: more workers have been given them than a real item is given to at first.

Until then a control item looks like any other, also to people who tell each other what they see, or who are one person
with many accounts. Afterwards whoever has met it more often than real items come knows what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Column, Flags, Places

__all__ = ["Showings"]

NEVER = np.iinfo(np.int64).max


class Showings:
    """How often control items may still be shown, and from which response on each of them comes again.

    `left` has of each control item that has not come again its number, and to how many more workers it goes before it
    does; `out` has the keys of those on pages that are out, and `responses` counts what was answered. A page that is
    over without answers gives its showings back, as it gives back its places. One that is rejected does not: or hard
    control items would come again later than others.
    """

    def __init__(self) -> None:
        self.left: dict[str, tuple[int, int]] = {}
        self.out: dict[str, list[str]] = {}
        self.responses = 0
        self.again: Column[np.int64] = Column(np.int64, fill=NEVER)

    def add(self, keys: Sequence[str], places: Sequence[int], wanted: int) -> None:
        """Take in control items, each of which goes to so many workers before it comes again."""
        self.left.update((key, (place, wanted)) for key, place in zip(keys, places, strict=True))

    def given(self, page: str, keys: Sequence[str]) -> None:
        """Note that a worker was given a page with these items."""
        shown = [key for key in keys if key in self.left] if self.left else []
        if shown:
            self.out[page] = shown
        for key in shown:
            place, left = self.left.pop(key)
            if left > 0:
                self.left[key] = place, left - 1
            else:
                self.again.values[place] = self.responses

    def answered(self, page: str, items: int) -> None:
        """Note that a page of so many items was answered."""
        self.responses += items
        self.out.pop(page, None)

    def came_back(self, page: str) -> None:
        """Note that a page is over without answers."""
        for key in self.out.pop(page, ()):
            if key in self.left:
                place, left = self.left[key]
                self.left[key] = place, left + 1

    def first(self, responses: Places, items: NDArray[np.integer]) -> Flags:
        """Which of these responses to control items were given before the item came again."""
        found: Flags = responses < self.again.values[items]
        return found
