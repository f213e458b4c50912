"""Whether a run's driver has caught up with what has happened, seen from outside."""

from __future__ import annotations

from pathlib import Path

from dataforge.records import PageTaken, RunStateChanged
from dataforge.runs.core.log import Decided, Fed, Finished, Ordered, Received, Sent, read_entries

__all__ = ["DriverWatch"]

# Events that alone change nothing that the run wants; of all others it writes down that it has decided on them.
NOT_DECIDED_ON = (PageTaken, RunStateChanged)


class DriverWatch:
    """Reads a run's log as it grows; `cursor` is that of the last event the driver knows, `ended`: the run is over."""

    def __init__(self, log: Path) -> None:
        self.cursor = 0
        self.ended = False
        self._log = log
        self._offset = 0
        self._undecided = True
        self._unsent: set[str] = set()

    def caught_up(self) -> bool:
        """Whether somebody has driven the run, decided on all events that its log holds, and sent all orders."""
        if not self._log.exists():
            return False
        for entry, offset in read_entries(self._log, self._offset):
            self._offset = offset
            match entry:
                case Received():
                    self.cursor = entry.cursor
                    self._undecided |= not all(isinstance(event, NOT_DECIDED_ON) for event in entry.events)
                case Fed():
                    self.ended, self._undecided = False, True
                case Decided():
                    self._undecided = False
                case Finished():
                    self.ended, self._undecided = True, False
                case Ordered():
                    self._unsent.add(entry.order.key)
                case Sent():
                    self._unsent.difference_update(entry.keys)
        return not self._undecided and not self._unsent
