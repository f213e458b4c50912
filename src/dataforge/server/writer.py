"""One writer with group commit: whatever is asked for while a commit runs goes into the next transaction.

A change is a small function. The event loop runs a batch of them on the one writing connection, each in a savepoint, so
that a failing change undoes only itself; the commit waits for the disk in a thread, where SQLite holds no lock of the
interpreter, and the loop goes on reading requests. A thread of its own for the whole batch would fight the loop for the
interpreter at every statement. A caller gets its result only after the commit.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

__all__ = ["StorageFull", "Transaction", "Writer"]

Result = TypeVar("Result")

# A batch holds the event loop; past this many changes others wait for the next one.
LARGEST_BATCH = 64

# After these SQLite may have ended the transaction by itself, so none of its changes can be kept.
FATAL = frozenset(
    (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY)
)


class StorageFull(Exception):
    """The disk took no more: nothing of the change was kept."""


class Transaction:
    """What a change gets: the connection, the time, and where to note which runs it touched."""

    __slots__ = ("db", "now", "touched")

    def __init__(self, db: sqlite3.Connection, now: float, touched: set[int]) -> None:
        self.db = db
        self.now = now
        self.touched = touched


Change = Callable[[Transaction], Any]


class Writer:
    """Runs changes in order; `on_commit` is told which runs a committed batch touched."""

    def __init__(
        self, db: sqlite3.Connection, *, now: Callable[[], float], on_commit: Callable[[set[int]], None]
    ) -> None:
        self.db = db
        self.now = now
        self.on_commit = on_commit
        self.waiting: deque[tuple[Change, asyncio.Future[Any]]] = deque()
        self.between: deque[tuple[Callable[[sqlite3.Connection], Any], asyncio.Future[Any]]] = deque()
        self.committed = 0
        self.arrived = asyncio.Event()
        self.thread = ThreadPoolExecutor(1, "commit")
        self.task: asyncio.Task[None] | None = None
        self.stopped = False

    async def write(self, change: Callable[[Transaction], Result]) -> Result:
        """Run the change and give its result once it is on the disk.

        Raises what the change raised, or `StorageFull`.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.waiting.append((change, future))
        self.arrived.set()
        return await future

    async def between_batches(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        """Use the writing connection in the commit thread while no transaction is open."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.between.append((act, future))
        self.arrived.set()
        return await future

    def start(self) -> None:
        """Begin to work; call it inside the event loop."""
        self.task = asyncio.create_task(self.work(), name="writer")

    async def stop(self) -> None:
        """Finish what is waiting, then end."""
        self.stopped = True
        self.arrived.set()
        if self.task is not None:
            await self.task
        self.thread.shutdown()

    async def work(self) -> None:
        """Take batches until stopped."""
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            while self.waiting or self.between:
                if self.between:
                    await self._act_between()
                if self.waiting:
                    await self.batch()
            if self.stopped:
                return

    async def batch(self) -> None:
        """Run one batch in one transaction, commit it, and only then answer."""
        taken = [self.waiting.popleft() for _ in range(min(LARGEST_BATCH, len(self.waiting)))]
        touched: set[int] = set()
        try:
            self.db.execute("BEGIN IMMEDIATE")
            transaction = Transaction(self.db, self.now(), touched)
            outcomes = [self.attempt(change, transaction) for change, _ in taken]
            await asyncio.get_running_loop().run_in_executor(self.thread, self.db.commit)
        except sqlite3.Error as error:
            self._undo()
            refuse(taken, StorageFull(f"the database could not be written: {error}; nothing of this request was kept"))
            return
        except BaseException as error:
            self._undo()
            refuse(taken, error)
            raise
        for (_, future), (result, failure) in zip(taken, outcomes, strict=True):
            if future.cancelled():
                continue
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)
        self.committed += 1
        if touched:
            self.on_commit(touched)

    async def _act_between(self) -> None:
        act, future = self.between.popleft()
        try:
            future.set_result(await asyncio.get_running_loop().run_in_executor(self.thread, act, self.db))
        except Exception as error:
            future.set_exception(error)

    def attempt(self, change: Change, transaction: Transaction) -> tuple[Any, Exception | None]:
        """The change's result, or what it raised after its effects were undone."""
        self.db.execute("SAVEPOINT change")
        try:
            result = change(transaction)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and fatal(error):
                raise
            self.db.execute("ROLLBACK TO change")
            self.db.execute("RELEASE change")
            return None, error
        self.db.execute("RELEASE change")
        return result, None

    def _undo(self) -> None:
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")


def fatal(error: sqlite3.Error) -> bool:
    # Extended codes carry the primary one in their low byte.
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in FATAL


def refuse(taken: list[tuple[Change, asyncio.Future[Any]]], error: BaseException) -> None:
    for _, future in taken:
        if not future.done():
            future.set_exception(error)
