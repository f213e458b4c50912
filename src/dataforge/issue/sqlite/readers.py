"""Read connections in threads, for questions that may take longer than a request should hold the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.text_index import TextIndexes

__all__ = ["Readers"]

Result = TypeVar("Result")


class Readers:
    """A few threads, each with a connection of its own; `texts`: what searches are quick by."""

    def __init__(self, path: Path, threads: int = 4) -> None:
        self.path = path
        self.texts = TextIndexes(path)
        self.own = threading.local()
        self.pool = ThreadPoolExecutor(threads, "reader")

    async def read(self, question: Callable[[SqliteStore], Result]) -> Result:
        """Ask the store in a thread, in one read transaction."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, self._ask, question)

    def stop(self) -> None:
        """Let the threads end."""
        self.pool.shutdown()
        self.texts.stop()

    def _ask(self, question: Callable[[SqliteStore], Result]) -> Result:
        if not hasattr(self.own, "store"):
            self.own.store = SqliteStore.open(self.path)
            self.own.store.item_lists.texts = self.texts
        store: SqliteStore = self.own.store
        store.db.execute("BEGIN")
        try:
            return question(store)
        finally:
            store.db.execute("ROLLBACK")
