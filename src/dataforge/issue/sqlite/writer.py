"""One writer with group commit: whatever is asked for while a commit runs goes into the next transaction.

A change is a small function. The event loop runs a batch of them on the one writing connection, each in a savepoint, so
that a failing change undoes only itself; the commit waits for the disk in a thread, where SQLite holds no lock of the
interpreter, and the loop goes on reading requests. A thread of its own for the whole batch would fight the loop for the
interpreter at every statement. A caller gets its result only after the commit.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.clock import NoticingClock
from dataforge.issue.sqlite.store import SqliteStore

__all__ = ["DatabaseBusy", "StorageFull", "Writer"]

Result = TypeVar("Result")

# A batch holds the event loop; past this many changes others wait for the next one.
LARGEST_BATCH = 64

# How long, in seconds, a batch waits for the writer of another process, and how often it looks.
PATIENCE = 5.0
BUSY_PAUSE = 0.001

# After these SQLite may have ended the transaction by itself, so none of its changes can be kept.
FATAL = frozenset(
    (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY)
)


class StorageFull(Exception):
    """The disk took no more: nothing of the change was kept."""


class DatabaseBusy(Exception):
    """Another process keeps the database to itself: nothing of the change was kept."""


Change = Callable[[Transaction[SqliteStore]], Any]


class Writer:
    """Runs changes in order; `on_commit` is told which runs a committed batch touched."""

    def __init__(
        self,
        store: SqliteStore,
        *,
        now: NoticingClock,
        on_commit: Callable[[set[int]], None],
        source: random.Random,
        new_page: Callable[[], bytes],
    ) -> None:
        self.store = store
        self.db = store.db
        # Where another process writes, this one waits in `begin`, not inside SQLite with the event loop in its hands.
        self.db.execute("PRAGMA busy_timeout = 0")
        self.now = now
        # Whether the present batch puts right what was measured by a clock that was set back.
        self.puts_right = False
        self.on_commit = on_commit
        self.source = source
        self.new_page = new_page
        self.waiting: deque[tuple[Change, asyncio.Future[Any]]] = deque()
        self.between: deque[tuple[Callable[[SqliteStore], Any], asyncio.Future[Any]]] = deque()
        self.committed = 0
        self.arrived = asyncio.Event()
        self.thread = ThreadPoolExecutor(1, "commit")
        self.task: asyncio.Task[None] | None = None
        self.stopped = False

    async def write(self, change: Callable[[Transaction[SqliteStore]], Result]) -> Result:
        """Run the change and give its result once it is on the disk.

        Raises what the change raised, or `StorageFull`, or `DatabaseBusy`.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.waiting.append((change, future))
        self.arrived.set()
        return await future

    async def between_batches(self, act: Callable[[SqliteStore], Result]) -> Result:
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
        self.puts_right = False
        taken = [self.waiting.popleft() for _ in range(min(LARGEST_BATCH, len(self.waiting)))]
        try:
            await self.begin()
            transaction = self.transaction()
            outcomes = [self.attempt(change, transaction) for change, _ in taken]
            await asyncio.get_running_loop().run_in_executor(self.thread, self.db.commit)
        except sqlite3.Error as error:
            self._undo()
            _refuse(taken, _reason(error))
            return
        except BaseException as error:
            self._undo()
            _refuse(taken, error)
            raise
        for (_, future), (result, failure) in zip(taken, outcomes, strict=True):
            _answer(future, result, failure)
        self.committed += 1
        if transaction.touched:
            self.on_commit(transaction.touched)

    def transaction(self) -> Transaction[SqliteStore]:
        """What the changes of a batch get; a clock that was set back is seen to before the first of them."""
        transaction = Transaction(self.store, now=self.now(), source=self.source, new_page=self.new_page)
        self.puts_right, self.now.set_back = self.now.set_back, False
        if self.puts_right:
            self.store.clock_set_back(transaction.now)
        return transaction

    async def begin(self) -> None:
        """Begin a transaction; where another process writes, let the event loop go on until that one is done."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE
        while True:
            try:
                self.db.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if _code_of(error) != sqlite3.SQLITE_BUSY or loop.time() > give_up:
                    raise
            await asyncio.sleep(BUSY_PAUSE)

    async def _act_between(self) -> None:
        act, future = self.between.popleft()
        try:
            result, failure = await asyncio.get_running_loop().run_in_executor(self.thread, act, self.store), None
        except Exception as error:
            result, failure = None, error
        _answer(future, result, failure)

    def attempt(self, change: Change, transaction: Transaction[SqliteStore]) -> tuple[Any, Exception | None]:
        """The change's result, or what it raised after its effects were undone."""
        self.db.execute("SAVEPOINT change")
        try:
            result = change(transaction)
        except Exception as error:
            if isinstance(error, sqlite3.Error) and _fatal(error):
                raise
            self.db.execute("ROLLBACK TO change")
            self.db.execute("RELEASE change")
            return None, error
        self.db.execute("RELEASE change")
        return result, None

    def _undo(self) -> None:
        self.now.set_back |= self.puts_right
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")


def _reason(error: sqlite3.Error) -> Exception:
    """What those are told whose changes were undone."""
    if _code_of(error) == sqlite3.SQLITE_BUSY:
        return DatabaseBusy("another program keeps the database locked; nothing of this request was kept: ask again")
    return StorageFull(f"the database could not be written: {error}; nothing of this request was kept")


def _fatal(error: sqlite3.Error) -> bool:
    return _code_of(error) in FATAL


def _code_of(error: sqlite3.Error) -> int:
    # Extended codes carry the primary one in their low byte.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _answer(future: asyncio.Future[Any], result: Any, failure: Exception | None) -> None:
    """Tell who asked, unless they wait no longer."""
    if future.done():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)


def _refuse(taken: list[tuple[Change, asyncio.Future[Any]]], error: BaseException) -> None:
    for _, future in taken:
        if not future.done():
            future.set_exception(error)
