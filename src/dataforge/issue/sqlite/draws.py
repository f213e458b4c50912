"""Draws of control items: the slots of each worker's sparse shuffle."""

from __future__ import annotations

import sqlite3

__all__ = ["Draws"]


class Draws:
    """The table `draws`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def at(self, run: int, worker: int, slot: int) -> int:
        """What the slot holds; its own number if it is not there."""
        rows = self.db.execute(
            "SELECT control FROM draws WHERE run = ? AND worker = ? AND slot = ?", (run, worker, slot)
        )
        found = rows.fetchone()
        return int(found[0]) if found else slot

    def put(self, run: int, worker: int, slot: int, control: int) -> None:
        """Put the number of a control item into the slot."""
        self.db.execute(
            "INSERT OR REPLACE INTO draws (run, worker, slot, control) VALUES (?, ?, ?, ?)",
            (run, worker, slot, control),
        )

    def drop(self, run: int, worker: int, slot: int) -> None:
        """Empty the slot."""
        self.db.execute("DELETE FROM draws WHERE run = ? AND worker = ? AND slot = ?", (run, worker, slot))
