"""Pages: what a worker was given, and what became of it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from dataforge.issue.rows import NewPage, PageRow
from dataforge.records import Answer, PageState, Texts

__all__ = ["HistoryRow", "Pages", "Worked"]

SENT = ("submitted", "accepted", "rejected")
MOST_RECENT = 100


class HistoryRow(NamedTuple):
    """A page as its worker reads about it."""

    page: bytes
    run: int
    state: PageState
    price: int
    size: int
    at: float
    reason: bytes | None
    on_top: int


class Worked(NamedTuple):
    """What a worker has sent in a run that is in a state; `on_top`: what the wage floor brought beside the prices."""

    run: int
    state: PageState
    pages: int
    price: int
    seconds: float
    on_top: int


SELECT = """
SELECT pages.id, page, run, pages.worker, workers.worker, state, price, items, mirrored,
  CASE WHEN untimed THEN NULL ELSE taken END, lease, deadline, controls, newcomer,
  revision, seconds, counted, finished
FROM pages JOIN workers ON workers.id = pages.worker
"""
INSERT = """
INSERT INTO pages (page, run, worker, price, size, items, mirrored, taken, lease, deadline, controls, newcomer,
  revision)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# Only in a run with a wage floor time of a page counts, so that elsewhere nobody looks for more.
ON_TOP = """
CASE WHEN pages.counted = 0 THEN 0 ELSE (
  SELECT COALESCE(SUM(CASE kind WHEN 'top_up' THEN amount WHEN 'top_up_back' THEN -amount ELSE 0 END), 0)
  FROM ledger WHERE ledger.page = pages.id
) END
"""
# The time of a page fetched ahead begins when that of the one before it is over; of who answered neither nobody knows
# that they were there. Times that were added to each other are not the same to the last bit.
NEVER_SEEN = """
(pages.state = 'expired' AND deadline > taken + lease + 0.01 AND EXISTS (
  SELECT 1 FROM pages AS before WHERE before.worker = pages.worker AND before.run = pages.run
    AND before.state = 'expired' AND ABS(before.finished + pages.lease - pages.deadline) < 0.01
))
"""
numbers = msgspec.json.Decoder(tuple[int, ...]).decode


