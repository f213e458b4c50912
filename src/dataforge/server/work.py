"""The worker's routes."""

from __future__ import annotations

import re
from unicodedata import category

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue import submit, take
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Member, PageRow, Worker
from dataforge.issue.run import Run
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server import auth
from dataforge.server.replies import (
    Answers,
    Closed,
    Empty,
    Have,
    History,
    HistoryPage,
    Join,
    Joined,
    Me,
    MeChange,
    NextPage,
    OpenRun,
    OpenRuns,
    PageOutcome,
    Return,
    Returned,
    RunTask,
    Submitted,
)
from dataforge.server.routes import Call, Route, known_worker, reply_response
from dataforge.server.shown import shown_page
from dataforge.server.texts import closed_text
from dataforge.server.widgets import widgets_of

__all__ = ["ROUTES"]

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# RFC 5646 asks for room for 35 characters.
LONGEST_LANGUAGE = 35
LONGEST_NAME = 100
# Parts of letters in Persian and of signs such as families; the other invisible signs only deceive.
JOINERS = "\u200c\u200d"
MOST_HISTORY = 100
LARGEST_ANSWERS = 20_000_000


async def _take_page(call: Call[Have]) -> NextPage:
    """Give a page that the worker holds and does not have, else a new one."""
    context, worker = call.context, call.worker
    run = _open_run(call)
    # A look is cheap and many who wait ask often, so the writer is troubled only when there may be a page.
    closed = take.nothing_to_issue(context.store, run, worker, context.now())
    if closed is not None:
        return NextPage(None, _closed_reply(closed))
    have = frozenset(filter(None, map(_page_id, call.body.have)))
    issued = await context.writer.write(lambda transaction: take.take(transaction, run, worker, have))
    if issued.page is None:
        return NextPage(None, _closed_reply(issued.closed))
    return NextPage(shown_page(context.keys, run, issued.page, issued.items, context.now()), None)


def _closed_reply(closed: take.Closed | None) -> Closed | None:
    return None if closed is None else Closed(closed.reason, closed.until, closed_text(closed))


async def _submit_page(call: Call[Answers]) -> Submitted:
    """Keep the answers to a page."""
    context = call.context
    page = _own_page(call)
    member = submit.already_submitted(context.store, page)
    if member is not None:
        return _submitted(member)
    run = context.runs.by_id(context.store, page.run)
    items = context.store.items.of_page(page)
    clean = submit.checked(run, page, items, call.body.answers)
    outcome = await context.writer.write(
        lambda transaction: submit.submit(transaction, run, page.page, items, clean, call.body.seconds)
    )
    if isinstance(outcome, Refused):
        raise outcome
    return _submitted(outcome)


def _submitted(member: Member) -> Submitted:
    return Submitted("submitted", member.earned, member.pending)


async def _skip_page(call: Call[None]) -> PageOutcome:
    """Decline a page."""
    page = _own_page(call)
    return PageOutcome(await call.context.writer.write(lambda transaction: submit.skip(transaction, page.page)))


async def _release_page(call: Call[None]) -> PageOutcome:
    """Hand back a page fetched ahead."""
    page = _own_page(call)
    return PageOutcome(await call.context.writer.write(lambda transaction: submit.release(transaction, page.page)))


async def _list_runs(call: Call[None]) -> OpenRuns:
    """The runs that the worker was invited to; finished ones only where they worked."""
    context, worker = call.context, call.worker
    allowed = context.store.accounts.may_work(worker.id)
    numbers = [run for run in context.store.runs.newest_first() if {None, run} & {*allowed}]
    runs = [context.runs.by_id(context.store, run) for run in numbers]
    listed = (_listed_run(call, run) for run in runs)
    return OpenRuns([run for run in listed if run.pages_done or run.closed is None or run.closed.reason != "finished"])


