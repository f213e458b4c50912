"""Runs: what was published, which commands were done, what the run shows of itself."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from dataforge.server.store.outbox import FIRST_TAIL

__all__ = [
    "RunRow",
    "add",
    "all_runs",
    "by_id",
    "by_name",
    "remember_command",
    "save_snapshot",
    "snapshot",
]


class RunRow(NamedTuple):
    """A run as published; `publication` is JSON."""

    id: int
    name: str
    publication: bytes
    created: float


SELECT = "SELECT id, name, publication, created FROM runs"


def by_name(db: sqlite3.Connection, name: str) -> RunRow | None:
    """The run of that name, if there is one."""
    row = db.execute(f"{SELECT} WHERE name = ?", (name,)).fetchone()
    return RunRow(*row) if row else None


def by_id(db: sqlite3.Connection, run: int) -> RunRow:
    """The run with that number."""
    return RunRow(*db.execute(f"{SELECT} WHERE id = ?", (run,)).fetchone())


def all_runs(db: sqlite3.Connection) -> list[RunRow]:
    """All runs, newest first."""
    return [RunRow(*row) for row in db.execute(f"{SELECT} ORDER BY created DESC, id DESC")]


def add(db: sqlite3.Connection, name: str, publication: bytes, now: float) -> int:
    """Add a run, open and without items; give its number."""
    run = db.execute(
        "INSERT INTO runs (name, publication, created) VALUES (?, ?, ?)", (name, publication, now)
    ).lastrowid
    assert run is not None
    db.execute("INSERT INTO counters (run, tail) VALUES (?, ?)", (run, FIRST_TAIL))
    return run


def remember_command(db: sqlite3.Connection, run: int, key: str) -> bool:
    """Note that the command of that key is done; False if it was done before."""
    return db.execute("INSERT OR IGNORE INTO commands (run, key) VALUES (?, ?)", (run, key)).rowcount == 1


def save_snapshot(db: sqlite3.Connection, run: int, snapshot: bytes) -> None:
    """Keep the run's newest snapshot (JSON, without items and workers)."""
    db.execute("INSERT OR REPLACE INTO snapshots (run, snapshot) VALUES (?, ?)", (run, snapshot))


def snapshot(db: sqlite3.Connection, run: int) -> bytes | None:
    """The run's newest snapshot, if it has sent one."""
    row = db.execute("SELECT snapshot FROM snapshots WHERE run = ?", (run,)).fetchone()
    return row[0] if row else None
