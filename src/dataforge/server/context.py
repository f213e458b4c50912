"""What all handlers share: the writer, the readers, the runs, the keys and the clock."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dataforge.server.auth import Attempts, Keys
from dataforge.server.database import connect
from dataforge.server.run import Runs
from dataforge.server.store.accounts import WorkerRow
from dataforge.server.writer import Writer
from dataforge.workspace import Workspace

__all__ = ["Bells", "Context", "Readers"]

Result = TypeVar("Result")


class Bells:
    """Wake those who wait for a run's next change."""

    def __init__(self) -> None:
        self.runs: dict[int, asyncio.Event] = {}

    def of(self, run: int) -> asyncio.Event:
        """What is set at the run's next change; take it before looking, or a change in between is missed."""
        return self.runs.setdefault(run, asyncio.Event())

    def ring(self, runs: Iterable[int]) -> None:
        """Wake everybody who waits for one of the runs."""
        for run in runs:
            if (event := self.runs.pop(run, None)) is not None:
                event.set()

    def ring_all(self) -> None:
        """Wake everybody."""
        self.ring(list(self.runs))


class Readers:
    """Read connections in threads, for questions that may take longer than a request should hold the event loop."""

    def __init__(self, path: Path, threads: int = 4) -> None:
        self.path = path
        self.own = threading.local()
        self.pool = ThreadPoolExecutor(threads, "reader")

    async def read(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        """Ask the database in a thread, in one read transaction."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, self._ask, question)

    def _ask(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        if not hasattr(self.own, "db"):
            self.own.db = connect(self.path)
        db: sqlite3.Connection = self.own.db
        db.execute("BEGIN")
        try:
            return question(db)
        finally:
            db.execute("ROLLBACK")


@dataclass
class Context:
    """The running server. `db` answers short questions in the event loop; `readers` the longer ones."""

    workspace: Workspace
    db: sqlite3.Connection
    writer: Writer
    readers: Readers
    keys: Keys
    source: random.Random
    now: Callable[[], float]
    bells: Bells
    static: Path
    runs: Runs = field(default_factory=Runs)
    workers: dict[bytes, WorkerRow] = field(default_factory=dict)
    attempts: Attempts = field(default_factory=Attempts)
    stopping: bool = False

    @staticmethod
    def loop_time() -> float:
        """The event loop's clock, for waiting."""
        return asyncio.get_running_loop().time()

    def stop_waiting(self) -> None:
        """Let every long poll answer at once."""
        self.stopping = True
        self.bells.ring_all()

    async def change_of(self, bell: asyncio.Event, seconds: float) -> bool:
        """Wait for the bell; False if there was none in time or the server stops."""
        if self.stopping or seconds <= 0:
            return False
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            return False
        return not self.stopping
