"""The time of workers that wage floors count, over all runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from dataforge.issue.rows import CountedTime, PageRow

__all__ = ["Hours"]


class Hours:
    """The table `hours`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def within(self, worker: int, stretch: CountedTime) -> list[CountedTime]:
        """What counts of the worker's time that has any part of a stretch."""
        rows = self.db.execute(
            "SELECT begun, ended FROM hours WHERE worker = ? AND ended > ? AND begun < ?",
            (worker, stretch.begun, stretch.ended),
        )
        return [CountedTime(*row) for row in rows]

    def count(self, page: PageRow, times: Sequence[CountedTime]) -> None:
        """Count these stretches for a page of the worker."""
        self.db.executemany(
            "INSERT INTO hours (worker, begun, ended, page) VALUES (?, ?, ?, ?)",
            [(page.worker_id, *one, page.id) for one in times],
        )

    def give_up(self, page: PageRow) -> int:
        """Count what counted for the page no more; gives how many milliseconds that was."""
        (found,) = self.db.execute(
            "SELECT COALESCE(SUM(ended - begun), 0) FROM hours WHERE page = ?", (page.id,)
        ).fetchone()
        self.db.execute("DELETE FROM hours WHERE page = ?", (page.id,))
        return int(found)

    def clock_set_back(self, now: float) -> None:
        """Let nothing that counts be of a time that has not yet come: it was another, and so it ends at 0."""
        self.db.execute("UPDATE hours SET begun = begun - ended, ended = 0 WHERE ended > ?", (1000 * now,))
