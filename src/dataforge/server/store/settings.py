"""Single values that the server keeps from one start to the next."""

from __future__ import annotations

import sqlite3

__all__ = ["get", "put"]


def get(db: sqlite3.Connection, name: str) -> bytes | None:
    """The value of that name, if there is one."""
    row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def put(db: sqlite3.Connection, name: str, value: bytes) -> None:
    """Keep a value."""
    db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))
