"""Routes about appeals: a worker objects to a rejection, a requester looks at it and decides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import get_args

import msgspec

from dataforge.changes.gone import gone
from dataforge.corrections import Upheld
from dataforge.errors import DataForgeError, Refused
from dataforge.issue import appeals
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Appeal, PageRow
from dataforge.issue.run import Run
from dataforge.issue.sqlite.appeals import AppealRow, Untold
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import AppealState, PageAppeal
from dataforge.server.requesters.item_lists import item_view
from dataforge.server.requesters.requester import worker_view
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.appeals import AppealDecision, AppealDetail, AppealList
from dataforge.server.wire.requester import ItemView, WorkerView
from dataforge.server.wire.worker import AppealView, NewAppeal
from dataforge.server.workers.work import appeal_view, own_page
from dataforge.tasks.task import Task

__all__ = ["ROUTES", "tell_runs"]

log = logging.getLogger("dataforge.server")

MOST_APPEALS = 500
TOLD_AT_ONCE = 1_000
STATES: tuple[AppealState, ...] = get_args(get_args(AppealState)[0])


async def _appeal(call: Call[NewAppeal]) -> AppealView:
    """Object to the rejection of a page."""
    page, text = own_page(call), call.body.text
    made = await call.context.writer.write(lambda transaction: appeals.appeal(transaction, page, text))
    return appeal_view(made)


async def _list(call: Call[None]) -> AppealList:
    """A part of the appeals, in all runs or in one."""
    context, query = call.context, call.request.query_params
    run = context.runs.by_name(context.store, name).id if (name := query.get("run")) else None
    state = next((one for one in STATES if one == query.get("state")), None)
    if state is None and query.get("state"):
        raise Refused(
            f"state: expected one of {', '.join(STATES)}, got {query['state'][:40]!r}", status=422, code="query_invalid"
        )
    offset = int(call.number("offset", 0, least=0, most=2**40))
    limit = int(call.number("limit", 50, least=1, most=MOST_APPEALS))
    rows, counts = await context.readers.read(
        lambda store: (store.appeals.listed(run, state, offset, limit), store.appeals.counts(run))
    )
    return AppealList(
        counts.get("open", 0),
        counts.get("upheld", 0),
        counts.get("dismissed", 0),
        [_page_appeal(context, row) for row in rows],
    )


async def _show(call: Call[None]) -> AppealDetail:
    """An appeal with the page's items and what everybody answered to them."""
    context, run, page = call.context, call.run, _page_of(call)

    def ask(store: SqliteStore) -> tuple[AppealRow | None, list[ItemView], WorkerView | None]:
        keys = [item.key for item in store.items.of_page(page)]
        rows = [row for key in keys if (row := store.item_lists.item(run.id, key)) is not None]
        items = [item_view(row, store.item_lists.responses(row.id)) for row in rows]
        member = store.views.worker(run.id, page.worker)
        return store.appeals.one(page), items, None if member is None else worker_view(member, context.now())

    row, items, who = await context.readers.read(ask)
    if row is None:
        raise _unknown(page.page.hex())
    own = (response.seconds for item in items for response in item.responses or () if response.page == page.page.hex())
    return AppealDetail(_page_appeal(context, row), items, next(own, None), who)


async def _decide(call: Call[AppealDecision]) -> AppealView:
    """Uphold an appeal, which pays the page, or dismiss it."""
    context, run, page, body = call.context, call.run, _page_of(call), call.body
    state: AppealState = "upheld" if body.upheld else "dismissed"

    def decide(transaction: Transaction[SqliteStore]) -> Appeal:
        # As of now: its budget may have changed since the request came in.
        there = context.runs.by_id(transaction.store, run.id)
        return appeals.decide(transaction, there, page, state, body.reply)

    decided = await context.writer.write(decide)
    if decided.state == "upheld":
        await tell_runs(context)
    return appeal_view(decided)


def _page_of(call: Call[AppealDecision] | Call[None]) -> PageRow:
    """The page of the path, if it is one of the run."""
    name = call.path("page")
    try:
        page = call.context.store.pages.by_page(bytes.fromhex(name))
    except ValueError:
        page = None
    if page is None or page.run != call.run.id:
        raise _unknown(name[:80])
    return page


def _unknown(page: str) -> Refused:
    return Refused(f"there is no appeal against the page {page!r}", status=404, code="appeal_unknown")


def _page_appeal(context: Context, row: AppealRow) -> PageAppeal:
    run = context.runs.by_id(context.store, row.run)
    return PageAppeal(
        page=row.page.hex(),
        run=run.name,
        task=run.publication.task.name,
        worker=row.worker,
        name=row.name,
        state=row.state,
        text=row.text,
        at=row.at,
        decided=row.decided,
        reply=row.reply,
        reason=None if row.reason is None else msgspec.json.decode(row.reason),
        price=row.price,
        currency=run.publication.currency,
        items=row.size,
        verdict=row.verdict,
    )


# --- what runs are told ---------------------------------------------------------------------------


async def tell_runs(context: Context) -> None:
    """Let the runs of pages that were accepted on appeal go on where they had ended; what fails is told at next start.

    A page is paid with the decision; its run hears of that as of every verdict, but only while somebody drives it.
    """
    try:
        waiting = context.store.appeals.untold(TOLD_AT_ONCE)
        told = await asyncio.to_thread(_tell, [(row, _place_of(context, row.run)) for row in waiting])
        if told:
            await context.writer.write(lambda transaction: transaction.store.appeals.note_told(told))
    except Exception as error:  # whatever it is: the pages are paid, and their runs are told later
        log.error("runs could not be told of appeals that were upheld: %s", error)


def _place_of(context: Context, run: int) -> tuple[Run, Path]:
    there = context.runs.by_id(context.store, run)
    return there, context.workspace.runs / there.name


def _tell(waiting: Sequence[tuple[Untold, tuple[Run, Path]]]) -> list[int]:
    """Put into the runs' feeds which pages were accepted; the numbers of those that nobody need be told of any more."""
    told = []
    for row, (run, folder) in waiting:
        try:
            # A run that was launched elsewhere is driven there; an archived one goes on no more.
            if (folder / "run.json").exists() and gone(folder) is None:
                _put(folder, run.task, row.page.hex())
            told.append(row.number)
        except DataForgeError as error:
            log.warning("run %r could not be told that a page was accepted on appeal: %s", run.name, error)
    return told


def _put(folder: Path, task: Task, page: str) -> None:
    # Tables are for those who correct over HTTP only; the server starts without them.
    from dataforge.feed import Feed

    with closing(Feed(folder)) as feed:
        feed.correct(task, Upheld(page))


APPEAL = "/api/runs/{run}/appeals/{page}"

ROUTES = (
    Route(
        "POST",
        "/api/work/pages/{page}/appeal",
        "worker",
        _appeal,
        "Object to the rejection of a page, once",
        body=NewAppeal,
        reply=AppealView,
    ),
    Route(
        "GET",
        "/api/appeals",
        "requester",
        _list,
        "A part of the appeals against rejections",
        reply=AppealList,
        query=("run", "state", "offset", "limit"),
    ),
    Route("GET", APPEAL, "requester", _show, "An appeal with the page's items and answers", reply=AppealDetail),
    Route(
        "POST",
        APPEAL,
        "requester",
        _decide,
        "Uphold an appeal, so that the page is paid, or dismiss it",
        body=AppealDecision,
        reply=AppealView,
    ),
)
