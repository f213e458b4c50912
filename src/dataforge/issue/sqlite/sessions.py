"""Sessions: browsers in which a worker or the requester is signed in. Tokens are stored as SHA-256 only."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from dataforge.issue.rows import Worker

__all__ = ["SESSION_SECONDS", "SessionRow", "Sessions"]

SESSION_SECONDS = 180 * 86_400


class SessionRow(NamedTuple):
    """A browser that is signed in; `browser` is what it says of itself."""

    id: int
    opened: float
    browser: str


WORKER = ", ".join(f"workers.{name}" for name in Worker.__struct_fields__)


class Sessions:
    """The table `sessions`; `worker` None stands for the requester."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def open(self, digest: bytes, worker: int | None, browser: str, now: float) -> None:
        """Open a session; those that are too old go."""
        self.db.execute("DELETE FROM sessions WHERE opened <= ?", (now - SESSION_SECONDS,))
        self.db.execute(
            "INSERT INTO sessions (token, worker, opened, browser) VALUES (?, ?, ?, ?)", (digest, worker, now, browser)
        )

    def worker_of(self, digest: bytes, now: float) -> Worker | None:
        """The worker who is signed in by the token of this digest."""
        row = self.db.execute(
            f"SELECT {WORKER} FROM sessions JOIN workers ON workers.id = sessions.worker "
            "WHERE sessions.token = ? AND opened > ?",
            (digest, now - SESSION_SECONDS),
        ).fetchone()
        return Worker(*row) if row else None

    def of_requester(self, digest: bytes, now: float) -> int | None:
        """The requester's session of the token of this digest."""
        row = self.db.execute(
            "SELECT id FROM sessions WHERE token = ? AND worker IS NULL AND opened > ?", (digest, now - SESSION_SECONDS)
        ).fetchone()
        return row[0] if row else None

    def of_requesters(self, now: float) -> list[SessionRow]:
        """The requester's sessions, the newest first."""
        rows = self.db.execute(
            "SELECT id, opened, browser FROM sessions WHERE worker IS NULL AND opened > ? "
            "ORDER BY opened DESC, id DESC",
            (now - SESSION_SECONDS,),
        )
        return [SessionRow(*row) for row in rows]

    def of_worker(self, worker: int, now: float) -> list[SessionRow]:
        """The worker's sessions, the newest first."""
        rows = self.db.execute(
            "SELECT id, opened, browser FROM sessions WHERE worker = ? AND opened > ? ORDER BY opened DESC, id DESC",
            (worker, now - SESSION_SECONDS),
        )
        return [SessionRow(*row) for row in rows]

    def end(self, digest: bytes) -> None:
        """End the session of this token."""
        self.db.execute("DELETE FROM sessions WHERE token = ?", (digest,))

    def end_one_of_requester(self, session: int) -> bool:
        """End one of the requester's sessions; False if there is none of that number."""
        return self.db.execute("DELETE FROM sessions WHERE id = ? AND worker IS NULL", (session,)).rowcount == 1

    def end_all(self, worker: int | None, but: bytes = b"") -> None:
        """End all sessions of a worker, or of the requester, but the one of a token."""
        self.db.execute("DELETE FROM sessions WHERE worker IS ? AND token <> ?", (worker, but))
