"""A run that is opened again by hand, with the run in which its answers are judged."""

from __future__ import annotations

from dataforge.changes.reopening import reopen
from dataforge.changes.terms import Standing
from dataforge.endings import last_ending
from dataforge.records import unit_price
from dataforge.runs.handle._held import Held
from dataforge.runs.handle._waiting import status_now
from dataforge.runs.handle.by_hand import let_hear

__all__ = ["IF_ENDED", "open_again"]

IF_ENDED = (
    "`dataforge reopen` or run.reopen() opens one that was stopped, more items (run.add) one that is done, and more "
    "money or time (run.change) one that these have ended"
)


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
