"""What a worker reads when a run has no page for them."""

from __future__ import annotations

from dataforge.catalogue import say
from dataforge.issue.closed import Closed
from dataforge.records import Texts
from dataforge.server.workers.lacking import lacking_text

__all__ = ["closed_text"]


def closed_text(closed: Closed) -> Texts:
    """The sentence for a reason, per language; a restriction has its own, and so have filters and the first page."""
    if closed.why is not None:
        return closed.why
    if closed.reason == "judging" and closed.until is not None:
        return say("closed_first_page")
    return say(f"closed_{closed.reason}") if closed.lacking is None else lacking_text(closed.lacking)
