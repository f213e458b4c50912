"""How far a run's driver has come, told from the log as it grows, without the run's items or answers."""

from __future__ import annotations

from pathlib import Path

from dataforge.records import PageJudged, PageSkipped, PageSubmitted, WorkerAllowed, WorkerJoined, WorkerRestricted
from dataforge.runs.core.log import Decided, Fed, Finished, Ordered, Received, Sent, read_entries

__all__ = ["LogProgress"]

# Events of which the run writes down that it has decided on them; others change nothing that it wants.
DECIDED_ON = (WorkerJoined, PageSubmitted, PageSkipped, PageJudged, WorkerRestricted, WorkerAllowed)


class LogProgress:
    """Follows a log: `cursor` is that of the last event it holds, `ended` whether the run is over."""

    def __init__(self, log: Path) -> None:
        self.cursor = 0
        self.ended = False
        self._log = log
        self._offset = 0
        self._undecided = False
        self._unsent: set[str] = set()

    def settled(self) -> bool:
        """Whether all events that the log holds by now are decided on, and all orders sent."""
        for entry, offset in read_entries(self._log, self._offset):
            self._offset = offset
            match entry:
                case Received():
                    self.cursor = entry.cursor
                    self._undecided |= any(isinstance(event, DECIDED_ON) for event in entry.events)
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
