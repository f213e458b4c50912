"""What all handlers share: the store, its writer and readers, the runs, the keys and the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, Lock

from dataforge.issue.run import Runs
from dataforge.issue.sqlite.readers import Readers
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import Writer
from dataforge.media.films import Frames
from dataforge.server.shared.auth import Attempts, Cookies, Keys
from dataforge.server.shared.bodies import Bodies
from dataforge.server.shared.fair_room import FairRoom
from dataforge.server.shared.media_use import AskedMedia
from dataforge.server.shared.notifier import Notifier
from dataforge.workspace import Folder, Workspace

__all__ = ["Context"]

# New accounts from one address in a minute.
MOST_JOINS = 100
# So many threads decode films and clouds at a time, each of which may take a gigabyte, and as many make masks.
MOST_DECODING = 2
# Of one address so many wait for masks at once.
MOST_WAITING = 64


@dataclass
class Context:
    """The running server. `store` answers short questions in the event loop; `readers` the longer ones.

    `folder` is the one that the workspace was when the server started. `epoch` names the database.
    """

    workspace: Workspace
    folder: Folder
    store: SqliteStore
    writer: Writer
    readers: Readers
    keys: Keys
    cookies: Cookies
    now: Callable[[], float]
    notifier: Notifier
    static: Path
    epoch: str
    runs: Runs = field(default_factory=Runs)
    bodies: Bodies = field(default_factory=Bodies)
    attempts: Attempts = field(default_factory=Attempts)
    # An office behind one address joins at once; thousands of accounts do not.
    joins: Attempts = field(default_factory=lambda: Attempts(most=MOST_JOINS, what="new accounts"))
    exporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked_media: AskedMedia = field(default_factory=AskedMedia)
    # Set while something is left to remove of runs that were deleted, or of people who were forgotten in the log.
    deleted: asyncio.Event = field(default_factory=asyncio.Event)
    # Where files of workers are gathered that come right now, and how many bytes they will have.
    receiving: list[tuple[Path, int]] = field(default_factory=list)
    frames: Frames = field(default_factory=Frames)
    # Clouds that are being read, each once for all who ask for it.
    reading: WeakValueDictionary[Path, Lock] = field(default_factory=WeakValueDictionary)
    # Whoever asks for frames all over a long film, or for large clouds, holds up others who do, and nothing else.
    decoding: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MOST_DECODING))
    # Masks that are made of clicks, so many at a time, by addresses in turn, and the workers for whom one is.
    assisting: FairRoom = field(default_factory=lambda: FairRoom(MOST_DECODING, MOST_WAITING))
    assisted: set[int] = field(default_factory=set)
    # How many masks more each worker who asked may have at once, and when they last asked.
    assists_left: dict[int, tuple[float, float]] = field(default_factory=dict)
    stopping: bool = False

    @staticmethod
    def loop_time() -> float:
        """The event loop's clock, for waiting."""
        return asyncio.get_running_loop().time()

    def stop_waiting(self) -> None:
        """Let every long poll answer at once."""
        self.stopping = True
        self.notifier.changed_all()

    async def change_of(self, change: asyncio.Event, seconds: float) -> bool:
        """Wait for a run's change; False if there was none in time or the server stops."""
        if self.stopping or seconds <= 0:
            return False
        try:
            async with asyncio.timeout(seconds):
                await change.wait()
        except TimeoutError:
            return False
        return not self.stopping
