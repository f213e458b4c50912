"""Verdicts on pages, and what they do to places, money and members."""

from __future__ import annotations

from msgspec.structs import replace

from dataforge.issue import rules
from dataforge.issue.change import RunChange
from dataforge.issue.rows import PageRow
from dataforge.issue.run import Run
from dataforge.issue.take import book, give_back
from dataforge.records import Judge, NotPaid, PageJudged, PageState, Texts

__all__ = ["accept_after_all", "judge"]


def judge(change: RunChange, command: Judge, run: Run) -> None:
    """Give the pages that a command names their verdicts, those that may get them."""
    for page in command.accepted:
        if (row := _judgeable(change, page, "accepted")) is None:
            continue
        if row.state == "rejected":
            accept_after_all(change, run, row)
        else:
            _give_verdict(change, run, row, accepted=True)
    for page in command.rejected:
        if (row := _judgeable(change, page, "rejected")) is not None and row.state == "submitted":
            _give_verdict(change, run, row, accepted=False, reason=command.reasons.get(page) or {})
    for page in command.taken_back:
        reason = command.reasons.get(page) or {}
        if (row := _judgeable(change, page, "rejected")) is None:
            _explain(change, page, reason)
        elif row.state == "accepted":
            _take_back(change, run, row, reason)
        else:
            _give_verdict(change, run, row, accepted=False, reason=reason)


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


def _give_verdict(change: RunChange, run: Run, page: PageRow, *, accepted: bool, reason: Texts | None = None) -> None:
    """Pay the page, or give back its places and its money."""
    store = change.store
    store.pages.judge(page, "accepted" if accepted else "rejected", reason)
    book(change, run, page, "accepted" if accepted else "rejected")
    if not accepted:
        give_back(change, page, submitted=True)
    member = rules.judged_page(store.members.load(page.run, page.worker_id), page, accepted=accepted)
    store.members.save(page.run, page.worker_id, member)
    amount = page.price if accepted else 0
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, accepted, amount))


def accept_after_all(change: RunChange, run: Run, page: PageRow) -> None:
    """Pay a rejected page, if the budget does. Its places went to others, and what they answer counts as well.

    An appeal against its rejection is upheld by that.
    """
    if rules.exceeds_budget(run.publication, change.counters.spent + page.price):
        change.emit(NotPaid(change.next_cursor(), change.now, page.worker, page.price, page.page.hex()))
        return
    store = change.store
    change.counters.spent += page.price
    store.items.count_submitted(page.items)
    store.pages.judge(page, "accepted", None)
    book(change, run, page, "accepted_after_all")
    member = rules.accepted_after_all(store.members.load(page.run, page.worker_id), page)
    store.members.save(page.run, page.worker_id, member)
    if (appeal := store.appeals.of(page)) is not None and appeal.state == "open":
        store.appeals.save(page, replace(appeal, state="upheld", decided=change.now))
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, True, page.price))


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
    store.members.save(page.run, page.worker_id, member)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.worker, False, -page.price))
