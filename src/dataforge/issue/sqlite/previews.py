"""Previews of tasks that are not published: the last few."""

from __future__ import annotations

import sqlite3

__all__ = ["Previews"]


class Previews:
    """The table `previews`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, preview: str, content: bytes, now: float, kept: int) -> None:
        """Keep a preview's JSON, and drop the oldest ones beyond `kept`."""
        self.db.execute("INSERT INTO previews (preview, content, created) VALUES (?, ?, ?)", (preview, content, now))
        self.db.execute(
            "DELETE FROM previews WHERE rowid IN (SELECT rowid FROM previews ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
            (kept,),
        )

    def content(self, preview: str) -> bytes | None:
        """The preview's JSON, if it is still kept."""
        row = self.db.execute("SELECT content FROM previews WHERE preview = ?", (preview,)).fetchone()
        return row[0] if row else None