def _listed_run(call: Call[None], run: Run) -> OpenRun:
    context, worker = call.context, call.worker
    member = context.store.members.load(run.id, worker.id)
    closed = take.closed_to(context.store, run, worker, context.now())
    task = run.publication.task
    return OpenRun(
        run=run.name,
        name=task.name,
        description=task.description,
        page_price=run.price,
        page_items=run.size,
        page_seconds=task.duration * run.size,
        currency=run.publication.currency,
        earned=member.earned,
        pending=member.pending,
        pages_done=member.pages_pending + member.pages_accepted + member.pages_rejected,
        open=closed is None,
        closed=_closed_reply(closed),
    )


async def _show_run(call: Call[None]) -> RunTask:
    """What a run asks."""
    run = _open_run(call)
    task, currency = run.publication.task, run.publication.currency
    return RunTask(run.name, task, run.instruction_html, currency, run.price, run.size, widgets_of(task))


async def _show_me(call: Call[None]) -> Me:
    """The worker's account."""
    return _me(call, call.worker)


async def _change_me(call: Call[MeChange]) -> Me:
    """Change the worker's name or language."""
    context, worker = call.context, call.worker
    name = worker.name if call.body.name is None else _checked_name(call.body.name)
    language = worker.language if call.body.language is None else _checked_language(call.body.language)
    await context.writer.write(lambda transaction: transaction.store.accounts.rename_worker(worker.id, name, language))
    return _me(call, msgspec.structs.replace(worker, name=name, language=language))


def _me(call: Call[MeChange] | Call[None], worker: Worker) -> Me:
    context = call.context
    totals = [(context.runs.by_id(context.store, run), total) for run, total in context.store.members.totals(worker.id)]
    currency = totals[0][0].publication.currency if totals else "USD"
    same = [total for run, total in totals if run.publication.currency == currency]
    return Me(
        worker=worker.worker,
        name=worker.name,
        language=worker.language,
        currency=currency,
        earned=sum(total.earned for total in same),
        pending=sum(total.pending for total in same),
        pages_accepted=sum(total.pages_accepted for _, total in totals),
        pages_pending=sum(total.pages_pending for _, total in totals),
        pages_rejected=sum(total.pages_rejected for _, total in totals),
    )


async def _show_history(call: Call[None]) -> History:
    """The worker's pages, the newest first."""
    context = call.context
    found = []
    for row in context.store.pages.history(call.worker.id, MOST_HISTORY):
        run = context.runs.by_id(context.store, row.run)
        reason = msgspec.json.decode(row.reason) if row.reason is not None else None
        found.append(
            HistoryPage(
                row.page.hex(), run.name, run.publication.task.name, row.state, row.price, row.size, row.at, reason
            )
        )
    return History(found)


async def _join(call: Call[Join]) -> Response:
    """Open an account by invitation; who has one already keeps it and gets what the invitation opens."""
    context, request = call.context, call.request
    name, language = _checked_name(call.body.name), _checked_language(call.body.language)
    given = auth.bearer(request) or request.cookies.get(auth.WORKER_COOKIE, "")
    known = known_worker(context, given)
    token = given if known is not None else auth.new_token()
    address = address_of(request)
    context.attempts.check(address)
    try:
        worker = await context.writer.write(
            lambda transaction: _enter(transaction, call.body.invitation, known, token, name, language)
        )
    except Refused as error:
        if error.code == "invitation_unknown":
            context.attempts.failed(address)
        raise
    response = reply_response(Joined(worker, token, f"/work#{token}"))
    auth.set_cookie(request, response, auth.WORKER_COOKIE, token)
    return response


