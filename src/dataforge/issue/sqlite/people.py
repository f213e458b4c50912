"""Workers over all runs, as the requester's pages list them, and one worker with all that is kept of them.

The list is read from one narrow table with a row for each worker, which triggers keep, so that a part of it costs one
look through that table, whatever the number of runs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

from dataforge.issue.sqlite.database import folded
from dataforge.records import PageState, State

__all__ = [
    "PERSON_ORDERS",
    "GivenPage",
    "Invited",
    "PartOfPeople",
    "People",
    "PersonOrder",
    "PersonRow",
    "StateAsked",
    "WorkedRun",
]

PersonOrder = Literal["name", "joined", "seen", "responses", "pages", "control", "pace", "earned"]
StateAsked = Literal["", "active", "restricted", "shut_out"]


class PersonRow(NamedTuple):
    """A worker over all runs; `id` is the store's. `restricted`: so many runs that go on are closed to them now.

    `seconds` is what the `timed` answers took, `hinted` what they would have by the hint.
    """

    id: int
    worker: str
    name: str
    language: str
    joined: float
    shut_out: float | None
    seen: float
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    timed: int
    seconds: float
    hinted: float
    restricted: int
    noted: int


class PartOfPeople(NamedTuple):
    """Which workers are asked for, and which part of their list.

    `search`: what their name has in it, or their id begins with. `label`: that of an invitation by which they came.
    """

    order: PersonOrder
    down: bool
    offset: int
    limit: int
    now: float
    search: str = ""
    state: StateAsked = ""
    label: str = ""


class Invited(NamedTuple):
    """An invitation by which a worker came; `run` is the name of the run that it is to, None if to all."""

    invitation: str
    name: str
    label: str
    run: str | None


class WorkedRun(NamedTuple):
    """A worker in a run that they have had a page of, with what the run told of them, as JSON."""

    run: int
    run_state: State
    joined: float
    active: float
    until: float
    reason: bytes | None
    responses: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    earned: int
    pending: int
    quality: bytes | None


class GivenPage(NamedTuple):
    """A page that a worker was given; `items` and `answers` are JSON as stored."""

    id: int
    page: bytes
    run: int
    state: PageState
    price: int
    items: str
    answers: bytes | None
    at: float
    seconds: float | None
    reason: bytes | None


# Fewer signs than this are no beginning of an id, which many would share.
SHORTEST_ID = 6
# What SQLite sorts by; those of whom a column knows nothing come last. Workers are numbered as they join.
PERSON_ORDERS: dict[PersonOrder, str] = {
    "name": "NULLIF(sought, '')",
    "joined": "people.worker",
    "seen": "seen",
    "responses": "responses",
    "pages": "pages_accepted",
    "control": "1.0 * control_correct / NULLIF(control_total, 0)",
    "pace": "seconds / NULLIF(hinted, 0)",
    "earned": "(SELECT SUM(due + paid) FROM balances WHERE balances.worker = people.worker)",
}
# Whom a run that goes on gives no pages now.
RESTRICTED = """
  SELECT members.worker FROM members JOIN counters USING (run)
  WHERE until > :now AND counters.state IN ('open', 'paused')
"""
STATES: dict[StateAsked, str] = {
    "shut_out": "people.worker IN (SELECT id FROM workers WHERE shut_out IS NOT NULL)",
    "restricted": (
        f"people.worker IN ({RESTRICTED}) AND people.worker NOT IN (SELECT id FROM workers WHERE shut_out IS NOT NULL)"
    ),
    "active": (
        f"people.worker NOT IN ({RESTRICTED}) AND people.worker NOT IN "
        "(SELECT id FROM workers WHERE shut_out IS NOT NULL)"
    ),
}
# What a run has not told yet, or tells seldom.
UNTOLD = """
  SELECT SUM(members.{0} - COALESCE(told.{0}, 0)) FROM members JOIN counters USING (run)
    LEFT JOIN worker_qualities AS told ON told.run = members.run AND told.worker = members.worker
  WHERE members.worker = workers.id
"""


def _now(column: str) -> str:
    """SQL for a sum over runs as it is now."""
    return f"people.{column} + COALESCE(({UNTOLD.format(column)}), 0)"


PERSON = f"""
  SELECT workers.id, workers.worker, workers.name, workers.language, workers.joined, workers.shut_out,
    MAX(people.seen, COALESCE((SELECT MAX(active) FROM members WHERE members.worker = workers.id), 0)),
    {_now("responses")}, {_now("pages_accepted")}, {_now("pages_rejected")}, control_correct, control_total, timed,
    seconds, hinted, (SELECT COUNT(*) FROM ({RESTRICTED} AND members.worker = workers.id)),
    EXISTS (SELECT 1 FROM worker_notes WHERE worker_notes.worker = workers.id)
  FROM people JOIN workers ON workers.id = people.worker
