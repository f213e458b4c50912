"""The write-ahead log is shortened beside the writer, and a server that stops meanwhile stops in order."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dataforge.issue.sqlite import checkpoints
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
