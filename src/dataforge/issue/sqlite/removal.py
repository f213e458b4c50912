"""Runs that are deleted: at once out of everybody's sight, then their rows go part by part.

A large run has millions of rows. One transaction over all of them would keep every worker waiting, and one that was cut
off would have to begin again; so what is left to remove is noted, and each part is a transaction of its own.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from dataforge.issue.ledger import Entry
from dataforge.issue.rows import RunRow
from dataforge.issue.sqlite._events import span_of
from dataforge.issue.sqlite.ledger import Ledger

__all__ = ["NOTE_MEDIA", "Held", "PastWork", "Removal"]

MOST_ITEMS = 500
MOST_ROWS = 2_000
MEDIA = re.compile(rb'"media":"([0-9a-f]{64}\.[a-z0-9]{1,8})"')
USES_MEDIA = 'instr(CAST({} AS TEXT), \'"media":"\') > 0'
# Who is in the middle of a try keeps the items of the training as it was, and pages keep what was published then.
PUBLICATIONS = """
SELECT publication FROM (
  SELECT id AS run, publication FROM runs UNION ALL SELECT run, publication FROM former_publications
)
"""
# Files to be removed if nothing uses them. One that is noted while it is being looked at is looked at again.
NOTE_MEDIA = "INSERT INTO leaving_media (media) {} ON CONFLICT (media) DO UPDATE SET noted = noted + 1"
MEMBERS = "(SELECT COALESCE(SUM({}), 0) FROM members WHERE run = :run)"


class Held(NamedTuple):
    """What is kept of a run. `owed`: what waits for a verdict; `appealed`: what open appeals are about."""

    responses: int
    workers: int
    pages_held: int
    pages_pending: int
    owed: int
    earned: int
    appeals: int
    appealed: int


class PastWork(msgspec.Struct, frozen=True):
    """What a worker did and earned in a run that was deleted; `name` is JSON."""

    name: bytes
    currency: str
    pages_accepted: int
    pages_rejected: int
    earned: int
    at: float


PAST_WORK = ", ".join(PastWork.__struct_fields__)


class Removal:
    """The tables `leaving_runs`, `leaving_media` and `past_work`, and the end of rows of all tables of runs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def held(self, run: int) -> Held:
        """What is kept of the run."""
        sums = ("responses", "joined IS NOT NULL", "pages_pending", "pending", "earned + bonus")
        columns = ", ".join(map(MEMBERS.format, sums))
        responses, workers, pages_pending, owed, earned = self.db.execute(f"SELECT {columns}", {"run": run}).fetchone()
        (pages_held,) = self.db.execute(
            "SELECT COUNT(*) FROM pages INDEXED BY held_pages WHERE run = ? AND state = 'held'", (run,)
        ).fetchone()
        appeals = self._open_appeals(run)
        appealed = sum(price for *_, price in appeals)
        return Held(responses, workers, pages_held, pages_pending, owed, earned, len(appeals), appealed)

    def waiting(self, run: int, limit: int) -> list[str]:
        """The public ids of so many pages that wait for a verdict, worker by worker."""
        rows = self.db.execute(
            """
            SELECT page FROM members CROSS JOIN pages USING (run, worker)
            WHERE run = ? AND pages_pending > 0 AND state = 'submitted' LIMIT ?
            """,
            (run, limit),
        )
        return [page.hex() for (page,) in rows]

    def objected(self, run: int) -> list[str]:
        """The public ids of pages whose rejection somebody objects to still."""
        return [name.hex() for _, name, _, _ in self._open_appeals(run)]

    def _open_appeals(self, run: int) -> list[tuple[int, bytes, int, int]]:
        """Pages whose rejection somebody objects to still: their numbers and public ids, workers and prices."""
        return self.db.execute(
            """
            SELECT pages.id, pages.page, pages.worker, price FROM appeals JOIN pages ON pages.id = appeals.page
            WHERE appeals.run = ? AND appeals.state = 'open'
            """,
            (run,),
        ).fetchall()

    def _uphold(self, run: int, currency: str, now: float) -> None:
        """Uphold the appeals that nobody has decided: nobody will, and that is not their workers' fault."""
        ledger = Ledger(self.db)
        for page, _, worker, price in self._open_appeals(run):
            ledger.enter(Entry("accepted_after_all", worker, price, currency, now, run, page))
            self.db.execute(
                """
                UPDATE members SET earned = earned + ?, pages_accepted = pages_accepted + 1,
                  pages_rejected = pages_rejected - 1
                WHERE run = ? AND worker = ?
                """,
                (price, run, worker),
            )
        self.db.execute("UPDATE appeals SET state = 'upheld', decided = ? WHERE run = ? AND state = 'open'", (now, run))

    # --- at once ----------------------------------------------------------------------------------

    def begin(self, run: RunRow, now: float) -> None:
        """Take the run out of sight: its name is free, nobody is let in, and what its workers earned is kept.

        What waits for a verdict counts as earned, and so does what open appeals are about: nobody will look at it, and
        that is not its worker's fault.
        """
        execute, number = self.db.execute, (run.id,)
        currency = run.publication.currency
        self._uphold(run.id, currency, now)
        execute(
            """
            INSERT INTO past_work (worker, run, name, currency, pages_accepted, pages_rejected, earned, at)
            SELECT worker, run, ?, ?, pages_accepted + pages_pending, pages_rejected, earned + pending + bonus, ?
            FROM members WHERE run = ? AND (pages_accepted + pages_pending + pages_rejected > 0 OR bonus > 0)
            """,
            (msgspec.json.encode(run.publication.task.name), currency, now, run.id),
        )
        ledger = Ledger(self.db)
        waiting = execute("SELECT worker, pending FROM members WHERE run = ? AND pending <> 0", number).fetchall()
        for worker, pending in waiting:
            ledger.enter(Entry("accepted", worker, pending, currency, now, run.id))
        execute("UPDATE pages SET state = 'skipped' WHERE run = ? AND state = 'held'", number)
        execute("UPDATE pages SET state = 'skipped' WHERE run = ? AND state = 'released'", number)
        execute("DELETE FROM guests WHERE invitation IN (SELECT id FROM invitations WHERE run = ?)", number)
        execute("DELETE FROM invitations WHERE run = ?", number)
        # Files of its trainings: of the one that it has, and of those that it had before their items changed.
        self._note_media(execute(f"{PUBLICATIONS} WHERE run = ?", number).fetchall())
        execute("DELETE FROM former_publications WHERE run = ?", number)
        execute("DELETE FROM trainees WHERE run = ?", number)
        execute("DELETE FROM snapshots WHERE run = ?", number)
        self._keep_untold(run.id)
        execute("DELETE FROM worker_qualities WHERE run = ?", number)
        # Without its counters nothing can be done in the run any more, by whoever still knows its number.
        execute("DELETE FROM counters WHERE run = ?", number)
        # A stroke stands in no name.
        execute("UPDATE runs SET name = '/' || id, publication = x'', deleted = ? WHERE id = ?", (now, run.id))
        execute("INSERT INTO leaving_runs (run) VALUES (?)", number)

    def _keep_untold(self, run: int) -> None:
        """Add to what is known of workers over all runs what the run has not told of them: it never will."""
        self.db.execute(
            """
            UPDATE people SET seen = MAX(seen, untold.active), responses = people.responses + untold.responses,
              pages_accepted = people.pages_accepted + untold.accepted,
              pages_rejected = people.pages_rejected + untold.rejected
            FROM (
              SELECT worker, active, members.responses - COALESCE(told.responses, 0) AS responses,
                members.pages_accepted + pages_pending - COALESCE(told.pages_accepted, 0) AS accepted,
                members.pages_rejected - COALESCE(told.pages_rejected, 0) AS rejected
              FROM members LEFT JOIN worker_qualities AS told USING (run, worker) WHERE run = ?
            ) AS untold WHERE untold.worker = people.worker
            """,
            (run,),
        )

    def past_work(self, worker: int) -> list[PastWork]:
        """What the worker did and earned in runs that were deleted, the last one first."""
        rows = self.db.execute(
            f"SELECT {PAST_WORK} FROM past_work WHERE worker = ? ORDER BY at DESC, run DESC",
            (worker,),
        )
        return [PastWork(*row) for row in rows]

    # --- part by part -----------------------------------------------------------------------------

    def part(self) -> bool:
        """Remove a part of what runs that were deleted have left, in a transaction; False if there is nothing."""
        row = self.db.execute("SELECT run FROM leaving_runs LIMIT 1").fetchone()
        if row is None:
            return False
        with _unchecked(self.db):
            if not (self._items(*row) or self._pages(*row) or self._events(*row) or self._commands(*row)):
                self.db.execute("DELETE FROM leaving_runs WHERE run = ?", row)
        return True

    def _items(self, run: int) -> bool:
        """Remove some items with what hangs on them, and note their files; False if there are none."""
        some = f"(SELECT id FROM items WHERE run = {run:d} ORDER BY id LIMIT {MOST_ITEMS})"
        self._note_media(self.db.execute(f"SELECT inputs FROM inputs WHERE item IN {some}").fetchall())
        for table in ("seen", "withheld", "preferred", "inputs", "control_looks", "item_qualities"):
            self.db.execute(f"DELETE FROM {table} WHERE item IN {some}")
        return self.db.execute(f"DELETE FROM items WHERE id IN {some}").rowcount > 0

    def _note_media(self, rows: Sequence[tuple[bytes]]) -> None:
        """Note the files that are named in JSON, to be removed if nothing else uses them."""
        found = [(name.decode(),) for (content,) in rows for name in MEDIA.findall(content)]
        self.db.executemany(NOTE_MEDIA.format("VALUES (?)"), found)

    def _pages(self, run: int) -> bool:
        """Remove some pages of a worker, or the worker from the run; False if there are none."""
        row = self.db.execute("SELECT worker FROM members WHERE run = ? LIMIT 1", (run,)).fetchone()
        if row is None:
            # Who only asked about the task never had a page.
            return self.db.execute("DELETE FROM messages WHERE run = ?", (run,)).rowcount > 0
        self.db.execute("DELETE FROM messages WHERE worker = ? AND run = ?", (*row, run))
        found = self.db.execute(
            "SELECT id FROM pages WHERE worker = ? AND run = ? LIMIT ?", (*row, run, MOST_ROWS)
        ).fetchall()
        self.db.executemany(NOTE_MEDIA.format("SELECT media FROM worker_files WHERE page = ?"), found)
        self.db.executemany("DELETE FROM worker_files WHERE page = ?", found)
        self._sum_up(found)
        self.db.executemany("DELETE FROM appeals WHERE page = ?", found)
        # What was paid for a time is not paid again, and the number of a page may be given to another.
        self.db.executemany("UPDATE hours SET page = NULL WHERE page = ?", found)
        self.db.executemany("DELETE FROM pages WHERE id = ?", found)
        if len(found) < MOST_ROWS:
            self.db.execute("DELETE FROM members WHERE run = ? AND worker = ?", (run, *row))
        return True

    def _sum_up(self, pages: Sequence[tuple[int]]) -> None:
        """Put the sums of entries of these pages into the ledger in their place: it still says what is owed."""
        these = (msgspec.json.encode([page for (page,) in pages]).decode(),)
        self.db.execute(
            """
            INSERT INTO ledger (kind, worker, amount, currency, at, run)
            SELECT kind, worker, SUM(amount), currency, MAX(at), run FROM ledger
            WHERE page IN (SELECT value FROM json_each(?)) GROUP BY kind, worker, currency, run
            """,
            these,
        )
        self.db.execute("DELETE FROM ledger WHERE page IN (SELECT value FROM json_each(?))", these)

    def _events(self, run: int) -> bool:
        some = "SELECT id FROM events WHERE id > ? AND id < ? LIMIT ?"
        deleted = self.db.execute(f"DELETE FROM events WHERE id IN ({some})", (*span_of(run), MOST_ROWS))
        return deleted.rowcount > 0

    def _commands(self, run: int) -> bool:
        some = "SELECT key FROM commands WHERE run = ? LIMIT ?"
        deleted = self.db.execute(f"DELETE FROM commands WHERE run = ? AND key IN ({some})", (run, run, MOST_ROWS))
        return deleted.rowcount > 0

    # --- files ------------------------------------------------------------------------------------

    def leaving_media(self) -> dict[str, int]:
        """Files that are to be removed if nothing uses them, and how often each was noted."""
        return dict(self.db.execute("SELECT media, noted FROM leaving_media"))

    def forget_media(self, noted: Mapping[str, int]) -> None:
        """Note that there is nothing more to do about these files, if they were not noted again since."""
        self.db.executemany("DELETE FROM leaving_media WHERE media = ? AND noted = ?", noted.items())

    def media_of(self, run: int) -> set[str]:
        """The files that items of the run and of its trainings are shown with, and those that its workers have sent."""
        taught = self.db.execute(f"{PUBLICATIONS} WHERE run = ?", (run,))
        rows = self.db.execute("SELECT inputs FROM inputs JOIN items ON items.id = inputs.item WHERE run = ?", (run,))
        sent = self.db.execute(
            "SELECT media FROM worker_files JOIN pages ON pages.id = worker_files.page WHERE pages.run = ?", (run,)
        )
        return _named(taught) | _named(rows) | {media for (media,) in sent}

    def used(self, media: Set[str], but: int | None = None) -> set[str]:
        """Those of the files that a run, other than one, or its workers' answers or previews use."""
        taught = self.db.execute(f"{PUBLICATIONS} WHERE run IS NOT ? AND {USES_MEDIA.format('publication')}", (but,))
        rows = self.db.execute(
            f"SELECT inputs FROM inputs JOIN items ON items.id = inputs.item "
            f"WHERE run IS NOT ? AND {USES_MEDIA.format('inputs')}",
            (but,),
        )
        previews = self.db.execute(f"SELECT content FROM previews WHERE {USES_MEDIA.format('content')}")
        return (_named(taught) | _named(rows) | _named(previews) | self._sent(media, but)) & media

    def _sent(self, media: Set[str], but: int | None) -> set[str]:
        """Those of the files that workers have sent for pages of a run other than one."""
        found = set()
        for name in media:
            row = self.db.execute(
                "SELECT 1 FROM worker_files JOIN pages ON pages.id = worker_files.page "
                "WHERE media = ? AND pages.run IS NOT ? LIMIT 1",
                (name, but),
            ).fetchone()
            found |= {name} if row else set()
        return found


def _named(rows: sqlite3.Cursor) -> set[str]:
    """The files that JSON names."""
    return {name.decode() for (content,) in rows for name in MEDIA.findall(content)}


@contextmanager
def _unchecked(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction that does not ask of each page that goes whether any event or any seen item speaks of it.

    There is no index by which that could be told; all of a run goes, so nothing is left that does.
    """
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        db.execute("PRAGMA foreign_keys = ON")