def _enter(
    transaction: Transaction[SqliteStore], invitation: str, known: Worker | None, token: str, name: str, language: str
) -> str:
    """Use an invitation; give the worker's public id."""
    accounts, now = transaction.store.accounts, transaction.now
    row = accounts.invitation_by_token(auth.digest(invitation))
    if row is None:
        raise Refused("this invitation does not exist: ask for a new link", status=404, code="invitation_unknown")
    if known is not None and accounts.is_guest(known.id, row.id):
        accounts.rename_worker(known.id, name, language)
        return known.worker
    if row.revoked or row.expires <= now:
        raise Refused("this invitation is no longer valid: ask for a new link", status=410, code="invitation_expired")
    if row.uses is not None and row.used >= row.uses:
        raise Refused(
            "this invitation was used as often as it may be: ask for a new link", status=409, code="invitation_used_up"
        )
    if known is not None:
        worker, number = known.worker, known.id
        accounts.rename_worker(number, name, language)
    else:
        worker = auth.new_worker()
        number = accounts.add_worker(worker, auth.digest(token), name, language, now)
    accounts.use_invitation(number, row.id)
    return worker


async def _come_back(call: Call[Return]) -> Response:
    """Open the account again on another device, by its personal link."""
    address = address_of(call.request)
    call.context.attempts.check(address)
    worker = known_worker(call.context, call.body.token)
    if worker is None:
        call.context.attempts.failed(address)
        raise Refused("this personal link belongs to nobody", status=404, code="token_unknown")
    response = reply_response(Returned(worker.worker))
    auth.set_cookie(call.request, response, auth.WORKER_COOKIE, call.body.token)
    return response


async def _leave(call: Call[None]) -> Response:
    """Forget the worker in this browser."""
    response = reply_response(Empty())
    auth.forget_cookie(call.request, response, auth.WORKER_COOKIE)
    return response


def _open_run(call: Call[Have] | Call[None]) -> Run:
    """The run of the path, if the worker was invited to it; otherwise it is as unknown as any other name."""
    run = call.context.runs.by_name(call.context.store, call.path("run"))
    allowed = call.context.store.accounts.may_work(call.worker.id)
    if None not in allowed and run.id not in allowed:
        raise Refused(f"there is no run named {run.name!r}", status=404, code="run_unknown")
    return run


def _own_page(call: Call[Answers] | Call[None]) -> PageRow:
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


def _checked_name(name: str) -> str:
    """The name on one line without invisible signs; raises `Refused` 422 if nothing or too much is left."""
    visible = (sign for sign in name if sign.isspace() or sign in JOINERS or category(sign) not in ("Cc", "Cf"))
    clean = " ".join("".join(visible).split()).strip(JOINERS)
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise Refused(
            f"name: expected 1 to {LONGEST_NAME} characters, got {len(clean)}", status=422, code="name_invalid"
        )
    return clean


def _checked_language(language: str) -> str:
    if len(language) > LONGEST_LANGUAGE or not LANGUAGE.fullmatch(language):
        raise Refused(
            f"language: expected a code such as 'en', got {language[:20]!r}", status=422, code="language_invalid"
        )
    return language


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""


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
    ),
    Route("POST", "/api/work/pages/{page}/skip", "worker", _skip_page, "Decline a page", reply=PageOutcome),
    Route(
        "POST", "/api/work/pages/{page}/release", "worker", _release_page, "Hand back a page unseen", reply=PageOutcome
    ),
    Route("POST", "/api/work/join", "anonymous", _join, "Join by an invitation", body=Join, reply=Joined),
    Route(
        "POST", "/api/work/return", "anonymous", _come_back, "Return by a personal link", body=Return, reply=Returned
    ),
    Route("POST", "/api/work/leave", "worker", _leave, "Remove the worker's cookie", reply=Empty),
    Route("GET", "/api/work/me", "worker", _show_me, "The worker's account", reply=Me),
    Route("POST", "/api/work/me", "worker", _change_me, "Change name or language", body=MeChange, reply=Me),
    Route("GET", "/api/work/runs", "worker", _list_runs, "The runs that the worker was invited to", reply=OpenRuns),
    Route("GET", "/api/work/runs/{run}", "worker", _show_run, "A run's task", reply=RunTask),
    Route("GET", "/api/work/history", "worker", _show_history, "The worker's pages, newest first", reply=History),
)