class Pages:
    """The tables `pages` and `seen`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, page: NewPage) -> PageRow:
        """Give out a page and note that its worker has seen the items; refuses an item that they have seen."""
        number = self.db.execute(INSERT, _insertable(page)).lastrowid
        assert number is not None
        self.db.executemany(
            "INSERT INTO seen (item, worker, page, place) VALUES (?, ?, ?, ?)",
            [(item, page.worker.id, number, place) for place, item in enumerate(page.items)],
        )
        return PageRow(
            number,
            page.page,
            page.run,
            page.worker.id,
            page.worker.worker,
            "held",
            page.price,
            page.items,
            page.mirrored,
            page.taken,
            page.lease,
            page.deadline,
            page.controls,
            page.newcomer,
            page.revision,
        )

    def by_page(self, page: bytes) -> PageRow | None:
        """The page of that public id, if there is one."""
        row = self.db.execute(f"{SELECT} WHERE page = ?", (page,)).fetchone()
        return _page_row(row) if row else None

    def held(self, run: int, worker: int) -> list[PageRow]:
        """The pages that the worker holds in the run, the one that waits behind the others."""
        rows = self.db.execute(
            f"""
            {SELECT} WHERE pages.worker = ? AND run = ? AND state = 'held' ORDER BY deadline IS NULL, pages.id
            """,
            (worker, run),
        )
        return [_page_row(row) for row in rows]

    def due(self, now: float, limit: int) -> list[PageRow]:
        """Held pages whose time has run out."""
        rows = self.db.execute(
            f"""
            {SELECT} WHERE state = 'held' AND deadline IS NOT NULL AND deadline <= ?
            ORDER BY deadline, pages.id LIMIT ?
            """,
            (now, limit),
        )
        return [_page_row(row) for row in rows]

    def next_deadline(self) -> float | None:
        """When the next held page is due, if any is held."""
        row: tuple[float | None] = self.db.execute(
            "SELECT MIN(deadline) FROM pages INDEXED BY due_pages WHERE state = 'held' AND deadline IS NOT NULL"
        ).fetchone()
        return row[0]

    def finish(
        self,
        page: PageRow,
        state: PageState,
        at: float,
        *,
        seconds: float | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> None:
        """Move the page to a state; what is not given stays as it was."""
        self.db.execute(
            """
            UPDATE pages SET state = ?, finished = ?, seconds = COALESCE(?, seconds), answers = COALESCE(?, answers)
            WHERE id = ?
            """,
            (state, at, seconds, None if answers is None else msgspec.json.encode(answers), page.id),
        )

    def judge(
        self, page: PageRow, verdict: Literal["accepted", "rejected"], reason: Texts | None, counted: int = 0
    ) -> None:
        """Move a page to its verdict; when the page was finished stays as it was."""
        encoded = None if reason is None else msgspec.json.encode(reason)
        changed = self.db.execute(
            """
            UPDATE pages SET state = ?1, reason = ?2, counted = ?4
            WHERE id = ?3 AND state IN ('submitted', 'accepted', 'rejected') AND state <> ?1
            """,
            (verdict, encoded, page.id, counted),
        )
        if not changed.rowcount:
            raise RuntimeError(
                f"page {page.page.hex()} cannot become {verdict}: it was before, or waits for no verdict"
            )

    def counted(self, run: int, worker: int) -> list[PageRow]:
        """The worker's accepted pages in the run of which any time counts for the wage floor, the newest first."""
        rows = self.db.execute(
            f"""
            {SELECT} WHERE pages.worker = ? AND run = ? AND state = 'accepted' AND counted > 0 ORDER BY pages.id DESC
            """,
            (worker, run),
        )
        return [_page_row(row) for row in rows]

    def count(self, page: PageRow, counted: int) -> None:
        """Let so much of an accepted page's time count for the wage floor, in place of what did."""
        self.db.execute("UPDATE pages SET counted = ? WHERE id = ?", (counted, page.id))

    def give_reason(self, page: PageRow, reason: Texts) -> None:
        """Tell the worker of a rejected page this reason, in place of the one that there was."""
        self.db.execute("UPDATE pages SET reason = ? WHERE id = ?", (msgspec.json.encode(reason), page.id))

    def start_waiting(self, run: int, worker: int, now: float) -> None:
        """Start the lease of the page that waited behind the one just finished."""
        self.db.execute(
            """
            UPDATE pages SET deadline = ? + lease
            WHERE worker = ? AND run = ? AND state = 'held' AND deadline IS NULL
            """,
            (now, worker, run),
        )

    def released(self, run: int, worker: int) -> PageRow | None:
        """The newest page that the worker handed back, if it is not out again."""
        row = self.db.execute(
            f"{SELECT} WHERE pages.worker = ? AND run = ? AND state = 'released' ORDER BY pages.id DESC LIMIT 1",
            (worker, run),
        ).fetchone()
        return _page_row(row) if row else None

    def newcomers_hold(self, run: int, origin: str, invitation: str) -> tuple[int, int]:
        """Places of real items on held pages of newcomers: of those of that origin, and of those of that invitation."""
        by_origin, by_invitation = self.db.execute(
            """
            SELECT
              COALESCE(SUM((size - controls) * (workers.origin = ?)), 0),
              COALESCE(SUM((size - controls) * (workers.invitation = ?)), 0)
            FROM pages INDEXED BY pages_of_newcomers JOIN workers ON workers.id = pages.worker
            WHERE run = ? AND newcomer = 1 AND state = 'held'
            """,
            (origin, invitation, run),
        ).fetchone()
        return by_origin, by_invitation

    def give_again(self, page: PageRow, taken: float, deadline: float | None) -> PageRow:
        """Give a released page out again."""
        self.db.execute(
            "UPDATE pages SET state = 'held', taken = ?, deadline = ?, finished = NULL, untimed = NULL WHERE id = ?",
            (taken, deadline, page.id),
        )
        return replace(page, state="held", taken=taken, deadline=deadline)

    def latest_taken(self) -> float:
        """When the newest of the pages that are out was taken; 0 if none is."""
        row: tuple[float | None] = self.db.execute("SELECT MAX(taken) FROM pages WHERE state = 'held'").fetchone()
        return row[0] or 0.0

    def clock_set_back(self, now: float) -> None:
        """Let nobody keep a page for longer than its lease from now on, and forget since when it is out."""
        self.db.execute(
            "UPDATE pages SET untimed = 1, deadline = MIN(deadline, ? + lease) WHERE state = 'held'", (now,)
        )

    def worked_since(self, worker: int, since: float) -> list[Worked]:
        """What the worker has sent since a time, by run and state; costs what they did since then."""
        rows = self.db.execute(
            f"""
            SELECT pages.run, pages.state, price, COALESCE(seconds, 0), finished, taken + lease, {ON_TOP}
            FROM pages JOIN counters ON counters.run = pages.run WHERE worker = ? ORDER BY pages.id DESC
            """,
            (worker,),
        )
        found: dict[tuple[int, PageState], Worked] = {}
        # Pages have numbers in the order in which they were taken.
        for run, state, price, seconds, finished, _, more in itertools.takewhile(lambda row: row[5] >= since, rows):
            if state in SENT and finished is not None and finished >= since:
                one = found.get((run, state), Worked(run, state, 0, 0, 0.0, 0))
                found[run, state] = Worked(
                    run, state, one.pages + 1, one.price + price, one.seconds + seconds, one.on_top + more
                )
        return list(found.values())

    def objectionable(self, worker: int, run: int, limit: int) -> list[HistoryRow]:
        """The worker's newest pages in the run that were rejected, or against whose rejection they objected."""
        rows = self.db.execute(
            f"""
            SELECT recent.page, recent.run, recent.state, price, size, COALESCE(finished, taken), reason,
              {ON_TOP.replace("pages.", "recent.")}
            FROM (
              SELECT id, page, pages.run, state, price, size, finished, taken, reason, counted FROM pages
              WHERE worker = ? ORDER BY id DESC LIMIT ?
            ) AS recent LEFT JOIN appeals ON appeals.page = recent.id
            WHERE recent.run = ? AND (recent.state = 'rejected' OR appeals.page IS NOT NULL)
            ORDER BY recent.id DESC LIMIT ?
            """,
            (worker, MOST_RECENT, run, limit),
        )
        return [HistoryRow(*row) for row in rows]

    def last_reason(self, run: int, worker: int) -> bytes | None:
        """Why the worker's newest rejected page in the run was rejected (JSON), if one was."""
        row = self.db.execute(
            """
            SELECT reason FROM pages WHERE worker = ? AND run = ? AND state = 'rejected' ORDER BY id DESC LIMIT 1
            """,
            (worker, run),
        ).fetchone()
        return row[0] if row else None

    def answers(self, page: bytes) -> bytes | None:
        """The answers to a page as they are kept (JSON), if there are any."""
        row = self.db.execute("SELECT answers FROM pages WHERE page = ?", (page,)).fetchone()
        return row[0] if row else None

    def history(self, worker: int, limit: int) -> list[HistoryRow]:
        """The worker's pages: those at work, then the last finished; without those that were only fetched ahead."""
        rows = self.db.execute(
            f"""
            SELECT page, run, pages.state, price, size, COALESCE(finished, taken), reason, {ON_TOP}
            FROM pages JOIN counters USING (run)
            WHERE worker = ? AND NOT (pages.state = 'held' AND deadline IS NULL) AND NOT {NEVER_SEEN}
            ORDER BY pages.id DESC LIMIT ?
            """,
            (worker, limit),
        )
        # A page that was fetched ahead is taken long before it is worked on.
        return sorted((HistoryRow(*row) for row in rows), key=lambda one: (one.state == "held", one.at), reverse=True)


def _insertable(page: NewPage) -> tuple[object, ...]:
    return (
        page.page,
        page.run,
        page.worker.id,
        page.price,
        len(page.items),
        msgspec.json.encode(page.items).decode(),
        None if page.mirrored is None else msgspec.json.encode(page.mirrored).decode(),
        page.taken,
        page.lease,
        page.deadline,
        page.controls,
        int(page.newcomer),
        page.revision,
    )


def _page_row(row: tuple[Any, ...]) -> PageRow:
    *first, items, mirrored, taken, lease, deadline, controls, newcomer, revision, seconds, counted, finished = row
    swaps = None if mirrored is None else numbers(mirrored)
    number, page, run, worker_id, worker, state, price = first
    return PageRow(
        number, page, run, worker_id, worker, state, price, numbers(items), swaps, taken, lease, deadline, controls,
        bool(newcomer), revision, seconds, counted, finished,
    )  # fmt: skip