"""


class People:
    """The table `people` and what hangs on it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def part(self, part: PartOfPeople) -> tuple[int, list[PersonRow]]:
        """How many workers are asked for, and a part of them."""
        where, by = _where(part), PERSON_ORDERS[part.order]
        asked = {
            "now": part.now,
            "like": f"%{_escaped(folded(part.search))}%",
            "begin": part.search.lower(),
            "label": part.label,
        }
        (total,) = self.db.execute(f"SELECT COUNT(*) FROM people WHERE {where}", asked).fetchone()
        # First the numbers, from the narrow table alone; then the rest of those that are shown.
        found = self.db.execute(
            f"""
            SELECT people.worker FROM people WHERE {where}
            ORDER BY {by} IS NULL, {by} {"DESC" if part.down else "ASC"}, people.worker LIMIT :limit OFFSET :offset
            """,
            {**asked, "limit": part.limit, "offset": part.offset},
        ).fetchall()
        rows = (self._row(number, part.now) for (number,) in found)
        return int(total), [row for row in rows if row is not None]

    def one(self, worker: str, now: float) -> PersonRow | None:
        """The worker of that public id, if there is one."""
        row = self.db.execute(f"{PERSON} WHERE workers.worker = :worker", {"worker": worker, "now": now}).fetchone()
        return PersonRow(*row) if row else None

    def _row(self, number: int, now: float) -> PersonRow | None:
        row = self.db.execute(f"{PERSON} WHERE people.worker = :number", {"number": number, "now": now}).fetchone()
        return PersonRow(*row) if row else None

    def invited(self, worker: int) -> list[Invited]:
        """By which invitations the worker came, the oldest first."""
        rows = self.db.execute(
            """
            SELECT invitations.id, invitations.name, label, runs.name FROM guests
            JOIN invitations ON invitations.id = guests.invitation LEFT JOIN runs ON runs.id = invitations.run
            WHERE guests.worker = ? ORDER BY invitations.created, invitations.id
            """,
            (worker,),
        )
        return [Invited(*row) for row in rows]

    def runs(self, worker: int, limit: int) -> list[WorkedRun]:
        """The worker in runs, that in which they did something last first."""
        rows = self.db.execute(
            """
            SELECT members.run, counters.state, joined, active, until, reason, members.responses,
              members.pages_accepted, members.pages_rejected, pages_pending,
              members.earned + members.bonus, pending, quality
            FROM members JOIN counters USING (run)
              LEFT JOIN worker_qualities ON worker_qualities.run = members.run
                AND worker_qualities.worker = members.worker
            WHERE members.worker = ? AND joined IS NOT NULL ORDER BY active DESC, members.run DESC LIMIT ?
            """,
            (worker, limit),
        )
        return [WorkedRun(*row) for row in rows]

    def earned(self, workers: Sequence[int]) -> list[tuple[int, str, int]]:
        """What each of the workers has earned in each currency, paid out or not."""
        marks = ", ".join("?" * len(workers))
        return self.db.execute(
            f"SELECT worker, currency, due + paid FROM balances WHERE worker IN ({marks}) AND due + paid <> 0",
            tuple(workers),
        ).fetchall()

    def pending(self, workers: Sequence[int]) -> list[tuple[int, int, int]]:
        """Of each of the workers by run what waits for a verdict."""
        marks = ", ".join("?" * len(workers))
        return self.db.execute(
            f"""
            SELECT members.worker, members.run, pending FROM members JOIN counters USING (run)
            WHERE members.worker IN ({marks}) AND pending > 0
            """,
            tuple(workers),
        ).fetchall()

    def pages(self, worker: int, run: int | None, before: int | None, limit: int) -> list[GivenPage]:
        """Pages of the worker, of all runs or of one, the newest first: those given out before that number."""
        of_run = "" if run is None else "AND +run = :run"
        earlier = "" if before is None else "AND pages.id < :before"
        rows = self.db.execute(
            f"""
            SELECT pages.id, page, run, pages.state, price, items, answers, COALESCE(finished, taken), seconds, reason
            FROM pages JOIN counters USING (run)
            WHERE worker = :worker {of_run} {earlier}
              AND NOT (pages.state = 'held' AND deadline IS NULL)
            ORDER BY pages.id DESC LIMIT :limit
            """,
            {"worker": worker, "run": run, "before": before, "limit": limit},
        )
        return [GivenPage(*row) for row in rows]

    def items(self, numbers: Sequence[int]) -> dict[int, tuple[str, bool]]:
        """By their numbers the keys of items, and whether they are control items."""
        marks = ", ".join("?" * len(numbers))
        rows = self.db.execute(f"SELECT id, key, control FROM items WHERE id IN ({marks})", tuple(numbers))
        return {number: (key, bool(control)) for number, key, control in rows}

    def labels(self) -> list[str]:
        """The labels of invitations, in their order."""
        rows = self.db.execute("SELECT DISTINCT label FROM invitations WHERE label <> '' ORDER BY label LIMIT 1000")
        return [label for (label,) in rows]

    def note(self, worker: int) -> str:
        """What the requester has noted of the worker; empty if nothing."""
        row = self.db.execute("SELECT note FROM worker_notes WHERE worker = ?", (worker,)).fetchone()
        return str(row[0]) if row else ""

    def set_note(self, worker: int, note: str, now: float) -> None:
        """Note something of the worker in place of what was noted; nothing if it is empty."""
        if note:
            self.db.execute("INSERT OR REPLACE INTO worker_notes VALUES (?, ?, ?)", (worker, note, now))
        else:
            self.db.execute("DELETE FROM worker_notes WHERE worker = ?", (worker,))


def _where(part: PartOfPeople) -> str:
    """What holds for the workers that are asked for."""
    asked = []
    if part.search:
        ids = "people.worker IN (SELECT id FROM workers WHERE worker >= :begin AND worker < :begin || 'g')"
        by_id = f" OR {ids}" if len(part.search) >= SHORTEST_ID else ""
        asked.append(rf"(sought LIKE :like ESCAPE '\'{by_id})")
    if part.state:
        asked.append(STATES[part.state])
    if part.label:
        asked.append(
            "people.worker IN (SELECT guests.worker FROM guests JOIN invitations "
            "ON invitations.id = guests.invitation WHERE label = :label)"
        )
    return " AND ".join(asked) or "TRUE"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
