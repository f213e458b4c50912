"""What the requester's pages ask of a run's workers, and what the run tells them of workers and items."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

from dataforge.records import ItemQuality, WorkerQuality

__all__ = [
    "WORKER_ORDERS",
    "MemberRow",
    "Views",
    "WorkerOrder",
    "WorkersPart",
]

WorkerOrder = Literal["joined", "name", "responses", "control", "skill", "speed", "pages", "earned", "state"]


class MemberRow(NamedTuple):
    """A worker in a run."""

    worker: str
    name: str
    language: str
    joined: float
    active: float
    until: float
    reason: bytes | None
    responses: int
    pages_accepted: int
    pages_rejected: int
    earned: int
    pages_held: int
    shut_out: float | None
    quality: bytes | None


class WorkersPart(NamedTuple):
    """Which part of a run's workers is asked for; who has done nothing since `away` is away."""

    order: WorkerOrder
    down: bool
    offset: int
    limit: int
    now: float
    away: float


MEMBERS = """
SELECT workers.worker, name, language, members.joined, active, until, reason, members.responses,
  members.pages_accepted, members.pages_rejected, members.earned + members.bonus,
  (SELECT COUNT(*) FROM pages INDEXED BY held_pages
   WHERE pages.worker = members.worker AND pages.run = members.run AND state = 'held') AS pages_held,
  shut_out, quality
FROM members JOIN workers ON workers.id = members.worker
  LEFT JOIN worker_qualities ON worker_qualities.run = members.run AND worker_qualities.worker = members.worker
"""
TOLD = "json_extract(CAST(quality AS TEXT), '$.{}')"
WORKER_ORDERS: dict[WorkerOrder, str] = {
    "joined": "members.joined",
    "name": "lower(name)",
    "responses": "members.responses",
    "control": f"(1.0 * {TOLD.format('control_correct')} / {TOLD.format('control_total')})",
    "skill": TOLD.format("skill"),
    "speed": TOLD.format("seconds_per_item"),
    "pages": "members.pages_accepted",
    "earned": "members.earned + members.bonus",
    "state": """(CASE WHEN shut_out IS NOT NULL THEN 3 WHEN until > :now THEN 2
      WHEN active < :away AND pages_held = 0 THEN 1 ELSE 0 END)""",
}


class Views:
    """Questions over all tables."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def workers(self, run: int, part: WorkersPart) -> tuple[int, list[MemberRow]]:
        """How many workers the run has, and a part of them; those of whom the column knows nothing come last."""
        by = WORKER_ORDERS[part.order]
        rows = self.db.execute(
            f"""
            {MEMBERS} WHERE members.run = :run AND members.joined IS NOT NULL
            ORDER BY {by} IS NULL, {by} {"DESC" if part.down else "ASC"}, workers.id LIMIT :limit OFFSET :offset
            """,
            {"run": run, "now": part.now, "away": part.away, "limit": part.limit, "offset": part.offset},
        )
        (total,) = self.db.execute(
            "SELECT COUNT(*) FROM members WHERE run = ? AND joined IS NOT NULL", (run,)
        ).fetchone()
        return int(total), [MemberRow(*row) for row in rows]

    def worker(self, run: int, worker: str) -> MemberRow | None:
        """A worker in the run, by their public id, if they are in it."""
        row = self.db.execute(f"{MEMBERS} WHERE members.run = ? AND workers.worker = ?", (run, worker)).fetchone()
        return MemberRow(*row) if row else None

    def active_workers(self, run: int, since: float, now: float) -> int:
        """How many workers did something in the run since a time, of those whom it gives pages."""
        (count,) = self.db.execute(
            """
            SELECT COUNT(*) FROM members JOIN workers ON workers.id = members.worker
            WHERE run = ? AND active >= ? AND until <= ? AND shut_out IS NULL
            """,
            (run, since, now),
        ).fetchone()
        return int(count)

    def sample(self, run: int, limit: int) -> list[tuple[bytes, bytes | None]]:
        """The inputs of some items, and their drafts, as a page would show them: nothing is taken."""
        rows = self.db.execute(
            """
            SELECT inputs, draft FROM items INDEXED BY sqlite_autoindex_items_1 JOIN inputs ON inputs.item = items.id
            WHERE run = ? ORDER BY key LIMIT ?
            """,
            (run, limit),
        )
        return rows.fetchall()

    def save_item_qualities(
        self, run: int, rows: Sequence[tuple[ItemQuality, float, bytes, bytes, bytes | None]]
    ) -> None:
        """Keep what the run tells of items: each with its lowest confidence; answer, confidences and grades as JSON."""
        self.db.executemany(
            """
            UPDATE item_qualities
            SET confidence = ?, overlap = ?, reported = ?, final = ?, flag = ?, answer = ?, confidences = ?, grades = ?
            WHERE item = (SELECT id FROM items WHERE run = ? AND key = ?)
            """,
            (
                (least, told.overlap, told.reported, int(told.final), told.flag, *as_json, run, told.key)
                for told, least, *as_json in rows
            ),
        )

    def save_worker_qualities(self, run: int, hint: float, rows: Sequence[tuple[WorkerQuality, bytes]]) -> None:
        """Keep what the run tells of workers, as JSON, and add it to what is known of them over all runs.

        `hint`: how many seconds an item of the run is meant to take.
        """
        self.db.executemany(SAVE_QUALITY, ((run, encoded, *_summed(told, hint), told.worker) for told, encoded in rows))


# In place of the row, not another one: what changed is added up by triggers.
SUMMED = (
    "responses", "pages_accepted", "pages_rejected", "control_correct", "control_total", "timed", "seconds",
    "hinted",
)  # fmt: skip
SAVE_QUALITY = f"""
  INSERT INTO worker_qualities (run, worker, quality, {", ".join(SUMMED)})
  SELECT ?, id, {", ".join("?" * (1 + len(SUMMED)))} FROM workers WHERE worker = ?
  ON CONFLICT (run, worker) DO UPDATE SET quality = excluded.quality,
    {", ".join(f"{name} = excluded.{name}" for name in SUMMED)}
"""


def _summed(told: WorkerQuality, hint: float) -> tuple[int | float, ...]:
    """The columns `SUMMED` of what a run tells of a worker."""
    timed = 0 if told.seconds_per_item is None else told.responses
    return (
        told.responses,
        told.pages_accepted,
        told.pages_rejected,
        told.control_correct,
        told.control_total,
        timed,
        timed * (told.seconds_per_item or 0.0),
        timed * hint,
    )
