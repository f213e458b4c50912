"""A run that is fed as answers come: who feeds it, one process at a time, and how its end is waited for."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from filelock import FileLock, Timeout

from dataforge.arguments import entries
from dataforge.durations import seconds
from dataforge.errors import DataForgeError, RunEnded, RunError
from dataforge.runs.driving.status import RunStatus
from dataforge.runs.handle.holding.display import watching
from dataforge.runs.handle.run import Run

__all__ = ["PATIENCE", "Fed", "Feeder"]

PATIENCE = 0.5
"""How long, in seconds, the next final answer is waited for before the run is looked at again."""
LOOK_EVERY = 0.5
"""How often, in seconds, who waits looks whether somebody still feeds the run."""
LETTING_GO = 30.0


class Feeder:
    """Goes round in a thread of this process for as long as it holds the lock; one process does at a time.

    `go_round` asks what is to be asked now, or waits for answers, and says whether there is nothing left to do.
    """

    def __init__(self, name: str, lock: Callable[[], FileLock], go_round: Callable[[], bool]) -> None:
        self._name, self._lock, self._go_round = name, lock, go_round
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: Exception | None = None

    def start(self) -> bool:
        """Feed the run unless another process does; whether this one does now."""
        if self.at_work:
            return True
        if self.failure is not None or self._stop.is_set():
            return False
        lock = self._lock()
        try:
            lock.acquire()
        except Timeout:
            return False
        self._thread = threading.Thread(target=self._work, args=(lock,), name=self._name, daemon=True)
        atexit.register(self.close)
        self._thread.start()
        return True

    @property
    def at_work(self) -> bool:
        """Whether this process feeds the run now."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopped(self) -> bool:
        """Whether it is to feed the run no more."""
        return self._stop.is_set()

    def join(self, timeout: float) -> None:
        """Wait until the thread ends."""
        if self._thread is not None:
            self._thread.join(timeout)

    def close(self) -> None:
        """Feed the run no more in this process; what is out stays out."""
        self._stop.set()
        self.join(LETTING_GO)
        atexit.unregister(self.close)

    def _work(self, lock: FileLock) -> None:
        try:
            while not self._stop.is_set() and not self._go_round():
                pass
        except RunEnded:
            pass  # by its budget, its time or somebody: what was answered by then is the result
        except Exception as error:
            self.failure = error
            # Who only looks at what comes out would take it for slow workers.
            print(f"{self._name}: nothing more is asked: {error}", file=sys.stderr, flush=True)
        finally:
            lock.release()


@entries
class Fed:
    """A run that is fed as answers come; `run` is where workers answer. `fails` is what is said where that ends."""

    def __init__(self, run: Run, feeder: Feeder, fails: str) -> None:
        self._run, self._feeder, self._fails = run, feeder, fails

    @property
    def run(self) -> Run:
        """Where workers answer."""
        return self._run

    @property
    def name(self) -> str:
        """The name of the run in which workers answer."""
        return self.run.name

    def drive(self) -> bool:
        """Choose what is asked in a thread of this process unless another one does; whether this one does now."""
        return self._feeder.start()

    def wait(self, timeout: str | float | None = None, *, progress: bool = True) -> Self:
        """Wait until enough is known or the run is over, or for a `timeout`; give the same object.

        If whoever chooses what is asked goes away, this process takes that over.
        """
        give_up = None if timeout is None else time.monotonic() + seconds(timeout, "timeout")
        with watching(self.name, self._page, enabled=progress) as watch:
            while True:
                left = LOOK_EVERY if give_up is None else min(LOOK_EVERY, give_up - time.monotonic())
                if left <= 0:
                    return self
                if not self._feeder.start():
                    self._raise_failure()
                status = self.run.watched(watch, left)
                for line in self._news() if progress else ():
                    watch.say(line)
                if status.ended and not self._feeder.at_work:
                    self._raise_failure()
                    if self._is_over(status):
                        return self

    def _is_over(self, status: RunStatus) -> bool:
        """Whether a run that has ended stays so."""
        return status.ended

    def _news(self) -> tuple[str, ...]:
        """What there is to say since it was asked last."""
        return ()

    def _page(self) -> str | None:
        """The address of the run's page, if it can be reached from here."""
        with suppress(DataForgeError):
            return self.run.dashboard
        return None

    def _raise_failure(self) -> None:
        for told in self._failed():
            raise RunError(f"{self.name!r}: {told}") from self._feeder.failure

    def _failed(self) -> tuple[str, ...]:
        """What keeps this process from asking more, if anything does: who does not wait reads it in the notices."""
        return () if self._feeder.failure is None else (f"{self._fails}: {self._feeder.failure}",)

    def stop(self) -> None:
        """Ask no more; what workers have is still taken."""
        self.run.stop()

    def close(self) -> None:
        """Let go of it in this process: what is out goes on, and more comes when it is opened again."""
        self._feeder.close()
        self.run.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
