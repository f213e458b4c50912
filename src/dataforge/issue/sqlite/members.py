"""Workers inside a run: how far they are in its queue, what they did, earned, and whether it is closed to them."""

from __future__ import annotations

import sqlite3

import msgspec

from dataforge.issue.rows import Member, MiddlePaces, Pace, Span

__all__ = ["Members", "Totals"]


class Totals(msgspec.Struct, frozen=True):
    """What a worker did and earned in all runs of one currency."""

    earned: int
    pending: int
    pages_accepted: int
    pages_pending: int
    pages_rejected: int


FIELDS = Member.__struct_fields__
assert FIELDS[-1] == "reason", "the one field that is JSON comes last"
SELECT = f"SELECT {', '.join(FIELDS)} FROM members WHERE run = ? AND worker = ?"
UPDATE = f"UPDATE members SET {', '.join(f'{name} = ?' for name in FIELDS)} WHERE run = ? AND worker = ?"
INSERT = f"INSERT INTO members ({', '.join(FIELDS)}, run, worker) VALUES ({', '.join('?' * (len(FIELDS) + 2))})"


class Members:
    """The table `members`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def load(self, run: int, worker: int) -> Member:
        """The worker in the run; a fresh member if there is none yet."""
        row = self.db.execute(SELECT, (run, worker)).fetchone()
        if row is None:
            return Member()
        member = Member(*row)
        return member if row[-1] is None else msgspec.structs.replace(member, reason=msgspec.json.decode(row[-1]))

    def save(self, run: int, worker: int, member: Member) -> None:
        """Write the member back."""
        *numbers, reason = msgspec.structs.astuple(member)
        row = (*numbers, None if reason is None else msgspec.json.encode(reason), run, worker)
        if self.db.execute(UPDATE, row).rowcount == 0:
            self.db.execute(INSERT, row)

    def worked_elsewhere(self, run: int, worker: int, after: float) -> list[Span]:
        """In each other run when the worker worked last, where that ends after a moment."""
        rows = self.db.execute(
            "SELECT worked_from, worked_until FROM members WHERE worker = ? AND run <> ? AND worked_until > ?",
            (worker, run, after),
        )
        return [Span(*row) for row in rows]

    def middle_paces(self, run: int) -> MiddlePaces:
        """The middle of how long workers took for an item of their accepted pages."""
        measured = "members INDEXED BY paces WHERE run = ? AND pace IS NOT NULL"
        (count,) = self.db.execute(f"SELECT COUNT(*) FROM {measured}", (run,)).fetchone()
        first = MiddlePaces.begin(count)
        rows = self.db.execute(f"SELECT pace FROM {measured} ORDER BY pace LIMIT 3 OFFSET ?", (run, first))
        return MiddlePaces(count, first, [pace for (pace,) in rows])

    def paces(self, run: int) -> list[Pace]:
        """How long each worker took for the items of their accepted pages, as far as that counts."""
        rows = self.db.execute(
            """
            SELECT members.worker, workers.worker, paced, timed
            FROM members JOIN workers ON workers.id = members.worker
            WHERE run = ? AND timed > 0 ORDER BY members.worker
            """,
            (run,),
        )
        return [Pace(*row) for row in rows]

    def runs_of(self, worker: int) -> list[int]:
        """The runs in which the worker has had a page."""
        rows = self.db.execute(
            "SELECT run FROM members JOIN counters USING (run) WHERE worker = ? AND joined IS NOT NULL ORDER BY run",
            (worker,),
        )
        return [run for (run,) in rows]

    def clock_set_back(self, now: float) -> None:
        """Let nobody's time be spent up to a moment that has not yet come."""
        self.db.execute(
            """
            UPDATE members SET accounted = MIN(accounted, ?), worked_from = MIN(worked_from, ?), worked_until = ?
            WHERE worked_until > ?
            """,
            (now, now, now, now),
        )

    def totals(self, worker: int) -> list[tuple[int, Totals]]:
        """The worker's totals in each run, by run, the one worked in last first."""
        rows = self.db.execute(
            """
            SELECT run, earned + bonus, pending, pages_accepted, pages_pending, pages_rejected
            FROM members JOIN counters USING (run) WHERE worker = ? ORDER BY active DESC
            """,
            (worker,),
        )
        return [(run, Totals(*rest)) for run, *rest in rows]
