"""Whether a run's driver has caught up with what has happened, seen from outside."""

from __future__ import annotations

from pathlib import Path

from dataforge.records import PageTaken, RunStateChanged
from dataforge.runs.core.log import Decided, Fed, Final, Finished, Judged, Ordered, Received, Sent, read_entries

__all__ = ["DriverWatch"]

# Events that alone change nothing that the run wants; of all others it writes down that it has decided on them.
NOT_DECIDED_ON = (PageTaken, RunStateChanged)


class DriverWatch:
    """Reads a run's log as it grows; `cursor` is that of the last event the driver knows, `ended`: the run is over.

    `offset` is how far it was read, `final_to` where the last final answers in it end, `fed` how many items have come
    to it, and `judged_to` up to where in the log of the run's checks it knows what was found. Of one that was launched
    `empty` there is nothing to decide on at first.
    """

    def __init__(self, log: Path, *, empty: bool = False) -> None:
        self.cursor = 0
        self.ended = False
        self.offset = self.final_to = self.fed = self.judged_to = 0
        self._log = log
        self._undecided = not empty
        self._unsent: set[str] = set()

    def caught_up(self) -> bool:
        """Whether somebody has driven the run, decided on all events that its log holds, and sent all orders."""
        if not self._log.exists():
            return False
        for entry, offset in read_entries(self._log, self.offset):
            self.offset = offset
            match entry:
                case Received():
                    self.cursor = entry.cursor
                    self._undecided |= not all(isinstance(event, NOT_DECIDED_ON) for event in entry.events)
                case Fed():
                    self.ended, self._undecided = False, True
                    self.fed += entry.items
                case Final():
                    self.final_to = offset
                case Judged():
                    self.judged_to = entry.cursor
                    self._undecided |= bool(entry.keys)
                case Decided():
                    self._undecided = False
                case Finished():
                    self.ended, self._undecided = True, False
                case Ordered():
                    self._unsent.add(entry.order.key)
                case Sent():
                    self._unsent.difference_update(entry.keys)
        return self.offset > 0 and not self._undecided and not self._unsent
