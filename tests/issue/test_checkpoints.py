"""The write-ahead log is shortened beside the writer, and a server that stops meanwhile stops in order."""

import asyncio
import contextlib
import random
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dataforge.issue.change import Transaction
from dataforge.issue.sqlite import checkpoints
from dataforge.issue.sqlite.clock import NoticingClock
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import Writer


class SlowDisk(sqlite3.Connection):
    """A connection whose checkpoints take a while, and that remembers whether it was closed in the middle of one."""

    busy = threading.Event()
    closed_while_busy = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if "wal_checkpoint" not in sql:
            return super().execute(sql, *parameters)
        self.busy.set()
        time.sleep(0.2)
        self.busy.clear()
        return super().execute("SELECT 0, 1, 1")

    def close(self) -> None:
        SlowDisk.closed_while_busy |= self.busy.is_set()
        super().close()


def test_a_server_that_stops_waits_for_the_checkpoint_that_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.sqlite3"
    slow = sqlite3.connect(path, factory=SlowDisk, check_same_thread=False)
    monkeypatch.setattr(checkpoints, "connect", lambda path, write: slow)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.001)

    class Busy(Writer):
        def __init__(self) -> None:
            self.committed = 1

    async def stop_in_the_middle() -> None:
        task = asyncio.create_task(checkpoints.checkpoints(Busy(), path))
        while not slow.busy.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(stop_in_the_middle())
    assert not SlowDisk.closed_while_busy


def test_the_log_of_a_database_that_nobody_writes_in_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.sqlite3"
    log = tmp_path / "file.sqlite3-wal"
    monkeypatch.setattr(checkpoints, "SECONDS", 0.01)
    monkeypatch.setattr(checkpoints, "LONG_LOG", 50)
    store = SqliteStore.open_to_write(path)
    writer = Writer(
        store, now=NoticingClock(time.time), on_commit=lambda _: None, source=random.Random(1), new_page=lambda: b""
    )
    longest: list[int] = []

    def put(transaction: Transaction[SqliteStore]) -> None:
        transaction.store.settings.put("much", bytes(1_000_000))

    async def write_and_rest() -> None:
        writer.start()
        task = asyncio.create_task(checkpoints.checkpoints(writer, path))
        await writer.write(put)
        longest.append(log.stat().st_size)
        async with asyncio.timeout(30):
            while log.stat().st_size:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.stop()

    asyncio.run(write_and_rest())
    assert longest[0] > 1_000_000
    assert store.settings.get("much") == bytes(1_000_000)
    store.close()


def test_who_reads_for_long_holds_up_nobody_who_writes_while_the_log_is_to_be_emptied(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite3"
    with (
        contextlib.closing(SqliteStore.open_to_write(path)) as store,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM items").fetchone()
        store.db.execute("CREATE TABLE later (one)")
        began = time.monotonic()
        assert not checkpoints.cut_off(store)
        assert time.monotonic() - began < 2
        assert store.db.execute("PRAGMA busy_timeout").fetchone() == (10_000,), "others are waited for as before"
        reader.execute("COMMIT")
        assert checkpoints.cut_off(store)
