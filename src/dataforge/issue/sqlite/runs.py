"""Runs: what was published, what was counted and reported, which commands were done, what the run shows of itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from dataforge.errors import Refused
from dataforge.issue.rows import FIRST_TAIL, Counters, RunRow
from dataforge.issue.sqlite._events import Events
from dataforge.records import Event, Publication

__all__ = ["Runs"]

SELECT = "SELECT id, name, publication, created, revision FROM runs"
FIELDS = Counters.__struct_fields__
SELECT_COUNTERS = f"SELECT {', '.join(FIELDS)} FROM counters WHERE run = ?"
UPDATE_COUNTERS = f"UPDATE counters SET {', '.join(f'{name} = ?' for name in FIELDS)} WHERE run = ?"


class Runs:
    """The tables `runs`, `counters`, `commands` and `snapshots`, and behind them the events."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.events = Events(db)

    def add(self, publication: Publication, now: float) -> int:
        """Add a run, open and without items; give its number."""
        run = self.db.execute(
            "INSERT INTO runs (name, publication, created, judged) VALUES (?, ?, ?, ?)",
            (publication.name, msgspec.json.encode(publication), now, self._of_identity(publication.checks)),
        ).lastrowid
        assert run is not None
        self.db.execute("INSERT INTO counters (run, tail) VALUES (?, ?)", (run, FIRST_TAIL))
        return run

    def _of_identity(self, identity: str) -> int | None:
        """The run of that identity; None if there is none, or it is empty."""
        row = self.db.execute(
            """
            SELECT id FROM runs WHERE ? <> ''
              AND CASE WHEN deleted IS NULL THEN json_extract(CAST(publication AS TEXT), '$.identity') END = ?
            """,
            (identity, identity),
        ).fetchone()
        return row[0] if row else None

    def judged(self) -> dict[int, int]:
        """The runs in which the answers of others are judged that are there: by their numbers those of the others."""
        rows = self.db.execute(
            """
            SELECT one.id, other.id FROM runs AS one JOIN runs AS other ON other.id = one.judged
            WHERE one.deleted IS NULL AND other.deleted IS NULL
            """
        )
        return dict(rows.fetchall())

    def checks_of(self, run: int) -> list[int]:
        """The numbers of the runs in which the answers of this one are judged."""
        rows = self.db.execute("SELECT id FROM runs WHERE judged = ? AND deleted IS NULL ORDER BY id", (run,))
        return [check for (check,) in rows]

    def by_name(self, name: str) -> RunRow | None:
        """The run of that name, if there is one."""
        row = self.db.execute(f"{SELECT} WHERE name = ? AND deleted IS NULL", (name,)).fetchone()
        return _run_row(*row) if row else None

    def number(self, name: str) -> int | None:
        """The number of the run of that name, if there is one."""
        row = self.db.execute("SELECT id FROM runs WHERE name = ? AND deleted IS NULL", (name,)).fetchone()
        return row[0] if row else None

    def by_id(self, run: int) -> RunRow:
        """The run with that number; raises `Refused` 410 if it was deleted."""
        row = self.db.execute(f"{SELECT} WHERE id = ? AND deleted IS NULL", (run,)).fetchone()
        if row is None:
            raise _deleted()
        return _run_row(*row)

    def rename(self, run: int, publication: Publication) -> None:
        """Call the run as the publication does, which differs in nothing else."""
        self.db.execute(
            "UPDATE runs SET name = ?, publication = ? WHERE id = ?",
            (publication.name, msgspec.json.encode(publication), run),
        )

    def revision(self, run: int) -> int:
        """How often the run was published anew."""
        row: tuple[int] = self.db.execute("SELECT revision FROM runs WHERE id = ?", (run,)).fetchone()
        return row[0]

    def republish(self, run: int, publication: Publication) -> None:
        """Put a publication in place of the run's, which stays for the pages that were given out by it."""
        self.db.execute(
            "INSERT INTO former_publications (run, revision, publication) "
            "SELECT id, revision, publication FROM runs WHERE id = ?",
            (run,),
        )
        self.db.execute(
            "UPDATE runs SET publication = ?, revision = revision + 1 WHERE id = ?",
            (msgspec.json.encode(publication), run),
        )

    def former(self, run: int, revision: int) -> Publication | None:
        """What was published as the run's revision before the present one; None if there was none of that number."""
        row = self.db.execute(
            "SELECT publication FROM former_publications WHERE run = ? AND revision = ?", (run, revision)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Publication)

    def newest_first(self) -> list[int]:
        """The numbers of all runs."""
        rows = self.db.execute("SELECT id FROM runs WHERE deleted IS NULL ORDER BY created DESC, id DESC")
        return [run for (run,) in rows]

    def for_worker(self, worker: int) -> list[int]:
        """The numbers of the runs that are open or paused, and of those where the worker worked, newest first."""
        rows = self.db.execute(
            """
            SELECT id FROM runs JOIN counters ON counters.run = runs.id
            WHERE state IN ('open', 'paused')
              OR EXISTS (SELECT 1 FROM members WHERE members.run = runs.id AND worker = ?)
            ORDER BY created DESC, id DESC
            """,
            (worker,),
        )
        return [run for (run,) in rows]

    # --- counters and events ----------------------------------------------------------------------

    def counters(self, run: int) -> Counters:
        """The run's counters as they are now; raises `Refused` 410 if it was deleted."""
        row = self.db.execute(SELECT_COUNTERS, (run,)).fetchone()
        if row is None:
            raise _deleted()
        return Counters(*row)

    def save(self, run: int, counters: Counters, events: Sequence[Event]) -> None:
        """Write the counters back and put events into the outbox."""
        if events:
            self.events.add(run, events)
        self.db.execute(UPDATE_COUNTERS, (*msgspec.structs.astuple(counters), run))

    def events_after(self, run: int, after: int, limit: int) -> list[Event]:
        """The run's events with a cursor larger than `after`, oldest first."""
        return self.events.after(run, after, limit)

    def told_at(self, run: int, cursor: int) -> float | None:
        """When the event of that cursor happened; None if there is none."""
        return self.events.at(run, cursor)

    # --- commands ---------------------------------------------------------------------------------

    def known_commands(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose commands were carried out."""
        rows = self.db.execute(
            "SELECT key FROM commands WHERE run = ? AND key IN (SELECT value FROM json_each(?))",
            (run, msgspec.json.encode(keys).decode()),
        )
        return {key for (key,) in rows}

    def remember_commands(self, run: int, keys: Sequence[str]) -> None:
        """Note that the commands of these keys are carried out."""
        self.db.executemany("INSERT INTO commands (run, key) VALUES (?, ?)", [(run, key) for key in keys])

    # --- snapshots --------------------------------------------------------------------------------

    def save_snapshot(self, run: int, snapshot: bytes) -> None:
        """Keep the run's newest snapshot (JSON, without items and workers)."""
        self.db.execute("INSERT OR REPLACE INTO snapshots (run, snapshot) VALUES (?, ?)", (run, snapshot))

    def snapshot(self, run: int) -> bytes | None:
        """The run's newest snapshot, if it has sent one."""
        row = self.db.execute("SELECT snapshot FROM snapshots WHERE run = ?", (run,)).fetchone()
        return row[0] if row else None


def _deleted() -> Refused:
    return Refused("this run was deleted by who gave the tasks", status=410, code="run_deleted")


def _run_row(number: int, name: str, publication: bytes, created: float, revision: int) -> RunRow:
    return RunRow(number, name, msgspec.json.decode(publication, type=Publication), created, revision)
