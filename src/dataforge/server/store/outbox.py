"""One change of one run: its counters, and an event for everything that happened, under a cursor without gaps."""

from __future__ import annotations

import sqlite3

import msgspec

from dataforge.records import Event, State
from dataforge.server.writer import Transaction

__all__ = ["FIRST_TAIL", "Counters", "RunChange", "counters", "events_after"]

# Items known from the start get random positions below this one, items that come or come back later count up from it.
FIRST_TAIL = 1 << 62
CURSOR_BITS = 40


class Counters(msgspec.Struct):
    """What changes in a run with every page; see the table `counters`."""

    state: State
    version: int
    cursor: int
    tail: int
    placed: int
    reals: int
    controls: int
    spent: int


FIELDS = Counters.__struct_fields__
SELECT = f"SELECT {', '.join(FIELDS)} FROM counters WHERE run = ?"
UPDATE = f"UPDATE counters SET {', '.join(f'{name} = ?' for name in FIELDS)} WHERE run = ?"


def counters(db: sqlite3.Connection, run: int) -> Counters:
    """The run's counters as they are now."""
    return Counters(*db.execute(SELECT, (run,)).fetchone())


class RunChange:
    """Gathers what a change does to a run's counters and writes it back once, when the block ends without an error."""

    __slots__ = ("counters", "db", "emitted", "now", "run", "transaction", "unnoticed")

    def __init__(self, transaction: Transaction, run: int) -> None:
        self.transaction = transaction
        self.db = transaction.db
        self.now = transaction.now
        self.run = run
        self.emitted: list[tuple[int, bytes]] = []
        self.unnoticed = False

    def __enter__(self) -> RunChange:
        self.counters = counters(self.db, self.run)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None or self.unnoticed:
            return
        if self.emitted:
            self.db.executemany("INSERT INTO events (id, event) VALUES (?, ?)", self.emitted)
        self.counters.version += 1
        self.db.execute(UPDATE, (*msgspec.structs.astuple(self.counters), self.run))
        self.transaction.touched.add(self.run)

    def nothing_happened(self) -> None:
        """Leave the run's version as it is and wake nobody."""
        self.unnoticed = True

    def next_cursor(self) -> int:
        """The cursor of the event that is emitted next."""
        self.counters.cursor += 1
        return self.counters.cursor

    def next_tail(self) -> int:
        """A position behind all others in the queue."""
        self.counters.tail += 1
        return self.counters.tail

    def emit(self, event: Event) -> None:
        """Put an event made with `next_cursor()` into the outbox."""
        self.emitted.append(((self.run << CURSOR_BITS) + event.cursor, msgspec.json.encode(event)))


def events_after(db: sqlite3.Connection, run: int, after: int, limit: int) -> list[bytes]:
    """The run's events with a cursor larger than `after`, oldest first, as the JSON they were stored in."""
    first = run << CURSOR_BITS
    rows = db.execute(
        "SELECT event FROM events WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
        (first + max(after, 0), first + (1 << CURSOR_BITS), limit),
    )
    return [event for (event,) in rows]
