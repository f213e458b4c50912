"""What the user holds of items that are compared: who chooses pairs, and how the end is waited for."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Self

from dataforge.arguments import entries
from dataforge.comparing.asking import Answers, Asker, Choose, Comparison
from dataforge.durations import seconds
from dataforge.errors import DataForgeError, RunError
from dataforge.runs.handle.display import watching
from dataforge.runs.handle.run import Run

__all__ = ["Comparing", "reports_told"]

LOOK_EVERY = 0.5
"""How often, in seconds, who waits looks whether somebody still chooses pairs."""


def reports_told(answers: Answers) -> list[str]:
    """What is to be known of pairs that workers reported."""
    if not answers.reported:
        return []
    return [f"workers reported {len(answers.reported)} of {len(answers.asked)} pairs, which nobody else is asked"]


@entries
class Comparing:
    """Items that workers compare by pairs in the run `run`."""

    def __init__(self, comparison: Comparison, choose: Choose) -> None:
        self.run: Run = comparison.run
        self._comparison = comparison
        self._asker = Asker(comparison, choose)

    @property
    def name(self) -> str:
        """The name of the run in which pairs are asked."""
        return self.run.name

    def drive(self) -> bool:
        """Choose pairs in a thread of this process unless another one does; whether this one does now."""
        return self._asker.start()

    def wait(self, timeout: str | float | None = None, *, progress: bool = True) -> Self:
        """Wait until enough is known or the run is over, or for a `timeout`; give the same object.

        If whoever chooses pairs goes away, this process takes that over.
        """
        give_up = None if timeout is None else time.monotonic() + seconds(timeout, "timeout")
        with watching(self.name, self._page, enabled=progress) as watch:
            while True:
                left = LOOK_EVERY if give_up is None else min(LOOK_EVERY, give_up - time.monotonic())
                if left <= 0:
                    return self
                if not self._asker.start():
                    self._raise_failure()
                status = self.run.watched(watch, left)
                if status.ended and not self._asker.at_work:
                    self._raise_failure()
                    return self

    def _page(self) -> str | None:
        """The address of the run's page, if it can be reached from here."""
        with suppress(DataForgeError):
            return self.run.dashboard
        return None

    def _raise_failure(self) -> None:
        failure = self._asker.failure
        if failure is not None:
            raise RunError(f"{self.name!r}: no more pairs can be chosen: {failure}") from failure

    def stop(self) -> None:
        """Ask no more pairs; those that workers have are still taken."""
        self.run.stop()

    def close(self) -> None:
        """Let go of it in this process: pairs that are out go on, and more come when it is opened again."""
        self._asker.close()
        self.run.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
