"""Checkpoints of the write-ahead log, made beside the writer so that no commit has to wait for one.

A checkpoint that runs while others write never reaches the log's end, so the log would grow for ever. Once it is
long, a second one follows between two batches: there is little left for it to copy, and the log starts anew. Its file
stays as long as it has been; where nobody writes any more, a run was deleted or somebody forgotten, it is cut off.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dataforge.issue.sqlite.database import connect
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import Writer

__all__ = ["checkpoints", "cut_off"]

log = logging.getLogger("dataforge.server")

SECONDS = 0.5
PAGE = 4_096
# 16 MiB of pages.
LONG_LOG = 4_096
# For so many milliseconds nobody else writes while readers of an older state are waited for; most are done by then.
MOST_WAITED = 100


async def checkpoints(writer: Writer, path: Path) -> None:
    """Make checkpoints for as long as the server runs."""
    db = connect(path, write=True)
    log_file = path.with_name(f"{path.name}-wal")
    thread = ThreadPoolExecutor(1, "checkpoint")
    seen = -1
    try:
        while True:
            await asyncio.sleep(SECONDS)
            try:
                if writer.committed == seen:
                    if _size(log_file) > LONG_LOG * PAGE:
                        await writer.between_batches(cut_off)
                    continue
                seen = writer.committed
                frames = await asyncio.get_running_loop().run_in_executor(thread, _checkpoint, db)
                if frames > LONG_LOG:
                    await writer.between_batches(lambda store: _checkpoint(store.db))
            except sqlite3.Error as error:
                log.error("the write-ahead log could not be shortened: %s", error)
    finally:
        # A checkpoint that has begun goes on when this task is cancelled: SQLite must not lose the connection under it.
        thread.shutdown()
        db.close()


def cut_off(store: SqliteStore) -> bool:
    """Copy all of the log into the database and empty it; False where somebody reads an older state of it just now.

    Whoever reads for long is not waited for: nobody's answer could be written until then.
    """
    (usual,) = store.db.execute("PRAGMA busy_timeout").fetchone()
    store.db.execute(f"PRAGMA busy_timeout = {MOST_WAITED}")
    try:
        busy, _, _ = store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        store.db.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _checkpoint(db: sqlite3.Connection) -> int:
    """Copy what can be copied without waiting; give the number of pages in the log."""
    _, frames, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(frames)
