"""Files that workers have sent: for which page and output, and whether an answer names them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from dataforge.issue.rows import PageRow
from dataforge.issue.sqlite.removal import NOTE_MEDIA

__all__ = ["SentFile", "WorkerFiles"]


class SentFile(NamedTuple):
    """A file that was sent whole. `seconds`: how long it plays, None where that is not known."""

    media: str
    size: int
    seconds: float | None


class WorkerFiles:
    """The table `worker_files`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, page: PageRow, output: str, file: SentFile, now: float) -> None:
        """Note a file that was sent for an output of a page; doing it again changes nothing."""
        self.db.execute(
            """
            INSERT OR IGNORE INTO worker_files (page, output, media, worker, size, seconds, at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (page.id, output, file.media, page.worker_id, file.size, file.seconds, now),
        )

    def coming(self, media: str) -> None:
        """Note a file that is about to lie among the media: if nothing names it then, it goes again."""
        self.db.execute(NOTE_MEDIA.format("VALUES (?)"), (media,))

    def of_page(self, page: PageRow) -> dict[tuple[str, str], SentFile]:
        """What was sent for the page, by output and name."""
        rows = self.db.execute("SELECT output, media, size, seconds FROM worker_files WHERE page = ?", (page.id,))
        return {(output, media): SentFile(media, size, seconds) for output, media, size, seconds in rows}

    def of_worker(self, worker: int, media: str) -> SentFile | None:
        """The file of that name, if the worker has sent it, for whatever page."""
        row = self.db.execute(
            "SELECT media, size, seconds FROM worker_files WHERE media = ? AND worker = ? LIMIT 1", (media, worker)
        ).fetchone()
        return SentFile(*row) if row else None

    def unkept_bytes(self, worker: int) -> int:
        """How many bytes of the worker's files no answer names."""
        row: tuple[int] = self.db.execute(
            "SELECT COALESCE(SUM(size), 0) FROM worker_files WHERE worker = ? AND kept = 0", (worker,)
        ).fetchone()
        return row[0]

    def settle(self, page: PageRow, named: Iterable[tuple[str, str]]) -> None:
        """The page's answers are kept: with them the files that they name, and no others."""
        self.db.executemany(
            "UPDATE worker_files SET kept = 1 WHERE page = ? AND output = ? AND media = ?",
            [(page.id, output, media) for output, media in named],
        )
        self._leave("page = ?", page.id)

    def sweep(self, before: float) -> None:
        """Let go of files that no answer names, sent before a time for pages that nobody holds any more."""
        self._leave("at < ? AND page NOT IN (SELECT id FROM pages WHERE state = 'held')", before)

    def _leave(self, which: str, value: float) -> None:
        where = f"FROM worker_files WHERE kept = 0 AND {which}"
        self.db.execute(NOTE_MEDIA.format(f"SELECT media {where}"), (value,))
        self.db.execute(f"DELETE {where}", (value,))
