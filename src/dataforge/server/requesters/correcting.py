"""The requester's routes that correct a run: what is asked goes into the run's feed, and its driver acts on it.

Known answers lie in the run's folder: they are read there when a requester looks at a control item, and kept nowhere
else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from dataforge.corrections import Accept, Correction, GiveBonus, OfItem, OfPage, OfWorker
from dataforge.errors import Refused
from dataforge.issue.rules import COUNTED, exceeds_budget
from dataforge.issue.run import MOST_MONEY, Run
from dataforge.records import Money
from dataforge.server.requesters.feeding import open_folder_of, refusing
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import Corrected, KnownAnswer, NewCorrections
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    from dataforge.feed import Feed

__all__ = ["ROUTES"]


async def _correct(call: Call[NewCorrections]) -> Corrected:
    """Put corrections into the run's feed, in their order; give all that came after those that were seen."""
    run, folder, corrections = call.run, open_folder_of(call), call.body.corrections
    for correction in corrections:
        if isinstance(correction, OfWorker):
            _check_worker(call, correction.worker)
        elif isinstance(correction, OfPage):
            _check_page(call, correction)
    spent = call.context.store.runs.counters(run.id).spent
    return await asyncio.to_thread(_put, folder, run, spent, corrections, call.body.after)


async def _list_corrections(call: Call[None]) -> Corrected:
    """What was corrected after so many others, of all items and workers or of one item."""
    after = int(call.number("after", 0, least=0, most=2**40))
    return await asyncio.to_thread(_said, open_folder_of(call), after, call.request.query_params.get("item"))


async def _show_known(call: Call[None]) -> KnownAnswer:
    """The known answer of a control item, as it was corrected last."""
    return await asyncio.to_thread(_known_answer, open_folder_of(call), call.run.task, call.path("key"))


def _check_worker(call: Call[NewCorrections], worker: str) -> None:
    store = call.context.store
    account = store.accounts.worker_by_name(worker)
    if account is None or call.run.id not in store.members.runs_of(account.id):
        raise Refused(f"the run {call.run.name!r} has no worker {worker!r}", status=404, code="worker_unknown")


def _check_bonuses(run: Run, spent: Money, bonuses: Sequence[GiveBonus]) -> None:
    """Raise `Refused` 422 for a bonus of nothing, 409 if the budget does not pay for all of them."""
    for bonus in bonuses:
        if not 0 < bonus.amount <= MOST_MONEY:
            message = f"amount: expected 1 to {MOST_MONEY:,} millionths, got {bonus.amount:,}"
            raise Refused(message, status=422, code="bonus_invalid")
    # The same key twice is one bonus.
    if exceeds_budget(run.publication, spent + sum({one.key: one.amount for one in bonuses}.values())):
        message = f"the budget of the run {run.name!r} does not pay for this bonus; give it a larger one first"
        raise Refused(message, status=409, code="budget_exceeded")


def _check_page(call: Call[NewCorrections], correction: OfPage) -> None:
    """Raise `Refused` 404 for a page without answers that count, 409 if the budget does not pay for a rejected one."""
    store, run = call.context.store, call.run
    try:
        page = store.pages.by_page(bytes.fromhex(correction.page))
    except ValueError:
        page = None
    if page is None or page.run != run.id or page.state not in COUNTED:
        message = f"the run {run.name!r} has no answers on a page {correction.page[:64]!r}"
        raise Refused(message, status=404, code="page_unknown")
    again = isinstance(correction, Accept) and page.state == "rejected"
    if again and exceeds_budget(run.publication, store.runs.counters(run.id).spent + page.price):
        message = f"the budget of the run {run.name!r} does not pay for this page; give it a larger one first"
        raise Refused(message, status=409, code="budget_exceeded")


def _put(folder: Path, run: Run, spent: Money, corrections: Sequence[Correction], after: int | None) -> Corrected:
    # Tables are for those who correct over HTTP only; the server starts without them.
    from dataforge.feed import Feed, new_bonuses

    with refusing(), closing(Feed(folder)) as feed:
        # One that was given is not paid again: who asks twice, for the reply was lost, is told so.
        _check_bonuses(run, spent, new_bonuses(corrections, feed.corrections(0)))
        feed.correct(run.task, *corrections, after=after)
        return _since(feed, feed.state().corrections if after is None else after)


def _said(folder: Path, after: int, item: str | None) -> Corrected:
    from dataforge.feed import Feed

    with refusing(), closing(Feed(folder)) as feed:
        found = _since(feed, after)
        told = [one for one in found.corrections if item is None or (isinstance(one, OfItem) and one.item == item)]
        return Corrected(found.count, told)


def _since(feed: Feed, after: int) -> Corrected:
    """All corrections after so many others, and how many there are with them."""
    after = min(after, feed.state().corrections)
    found = feed.corrections(after)
    return Corrected(after + len(found), list(found))


def _known_answer(folder: Path, task: Task, key: str) -> KnownAnswer:
    from dataforge.feed import Feed

    with refusing(), closing(Feed(folder)) as feed:
        return KnownAnswer(*feed.known_answer(task, key))


RUN = "/api/runs/{run}"

ROUTES = (
    Route(
        "POST",
        f"{RUN}/corrections",
        "requester",
        _correct,
        "Correct a run by hand: discard a worker's answers, mend or withdraw a control item, answer an item, "
        "ask more workers about it or set it aside, accept or reject a page, give a bonus",
        body=NewCorrections,
        reply=Corrected,
    ),
    Route(
        "GET",
        f"{RUN}/corrections",
        "requester",
        _list_corrections,
        "What was corrected by hand",
        reply=Corrected,
        query=("after", "item"),
    ),
    Route(
        "GET",
        f"{RUN}/known/{{key:path}}",
        "requester",
        _show_known,
        "The known answer of a control item",
        reply=KnownAnswer,
    ),
)
