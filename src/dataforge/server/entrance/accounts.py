"""Workers' accounts: joining by an invitation, personal links, and the browsers in which a worker is signed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

import msgspec
from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue import commands
from dataforge.issue.change import Transaction
from dataforge.issue.rows import Worker
from dataforge.issue.skills import BY_INVITATION, MOST_VALUE, expert_skills, only_experts
from dataforge.issue.sqlite.accounts import InvitationRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Money
from dataforge.server.entrance.names import checked_language, checked_name
from dataforge.server.entrance.sessions import signed_out
from dataforge.server.shared import auth
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import (
    Call,
    Route,
    asking_worker,
    refuse_who_was_shut_out,
    reply_response,
    shown_tokens,
)
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.worker import (
    Amount,
    Invited,
    InvitedTask,
    InvitedTasks,
    Join,
    Joined,
    Link,
    Me,
    MeChange,
    Return,
    Returned,
)

__all__ = ["ROUTES"]

MOST_SHOWN = 20
TOKEN = re.compile(r"[A-Za-z0-9_-]{43,86}")


async def _join(call: Call[Join]) -> Response:
    """Open an account by invitation; who has one already keeps it and gets what the invitation opens.

    A newcomer who sends the token of the account along may ask again after a lost reply: it is the same account then.
    """
    context, request = call.context, call.request
    row = context.store.accounts.invitation_by_token(auth.digest(call.body.invitation))
    if row is None:
        raise context.attempts.refusal(auth.address_of(request), _unknown_invitation())
    # Whom an invitation names is called so.
    name, language = row.name or checked_name(call.body.name), checked_language(call.body.language)
    order = msgspec.structs.replace(call.body, name=name, language=language)
    refuse_who_was_shut_out(context, call.body.token, *shown_tokens(context, request))
    here = asking_worker(context, request) if order.token is None else None
    token, session = _checked_token(order.token), auth.new_token()
    address = auth.address_of(request)
    is_new = here is None and context.store.accounts.worker_by_token(auth.digest(token)) is None
    if is_new and (refusal := context.joins.too_many(address)) is not None:
        raise refusal
    origin = context.keys.origin(address)

    def enter(transaction: Transaction[SqliteStore]) -> str:
        known = here if here is not None else transaction.store.accounts.worker_by_token(auth.digest(token))
        number, worker = _enter(transaction, order, known, auth.digest(token), origin)
        if here is None:
            _sign_in(transaction, call, number, session)
        return worker

    worker = await context.writer.write(enter)
    if here is not None:
        return reply_response(Joined(worker, None, None))
    response = reply_response(Joined(worker, token, _return_path(token)))
    context.cookies.put(request, response, "worker", session)
    return response


def _sign_in(
    transaction: Transaction[SqliteStore], call: Call[Join] | Call[Return] | Call[None], worker: int, session: str
) -> None:
    """Open the session of a browser, in place of the one that it had."""
    sessions, before = transaction.store.sessions, call.context.cookies.get(call.request, "worker")
    sessions.end(auth.digest(before))
    sessions.open(auth.digest(session), worker, auth.browser_of(call.request), transaction.now)


def _enter(
    transaction: Transaction[SqliteStore], order: Join, known: Worker | None, token: bytes, origin: str
) -> tuple[int, str]:
    """Use an invitation; give the worker's number and public id."""
    accounts = transaction.store.accounts
    name, language = order.name, order.language
    row = accounts.invitation_by_token(auth.digest(order.invitation))
    if known is not None and row is not None:
        # An account keeps its name, whomever a personal invitation was for, and for good if a link has named it.
        name = known.name if row.name or known.named else name
        if accounts.is_guest(known.id, row.id):
            accounts.rename_worker(known.id, name, language)
            return known.id, known.worker
    row = _checked_invitation(row, transaction.now)
    if known is not None:
        worker, number = known.worker, known.id
        accounts.rename_worker(number, name, language)
    else:
        worker = auth.new_worker()
        number = accounts.add_worker(worker, token, name, language, transaction.now, origin, row.group)
    accounts.use_invitation(number, row)
    if row.name and row.run is not None:
        publication = transaction.store.runs.by_id(row.run).publication
        for skill in expert_skills(publication):
            transaction.store.skills.give(number, skill, MOST_VALUE, BY_INVITATION, transaction.now)
    return number, worker


async def _look_at_invitation(call: Call[Invited]) -> InvitedTasks:
    """The tasks that an invitation opens; it is used by nobody thereby."""
    context, request = call.context, call.request
    row = context.store.accounts.invitation_by_token(auth.digest(call.body.invitation))
    here = asking_worker(context, request)
    if row is None:
        raise context.attempts.refusal(auth.address_of(request), _unknown_invitation())
    if here is None or not context.store.accounts.is_guest(here.id, row.id):
        _checked_invitation(row, context.now())
    return await context.readers.read(lambda store: InvitedTasks(_invited_to(store, context, row.run), row.name))


