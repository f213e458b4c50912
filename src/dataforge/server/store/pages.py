"""Pages: what a worker was given, what became of it, and what was paid."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

from dataforge.records import PageState

__all__ = [
    "HistoryRow",
    "NewPage",
    "PageRow",
    "add",
    "by_page",
    "due",
    "finish",
    "forget_seen",
    "held",
    "history",
    "judge",
    "next_deadline",
    "pay",
    "start_waiting",
]


class PageRow(NamedTuple):
    """A page as stored; see the table `pages`. `name` is the worker's public id."""

    id: int
    page: bytes
    run: int
    worker: int
    state: PageState
    price: int
    size: int
    items: str
    mirrored: str | None
    ahead: int
    taken: float
    lease: float
    deadline: float | None
    name: str


class NewPage(NamedTuple):
    """A page about to be given out."""

    page: bytes
    run: int
    worker: int
    price: int
    size: int
    items: str
    mirrored: str | None
    ahead: int
    taken: float
    lease: float
    deadline: float | None


class HistoryRow(NamedTuple):
    """A page as its worker reads about it."""

    page: bytes
    run: int
    state: PageState
    price: int
    size: int
    at: float
    reason: bytes | None


COLUMNS = ", ".join(f"pages.{name}" for name in PageRow._fields[:-1])
SELECT = f"SELECT {COLUMNS}, workers.worker FROM pages JOIN workers ON workers.id = pages.worker"
INSERT = f"INSERT INTO pages ({', '.join(NewPage._fields)}) VALUES ({', '.join('?' * len(NewPage._fields))})"


def by_page(db: sqlite3.Connection, page: bytes) -> PageRow | None:
    """The page of that random id, if there is one."""
    row = db.execute(f"{SELECT} WHERE page = ?", (page,)).fetchone()
    return PageRow(*row) if row else None


def held(db: sqlite3.Connection, run: int, worker: int) -> list[PageRow]:
    """The pages that the worker holds in the run, the oldest first."""
    rows = db.execute(
        f"{SELECT} WHERE pages.worker = ? AND run = ? AND state = 'held' ORDER BY pages.id", (worker, run)
    )
    return [PageRow(*row) for row in rows]


def due(db: sqlite3.Connection, now: float, limit: int) -> list[PageRow]:
    """Held pages whose time has run out."""
    rows = db.execute(
        f"{SELECT} WHERE state = 'held' AND deadline IS NOT NULL AND deadline <= ? ORDER BY deadline LIMIT ?",
        (now, limit),
    )
    return [PageRow(*row) for row in rows]


def next_deadline(db: sqlite3.Connection) -> float | None:
    """When the next held page is due, if any is held."""
    row: tuple[float | None] = db.execute(
        "SELECT MIN(deadline) FROM pages INDEXED BY due_pages WHERE state = 'held' AND deadline IS NOT NULL"
    ).fetchone()
    return row[0]


def add(db: sqlite3.Connection, page: NewPage, items: Sequence[int]) -> None:
    """Give out a page and note that its worker has seen the items; refuses an item that they have seen."""
    number = db.execute(INSERT, page).lastrowid
    db.executemany(
        "INSERT INTO seen (item, worker, page, place) VALUES (?, ?, ?, ?)",
        [(item, page.worker, number, place) for place, item in enumerate(items)],
    )


def finish(
    db: sqlite3.Connection,
    page: int,
    state: PageState,
    now: float,
    *,
    seconds: float | None = None,
    answers: bytes | None = None,
    reason: bytes | None = None,
) -> None:
    """Move the page to a state; what is not given stays as it was."""
    db.execute(
        """
        UPDATE pages SET state = ?, finished = ?, seconds = COALESCE(?, seconds), answers = COALESCE(?, answers),
          reason = COALESCE(?, reason)
        WHERE id = ?
        """,
        (state, now, seconds, answers, reason, page),
    )


def judge(
    db: sqlite3.Connection, page: int, verdict: Literal["accepted", "rejected"], reason: bytes | None = None
) -> None:
    """Move a submitted page to its verdict; when it was finished stays as it was."""
    db.execute("UPDATE pages SET state = ?, reason = ? WHERE id = ?", (verdict, reason, page))


def start_waiting(db: sqlite3.Connection, run: int, worker: int, now: float) -> None:
    """Start the lease of the page that waited behind the one just finished."""
    db.execute(
        "UPDATE pages SET deadline = ? + lease WHERE worker = ? AND run = ? AND state = 'held' AND deadline IS NULL",
        (now, worker, run),
    )


def forget_seen(db: sqlite3.Connection, worker: int, items: Sequence[int]) -> None:
    """Forget that the worker was given the items: they were never shown."""
    db.executemany("DELETE FROM seen WHERE item = ? AND worker = ?", [(item, worker) for item in items])


def pay(db: sqlite3.Connection, page: PageRow, now: float) -> None:
    """Enter the page's price into the ledger; refuses to pay a page twice."""
    db.execute(
        "INSERT INTO ledger (page, run, worker, amount, at) VALUES (?, ?, ?, ?, ?)",
        (page.id, page.run, page.worker, page.price, now),
    )


def history(db: sqlite3.Connection, worker: int, limit: int) -> list[HistoryRow]:
    """The worker's pages, the newest first."""
    rows = db.execute(
        """
        SELECT page, run, state, price, size, COALESCE(finished, taken), reason
        FROM pages WHERE worker = ? ORDER BY id DESC LIMIT ?
        """,
        (worker, limit),
    )
    return [HistoryRow(*row) for row in rows]
