"""The wage floor: what is paid on top to who works honestly and longer than a page's price allows for. Pure.

Time counts as it is measured on the worker's screen, up to a bound: `PATIENCE` times what half of the others take for
as many items, but never beyond `WIDEST` times the hint, nor longer than the page may be kept. What some pages leave of
it longer ones have, for nobody is as quick with each, whichever is accepted first: all pages of a worker together count
no longer than their bounds, and a first one that took longer is made good by those that come later.
Who leaves a page open beyond that, or slows down on purpose, makes an hour worth less and never more: up to the bound
it is worth the floor, as everybody's is at least.

A second of somebody's life counts once, in whatever runs they held pages then: where pages were out at the same time,
the one that is accepted first has it. So all floors together pay for no longer than some page was out. Who really works
in two runs by turns has all of their time counted, here or there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor

from msgspec.structs import replace

from dataforge.issue.rows import CountedTime, Member, MiddlePaces, PageRow
from dataforge.records import Money, Publication

__all__ = [
    "ENOUGH",
    "PATIENCE",
    "Paces",
    "counted",
    "counted_anew",
    "earned_page",
    "lacking",
    "lost_page",
    "made_good",
    "out",
    "overpaid",
    "shared_out",
    "topped_up",
    "uncounted",
]

PATIENCE = 5
"""So many times as long as half of the others take is still work."""
WIDEST = 10
"""So many times as long as the hint is no work, however long others take: they may be one person."""
ENOUGH = 3
"""What so many others take is how long the items take; before, the hint is."""
HOUR = 3_600_000


class Paces:
    """How long others take for an item, in milliseconds: the median over workers with accepted pages."""

    def __init__(self, middle: MiddlePaces, hint: float) -> None:
        self.middle = middle
        self.hint = 1000 * hint
        self._own: dict[int, float | None] = {}

    def of_others(self, worker: int, member: Member) -> float:
        """The median of all but this worker, so that nobody moves their own bound; the hint while they are few."""
        measured, first, paces = self.middle
        # As it was when the others were measured, whatever was accepted since.
        own = self._own.setdefault(worker, member.pace)
        others = measured - (own is not None)
        if others < ENOUGH:
            return self.hint
        places = ((others - 1) // 2 - first, others // 2 - first)
        lower, upper = (paces[place + (own is not None and paces[place] >= own)] for place in places)
        return (lower + upper) / 2


def counted(page: PageRow, paces: Paces, member: Member) -> int:
    """How many milliseconds of the time that a page took count, begun ones too; an unknown time is that of the hint.

    A page that took longer than its bound has what the worker's accepted pages left of theirs, as for its own items.
    """
    took = page.seconds * 1000 if page.seconds is not None else paces.hint * len(page.items)
    bound = _bound(page, paces, member)
    return ceil(min(took, bound * len(page.items) + _left(bound, member)))


def _bound(page: PageRow, paces: Paces, member: Member) -> float:
    """How long an item of a page is work at most, in milliseconds."""
    an_item = min(PATIENCE * paces.of_others(page.worker_id, member), WIDEST * paces.hint)
    return min(an_item, page.lease * 1000 / len(page.items)) if page.items else 0.0


def _left(bound: float, member: Member) -> float:
    """What the accepted pages of a worker left of a bound for each of their items."""
    return max(bound * member.timed - member.paced, 0.0)


def made_good(page: PageRow, paces: Paces, member: Member, pages: Iterable[PageRow]) -> list[tuple[PageRow, int]]:
    """Pages of a worker of which more time counts than did, and how much of each, now that this one was accepted, too.

    For it and others left some of their bounds. `pages` are in the order in which they get it.
    """
    left, found = floor(_left(_bound(page, paces, member), member)), []
    for longer in pages:
        more = min(_beyond(longer, longer.counted), left)
        if more > 0:
            found.append((longer, longer.counted + more))
            left -= more
    return found


def _beyond(page: PageRow, milliseconds: int) -> int:
    """How much longer a page took than what counts of its time; nothing where nobody knows how long it took."""
    return 0 if page.seconds is None else max(ceil(1000 * page.seconds) - milliseconds, 0)


def out(page: PageRow, milliseconds: int) -> CountedTime:
    """When the page was out, until it was answered; so many milliseconds till then where nobody knows since when."""
    ended = ceil(1000 * (page.finished or 0.0))
    return CountedTime(ended - milliseconds if page.taken is None else floor(1000 * page.taken), ended)


def uncounted(within: CountedTime, milliseconds: int, others: Iterable[CountedTime]) -> list[CountedTime]:
    """So many milliseconds of a stretch that no other page of the worker counts, as far as there are; the last ones.

    For a page is worked on right before it is sent. `others` are in any order.
    """
    found: list[CountedTime] = []
    ended = within.ended
    before = CountedTime(min(within.begun, ended), within.begun)
    for other in [*sorted(others, key=lambda one: one.ended, reverse=True), before]:
        begun = max(other.ended, within.begun, ended - milliseconds)
        if begun < ended:
            found.append(CountedTime(begun, ended))
            milliseconds -= ended - begun
        ended = min(ended, other.begun)
    return found


def earned_page(member: Member, page: PageRow, milliseconds: int, counts: Iterable[CountedTime]) -> Member:
    """The worker's time for an accepted page counts, as far as it does in no other run."""
    return _timed(member, page, milliseconds, sum(ended - begun for begun, ended in counts), 1)


