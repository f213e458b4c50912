"""How a run stands, and waiting for its end."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType

from dataforge.runs.driving.status import RunStatus, saved_status, status_of
from dataforge.runs.handle.holding.display import Watch
from dataforge.runs.handle.holding.held import LOOK_EVERY, Held

__all__ = ["quiet", "status_now", "wait_for_end"]

SAID = "_dataforge_said"
"""Marks an interrupt of which all is said. Only a plain one ends a process as shells know it."""
PAGES_PATIENCE = 1.0
"""How long, in seconds, the driver of a run that has ended may take to show it on the requester's pages."""


def status_now(held: Held) -> RunStatus:
    """How the run stands now; where another process drives it, as it stood a second ago at most."""
    held.check_there()
    # Of a run that nobody drives, who drove it last has written down why.
    known_here = held.is_open and (held.driving or held.folder.locked())
    saved = None if known_here else saved_status(held.folder)
    return status_of(held.fresh()) if saved is None else saved


def wait_for_end(held: Held, watch: Watch, timeout: float | None = None) -> RunStatus:
    """Wait until the run is over, or for so many seconds; show meanwhile how it stands, and give it at last."""
    give_up = math.inf if timeout is None else time.monotonic() + timeout
    shown_by = math.inf
    while True:
        held.raise_failure()
        status = status_now(held)
        watch.show(status)
        held.check_there(goes_on=not status.ended)
        # What the pages have not seen yet is shown in the background: of a large run that takes a while.
        shown_by = min(shown_by, time.monotonic() + PAGES_PATIENCE) if status.ended else math.inf
        left = min(LOOK_EVERY, give_up - time.monotonic(), shown_by - time.monotonic())
        if (status.ended and not held.driving) or left <= 0:
            return status
        held.pause(left)


def quiet(interrupt: KeyboardInterrupt) -> None:
    """Have an interrupt end a script without a traceback: how the run goes on was said, and nothing failed."""
    setattr(interrupt, SAID, True)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _hook


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not getattr(error, SAID, False):
        sys.__excepthook__(kind, error, trace)
