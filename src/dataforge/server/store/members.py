"""Workers inside a run: how far they are in its queue, what they did, earned, and whether it is closed to them."""

from __future__ import annotations

import sqlite3

import msgspec

__all__ = ["Member", "Totals", "load", "save", "totals"]


class Member(msgspec.Struct):
    """A worker in a run; see the table `members`. `joined` is None before the first page."""

    joined: float | None = None
    active: float = 0.0
    finished: float = 0.0
    position: int = -1
    reals: int = 0
    controls: int = 0
    responses: int = 0
    pages_pending: int = 0
    pages_accepted: int = 0
    pages_rejected: int = 0
    earned: int = 0
    pending: int = 0
    until: float = 0.0
    reason: bytes | None = None


class Totals(msgspec.Struct, frozen=True):
    """What a worker did and earned in all runs of one currency."""

    earned: int
    pending: int
    pages_accepted: int
    pages_pending: int
    pages_rejected: int


FIELDS = Member.__struct_fields__
SELECT = f"SELECT {', '.join(FIELDS)} FROM members WHERE run = ? AND worker = ?"
UPDATE = f"UPDATE members SET {', '.join(f'{name} = ?' for name in FIELDS)} WHERE run = ? AND worker = ?"
INSERT = f"INSERT INTO members ({', '.join(FIELDS)}, run, worker) VALUES ({', '.join('?' * (len(FIELDS) + 2))})"


def load(db: sqlite3.Connection, run: int, worker: int) -> Member:
    """The worker in the run; a fresh member if there is none yet."""
    row = db.execute(SELECT, (run, worker)).fetchone()
    return Member(*row) if row else Member()


def save(db: sqlite3.Connection, run: int, worker: int, member: Member) -> None:
    """Write the member back."""
    row = (*msgspec.structs.astuple(member), run, worker)
    if db.execute(UPDATE, row).rowcount == 0:
        db.execute(INSERT, row)


def totals(db: sqlite3.Connection, worker: int) -> list[tuple[int, Totals]]:
    """The worker's totals in each run, by run, the one worked in last first."""
    rows = db.execute(
        """
        SELECT run, earned, pending, pages_accepted, pages_pending, pages_rejected
        FROM members WHERE worker = ? ORDER BY active DESC
        """,
        (worker,),
    )
    return [(run, Totals(*rest)) for run, *rest in rows]
