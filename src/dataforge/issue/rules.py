"""The rules of issue as functions of values: no store, no clock, no chance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from dataforge.issue.levels import CURSORS
from dataforge.issue.rows import Counters, Lot, Member, PageRow, Span, StoredItem, Worker
from dataforge.records import ClosedReason, Money, PageState, Publication

__all__ = [
    "COUNTED",
    "MOST_HELD",
    "SPREAD",
    "ControlsDue",
    "accepted_after_all",
    "affordable",
    "beside",
    "closed_reason",
    "controls_beside",
    "controls_due",
    "exceeds_budget",
    "exhausted",
    "group_of",
    "is_fresh",
    "is_newcomer",
    "judged_page",
    "leaves_room",
    "lot",
    "may_become",
    "met_controls",
    "met_the_rest",
    "narrower",
    "next_side",
    "passed",
    "sees_last",
    "submitted_page",
    "taken_back",
    "time_for",
    "time_left",
    "time_spent",
    "took_again",
    "took_page",
    "waits_for_verdicts",
]

# The page on the screen and the one fetched ahead.
MOST_HELD = 2

# So many pages newcomers may hold wherever they come from: as many as two people of one household.
HOUSEHOLD = 2 * MOST_HELD

# A page takes about one in so many of the open items that come next for its worker.
SPREAD = 12

# What was given to so many people is known as a control item to whoever shares what they see: real ones go to fewer.
GIVEN_AWAY = 4

# What can become of a page. Answers to an expired one still count if every place is free, else they are late.
NEXT: Mapping[PageState, frozenset[PageState]] = {
    "held": frozenset(("submitted", "expired", "skipped", "released")),
    # It comes back whole, as the same page, or not at all.
    "released": frozenset(("held",)),
    "expired": frozenset(("submitted", "late")),
    "submitted": frozenset(("accepted", "rejected")),
    # Only by hand, after somebody has looked.
    "accepted": frozenset(("rejected",)),
    # In the worker's favour a verdict may be taken back: what was held against them was no fault of theirs.
    "rejected": frozenset(("accepted",)),
    "skipped": frozenset(),
    "late": frozenset(),
}
# States of a page whose answers count or have counted.
COUNTED: frozenset[PageState] = frozenset(("submitted", "accepted", "rejected"))


def may_become(state: PageState, other: PageState) -> bool:
    """Whether a page of one state may move to another."""
    return other in NEXT[state]


# --- why a run is closed to a worker --------------------------------------------------------------


def closed_reason(publication: Publication, counters: Counters, member: Member, now: float) -> ClosedReason | None:
    """Why the run has no page for the worker whatever is open; None if there may be one."""
    if counters.state in ("closed", "archived"):
        return "finished"
    if member.until > now:
        return "restricted"
    if counters.state == "paused":
        return "paused"
    if exceeds_budget(publication, counters.spent + min(publication.prices)):
        return "budget"
    if _is_unchecked(publication, counters, member):
        return "unchecked"
    if waits_for_verdicts(publication, member):
        return "judging"
    return None


def waits_for_verdicts(publication: Publication, member: Member, held: int = 0) -> bool:
    """Whether as many of the worker's pages wait for a verdict, or are held, as may.

    Where other workers judge answers that takes a while, and costs, also where it is found that none is right.
    """
    most = publication.most_waiting
    return most is not None and member.pages_pending + held >= most + member.pages_accepted


def _is_unchecked(publication: Publication, counters: Counters, member: Member) -> bool:
    """Whether the worker has had no control items for too long, and there are none left for them.

    Who has answered n pages with control items, and then m without, is still at work in the same way with the
    probability (n + 1) / (n + m + 1). Below a half nobody is asked on.
    """
    none_left = publication.control_per_page > 0 and member.controls >= counters.controls > 0
    return none_left and _is_overdue(member) and member.reals < counters.reals


def _is_overdue(member: Member) -> bool:
    return member.unchecked > member.checked


def exhausted(publication: Publication, counters: Counters, member: Member) -> ClosedReason:
    """Nothing is open to the worker: whether there was ever anything, and whether any of it can still become so.

    Where answers of others are judged it is told from nobody whether it is because of their own.
    """
    if publication.checks:
        return "no_answers"
    if counters.reals == 0:
        return "no_items"
    return "all_done" if member.reals >= counters.reals else "busy"


def exceeds_budget(publication: Publication, spent: Money) -> bool:
    """Whether so much is more than the run may spend."""
    return publication.budget is not None and spent > publication.budget


def group_of(publication: Publication, worker: Worker) -> str:
    """Whose work is withheld from a worker beside their own: of those who came by the same invitation; "": nobody's."""
    return worker.invitation if publication.groups_apart else ""


