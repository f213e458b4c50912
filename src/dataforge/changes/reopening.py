"""A run that was stopped, opened again: it gives out pages from where it was, whoever drives it."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from dataforge.changes.terms import Standing, launched_terms
from dataforge.endings import Ending
from dataforge.errors import RunEnded
from dataforge.feed import Feed
from dataforge.policy import Policy
from dataforge.pricing.price import smallest_page
from dataforge.records import Terms

__all__ = ["reopen"]


def reopen(folder: Path, standing: Standing) -> bool:
    """Have the run in a folder go on after it was stopped or has ended; False if it has not, and goes on anyway.

    Raises `RunEnded`, with what to do, if opening it alone would lead to nothing: it has all its answers, or what it
    ended for still holds.
    """
    noted = False

    def new(was: Terms | None, ending: Ending | None) -> Terms | None:
        nonlocal noted
        if ending is None:
            return None
        was = was or launched_terms(folder)
        if why := _why_not(ending, was, standing):
            raise RunEnded(f"run {folder.name!r} cannot be opened again as it is: {why}")
        noted = True
        return replace(was, opened=was.opened + 1)

    feed = Feed(folder)
    try:
        feed.change(new)
    finally:
        feed.close()
    return noted


def _why_not(ending: Ending, terms: Terms, standing: Standing) -> str:
    """What keeps a run that has ended from giving out pages; empty if nothing does."""
    if ending == "done":
        return "it has all its answers; add items by `dataforge add` or run.add(…), or ask more by run.change(…)"
    limit = Policy.from_json(terms.policy).time_limit_seconds
    if ending == "time" and limit is not None and standing.now - standing.begun >= limit:
        return "its time is over; give it more by `dataforge change --time-limit …` or run.change(time_limit=…)"
    asked = terms.publication
    if ending == "budget" and asked.budget is not None and standing.promised + smallest_page(asked) > asked.budget:
        return "its budget pays for no more pages; raise it by `dataforge change --budget …` or run.change(budget=…)"
    return ""