def lost_page(member: Member, page: PageRow, milliseconds: int) -> Member:
    """So much of its time counts no more, for the page is rejected after all."""
    return _timed(member, page, page.counted, milliseconds, -1)


def counted_anew(member: Member, page: PageRow, lost: int, milliseconds: int, counts: Iterable[CountedTime]) -> Member:
    """Of an accepted page's time so much counts now, in place of what did, of which so much counted in this run."""
    return earned_page(lost_page(member, page, lost), page, milliseconds, counts)


def _timed(member: Member, page: PageRow, milliseconds: int, counts: int, sign: int) -> Member:
    """The worker with or without a page of which so many milliseconds count, some of them in this run."""
    timed, paced = member.timed + sign * len(page.items), member.paced + sign * milliseconds
    beyond = member.beyond + sign * _beyond(page, milliseconds)
    pace = paced / timed if timed else None
    return replace(
        member, counted=member.counted + sign * counts, timed=timed, paced=paced, pace=pace, beyond=max(beyond, 0)
    )


def _due(publication: Publication, member: Member) -> Money:
    """What the floor makes of the time that counts beyond the prices of the pages, rounded in the worker's favour."""
    return -(-publication.wage_floor * member.counted // HOUR) - member.earned


def lacking(publication: Publication, member: Member) -> Money:
    """What the worker is to be paid on top now; 0 if nothing. What was paid stays, whatever is earned later."""
    return max(_due(publication, member) - member.topped_up, 0) if publication.wage_floor else 0


def shared_out(publication: Publication, amount: Money, pages: Sequence[tuple[PageRow, Money]]) -> list[Money]:
    """An amount that was lacking by accepted pages, given with what each has on top, the newest first.

    Each gets what its time brings beyond its price, for the newest are those that the budget did not reach for; what
    is left is the last one's.
    """
    shares = []
    for page, paid in pages:
        worth = -(-publication.wage_floor * page.counted // HOUR) - page.price - paid
        shares.append(min(max(worth, 0), amount))
        amount -= shares[-1]
    if shares:
        shares[-1] += amount
    return shares


def overpaid(publication: Publication, member: Member, paid: Money) -> Money:
    """How much of what was `paid` on top for a page goes back, now that the page counts no more."""
    return max(min(paid, member.topped_up - max(_due(publication, member), 0)), 0)


def topped_up(member: Member, amount: Money) -> Member:
    """The worker was paid so much on top, below 0: it went back."""
    return replace(member, topped_up=member.topped_up + amount, bonus=member.bonus + amount)