# --- how much a worker may hold -------------------------------------------------------------------


def is_newcomer(member: Member) -> bool:
    """Whether nothing is known in favour of the worker yet: none of their pages was accepted."""
    return member.pages_accepted == 0


def leaves_room(publication: Publication, counters: Counters, by_origin: int, by_invitation: int) -> bool:
    """Whether a newcomer may have a page where newcomers of the same origin and invitation hold so many places.

    Nobody knows whether they are many people or one: so those of one address hold no more than they leave free, and
    those of one invitation no more than three times that. A newcomer from elsewhere finds a page, by the same
    invitation as well: a household's few at each address may take half of what is left then. Where nothing is free,
    there is nothing to keep.
    """
    page, free = publication.real_per_page, min(counters.free, _payable(publication, counters))
    rest, few = free - page, HOUSEHOLD * page
    if free <= 0:
        return True
    household = by_origin + page <= few
    return (household or by_origin + page <= rest) and by_invitation + page <= max((7 if household else 3) * rest, few)


def _payable(publication: Publication, counters: Counters) -> int:
    """For how many of the free places the rest of the budget pays."""
    reals, controls = publication.real_per_page, publication.control_per_page
    price = publication.prices[reals + controls - 1]
    if publication.budget is None or not price:
        return counters.free
    pages, left = divmod(publication.budget - counters.spent, price)
    return pages * reals + affordable(publication, publication.budget - left, reals, controls)[0]


# --- what a page is made of -----------------------------------------------------------------------


class ControlsDue(NamedTuple):
    """How many control items a full page has if so many are fresh, and how many it needs, by others if need be.

    `spread`: of the fresh ones that come next for the worker, about one in so many is taken.
    """

    fresh: int
    needed: int
    spread: int


def controls_due(publication: Publication, counters: Counters, member: Member, chance: float) -> ControlsDue:
    """How many control items go on the worker's next page if it is full; `chance` is uniform from 0 to 1.

    Fresh ones are dealt so that they last as long as the items do, both the run's, of which everybody who came has an
    equal share, and those that the worker has not met: equally many to each doubling of the pages done, up to the last
    page that can be reached. Until they run out some are on the pages of whoever recognises the others, new accounts
    too. Where they suffice for every page, every page has them all. Taken as sparsely as they are dealt, each comes
    again after as many pages as a real item does. A page needs as many as there may be, by others if need be, until one
    with control items was answered, and again after one was rejected; after more pages without than with any, one.

    Where first pages alone give each control item to more people than real ones are asked, it is given away to those
    who share what they see. There nothing is saved by sparing it, and every page needs the worker's own share of all.

    Fewer are dealt where the run wishes so of the worker, and last all the longer. Where it wishes as many as there may
    be, every page needs them. No wish keeps away what is overdue, or what the page of a stranger needs.
    """
    most = min(publication.control_per_page, counters.controls - member.controls)
    if most <= 0:
        return ControlsDue(0, 0, 1)
    size = publication.real_per_page + publication.control_per_page
    done, workers = max((member.reals + member.controls) / size, 1), max(counters.workers, 1)
    places, unseen = max(counters.fresh + counters.free, 1), max(counters.reals - member.reals, 1)
    own = min(most, _pace(counters.controls - member.controls, unseen / size, done))
    pace = min(own, _pace(counters.fresh / workers, places / size / workers, done))
    overdue = int(_is_overdue(member))
    stranger = not member.checked
    if member.control_wish is not None:
        own, pace = min(own, member.control_wish), min(pace, member.control_wish)
        stranger |= member.control_wish >= publication.control_per_page
    fresh = max(math.floor(pace + chance), overdue)
    again = math.floor(own + chance) if workers * most > GIVEN_AWAY * counters.controls else 0
    needed = most if stranger else max(again, overdue)
    return ControlsDue(fresh, needed, max(1, round(SPREAD * pace / max(fresh, 1))))


def _pace(there: float, reachable: float, done: float) -> float:
    """How many of those that are there go on a page after so many pages, if so many more can be reached."""
    return there / (done * math.log1p(reachable / done))


def lot(spread: int, chance: float, other: float) -> Lot:
    """A lot that about one in so many positions is in, never quite as many, so that no two always come together."""
    one_in = int(spread * (0.75 + chance / 2))
    return Lot(one_in, int(one_in * other))


def narrower(spread: int) -> int:
    """The spread to try next where so wide a one finds too little."""
    return spread // 4


