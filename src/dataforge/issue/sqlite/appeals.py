"""Appeals: what workers say against rejections, and the requester's lists of them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from dataforge.issue.rows import Appeal, PageRow
from dataforge.records import AppealState, PageState

__all__ = ["AppealRow", "Appeals", "Untold"]


class AppealRow(NamedTuple):
    """An appeal as its requester reads about it; `reason` is that of the rejection (JSON)."""

    page: bytes
    run: int
    worker: str
    name: str
    state: AppealState
    text: str
    at: float
    decided: float | None
    reply: str
    reason: bytes | None
    price: int
    size: int
    verdict: PageState


class Untold(NamedTuple):
    """An appeal that was upheld, of which its run does not know yet, by the page."""

    number: int
    page: bytes
    run: int


COLUMNS = """
SELECT pages.page, appeals.run, workers.worker, workers.name, appeals.state, text, at, decided, reply, pages.reason,
  price, size, pages.state
FROM appeals {} JOIN pages ON pages.id = appeals.page JOIN workers ON workers.id = pages.worker
  JOIN counters ON counters.run = appeals.run
"""


class Appeals:
    """The table `appeals`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def of(self, page: PageRow) -> Appeal | None:
        """The appeal against the page's rejection, if there was one."""
        row = self.db.execute(
            "SELECT text, at, state, decided, reply FROM appeals WHERE page = ?", (page.id,)
        ).fetchone()
        return Appeal(*row) if row else None

    def save(self, page: PageRow, appeal: Appeal) -> None:
        """Keep a page's appeal, in place of what was kept of it before."""
        self.db.execute(
            """
            INSERT INTO appeals (page, run, text, at, state, decided, reply) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (page) DO UPDATE SET state = excluded.state, decided = excluded.decided, reply = excluded.reply
            """,
            (page.id, page.run, appeal.text, appeal.at, appeal.state, appeal.decided, appeal.reply),
        )

    # --- for those who look -----------------------------------------------------------------------

    def made_by(self, worker: int, limit: int) -> dict[bytes, Appeal]:
        """The worker's appeals against rejections of their newest pages, by the page's public id."""
        rows = self.db.execute(
            """
            SELECT pages.page, text, at, appeals.state, decided, reply
            FROM (SELECT id, page FROM pages WHERE worker = ? ORDER BY id DESC LIMIT ?) AS pages
              JOIN appeals ON appeals.page = pages.id
            """,
            (worker, limit),
        )
        return {page: Appeal(*row) for page, *row in rows}

    def listed(self, run: int | None, state: AppealState | None, offset: int, limit: int) -> list[AppealRow]:
        """A part of the appeals in a run, or in all: the open ones by age, then the others, the newest first."""
        index = "appeals_by_state" if run is None else "appeals_of_runs"
        states: list[AppealState] = ["open", "upheld", "dismissed"] if state is None else [state]
        of_run = "" if run is None else "AND appeals.run = ?"
        rows = self.db.execute(
            f"""
            {COLUMNS.format(f"INDEXED BY {index}")} WHERE appeals.state IN ({", ".join("?" * len(states))}) {of_run}
            ORDER BY appeals.state <> 'open', CASE WHEN appeals.state = 'open' THEN at ELSE -decided END, appeals.page
            LIMIT ? OFFSET ?
            """,
            (*states, *(() if run is None else (run,)), limit, offset),
        )
        return [AppealRow(*row) for row in rows]

    def one(self, page: PageRow) -> AppealRow | None:
        """The appeal against a page's rejection, if there was one."""
        row = self.db.execute(f"{COLUMNS.format('')} WHERE appeals.page = ?", (page.id,)).fetchone()
        return AppealRow(*row) if row else None

    def open(self) -> int:
        """How many appeals are open."""
        (count,) = self.db.execute(
            """
            SELECT COUNT(*) FROM appeals INDEXED BY appeals_by_state JOIN counters ON counters.run = appeals.run
            WHERE appeals.state = 'open'
            """
        ).fetchone()
        return int(count)

    def counts(self, run: int | None) -> dict[AppealState, int]:
        """How many appeals of each state there are, in a run or in all."""
        where = "" if run is None else "WHERE appeals.run = ?"
        rows = self.db.execute(
            f"SELECT appeals.state, COUNT(*) FROM appeals JOIN counters USING (run) {where} GROUP BY appeals.state",
            () if run is None else (run,),
        )
        return dict(rows.fetchall())

    # --- what runs are told -----------------------------------------------------------------------

    def untold(self, limit: int) -> list[Untold]:
        """Appeals that were upheld, of which their runs do not know yet."""
        rows = self.db.execute(
            """
            SELECT pages.id, pages.page, appeals.run FROM appeals INDEXED BY appeals_untold
            JOIN pages ON pages.id = appeals.page JOIN counters ON counters.run = appeals.run
            WHERE appeals.state = 'upheld' AND told = 0 LIMIT ?
            """,
            (limit,),
        )
        return [Untold(*row) for row in rows]

    def note_told(self, pages: list[int]) -> None:
        """Note that the runs know that these pages were accepted, by their numbers."""
        self.db.executemany("UPDATE appeals SET told = 1 WHERE page = ?", [(page,) for page in pages])
