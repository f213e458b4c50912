"""What comes to a run's feed, taken into its log: items, changes and corrections, each when the run is ready for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from dataforge.corrections import OfItem
from dataforge.feed import FeedState
from dataforge.records import Batch, PageTaken
from dataforge.runs.core.log import Changed, Corrected, Entry, Fed
from dataforge.runs.driving.history import check_feed, check_items
from dataforge.runs.driving.view import RunView

__all__ = ["Feeding"]


class Feeding:
    """Takes in what has come to the feed of a run; `append` writes entries down, `now` is the platform's time."""

    def __init__(self, view: RunView, append: Callable[[Sequence[Entry]], None], now: Callable[[], float]) -> None:
        self._view = view
        self._append = append
        self._now = now
        self._name = view.description.name

    def take(self) -> bool:
        """Take in what has come to the feed; what comes while the run is closing waits until it is closed."""
        view, state = self._view, self._view.state
        view.fed_here.clear()
        there = view.feed.state()
        check_feed(self._name, "corrections", state.corrections.taken, there.corrections)
        check_feed(self._name, "changes", state.changes, there.changes)
        taken = False
        if there.changes > state.changes and (state.closing is None or state.ending is not None):
            taken = self._take_change()
        if state.closing is None or state.ending == "done":
            taken |= self._take_items(there)
        if there.corrections > state.corrections.taken and (state.closing is None or state.ending is not None):
            taken |= self._take_corrections()
        return taken

    def _take_change(self) -> bool:
        """Take in the next change of what the run asks, once the one before is decided on; whether there was one."""
        view, state = self._view, self._view.state
        if state.revising:
            return False
        number = state.changes + 1
        self._append([Changed(self._now(), number, view.feed.changed(number))])
        view.feed.took_change(number)
        return True

    def _take_corrections(self) -> bool:
        """Take in what the requester has corrected, but for items that are to be taken in first."""
        view = self._view
        index, found = view.state.numbering.index, view.feed.corrections(view.state.corrections.taken)
        known = tuple(takewhile(lambda one: not isinstance(one, OfItem) or one.item in index, found))
        if known:
            self._append([Corrected(self._now(), known)])
        return bool(known)

    def take_items_of(self, batch: Batch) -> None:
        """Of a log that has lost its end the platform knows more: a closing run may have been fed and opened again."""
        state = self._view.state
        if state.closing is not None and not state.numbering.index.keys() >= {
            key for event in batch.events if isinstance(event, PageTaken) for key in event.items
        }:
            self._take_items(self._view.feed.state())
        check_items(self._name, state, batch)

    def tell(self) -> None:
        """Have the feed refuse items while the run is stopped by hand, and take them again if it is opened again."""
        view = self._view
        if view.state.closing == "stopped":
            view.feed.end("stopped")
        else:
            view.feed.reopen()

    def _take_items(self, there: FeedState) -> bool:
        items, finished = there.fed - self._view.state.fed, there.finished and self._view.state.feed_open
        if items or finished:
            self._append([Fed(self._now(), items, finished)])
        return bool(items) or finished
