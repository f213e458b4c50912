"""Who drives a run in this process: the lock, the thread, and how both are let go of."""

from __future__ import annotations

import atexit
import threading
from contextlib import ExitStack

from filelock import FileLock, Timeout

from dataforge.errors import RunGone
from dataforge.models import Checkers
from dataforge.platforms import Platform
from dataforge.runs.core.log import RunLog
from dataforge.runs.driving.checks import check_folder
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive
from dataforge.runs.driving.view import RunView

__all__ = ["Driver"]

LETTING_GO = 30.0
LEAVING = 2.0


class Driver:
    """Drives a run in a thread of its own for as long as this process holds the run's lock.

    With it the run in which its answers are judged, if there is one, where `checkers` are asked beside people.
    """

    def __init__(
        self, view: RunView, platform: Platform, lock: FileLock | None = None, checkers: Checkers | None = None
    ) -> None:
        self._view = view
        self._platform = platform
        view.clock = platform.now
        self._checkers = checkers
        self._lock = lock or view.folder.lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._beside: list[tuple[RunView, FileLock]] = []
        self.failure: Exception | None = None

    @property
    def driving(self) -> bool:
        """Whether this process drives the run now."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> bool:
        """Drive the run unless another process does or it is over; whether this process drives it now.

        Raises `RunGone` if it was deleted, renamed or archived.
        """
        # Of two threads that ask for it at once the process's hold of the run's lock would let both drive.
        with self._starting:
            return self._start()

    def _start(self) -> bool:
        if self.driving:
            return True
        if self.failure is not None or self._stop.is_set():
            return False
        self._check_there()
        try:
            self._lock.acquire()
        except Timeout:
            return False
        try:
            self._check_there()
            # The lock is ours: what its former holder wrote last is in the log.
            self._view.catch_up()
        except BaseException:
            self._lock.release()
            self._view.folder.clear_stray()
            raise
        try:
            self._beside = self._driven_beside()
        except Timeout:
            self._lock.release()
            return False
        except BaseException:
            self._lock.release()
            raise
        if all(view.state.shown and not view.waiting for view in self._views()):
            self._let_locks_go()
            return False
        for view in self._views():
            view.begin_writing()
        thread = threading.Thread(target=self._drive, name=f"run {self._view.description.name}", daemon=True)
        atexit.register(self._leave)
        thread.start()
        self._thread = thread
        return True

    def stop(self) -> None:
        """Stop driving after the present round, without waiting for it."""
        self._stop.set()

    def let_go(self) -> None:
        """Stop driving after the present round, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LETTING_GO)

    def _leave(self) -> None:
        """The process ends: a thread that is cut off in the middle of a computation would bring it down."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LEAVING)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread ends."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _driven_beside(self) -> list[tuple[RunView, FileLock]]:
        """The run in which this one's answers are judged, locked; nothing where there is none.

        Raises `Timeout` if another process drives it.
        """
        folder = check_folder(self._view)
        if folder is None:
            return []
        lock = folder.lock()
        lock.acquire()
        try:
            view = RunView.open(folder)
            view.catch_up()
        except BaseException:
            lock.release()
            raise
        return [(view, lock)]

    def _views(self) -> list[RunView]:
        return [self._view, *(view for view, _ in self._beside)]

    def _let_locks_go(self) -> None:
        self._let_go_beside()
        self._view.sync_offset()
        self._lock.release()

    def _let_go_beside(self, _: object = None) -> None:
        for view, lock in self._beside:
            view.sync_offset()
            view.feed.close()
            lock.release()
        self._beside = []

    def _drive(self) -> None:
        try:
            with ExitStack() as stack:
                loops = []
                judging = next((view for view, _ in self._beside), None)
                for view in self._views():
                    log = RunLog(view.folder.log)
                    stack.callback(log.close)
                    beside, checkers = (judging, self._checkers) if view is self._view else (None, None)
                    loops.append(RunLoop(view, self._platform, log, judging=beside, checkers=checkers))
                drive(loops, self._stop, self._let_go_beside)
        except Exception as error:  # told to whoever waits, see Run.wait
            self._fail(self._explained(error))
        finally:
            self._let_locks_go()
            atexit.unregister(self._leave)

    def _check_there(self) -> None:
        self._view.folder.check_there(self._view.description.publication.identity, goes_on=True)

    def _explained(self, error: Exception) -> Exception:
        """What is the matter: where the run is gone, whatever fails fails for that."""
        try:
            self._check_there()
        except RunGone as gone:
            return gone
        return error

    def _fail(self, error: Exception) -> None:
        with self._view.lock:
            self.failure = error
            self._view.progressed.notify_all()
