"""A run's items by number: their keys, which of them are control items, and the order in which workers get them."""

from __future__ import annotations

import copy
import hashlib
import itertools
import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.runs.core.columns import Column, Flags, Places

__all__ = ["Numbering", "shuffled"]

# Who asks how a run stands may ask for its keys while its driver does.
_READING = threading.Lock()


class Numbering:
    """The numbers of a run's items: `keys[number]`, `index[key]` and `control[number]`.

    `order` has all numbers in the order in which the items go on the platform; `salt`, the run's name, decides it, so
    that a simulation is the same each time.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._keys: list[str] = []
        self._index: dict[str, int] = {}
        # Keys of items that nobody has asked for yet: who only looks at results asks for none.
        self._unread: list[Sequence[str]] = []
        self._count = 0
        self.control_total = 0
        self._control: Column[np.bool_] = Column(np.bool_)
        self.control: Flags = self._control.values
        self._order: Column[np.int32] = Column(np.int32)

    def __len__(self) -> int:
        return self._count

    @property
    def real_total(self) -> int:
        """How many items are not control items."""
        return self._count - self.control_total

    @property
    def keys(self) -> list[str]:
        """The key of each number."""
        if self._unread:
            with _READING:
                parts = self._unread[:]
                for keys in parts:
                    self._keys += keys
                # Others may have come meanwhile.
                del self._unread[: len(parts)]
        return self._keys

    @property
    def index(self) -> dict[str, int]:
        """The number of each key."""
        known = len(self._index)
        if known < self._count:
            self._index.update(zip(self.keys[known:], itertools.count(known), strict=False))
        return self._index

    @property
    def order(self) -> NDArray[np.int32]:
        """All numbers, each part that came at once in a random order of its own."""
        return self._order.values

    def as_it_is(self) -> Numbering:
        """The same numbers, which stay as many when these grow."""
        found = copy.copy(self)
        found._keys, found._index, found._unread = self.keys, self.index, []
        found._control, found._order = copy.deepcopy((self._control, self._order))
        found.control = found._control.values
        return found

    def in_order(self, items: Places) -> Places:
        """These items as they follow each other in the order; costs what the run is large."""
        named = np.zeros(len(self), bool)
        named[items] = True
        order = self.order
        return order[named[order]].astype(np.int64)

    def grow(self, items: Items) -> None:
        """Number further items; those before keep their numbers."""
        start = self._count
        self._control.extend(items.control)
        self.control = self._control.values
        self.control_total += items.control_count
        self._order.extend(start + shuffled(items.control, f"{self._salt}-{start}"))
        self._unread.append(items.keys)
        # Last, for whoever counts them may look at them.
        self._count += items.count


def shuffled(control: Flags, salt: str) -> NDArray[np.int32]:
    """Numbers of items in a random order, control items first, so that the first pages have some.

    The log names items by their places in this order, so it follows from the salt for ever and depends on no library's
    generator: numbers are sorted by the outputs of SplitMix64 (Steele, Lea and Flood, 2014), which are all different.
    """
    seed = int.from_bytes(hashlib.blake2b(salt.encode(), digest_size=8).digest(), "big")
    mixed = np.uint64(seed) + np.arange(1, len(control) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    order = np.argsort(mixed ^ (mixed >> np.uint64(31)))
    first = control[order]
    return np.concatenate([order[first], order[~first]]).astype(np.int32)
