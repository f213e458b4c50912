"""A change: what it gets from outside, and what it does to one run under a cursor without gaps."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Generic, TypeVar

from dataforge.issue import levels
from dataforge.issue.store import Store
from dataforge.records import Event

__all__ = ["RunChange", "Transaction"]

StoreT_co = TypeVar("StoreT_co", bound=Store, covariant=True)


class Transaction(Generic[StoreT_co]):
    """What a change gets: the store, the time, chance, and where to note which runs it touched.

    Nothing else comes from outside, so the same changes with the same times and the same chance give the same events
    on every store.
    """

    __slots__ = ("new_page", "now", "source", "store", "touched")

    def __init__(self, store: StoreT_co, *, now: float, source: random.Random, new_page: Callable[[], bytes]) -> None:
        self.store = store
        self.now = now
        self.source = source
        self.new_page = new_page
        self.touched: set[int] = set()


class RunChange:
    """Gathers what a change does to a run's counters and writes it back once, when the block ends without an error."""

    __slots__ = ("counters", "events", "now", "run", "store", "transaction", "unnoticed")

    def __init__(self, transaction: Transaction[Store], run: int) -> None:
        self.transaction = transaction
        self.store = transaction.store
        self.now = transaction.now
        self.run = run
        self.events: list[Event] = []
        self.unnoticed = False

    def __enter__(self) -> RunChange:
        self.counters = self.store.runs.counters(self.run)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None or self.unnoticed:
            return
        self.counters.version += 1
        self.store.runs.save(self.run, self.counters, self.events)
        self.transaction.touched.add(self.run)

    def nothing_happened(self) -> None:
        """Leave the run's version as it is and wake nobody."""
        self.unnoticed = True

    def next_cursor(self) -> int:
        """The cursor of the event that is emitted next."""
        self.counters.cursor += 1
        return self.counters.cursor

    def next_tail(self, level: int = 0) -> int:
        """A position behind all others in a level of the queue."""
        self.counters.tail += 1
        if level < levels.RECHECKED:
            self.counters.levels = max(self.counters.levels, level)
        return levels.position_in(level, self.counters.tail)

    def emit(self, event: Event) -> None:
        """Report an event made with `next_cursor()`."""
        self.events.append(event)