def _invited_to(store: SqliteStore, context: Context, run: int | None) -> list[InvitedTask]:
    """The run, or the newest of all that are open; those in which answers of others are judged come last."""
    if run is not None:
        return [_invited_task(store, context, number) for number in (run, *store.runs.checks_of(run))]
    judging = store.runs.judged()
    newest = sorted(store.runs.newest_first(), key=lambda number: number in judging)
    runs = (context.runs.by_id(store, number) for number in newest)
    tasks = (_invited_task(store, context, run.id) for run in runs if not only_experts(run.publication))
    return list(islice((task for task in tasks if task.open), MOST_SHOWN))


def _invited_task(store: SqliteStore, context: Context, number: int) -> InvitedTask:
    run = context.runs.by_id(store, number)
    task = run.publication.task
    return InvitedTask(
        run=run.name,
        name=task.name,
        description=task.description,
        page_price=run.price,
        page_items=run.size,
        page_seconds=task.duration * run.size,
        currency=run.publication.currency,
        open=store.runs.counters(number).state == "open",
        wage_floor=run.publication.wage_floor,
        bonuses=list(run.publication.bonuses),
    )


def _unknown_invitation() -> Refused:
    return Refused("this invitation does not exist: ask for a new link", status=404, code="invitation_unknown")


def _checked_invitation(row: InvitationRow | None, now: float) -> InvitationRow:
    """The invitation, if somebody may still come by it."""
    if row is None:
        raise _unknown_invitation()
    if row.revoked or row.expires <= now:
        raise Refused("this invitation is no longer valid: ask for a new link", status=410, code="invitation_expired")
    if row.name and row.used:
        raise Refused(
            f"this invitation was for {row.name!r} alone and was used: open your personal link, or ask who gives the "
            "tasks for a new one",
            status=409,
            code="invitation_personal",
        )
    if row.uses is not None and row.used >= row.uses:
        raise Refused(
            "this invitation was used as often as it may be: ask for a new link", status=409, code="invitation_used_up"
        )
    return row


def _return_path(token: str) -> str:
    return f"/work#{token}"


# --- personal links ---------------------------------------------------------------------------------


async def _come_back(call: Call[Return]) -> Response:
    """Open the account in this browser, by its personal link."""
    context, session = call.context, auth.new_token()
    worker = _owner(call)
    await context.writer.write(lambda transaction: _sign_in(transaction, call, worker.id, session))
    response = reply_response(Returned(worker.worker, worker.name))
    context.cookies.put(call.request, response, "worker", session)
    return response


async def _look_up(call: Call[Return]) -> Returned:
    """Say whose personal link it is, and change nothing: another account may be open in this browser."""
    worker = _owner(call)
    return Returned(worker.worker, worker.name)


def _owner(call: Call[Return]) -> Worker:
    worker = call.context.store.accounts.worker_by_token(auth.digest(call.body.token)) if call.body.token else None
    if worker is None:
        refuse_who_was_shut_out(call.context, call.body.token)
        error = Refused("this personal link belongs to nobody", status=404, code="token_unknown")
        raise call.context.attempts.refusal(auth.address_of(call.request), error)
    return worker


async def _leave(call: Call[None]) -> Response:
    """End the worker's session in this browser."""
    return await signed_out(call, "worker")


async def _renew_own_link(call: Call[None]) -> Link:
    """Give the worker another personal link; the one before and all other browsers open the account no longer."""
    here = auth.digest(call.context.cookies.get(call.request, "worker"))
    return await call.context.writer.write(lambda transaction: _renew(transaction, call.worker.id, here))


async def _renew_link(call: Call[None]) -> Link:
    """Give a worker who has lost the personal link another one; the one before and all browsers open nothing."""

    def renew(transaction: Transaction[SqliteStore]) -> Link:
        worker = _worker_of(transaction, call)
        if not worker.name:
            raise Refused("this worker was forgotten: nobody has the account", status=409, code="worker_forgotten")
        commands.let_in(transaction, worker.worker)
        return _renew(transaction, worker.id)

    return await call.context.writer.write(renew)


async def _revoke_link(call: Call[None]) -> Empty:
    """Shut a worker out: what they hold goes to others, and nothing opens an account until there is a new link."""

    def revoke(transaction: Transaction[SqliteStore]) -> None:
        worker = _worker_of(transaction, call)
        commands.shut_out(transaction, worker.worker)
        _renew(transaction, worker.id)

    await call.context.writer.write(revoke)
    return Empty()


async def _forget(call: Call[None]) -> Empty:
    """Forget who a worker is: the account is closed for good, and the answers stay under its id."""

    def forget(transaction: Transaction[SqliteStore]) -> None:
        worker = _worker_of(transaction, call)
        commands.shut_out(transaction, worker.worker)
        transaction.store.sessions.end_all(worker.id)
        transaction.store.accounts.forget(worker.id, auth.digest(auth.new_token()))

    await call.context.writer.write(forget)
    call.context.deleted.set()
    return Empty()


def _worker_of(transaction: Transaction[SqliteStore], call: Call[None]) -> Worker:
    """The worker of the path."""
    worker = transaction.store.accounts.worker_by_name(call.path("worker"))
    if worker is None:
        raise Refused(f"there is no worker {call.path('worker')[:40]!r}", status=404, code="worker_unknown")
    return worker


