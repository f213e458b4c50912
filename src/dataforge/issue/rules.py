"""The rules of issue as functions of values: no store, no clock, no chance."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec.structs import replace

from dataforge.issue.rows import Counters, Member
from dataforge.records import ClosedReason, Money, PageState, Publication

__all__ = [
    "COUNTED",
    "MOST_HELD",
    "affordable",
    "closed_reason",
    "controls_beside",
    "exceeds_budget",
    "exhausted",
    "judged_page",
    "may_become",
    "next_side",
    "passed",
    "submitted_page",
    "time_for",
    "time_spent",
    "took_page",
]

# The page on the screen and the one fetched ahead.
MOST_HELD = 2

# What can become of a page. Answers to an expired one still count if every place is free, else they are late.
NEXT: Mapping[PageState, frozenset[PageState]] = {
    "held": frozenset(("submitted", "expired", "skipped", "released")),
    # It comes back whole, as the same page, or not at all.
    "released": frozenset(("held",)),
    "expired": frozenset(("submitted", "late")),
    "submitted": frozenset(("accepted", "rejected")),
    "accepted": frozenset(),
    "rejected": frozenset(),
    "skipped": frozenset(),
    "late": frozenset(),
}
# States of a page whose answers count or have counted.
COUNTED: frozenset[PageState] = frozenset(("submitted", "accepted", "rejected"))


def may_become(state: PageState, other: PageState) -> bool:
    """Whether a page of one state may move to another."""
    return other in NEXT[state]


# --- why a run is closed to a worker --------------------------------------------------------------


def closed_reason(
    publication: Publication, counters: Counters, member: Member, language: str, now: float
) -> ClosedReason | None:
    """Why the run has no page for the worker whatever is open; None if there may be one."""
    if counters.state == "closed":
        return "finished"
    if member.until > now:
        return "restricted"
    if publication.languages and language not in publication.languages:
        return "language"
    if counters.state == "paused":
        return "paused"
    if exceeds_budget(publication, counters.spent + min(publication.prices)):
        return "budget"
    return None


def exhausted(counters: Counters, member: Member) -> ClosedReason:
    """Nothing is open to the worker: whether anything can still become so."""
    return "all_done" if member.reals >= counters.reals else "busy"


def exceeds_budget(publication: Publication, spent: Money) -> bool:
    """Whether so much is more than the run may spend."""
    return publication.budget is not None and spent > publication.budget


# --- what a page is made of -----------------------------------------------------------------------


def controls_beside(publication: Publication, reals: int, most: int) -> int:
    """How many control items go with so many real ones: their usual share of a page that is not full."""
    if reals >= publication.real_per_page:
        return most
    return min(most, max(1, math.ceil(publication.control_per_page * reals / publication.real_per_page)))


def affordable(publication: Publication, spent: Money, reals: int, controls: int) -> tuple[int, int]:
    """How many of so many real items, with how many control items, the budget pays for; no real ones if none."""
    most = controls
    while reals and exceeds_budget(publication, spent + publication.prices[reals + controls - 1]):
        reals -= 1
        controls = controls_beside(publication, reals, most)
    return reals, controls


def next_side(last: int | None, coin: int) -> int:
    """Whether left and right are swapped now: as a coin falls at first, then the other way each time."""
    return coin if last is None else 1 - last


# --- what becomes of a worker in a run ------------------------------------------------------------


def passed(member: Member, position: int) -> Member:
    """The worker found nothing up to a position of the queue."""
    return replace(member, position=position)


def took_page(member: Member, position: int, reals: int, controls: int, now: float) -> Member:
    """The worker was given a page of so many items and is now at a position of the queue."""
    return replace(
        member,
        joined=now if member.joined is None else member.joined,
        active=now,
        position=position,
        reals=member.reals + reals,
        controls=member.controls + controls,
    )


def time_for(member: Member, taken: float | None, now: float) -> float | None:
    """How many seconds a worker had for a page: since it was taken, without what was spent on others before it.

    None if that cannot be known, because the clock was set back meanwhile.
    """
    begun = None if taken is None else max(taken, member.accounted)
    return None if begun is None or now < begun else now - begun


def time_spent(had: float, told: float | None, beside: int) -> float:
    """How many of the seconds that a worker had for a page it took, while they held others beside it.

    As many as the page on their screen tells; what is left is there for the others, for pages that were answered
    without a network arrive together. Where nothing is told all have an equal share; what is told beyond what there
    was is doubted by as much as it is too much, down to that share.
    """
    share = had / (1 + beside)
    if told is None:
        return share
    return told if told <= had else max(share, 2 * had - told)


def submitted_page(member: Member, items: int, price: Money, now: float, accounted: float) -> Member:
    """The worker answered a page of so many items, on which their time is spent up to `accounted`."""
    return replace(
        member,
        active=now,
        accounted=accounted,
        responses=member.responses + items,
        pages_pending=member.pages_pending + 1,
        pending=member.pending + price,
    )


def judged_page(member: Member, price: Money, *, accepted: bool) -> Member:
    """A page of the worker got its verdict: its price is earned, or lost."""
    return replace(
        member,
        pages_pending=member.pages_pending - 1,
        pages_accepted=member.pages_accepted + accepted,
        pages_rejected=member.pages_rejected + (not accepted),
        pending=member.pending - price,
        earned=member.earned + (price if accepted else 0),
    )
