"""The worker's routes about pages: take, answer, give back, look back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from dataforge.errors import Refused
from dataforge.issue import closed as why
from dataforge.issue import submit, take
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Appeal, Member, PageRow, Worker
from dataforge.issue.run import Run, Runs, instruction_html
from dataforge.issue.skills import only_experts
from dataforge.issue.sqlite.pages import HistoryRow
from dataforge.issue.sqlite.removal import PastWork
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Answer, Field, TaskSpec
from dataforge.server.files.lengths import lengths_of
from dataforge.server.files.shown import seconds_left, shown_page
from dataforge.server.files.widgets import widgets_of
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import SMALL, Call, Route, account_closed
from dataforge.server.wire.assistants import Pointed
from dataforge.server.wire.worker import (
    Answers,
    AppealView,
    Closed,
    DeletedRun,
    Have,
    History,
    HistoryPage,
    NewAppeal,
    NextPage,
    OpenRun,
    OpenRuns,
    PageOutcome,
    RunTask,
    Standing,
    Submitted,
    TextChange,
    Today,
)
from dataforge.server.workers.sent import settle, with_lengths
from dataforge.server.workers.texts import closed_text
from dataforge.tasks.wording import text_changes

__all__ = ["LARGEST_ANSWERS", "ROUTES", "appeal_view", "closed_reply", "deleted_run", "open_run", "own_page"]

MOST_HISTORY = 100
MOST_OBJECTIONABLE = 5
DAY = 86_400.0
LARGEST_ANSWERS = 20_000_000
LARGE = 50_000
"""Answers of so many bytes are looked at beside the event loop, of fewer where a byte takes several steps."""


async def _take_page(call: Call[Have]) -> NextPage:
    """Give a page that the worker holds and does not have, else a new one."""
    context, worker = call.context, call.worker
    run = _open_run(call)
    # A look is cheap and many who wait ask often, so the writer is troubled only when there may be a page.
    closed = take.nothing_to_issue(context.store, run, worker, context.now())
    if closed is not None:
        return NextPage(None, closed_reply(closed))
    have = frozenset(filter(None, map(_page_id, call.body.have)))
    issued = await context.writer.write(lambda transaction: _take(transaction, context.runs, run, worker, have))
    if issued.page is None:
        return NextPage(None, closed_reply(issued.closed))
    return NextPage(shown_page(context.keys, run, issued.page, issued.items, context.now()), None)


def _take(
    transaction: Transaction[SqliteStore], runs: Runs, run: Run, worker: Worker, have: frozenset[bytes]
) -> take.Issued:
    """A page, unless the worker was shut out since the request came in: nobody would answer it."""
    account = transaction.store.accounts.worker_by_name(worker.worker)
    if account is None or account.shut_out is not None:
        raise account_closed()
    # As of now: it may have changed since the request came in.
    account = msgspec.structs.replace(account, device=worker.device)
    return take.take(transaction, runs.by_id(transaction.store, run.id), account, have)


def closed_reply(closed: why.Closed | None) -> Closed | None:
    """Why a run has no page for a worker, in words; None if it has."""
    if closed is None:
        return None
    untold = None if closed.lacking is None else closed.lacking.untold
    return Closed(closed.reason, closed.until, closed_text(closed), untold)


def _room_for_answers(call: Call[None]) -> int:
    """How many bytes the answers to a page may have: as many as the task's questions can need."""
    page = own_page(call)
    each = call.context.runs.by_id(call.context.store, page.run).answer_bytes
    return LARGEST_ANSWERS if each is None else SMALL + each * len(page.items)


async def _submit_page(call: Call[Answers]) -> Submitted:
    """Keep the answers to a page."""
    context = call.context
    page = own_page(call)
    run = context.runs.by_id(context.store, page.run)
    items = context.store.items.of_page(page)
    lengths = await lengths_of(context.workspace.media, run, items)
    if int(call.request.headers.get("Content-Length", LARGE)) * run.checking_steps < LARGE:
        checked = submit.checked(run, page, items, call.body.answers, lengths)
    else:
        # Outlines of a thousand corners and patterns of long texts take a while, in which others are to be served.
        checked = await asyncio.to_thread(submit.checked, run, page, items, call.body.answers, lengths)

    def keep(transaction: Transaction[SqliteStore]) -> tuple[Member | Refused, tuple[Answer, ...]]:
        clean = with_lengths(transaction.store, run, page, checked)
        outcome = submit.submit(transaction, run, page.page, items, clean, call.body.seconds)
        settle(transaction.store, run, page)
        return outcome, clean

    outcome, clean = await context.writer.write(keep)
    if isinstance(outcome, Refused):
        raise outcome
    counted = context.store.pages.answers(page.page) == msgspec.json.encode(clean)
    return Submitted("submitted", counted, outcome.earned + outcome.bonus, outcome.pending)


