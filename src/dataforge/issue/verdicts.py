"""Verdicts on pages, and what they do to places, money and members."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from dataforge.issue import rules, wage
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.ledger import Entry, Kind
from dataforge.issue.rows import CountedTime, Member, PageRow
from dataforge.issue.run import Run
from dataforge.issue.store import Store
from dataforge.issue.take import book, give_back
from dataforge.records import Judge, Money, NotPaid, PageJudged, PageState, Publication, Texts, ToppedUp

__all__ = ["accept", "accept_after_all", "judge", "settle_wages"]

NO_BOUND = 1 << 62


def judge(change: RunChange, command: Judge, run: Run) -> None:
    """Give the pages that a command names their verdicts, those that may get them."""
    paces = _paces(change, run) if command.accepted else None
    for page in command.accepted:
        if (row := _judgeable(change, page, "accepted")) is None:
            continue
        if row.state == "rejected":
            accept_after_all(change, run, row, paces)
        else:
            _accept(change, run, row, paces)
    for page in command.rejected:
        if (row := _judgeable(change, page, "rejected")) is not None and row.state == "submitted":
            _reject(change, run, row, command.reasons.get(page) or {})
    for page in command.taken_back:
        reason = command.reasons.get(page) or {}
        if (row := _judgeable(change, page, "rejected")) is None:
            _explain(change, page, reason)
        elif row.state == "accepted":
            _take_back(change, run, row, reason)
        else:
            _reject(change, run, row, reason)


def accept(transaction: Transaction[Store], run: Run, pages: Sequence[str]) -> None:
    """Accept these pages, as far as they may be and the budget pays for those that were rejected."""
    with RunChange(transaction, run.id) as change:
        judge(change, Judge("", accepted=tuple(pages)), run)


def _judgeable(change: RunChange, page: str, verdict: PageState) -> PageRow | None:
    """The page if it may get the verdict: only answers that count get one."""
    row = _of_run(change, page)
    return row if row is not None and rules.may_become(row.state, verdict) else None


def _of_run(change: RunChange, page: str) -> PageRow | None:
    """The page of that public id, if it is one of the run."""
    try:
        row = change.store.pages.by_page(bytes.fromhex(page))
    except ValueError:
        return None
    return row if row is not None and row.run == change.run else None


def _explain(change: RunChange, page: str, reason: Texts) -> None:
    """Tell the worker of a page that is rejected already the reason that was given last."""
    row = _of_run(change, page)
    if reason and row is not None and row.state == "rejected":
        change.store.pages.give_reason(row, reason)


def _accept(change: RunChange, run: Run, page: PageRow, paces: wage.Paces | None) -> None:
    """Pay the page, and what the wage floor brings on top."""
    store = change.store
    before = store.members.load(page.run, page.worker_id)
    counted = 0 if paces is None else wage.counted(page, paces, before)
    store.pages.judge(page, "accepted", None, counted)
    book(change, run, page, "accepted")
    member = _judged(change, page, before, accepted=True)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, True, page.price))
    if paces is not None:
        member = _timed(change, run.publication, page, paces, before, member, counted)
    store.members.save(page.run, page.worker_id, member)


def _reject(change: RunChange, run: Run, page: PageRow, reason: Texts) -> None:
    """Give back the page's places and its money."""
    store = change.store
    store.pages.judge(page, "rejected", reason)
    book(change, run, page, "rejected")
    give_back(change, page, submitted=True, failed=True)
    member = _judged(change, page, store.members.load(page.run, page.worker_id), accepted=False)
    store.members.save(page.run, page.worker_id, member)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, False, 0))


def _judged(change: RunChange, page: PageRow, member: Member, *, accepted: bool) -> Member:
    """The worker in the run after a page's first verdict; from the first of all something is known of them."""
    if not member.pages_accepted and not member.pages_rejected:
        change.store.accounts.set_known(page.worker_id)
    return rules.judged_page(member, page, accepted=accepted)


def accept_after_all(change: RunChange, run: Run, page: PageRow, paces: wage.Paces | None = None) -> None:
    """Pay a rejected page, if the budget does. Its places went to others, and what they answer counts as well.

    An appeal against its rejection is upheld by that.
    """
    if rules.exceeds_budget(run.publication, change.counters.spent + page.price):
        cursor, budget = change.next_cursor(), run.publication.budget
        change.emit(NotPaid(cursor, change.now, page.worker, page.price, page.page.hex(), budget=budget))
        return
    store = change.store
    paces = _paces(change, run) if paces is None else paces
    before = store.members.load(page.run, page.worker_id)
    counted = 0 if paces is None else wage.counted(page, paces, before)
    change.counters.spent += page.price
    store.items.count_submitted(page.items)
    store.pages.judge(page, "accepted", None, counted)
    book(change, run, page, "accepted_after_all")
    member = rules.accepted_after_all(before, page)
    if (appeal := store.appeals.of(page)) is not None and appeal.state == "open":
        store.appeals.save(page, replace(appeal, state="upheld", decided=change.now))
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, True, page.price))
    if paces is not None:
        member = _timed(change, run.publication, page, paces, before, member, counted)
    store.members.save(page.run, page.worker_id, member)


