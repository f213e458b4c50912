"""Wake those who wait for a run's next change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

__all__ = ["LocalNotifier", "Notifier"]


class Notifier(Protocol):
    """Tells those who wait in this process that a run changed, whoever changed it.

    A wake-up is a hint: whoever waits looks into the store anyway once the waiting is over, so one that is lost costs
    time and never an event.
    """

    def next_change(self, run: int) -> asyncio.Event:
        """What is set at the run's next change; take it before looking, or a change in between is missed."""
        ...

    def changed(self, runs: Iterable[int]) -> None:
        """Wake everybody who waits for one of the runs."""
        ...

    def changed_all(self) -> None:
        """Wake everybody."""
        ...


class LocalNotifier:
    """Hears of the changes that this process makes, and of no others."""

    def __init__(self) -> None:
        self.runs: dict[int, asyncio.Event] = {}

    def next_change(self, run: int) -> asyncio.Event:
        """What is set at the run's next change."""
        return self.runs.setdefault(run, asyncio.Event())

    def changed(self, runs: Iterable[int]) -> None:
        """Wake everybody who waits for one of the runs."""
        for run in runs:
            if (event := self.runs.pop(run, None)) is not None:
                event.set()

    def changed_all(self) -> None:
        """Wake everybody."""
        self.changed(list(self.runs))