async def _skip_page(call: Call[None]) -> PageOutcome:
    """Decline a page."""
    page = own_page(call)
    return PageOutcome(await call.context.writer.write(lambda transaction: submit.skip(transaction, page.page)))


async def _release_page(call: Call[None]) -> PageOutcome:
    """Hand back a page fetched ahead."""
    page = own_page(call)
    return PageOutcome(await call.context.writer.write(lambda transaction: submit.release(transaction, page.page)))


async def _list_runs(call: Call[None]) -> OpenRuns:
    """The runs that the worker was invited to; finished ones where they worked, or if there is nothing else to show."""
    context, worker = call.context, call.worker
    allowed = context.store.accounts.may_work(worker.id)
    numbers = [run for run in context.store.runs.for_worker(worker.id) if {None, run} & {*allowed}]
    # Who was invited too late reads that the task is finished, and not that there never was one.
    numbers = numbers or [run for run in allowed if run is not None]
    runs = [context.runs.by_id(context.store, run) for run in numbers]
    # Who was invited to whatever there is was not invited as an expert.
    meant = [run for run in runs if run.id in allowed or not only_experts(run.publication)]
    return OpenRuns([_listed_run(call, run) for run in meant])


def _listed_run(call: Call[None], run: Run) -> OpenRun:
    context, worker = call.context, call.worker
    member = context.store.members.load(run.id, worker.id)
    now = context.now()
    held = take.held_page(context.store, run, worker, now)
    closed = why.closed_to(context.store, run, worker, now)
    if held is not None and closed is not None and closed.reason != "restricted":
        # There is something to do, whatever comes after it.
        closed = None
    task = run.publication.task
    items, price = take.promised(context.store, run, worker, held)
    return OpenRun(
        run=run.name,
        name=task.name,
        description=task.description,
        page_price=price,
        page_items=items,
        page_seconds=task.duration * items,
        currency=run.publication.currency,
        earned=member.earned + member.bonus,
        pending=member.pending,
        pages_done=member.pages_pending + member.pages_accepted + member.pages_rejected,
        held=held is not None,
        seconds_left=None if held is None else seconds_left(held, now),
        open=held is not None or closed is None,
        closed=closed_reply(closed),
        wage_floor=run.publication.wage_floor,
        bonuses=list(run.publication.bonuses),
    )


async def _show_run(call: Call[None]) -> RunTask:
    """What a run asks, as of a revision; with `since`, what of its texts has changed since another."""
    run = _open_run(call)
    revision = int(call.number("revision", run.revision, least=0, most=run.revision))
    since = int(call.number("since", revision, least=0, most=revision))
    task, before = _task_of(call, run, revision), _task_of(call, run, since)
    return RunTask(
        run.name,
        task,
        run.instruction_html if revision == run.revision else instruction_html(task.instruction),
        run.publication.currency,
        run.price,
        run.size,
        widgets_of(task),
        revision,
        [TextChange(*change) for change in text_changes(before, task, call.worker.language)],
        run.publication.alone,
    )


def _task_of(call: Call[None], run: Run, revision: int) -> TaskSpec:
    former = None if revision == run.revision else call.context.store.runs.former(run.id, revision)
    return _as_workers_see((former or run.publication).task)


def _as_workers_see(task: TaskSpec) -> TaskSpec:
    """The task without the addresses of assistants, which only the server asks."""

    def seen(field: Field) -> Field:
        told = field.settings if field.type == "mask" else {}
        if not str(told.get("assist", "")).startswith(("http://", "https://")):
            return field
        return msgspec.structs.replace(field, settings={**told, "assist": "address"})

    parts = {"inputs": tuple(map(seen, task.inputs)), "outputs": tuple(map(seen, task.outputs))}
    return msgspec.structs.replace(task, **parts)


async def _show_standing(call: Call[None]) -> Standing:
    """How the worker stands in a run."""
    context, worker = call.context, call.worker
    run = _open_run(call)
    store = context.store
    member = store.members.load(run.id, worker.id)
    reason = store.pages.last_reason(run.id, worker.id) if member.pages_rejected else None
    return Standing(
        pages_accepted=member.pages_accepted,
        pages_rejected=member.pages_rejected,
        pages_pending=member.pages_pending,
        earned=member.earned + member.bonus,
        pending=member.pending,
        reason=None if reason is None else msgspec.json.decode(reason),
        closed=closed_reply(why.closed_to(store, run, worker, context.now())),
        objectionable=_history_pages(call, store.pages.objectionable(worker.id, run.id, MOST_OBJECTIONABLE)),
        today=_today(call, run),
        replies=store.messages.unseen(worker.id),
    )


