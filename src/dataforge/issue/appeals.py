"""Appeals: a worker objects to the rejection of a page, once; a requester upholds that, and the page is paid, or not.

Whatever accepts the page while its appeal is open upholds it: a control item that is mended as well.
"""

from __future__ import annotations

from msgspec.structs import replace

from dataforge.errors import Refused
from dataforge.issue import rules
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.rows import Appeal, PageRow
from dataforge.issue.run import Run
from dataforge.issue.store import Store
from dataforge.issue.verdicts import accept_after_all
from dataforge.issue.written import written
from dataforge.pricing.amounts import in_full
from dataforge.records import AppealState

__all__ = ["appeal", "decide"]


def appeal(transaction: Transaction[Store], page: PageRow, text: str) -> Appeal:
    """Note why a worker finds the rejection of a page wrong; the same text again changes nothing.

    Raises `Refused` 409 if the page is not rejected, or has an appeal already; 422 for a text that is none.
    """
    store = transaction.store
    page, text = _as_of_now(store, page), written(text, "text")
    there = store.appeals.of(page)
    if there is not None and there.text == text:
        return there
    if there is not None:
        message = "an appeal against this page was made already, and there can be one; its text stays as it was"
        raise Refused(message, status=409, code="appealed")
    if page.state != "rejected":
        raise Refused(
            f"expected a page that was rejected, this one is {page.state}: nothing needs an appeal",
            status=409,
            code="not_rejected",
            details={"state": page.state},
        )
    made = Appeal(text, transaction.now)
    with RunChange(transaction, page.run):
        store.appeals.save(page, made)
    return made


def decide(transaction: Transaction[Store], run: Run, page: PageRow, state: AppealState, reply: str) -> Appeal:
    """Uphold a page's appeal, so that the page is paid, or dismiss it with a reply; the same again is harmless.

    Raises `Refused` 404 where there is none, 409 if it was decided otherwise, or the budget does not pay the page: then
    it stays open; 422 for a dismissal that says nothing.
    """
    store = transaction.store
    page, reply = _as_of_now(store, page), written(reply, "reply", least=int(state == "dismissed"))
    there = store.appeals.of(page)
    if there is None or state == "open":
        raise Refused(f"there is no appeal against the page {page.page.hex()!r}", status=404, code="appeal_unknown")
    if there.state == state:
        return there
    if there.state != "open":
        raise Refused(
            f"the appeal was {there.state} already, at another place or by somebody else; look at it again",
            status=409,
            code="appeal_decided",
            details={"state": there.state},
        )
    decided = replace(there, state=state, decided=transaction.now, reply=reply)
    with RunChange(transaction, page.run) as change:
        if state == "upheld":
            _check_budget(run, change, page)
            accept_after_all(change, run, page)
        store.appeals.save(page, decided)
    return decided


def _as_of_now(store: Store, page: PageRow) -> PageRow:
    """The page as it is in this transaction: it may have got another verdict since it was looked up."""
    found = store.pages.by_page(page.page)
    return page if found is None else found


def _check_budget(run: Run, change: RunChange, page: PageRow) -> None:
    """Raise `Refused` 409 if the run may not spend the page's price any more."""
    spent, budget = change.counters.spent, run.publication.budget
    if budget is not None and rules.exceeds_budget(run.publication, spent + page.price):
        lacking = spent + page.price - budget
        sum_lacking = in_full(lacking, run.publication.currency)["en"]
        raise Refused(
            f"the budget of the run {run.name!r} lacks {sum_lacking} to pay this page: raise it, and uphold "
            "the appeal then; it stays open",
            status=409,
            code="budget_spent",
            details={"lacking": lacking},
        )
