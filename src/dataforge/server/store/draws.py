"""A worker's own random order of a run's control items.

A shuffle drawn one by one (Fisher and Yates), of which only the swapped slots are stored: each draw costs the same
however many control items there are or have been drawn, and items that are added later join the part not yet drawn.
"""

from __future__ import annotations

import random
import sqlite3

__all__ = ["draw", "put_back"]


def draw(db: sqlite3.Connection, run: int, worker: int, drawn: int, total: int, source: random.Random) -> int:
    """The number of a control item, uniform among the `total - drawn` that this worker has not drawn yet."""
    slot = source.randrange(drawn, total)
    chosen = at(db, run, worker, slot)
    if slot != drawn:
        put(db, run, worker, slot, at(db, run, worker, drawn))
    db.execute("DELETE FROM draws WHERE run = ? AND worker = ? AND slot = ?", (run, worker, drawn))
    return chosen


def put_back(db: sqlite3.Connection, run: int, worker: int, drawn: int, control: int) -> None:
    """Undo one of `drawn` draws, so that the control item can be drawn again."""
    put(db, run, worker, drawn - 1, control)


def at(db: sqlite3.Connection, run: int, worker: int, slot: int) -> int:
    row = db.execute("SELECT control FROM draws WHERE run = ? AND worker = ? AND slot = ?", (run, worker, slot))
    found = row.fetchone()
    return int(found[0]) if found else slot


def put(db: sqlite3.Connection, run: int, worker: int, slot: int, control: int) -> None:
    db.execute(
        "INSERT OR REPLACE INTO draws (run, worker, slot, control) VALUES (?, ?, ?, ?)", (run, worker, slot, control)
    )
