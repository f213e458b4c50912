"""What is told of a run while it is driven: to the requester's pages a part at a time, to everybody else its status."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from dataforge.platforms import Platform
from dataforge.records import Snapshot
from dataforge.runs.core.columns import Places
from dataforge.runs.driving.snapshot import MOST_ITEMS, make_snapshot, not_shown, note_shown
from dataforge.runs.driving.status import save_status
from dataforge.runs.driving.view import RunView

__all__ = ["Showing"]

SHOW_EVERY = 1.0


class Showing:
    """Shows one run; `log` is always how many bytes its log has."""

    def __init__(self, view: RunView, platform: Platform) -> None:
        self._view = view
        self._platform = platform
        self._shown = 0.0
        # All that so many bytes of the log say is on the pages.
        self._shown_log = -1

    def go_on(self, log: int) -> None:
        """Show the run on the requester's pages, about once a second while there is something new."""
        if log != self._shown_log and time.monotonic() - self._shown >= SHOW_EVERY:
            self.note(log)
            all_shown = self.part()
            self._shown = time.monotonic()
            if all_shown:
                self._shown_log = log

    def again(self) -> None:
        """Show the run when it is next time, whether its log says something new or not."""
        self._shown_log = -1

    def rest(self, log: int, stop: threading.Event) -> None:
        """Show everything that is not yet shown, unless told to stop."""
        self.note(log)
        while not stop.is_set() and not self.part():
            pass
        left = not_shown(self._view)
        for start in range(0, len(left), MOST_ITEMS):
            if stop.is_set():
                return
            self._items(left[start : start + MOST_ITEMS])

    def note(self, log: int) -> None:
        """Write down how the run stands, for all who only want to know that; a run does not end for want of it."""
        with suppress(OSError):
            save_status(self._view, log)

    def part(self) -> bool:
        """Show the run and some of the items and workers that changed; True if there were none any more."""
        view = self._view
        changed = view.quality.changed(MOST_ITEMS)
        snapshot = self._items(changed)
        with view.lock:
            view.quality.told(changed)
        return not snapshot.items and not snapshot.workers

    def _items(self, items: Places) -> Snapshot:
        snapshot = make_snapshot(self._view, items)
        self._platform.show(self._view.description.name, snapshot)
        # Only now: what the platform did not take is shown again.
        note_shown(self._view, items, snapshot)
        return snapshot
