"""Items that some workers should answer rather than others, as functions of values: a wish, and no rule.

Nobody goes without a page for it, and nothing waits for ever: what waits for others stays on a page where there is
nothing else for it, and waits no more once so much has come behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from dataforge.issue.levels import waits_for


class _Numbered(Protocol):
    """What has a number."""

    @property
    def id(self) -> int:
        """The number."""
        ...


T = TypeVar("T", bound=_Numbered)

__all__ = ["LOOKS_AHEAD", "MOST_PREFERRED", "PATIENCE", "as_wished", "still_waits"]

MOST_PREFERRED = 10
"""So many workers may be named for an item."""
LOOKS_AHEAD = 4
"""Of so many times as many items as a page takes those are sought that its worker should answer."""
PATIENCE = 300
"""Items wait for who should answer them until so many others have come behind them."""


def still_waits(position: int, tail: int) -> bool:
    """Whether an item at that position still waits for who should answer it: until so much has come behind it."""
    return waits_for(position, tail) <= PATIENCE


def as_wished(found: Sequence[T], ahead: Sequence[T], mine: Collection[int], others: Collection[int]) -> list[T]:
    """The items found for a page, some of them for items `ahead` in the queue: those that the worker should answer come
    on it, and those that wait for others leave it.

    At most half of them change, so that a page stays mixed, and shows neither what its worker is thought of nor which
    are its control items. What waits for others stays where there is nothing else.
    """
    there = {item.id for item in found}
    coming = [item for item in ahead if item.id not in there and item.id in mine]
    instead = [item for item in ahead if item.id not in there and item.id not in mine and item.id not in others]
    leaving = [item for item in found if item.id in others]
    room = [item for item in reversed(found) if item.id not in others and item.id not in mine]
    swaps = [*zip(leaving, [*coming, *instead], strict=False)]
    swaps += zip(room, coming[len(leaving) :], strict=False)
    swapped = {gone.id: come for gone, come in swaps[: len(found) // 2]}
    return [swapped.get(item.id, item) for item in found]
