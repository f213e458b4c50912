"""A run that is stopped, paused or opened again by hand, with the run in which its answers are judged."""

from __future__ import annotations

from dataforge.changes.reopening import reopen
from dataforge.changes.terms import Standing
from dataforge.endings import last_ending
from dataforge.errors import RunEnded
from dataforge.records import unit_price
from dataforge.runs.handle.holding.by_hand import let_hear
from dataforge.runs.handle.holding.held import Held
from dataforge.runs.handle.holding.waiting import status_now

__all__ = ["open_again", "pause", "resume", "stop"]

IF_ENDED = (
    "`dataforge reopen` or run.reopen() opens one that was stopped, more items (run.add) one that is done, and more "
    "money or time (run.change) one that these have ended"
)


def stop(held: Held) -> None:
    """Close a run: pages already out are still taken, then it ends with what it has."""
    held.set_state("closed")
    if last_ending(held.folder.log) is None:
        # Who drives it, if anybody does, hears of it a moment later.
        held.feed.end("stopped")
    else:
        # It may have been opened again a moment ago, and nobody has heard of that.
        held.feed.stay_ended()


def pause(held: Held) -> None:
    """Have a run give out no pages; raises `RunEnded` if it has ended."""
    if last_ending(held.folder.log) is not None:
        raise RunEnded(f"run {held.name!r} has ended and gives out no pages; there is nothing to pause")
    held.set_state("paused")


def resume(held: Held) -> None:
    """Have a run give out pages again after a pause; raises `RunEnded` if it has ended."""
    if last_ending(held.folder.log) is not None:
        raise RunEnded(f"run {held.name!r} has ended and gives out no pages: {IF_ENDED}")
    held.set_state("open")


def open_again(held: Held) -> None:
    """Have a run give out pages again after it was stopped; raises `RunEnded` where that alone leads to nothing."""
    held.check_there(goes_on=True)
    check = held.check()
    _open(held)
    if check is not None and check.feed.ended_by_hand():
        _open(check)
    held.drive_on()
    let_hear(held)


def _open(held: Held) -> None:
    promised = unit_price(status_now(held).promised)
    reopen(held.folder.path, Standing(held.description.created, held.platform().now(), promised))
    if last_ending(held.folder.log) is None:
        # Its last pages are out: it need not wait until whoever drives it looks into the feed.
        held.set_state("open")
    held.note_fed()
