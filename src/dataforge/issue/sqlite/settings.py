"""Single values that the server keeps from one start to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

__all__ = ["Settings"]


class Settings:
    """The table `settings`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def get(self, name: str) -> bytes | None:
        """The value of that name, if there is one."""
        row = self.db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def made(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The value of that name, made now if there is none."""
        # Another server over this file may be writing: who finds the value need not wait for it.
        if (value := self.get(name)) is not None:
            return value
        self.db.execute("INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)", (name, make()))
        value = self.get(name)
        assert value is not None, "it was just made"
        return value

    def put(self, name: str, value: bytes) -> None:
        """Keep a value."""
        self.db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))