def _today(call: Call[None], run: Run) -> Today:
    """What the worker did since their day began, in all runs that are paid in this one's currency."""
    context, now = call.context, call.context.now()
    since = call.number("day", now - DAY, least=now - 2 * DAY, most=now)
    known = context.runs.by_id
    rows = [
        row
        for row in context.store.pages.worked_since(call.worker.id, since)
        if known(context.store, row.run).publication.currency == run.publication.currency
    ]
    judged = [row for row in rows if row.state != "submitted"]
    return Today(
        pages=sum(row.pages for row in rows),
        earned=sum(row.price + row.on_top for row in rows if row.state == "accepted"),
        pending=sum(row.price for row in rows if row.state == "submitted"),
        seconds=sum(row.seconds for row in rows),
        judged_seconds=sum(row.seconds for row in judged),
        bonuses=context.store.ledger.bonuses_since(call.worker.id, run.publication.currency, since),
    )


async def _show_history(call: Call[None]) -> History:
    """The worker's pages, the newest first."""
    store = call.context.store
    pages = _history_pages(call, store.pages.history(call.worker.id, MOST_HISTORY))
    return History(pages, [deleted_run(row) for row in store.removal.past_work(call.worker.id)])


def _history_pages(call: Call[None], rows: Sequence[HistoryRow]) -> list[HistoryPage]:
    context, found = call.context, []
    appeals = context.store.appeals.made_by(call.worker.id, MOST_HISTORY) if rows else {}
    for row in rows:
        run = context.runs.by_id(context.store, row.run)
        reason = msgspec.json.decode(row.reason) if row.reason is not None else None
        said = None if (appeal := appeals.get(row.page)) is None else appeal_view(appeal)
        found.append(
            HistoryPage(
                page=row.page.hex(),
                run=run.name,
                name=run.publication.task.name,
                state=row.state,
                price=row.price,
                currency=run.publication.currency,
                items=row.size,
                at=row.at,
                reason=reason,
                appeal=said,
                on_top=row.on_top,
            )
        )
    return found


def appeal_view(appeal: Appeal) -> AppealView:
    """An appeal as its worker reads it."""
    return AppealView(appeal.state, appeal.text, appeal.at, appeal.decided, appeal.reply)


def deleted_run(row: PastWork) -> DeletedRun:
    """What a worker reads of a run that was deleted."""
    name = msgspec.json.decode(row.name)
    return DeletedRun(name, row.currency, row.pages_accepted, row.pages_rejected, row.earned, row.at)


def _open_run(call: Call[Have] | Call[None]) -> Run:
    return open_run(call.context, call.worker, call.path("run"))


def open_run(context: Context, worker: Worker, name: str) -> Run:
    """The run of that name, if the worker was invited to it; otherwise it is as unknown as any other name."""
    run, allowed = context.runs.by_name(context.store, name), context.store.accounts.may_work(worker.id)
    if None not in allowed and run.id not in allowed:
        raise Refused(f"there is no run named {run.name!r}", status=404, code="run_unknown")
    return run


def own_page(call: Call[Answers] | Call[Pointed] | Call[NewAppeal] | Call[None]) -> PageRow:
    """The page of the path, if it was given to this worker; otherwise it is as unknown as any other."""
    name = call.path("page")
    number = _page_id(name)
    page = call.context.store.pages.by_page(number) if number is not None else None
    if page is None or page.worker_id != call.worker.id:
        raise submit.unknown_page(name)
    return page


def _page_id(name: str) -> bytes | None:
    try:
        return bytes.fromhex(name)
    except ValueError:
        return None


ROUTES = (
    Route("POST", "/api/work/runs/{run}/pages", "worker", _take_page, "Take a page", body=Have, reply=NextPage),
    Route(
        "POST",
        "/api/work/pages/{page}/submit",
        "worker",
        _submit_page,
        "Submit a page's answers; repeating it changes nothing",
        body=Answers,
        reply=Submitted,
        limit=LARGEST_ANSWERS,
        room=_room_for_answers,
    ),
    Route("POST", "/api/work/pages/{page}/skip", "worker", _skip_page, "Decline a page", reply=PageOutcome),
    Route(
        "POST", "/api/work/pages/{page}/release", "worker", _release_page, "Hand back a page unseen", reply=PageOutcome
    ),
    Route("GET", "/api/work/runs", "worker", _list_runs, "The runs that the worker was invited to", reply=OpenRuns),
    Route(
        "GET",
        "/api/work/runs/{run}",
        "worker",
        _show_run,
        "A run's task, as of a revision, and what of its texts has changed since another",
        reply=RunTask,
        query=("revision", "since"),
    ),
    Route(
        "GET",
        "/api/work/runs/{run}/standing",
        "worker",
        _show_standing,
        "What became of the worker's pages in a run, and of their day",
        reply=Standing,
        query=("day",),
    ),
    Route("GET", "/api/work/history", "worker", _show_history, "The worker's pages, newest first", reply=History),
)