def _renew(transaction: Transaction[SqliteStore], worker: int, here: bytes = b"") -> Link:
    token = auth.new_token()
    transaction.store.accounts.set_token(worker, auth.digest(token))
    transaction.store.sessions.end_all(worker, here)
    return Link(token, _return_path(token))


# --- the account ------------------------------------------------------------------------------------


async def _show_me(call: Call[None]) -> Me | Response:
    """The worker's account; a browser whose cookie is the personal token gets a session in its place."""
    context, request, session = call.context, call.request, auth.new_token()
    me, token = _me(call, call.worker), context.cookies.token(request)
    await _note_device(context, call.worker)
    # The cookie may be of another workspace on this machine.
    if not token or context.store.accounts.worker_by_token(auth.digest(token)) != call.worker:
        return me
    response = reply_response(me)
    context.cookies.forget_token(response)
    await context.writer.write(lambda transaction: _sign_in(transaction, call, call.worker.id, session))
    context.cookies.put(request, response, "worker", session)
    return response


async def _note_device(context: Context, worker: Worker) -> None:
    """Keep what the worker works on, for those who count how many could work at a run."""
    known = context.store.accounts.worker_by_name(worker.worker)
    if known is not None and known.device != worker.device:
        await context.writer.write(lambda transaction: transaction.store.accounts.set_device(worker.id, worker.device))


async def _change_me(call: Call[MeChange]) -> Me:
    """Change the worker's name or language; whom a link has named keeps that name."""
    context, worker = call.context, call.worker
    name = worker.name if call.body.name is None or worker.named else checked_name(call.body.name)
    language = worker.language if call.body.language is None else checked_language(call.body.language)
    await context.writer.write(lambda transaction: transaction.store.accounts.rename_worker(worker.id, name, language))
    return _me(call, msgspec.structs.replace(worker, name=name, language=language))


def _me(call: Call[MeChange] | Call[None], worker: Worker) -> Me:
    context = call.context
    totals = [(context.runs.by_id(context.store, run), total) for run, total in context.store.members.totals(worker.id)]
    past = context.store.removal.past_work(worker.id)
    money = [(run.publication.currency, total.earned, total.pending) for run, total in totals]
    last, *others = _by_currency(money + [(row.currency, row.earned, 0) for row in past]) or [Amount("USD", 0, 0)]
    return Me(
        worker=worker.worker,
        name=worker.name,
        language=worker.language,
        currency=last.currency,
        earned=last.earned,
        pending=last.pending,
        pages_accepted=sum(total.pages_accepted for _, total in totals) + sum(row.pages_accepted for row in past),
        pages_pending=sum(total.pages_pending for _, total in totals),
        pages_rejected=sum(total.pages_rejected for _, total in totals) + sum(row.pages_rejected for row in past),
        replies=context.store.messages.unseen(worker.id),
        others=[amount for amount in others if amount.earned or amount.pending],
    )


def _by_currency(money: Sequence[tuple[str, Money, Money]]) -> list[Amount]:
    """What was earned and what waits, summed by currency, in the order in which these come."""
    return [
        Amount(
            currency,
            sum(earned for other, earned, _ in money if other == currency),
            sum(pending for other, _, pending in money if other == currency),
        )
        for currency in dict.fromkeys(currency for currency, _, _ in money)
    ]


def _checked_token(token: str | None) -> str:
    """The token that a newcomer has made for the account, or a new one."""
    if token is None:
        return auth.new_token()
    if not TOKEN.fullmatch(token):
        raise Refused(
            f"token: expected 43 to 86 random letters, digits, - and _, got {len(token)} characters",
            status=422,
            code="token_invalid",
        )
    return token


LINK = "/api/workers/{worker}/link"

ROUTES = (
    Route("POST", "/api/work/join", "anonymous", _join, "Join by an invitation", body=Join, reply=Joined),
    Route(
        "POST", "/api/work/return", "anonymous", _come_back, "Return by a personal link", body=Return, reply=Returned
    ),
    Route("POST", "/api/work/whose", "anonymous", _look_up, "Whose a personal link is", body=Return, reply=Returned),
    Route(
        "POST",
        "/api/work/invited",
        "anonymous",
        _look_at_invitation,
        "The tasks that an invitation opens",
        body=Invited,
        reply=InvitedTasks,
    ),
    Route("POST", "/api/work/leave", "worker", _leave, "End the worker's session in this browser", reply=Empty),
    Route("POST", "/api/work/link", "worker", _renew_own_link, "A new personal link in place of the old", reply=Link),
    Route("GET", "/api/work/me", "worker", _show_me, "The worker's account", reply=Me),
    Route("POST", "/api/work/me", "worker", _change_me, "Change name or language", body=MeChange, reply=Me),
    Route("POST", LINK, "requester", _renew_link, "A new personal link for a worker; the old one is dead", reply=Link),
    Route("DELETE", LINK, "requester", _revoke_link, "Shut a worker out until they get a new link", reply=Empty),
    Route("DELETE", "/api/workers/{worker}", "requester", _forget, "Forget who a worker is", reply=Empty),
)
