"""Sessions: browsers in which a worker or the requester is signed in. Tokens are stored as SHA-256 only."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from dataforge.issue.rows import Worker

__all__ = ["SESSION_SECONDS", "SessionRow", "Sessions"]

# For so long a browser may stay unused before it has to sign in again.
SESSION_SECONDS = 90 * 86_400


class SessionRow(NamedTuple):
    """A browser that is signed in; `browser` is what it says of itself, `used` when it was used last, to a day."""

    id: int
    opened: float
    used: float
    browser: str


WORKER = ", ".join(f"workers.{name}" for name in Worker.__struct_fields__)


class Sessions:
    """The table `sessions`; `worker` None stands for the requester."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def open(self, digest: bytes, worker: int | None, browser: str, now: float) -> None:
        """Open a session; those that were not used for too long go."""
        self.db.execute("DELETE FROM sessions WHERE used <= ?", (now - SESSION_SECONDS,))
        self.db.execute(
            "INSERT INTO sessions (token, worker, opened, used, browser) VALUES (?, ?, ?, ?, ?)",
            (digest, worker, now, now, browser),
        )

    def worker_of(self, digest: bytes, now: float) -> tuple[Worker | None, float]:
        """The worker who is signed in by the token of this digest, and when that was used last."""
        row = self.db.execute(
            f"SELECT {WORKER}, used FROM sessions JOIN workers ON workers.id = sessions.worker "
            "WHERE sessions.token = ? AND used > ?",
            (digest, now - SESSION_SECONDS),
        ).fetchone()
        return (Worker(*row[:-1]), row[-1]) if row else (None, 0.0)

    def of_requester(self, digest: bytes, now: float) -> SessionRow | None:
        """The requester's session of the token of this digest."""
        row = self.db.execute(
            "SELECT id, opened, used, browser FROM sessions WHERE token = ? AND worker IS NULL AND used > ?",
            (digest, now - SESSION_SECONDS),
        ).fetchone()
        return SessionRow(*row) if row else None

    def of(self, worker: int | None, now: float) -> list[SessionRow]:
        """The sessions of a worker, or of the requester, the newest first."""
        rows = self.db.execute(
            "SELECT id, opened, used, browser FROM sessions WHERE worker IS ? AND used > ? "
            "ORDER BY opened DESC, id DESC",
            (worker, now - SESSION_SECONDS),
        )
        return [SessionRow(*row) for row in rows]

    def number(self, digest: bytes) -> int | None:
        """The number of the session of the token of this digest."""
        row = self.db.execute("SELECT id FROM sessions WHERE token = ?", (digest,)).fetchone()
        return int(row[0]) if row else None

    def use(self, digest: bytes, now: float) -> bool:
        """Note that a session is in use; False if it has ended."""
        return self.db.execute("UPDATE sessions SET used = ? WHERE token = ?", (now, digest)).rowcount == 1

    def end(self, digest: bytes) -> None:
        """End the session of this token."""
        self.db.execute("DELETE FROM sessions WHERE token = ?", (digest,))

    def end_one(self, session: int, worker: int | None) -> bool:
        """End one of a worker's, or the requester's, sessions; False if they have none of that number."""
        ended = self.db.execute("DELETE FROM sessions WHERE id = ? AND worker IS ?", (session, worker))
        return ended.rowcount == 1

    def end_all(self, worker: int | None, but: bytes = b"") -> None:
        """End all sessions of a worker, or of the requester, but the one of a token."""
        self.db.execute("DELETE FROM sessions WHERE worker IS ? AND token <> ?", (worker, but))
