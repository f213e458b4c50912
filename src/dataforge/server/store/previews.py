"""Previews of tasks that are not published: the last few."""

from __future__ import annotations

import sqlite3

__all__ = ["add", "content"]


def add(db: sqlite3.Connection, preview: str, content: bytes, now: float, kept: int) -> None:
    """Keep a preview's JSON, and drop the oldest ones beyond `kept`."""
    db.execute("INSERT INTO previews (preview, content, created) VALUES (?, ?, ?)", (preview, content, now))
    db.execute(
        "DELETE FROM previews WHERE rowid IN (SELECT rowid FROM previews ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
        (kept,),
    )


def content(db: sqlite3.Connection, preview: str) -> bytes | None:
    """The preview's JSON, if it is still kept."""
    row = db.execute("SELECT content FROM previews WHERE preview = ?", (preview,)).fetchone()
    return row[0] if row else None
