"""The writer goes on whatever becomes of those who asked."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dataforge.issue.sqlite.clock import NoticingClock
from dataforge.issue.sqlite.database import connect, migrate
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import Writer


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    db = connect(tmp_path / "file.sqlite3", write=True)
    migrate(db)
    return Writer(
        SqliteStore(db),
        now=NoticingClock(time.time),
        on_commit=lambda runs: None,
        source=random.Random(1),
        new_page=lambda: b"page",
    )


def fails() -> None:
    raise ValueError("after nobody waits any longer")


@pytest.mark.parametrize("ends", [lambda: None, fails], ids=["well", "badly"])
def test_who_no_longer_waits_for_a_look_between_batches_does_not_end_the_writer(
    writer: Writer, ends: Callable[[], None]
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def look(store: SqliteStore) -> None:
        begun.set()
        go_on.wait(5)
        ends()

    async def leave_in_the_middle() -> bytes | None:
        writer.start()
        looking = asyncio.create_task(writer.between_batches(look))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        writing = asyncio.create_task(writer.write(lambda transaction: transaction.store.settings.put("a", b"b")))
        looking.cancel()
        await asyncio.sleep(0.01)
        go_on.set()
        await asyncio.wait_for(writing, 5)
        await writer.stop()
        return writer.store.settings.get("a")

    assert asyncio.run(leave_in_the_middle()) == b"b"
