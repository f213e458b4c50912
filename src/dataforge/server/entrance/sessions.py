"""Sessions of the requester and of workers: browsers that are signed in; each can be ended."""

from __future__ import annotations

from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.sessions import SessionRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server.shared import auth
from dataforge.server.shared.routes import Call, Route, reply_response
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.requester import Session, SessionList, SessionView

__all__ = ["ROUTES", "session_view", "signed_out"]

MOST = 2**63 - 1


async def _sign_in(call: Call[Session]) -> Response:
    """Open a session with the requester's secret, or with the token of a link that `dataforge status` has printed."""
    context, request = call.context, call.request
    link_ends = context.keys.link_ends(call.body.secret)
    if link_ends is not None and link_ends <= context.now():
        return _by_old_link(call)
    if link_ends is None and not context.keys.is_secret(call.body.secret):
        error = Refused(
            "this is not the secret of this workspace; it is in the file 'secret' there",
            status=401,
            code="secret_wrong",
        )
        raise context.attempts.refusal(auth.address_of(request), error)
    token, before = auth.new_token(), context.cookies.get(request, "requester")

    def open_session(transaction: Transaction[SqliteStore]) -> None:
        sessions = transaction.store.sessions
        sessions.end(auth.digest(before))
        sessions.open(auth.digest(token), None, auth.browser_of(request), transaction.now)

    await context.writer.write(open_session)
    response = reply_response(Empty())
    context.cookies.put(request, response, "requester", token)
    return response


def _by_old_link(call: Call[Session]) -> Response:
    """The reply to a link whose time is over: it leads on whoever is signed in already, and nobody else."""
    cookie = call.context.cookies.get(call.request, "requester")
    if call.context.store.sessions.of_requester(auth.digest(cookie), call.context.now()) is None:
        raise Refused(
            "this link signed in for ten minutes after it was printed; `dataforge status` prints a new one",
            status=401,
            code="link_expired",
        )
    return reply_response(Empty())


async def _sign_out(call: Call[None]) -> Response:
    """End the requester's session in this browser."""
    return await signed_out(call, "requester")


async def signed_out(call: Call[None], role: auth.SignedIn) -> Response:
    """The reply that ends the session which this browser has with a requester's or a worker's cookie."""
    context = call.context
    session = auth.digest(context.cookies.get(call.request, role))
    await context.writer.write(lambda transaction: transaction.store.sessions.end(session))
    response = reply_response(Empty())
    context.cookies.forget(call.request, response, role)
    return response


def session_view(row: SessionRow, here: int | None = None) -> SessionView:
    """A session as those read it who may end it; `here` is the number of the one that asks."""
    return SessionView(row.id, row.opened, row.used, row.browser, row.id == here)


def _here(call: Call[None], role: auth.SignedIn) -> bytes:
    """The digest of the token of the session that asks."""
    return auth.digest(call.context.cookies.get(call.request, role))


def _listed(call: Call[None], worker: int | None, role: auth.SignedIn) -> SessionList:
    sessions = call.context.store.sessions
    here = sessions.number(_here(call, role))
    return SessionList([session_view(row, here) for row in sessions.of(worker, call.context.now())])


async def _end_one(call: Call[None], worker: int | None) -> Empty:
    name = call.path("session")
    number = int(name) if name.isascii() and name.isdecimal() and int(name) <= MOST else 0
    if not await call.context.writer.write(lambda change: change.store.sessions.end_one(number, worker)):
        raise Refused(f"there is no session {name[:40]!r}", status=404, code="session_unknown")
    return Empty()


async def _end_others(call: Call[None], worker: int | None, role: auth.SignedIn) -> Empty:
    here = _here(call, role)
    await call.context.writer.write(lambda change: change.store.sessions.end_all(worker, here))
    return Empty()


async def _list_all(call: Call[None]) -> SessionList:
    """The requester's sessions."""
    return _listed(call, None, "requester")


async def _end(call: Call[None]) -> Empty:
    """End one of the requester's sessions."""
    return await _end_one(call, None)


async def _end_all_others(call: Call[None]) -> Empty:
    """End the requester's sessions but the one that asks."""
    return await _end_others(call, None, "requester")


async def _list_own(call: Call[None]) -> SessionList:
    """The worker's sessions."""
    return _listed(call, call.worker.id, "worker")


async def _end_own(call: Call[None]) -> Empty:
    """End one of the worker's sessions."""
    return await _end_one(call, call.worker.id)


async def _end_all_other_own(call: Call[None]) -> Empty:
    """End the worker's sessions but the one that asks."""
    return await _end_others(call, call.worker.id, "worker")


async def _end_of_worker(call: Call[None]) -> Empty:
    """End all sessions of a worker; the personal link opens the account again."""

    def end(transaction: Transaction[SqliteStore]) -> None:
        worker = transaction.store.accounts.worker_by_name(call.path("worker"))
        if worker is None:
            raise Refused(f"there is no worker {call.path('worker')[:40]!r}", status=404, code="worker_unknown")
        transaction.store.sessions.end_all(worker.id)

    await call.context.writer.write(end)
    return Empty()


OWN = "/api/work/sessions"

ROUTES = (
    Route("POST", "/api/session", "anonymous", _sign_in, "Open a session in this browser", body=Session, reply=Empty),
    Route("DELETE", "/api/session", "requester", _sign_out, "End the session in this browser", reply=Empty),
    Route("GET", "/api/sessions", "requester", _list_all, "All browsers that are signed in", reply=SessionList),
    Route("DELETE", "/api/sessions", "requester", _end_all_others, "Sign out everywhere but here", reply=Empty),
    Route("DELETE", "/api/sessions/{session}", "requester", _end, "Sign one browser out", reply=Empty),
    Route("GET", OWN, "worker", _list_own, "All browsers in which the worker is signed in", reply=SessionList),
    Route("DELETE", OWN, "worker", _end_all_other_own, "Sign the worker out everywhere but here", reply=Empty),
    Route("DELETE", f"{OWN}/{{session}}", "worker", _end_own, "Sign the worker out of one browser", reply=Empty),
    Route(
        "DELETE",
        "/api/workers/{worker}/sessions",
        "requester",
        _end_of_worker,
        "Sign a worker out of all browsers",
        reply=Empty,
    ),
)