def _take_back(change: RunChange, run: Run, page: PageRow, reason: Texts) -> None:
    """Reject a page that was accepted. What was paid out for it already is a debt, set against what is earned next."""
    store = change.store
    if store.ledger.was_rejected(page.id):
        # Its places went to others when it was rejected before.
        change.counters.spent -= page.price
        store.items.count_submitted(page.items, -1)
    else:
        give_back(change, page, submitted=True)
    store.pages.judge(page, "rejected", reason)
    book(change, run, page, "taken_back")
    member = rules.taken_back(store.members.load(page.run, page.worker_id), page)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, False, -page.price))
    if run.publication.wage_floor:
        member = wage.lost_page(member, page, store.hours.give_up(page))
        back = wage.overpaid(run.publication, member, store.ledger.topped_up(page.id))
        if back:
            member = _pay_on_top(change, run.publication, page, member, -back)
        # The other pages may be worth less than the floor without this one; what they bring then is theirs.
        if wage.lacking(run.publication, member):
            amount = _settle(change, run.publication, page.worker_id, member)
            member = _told(change, run.publication, page.worker, member, amount)
    store.members.save(page.run, page.worker_id, member)


# --- the wage floor -------------------------------------------------------------------------------


def settle_wages(change: RunChange, publication: Publication) -> None:
    """Pay on top what the budget did not reach for before it was raised, for pages that can give it back."""
    for pace in change.store.members.paces(change.run) if publication.wage_floor else ():
        member = change.store.members.load(change.run, pace.worker)
        if amount := _settle(change, publication, pace.worker, member):
            change.store.members.save(change.run, pace.worker, _told(change, publication, pace.name, member, amount))


def _settle(change: RunChange, publication: Publication, worker: int, member: Member) -> Money:
    """Enter for their accepted pages what the worker lacks, as far as the budget reaches; gives how much."""
    store, amount = change.store, min(wage.lacking(publication, member), _left(change, publication))
    if amount:
        pages = store.pages.counted(change.run, worker)
        shares = wage.shared_out(publication, amount, [(page, store.ledger.topped_up(page.id)) for page in pages])
        for page, share in zip(pages, shares, strict=True):
            _enter(change, publication, page, share)
    return amount


def _timed(
    change: RunChange,
    publication: Publication,
    page: PageRow,
    paces: wage.Paces,
    before: Member,
    member: Member,
    counted: int,
) -> Member:
    """Count the time of a page just accepted, and what it makes good; pay on top what the worker lacks then."""
    member = wage.earned_page(member, page, counted, _count(change, page, counted))
    member = _make_good(change, page, paces, member)
    return _top_up(change, publication, page, before, member)


def _count(change: RunChange, page: PageRow, counted: int) -> list[CountedTime]:
    """Count so much of a page's time at most, as far as no other page of its worker does, of this run or another."""
    hours, out = change.store.hours, wage.out(page, counted)
    found = wage.uncounted(out, counted, hours.within(page.worker_id, out))
    hours.count(page, found)
    return found


def _make_good(change: RunChange, page: PageRow, paces: wage.Paces, member: Member) -> Member:
    """Count what pages of a worker took beyond their bounds, as far as this one and others left some of theirs."""
    if not member.beyond:
        return member
    store = change.store
    oldest_first = reversed(store.pages.counted(change.run, page.worker_id))
    for longer, counted in wage.made_good(page, paces, member, oldest_first):
        lost = store.hours.give_up(longer)
        store.pages.count(longer, counted)
        member = wage.counted_anew(member, longer, lost, counted, _count(change, longer, counted))
    return member


def _paces(change: RunChange, run: Run) -> wage.Paces | None:
    """How long workers take in a run with a wage floor; None in one without."""
    if not run.publication.wage_floor:
        return None
    return wage.Paces(change.store.members.middle_paces(change.run), run.publication.task.duration)


def _top_up(change: RunChange, publication: Publication, page: PageRow, before: Member, member: Member) -> Member:
    """Pay on top what the worker lacks to the floor, as far as the budget reaches, and tell of the rest."""
    lacking = wage.lacking(publication, member)
    if not lacking:
        return member
    if wage.lacking(publication, before) or member.beyond < before.beyond:
        # What pages before this one lack is theirs, so that it goes back with them.
        amount = _settle(change, publication, page.worker_id, member)
        return _told(change, publication, page.worker, member, amount)
    return _pay_on_top(change, publication, page, member, min(lacking, _left(change, publication)))


def _left(change: RunChange, publication: Publication) -> Money:
    """What is left of the budget, more than anybody can lack where there is none."""
    return NO_BOUND if publication.budget is None else max(publication.budget - change.counters.spent, 0)


def _pay_on_top(change: RunChange, publication: Publication, page: PageRow, member: Member, amount: Money) -> Member:
    """Enter an amount for a page, below 0 if it goes back, and tell of it."""
    _enter(change, publication, page, amount)
    return _told(change, publication, page.worker, member, amount)


def _enter(change: RunChange, publication: Publication, page: PageRow, amount: Money) -> None:
    if amount:
        kind: Kind = "top_up" if amount > 0 else "top_up_back"
        entry = Entry(kind, page.worker_id, abs(amount), publication.currency, change.now, change.run, page.id)
        change.store.ledger.enter(entry)
        change.counters.spent += amount


def _told(change: RunChange, publication: Publication, worker: str, member: Member, amount: Money) -> Member:
    """The member with the amount, after the run was told of it and of what they lack still."""
    member = wage.topped_up(member, amount)
    lacking = wage.lacking(publication, member)
    change.emit(ToppedUp(change.next_cursor(), change.now, worker, amount, lacking))
    return member