def is_fresh(item: StoredItem) -> bool:
    """Whether a control item has been given to fewer workers than a real one is."""
    return item.held < item.wanted


def sees_last(item: StoredItem) -> bool:
    """Whether a control item has been given to as many workers as a real one once another worker gets it.

    It is then put to the tail of its queue: those that others are at come first.
    """
    return (item.held + 1) % max(item.wanted, 1) == 0


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


def passed(member: Member, positions: Mapping[int, int]) -> Member:
    """The worker found nothing more up to a position of each of these levels."""
    return replace(member, **_cursors(positions))


def _cursors(positions: Mapping[int, int]) -> dict[str, int]:
    return {CURSORS[level]: position for level, position in positions.items()}


def met_the_rest(member: Member, counters: Counters, found: int) -> Member:
    """All control items but those found were met by the worker before, here or in another run."""
    return replace(member, controls=counters.controls - found)


def met_controls(member: Member, fresh: int, recycled: int) -> Member:
    """The worker has met the control items up to these positions, those that are fresh, and the others."""
    return replace(member, control_position=fresh, recycled_position=recycled)


def took_page(member: Member, positions: Mapping[int, int], reals: int, controls: int, now: float) -> Member:
    """The worker was given a page of so many items and is now at these positions of the queue's levels."""
    return replace(
        member,
        **_cursors(positions),
        joined=now if member.joined is None else member.joined,
        active=now,
        reals=member.reals + reals,
        controls=member.controls + controls,
        unchecked=0 if controls else member.unchecked + 1,
    )


def took_again(member: Member, now: float) -> Member:
    """The worker was given a page again that they had handed back unseen."""
    return replace(member, active=now)


def time_for(member: Member, taken: float | None, now: float) -> Span | None:
    """The time that a worker had for a page: since it was taken, without what was spent on others of the run before it.

    None if that cannot be known, because the clock was set back meanwhile.
    """
    begun = None if taken is None else max(taken, member.accounted)
    return None if begun is None or now < begun else Span(begun, now)


def beside(had: Span, elsewhere: Iterable[Span]) -> list[Span]:
    """What a worker's time in other runs covers of the time that they had for a page, by its beginning."""
    found = [Span(max(had.begun, other.begun), min(had.ended, other.ended)) for other in elsewhere]
    return sorted(span for span in found if span.seconds > 0)


def time_left(had: Span, elsewhere: Sequence[Span]) -> float:
    """How many seconds other runs leave of the time that a worker had for a page.

    Nobody has the same seconds in two runs. But a page in another window tells its time in the background as well, so
    that the first to be submitted would take all: each run keeps an equal share at least.
    """
    left, until = had.seconds, had.begun
    for span in elsewhere:
        left -= max(0.0, span.ended - max(until, span.begun))
        until = max(until, span.ended)
    return max(left, had.seconds / (1 + len(elsewhere)))


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


def submitted_page(member: Member, page: PageRow, now: float, seconds: float | None) -> Member:
    """The worker answered a page that took so long, None if nobody knows; its price waits for a verdict."""
    begun = now if seconds is None else max(page.taken or 0.0, member.accounted)
    took = seconds or 0.0
    return replace(
        member,
        active=now,
        accounted=min(begun + took, now),
        worked_from=now - took,
        worked_until=now,
        responses=member.responses + len(page.items),
        checked=member.checked + (page.controls > 0),
        pages_pending=member.pages_pending + 1,
        pending=member.pending + page.price,
    )


def judged_page(member: Member, page: PageRow, *, accepted: bool) -> Member:
    """A page of the worker got its verdict: its price is earned, or lost."""
    return replace(
        member,
        pages_pending=member.pages_pending - 1,
        pages_accepted=member.pages_accepted + accepted,
        pages_rejected=member.pages_rejected + (not accepted),
        pending=member.pending - page.price,
        earned=member.earned + (page.price if accepted else 0),
        checked=0 if page.controls and not accepted else member.checked,
    )


def accepted_after_all(member: Member, page: PageRow) -> Member:
    """A rejected page of the worker is paid after all."""
    return replace(
        member,
        pages_accepted=member.pages_accepted + 1,
        pages_rejected=member.pages_rejected - 1,
        earned=member.earned + page.price,
        checked=member.checked + (page.controls > 0),
    )


def taken_back(member: Member, page: PageRow) -> Member:
    """An accepted page of the worker is rejected: its price is earned no more."""
    return replace(
        member,
        pages_accepted=member.pages_accepted - 1,
        pages_rejected=member.pages_rejected + 1,
        earned=member.earned - page.price,
        checked=0 if page.controls else member.checked,
    )
