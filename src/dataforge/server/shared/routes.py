"""Routes: each declared once, with its method, path, role, body, reply and what it is for.

The OpenAPI description, the authorisation of a request and the tests of it all come from these declarations; a route
without a role cannot be built.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dataforge.errors import Refused
from dataforge.issue.rows import Worker
from dataforge.issue.run import Run
from dataforge.issue.sqlite.writer import DatabaseBusy, StorageFull
from dataforge.server.shared import auth
from dataforge.server.shared.bodies import HeldBody
from dataforge.server.shared.context import Context

__all__ = [
    "LONGEST_WAIT",
    "SMALL",
    "Call",
    "Reply",
    "Role",
    "Route",
    "account_closed",
    "asking_worker",
    "error_response",
    "refuse_who_was_shut_out",
    "reply_response",
    "shown_tokens",
]

log = logging.getLogger("dataforge.server")

Role = Literal["anonymous", "worker", "requester"]
Body = TypeVar("Body")

SMALL = 1 << 20
# How long, in seconds, a request may wait for something to happen.
LONGEST_WAIT = 60.0
# Past its limit a body is still read, and thrown away, up to here: a client reads the refusal only after sending.
MOST_DRAINED = 256 << 20
MOST = 2**63 - 1
# What the worker works on, as the page sees it: people are not asked.
DEVICE_HEADER = "DataForge-Device"
DEVICES = ("phone", "computer")
# How often, in seconds, it is noted that a session is in use.
NOTED_EVERY = 86_400.0
# How long, in seconds, to stay away from a database that another program keeps to itself.
BUSY_RETRY = 1

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Call(Generic[Body]):
    """One request, parsed and authorised."""

    context: Context
    request: Request
    body: Body
    account: Worker | None = None

    @property
    def worker(self) -> Worker:
        """The worker who asks; only routes of the role `worker` have one."""
        assert self.account is not None
        return self.account

    @property
    def run(self) -> Run:
        """The run that the path names; raises `Refused` 404 if there is none."""
        return self.context.runs.by_name(self.context.store, self.path("run"))

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str, otherwise: float, *, least: float, most: float) -> float:
        """A number of the query, held between two bounds."""
        given = self.request.query_params.get(name)
        if given is None or given == "":
            return otherwise
        try:
            value = float(given)
        except ValueError:
            value = float("nan")
        if value != value:
            raise Refused(f"{name}: expected a number, got {given!r}", status=422, code="query_invalid")
        return min(max(value, least), most)


Reply = msgspec.Struct | Response
Handler = Callable[[Call[Any]], Awaitable[Reply]]
Room = Callable[[Call[None]], int]


@dataclass(frozen=True)
class Route:
    """A route of the API. `body` None: the body is not read, by us at least; `reply` None: not JSON.

    `room` tells how many bytes the body may have where that depends on what the request is about, or refuses it.
    `content` is the type of what a browser sends: one that no form has, so that no other site's page can send it.
    """

    method: Literal["GET", "POST", "PUT", "DELETE", "HEAD"]
    path: str
    role: Role
    handler: Handler
    summary: str
    body: type | None = None
    reply: type | None = None
    limit: int = SMALL
    room: Room | None = None
    query: tuple[str, ...] = ()
    content: str = "application/json"
    decoder: msgspec.json.Decoder[Any] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.role not in ("anonymous", "worker", "requester"):
            raise ValueError(f"{self.method} {self.path}: expected a role, got {self.role!r}")
        decoder: msgspec.json.Decoder[Any] | None = msgspec.json.Decoder(self.body) if self.body is not None else None
        object.__setattr__(self, "decoder", decoder)

    def bound(self, context: Context) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The route as an ASGI application."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            try:
                reply = await self.answer(context, request)
                response = reply if isinstance(reply, Response) else reply_response(reply)
            except Refused as error:
                response = error_response(error)
            except StorageFull as error:
                response = error_response(Refused(str(error), status=507, code="storage_full"))
            except DatabaseBusy as error:
                busy = Refused(str(error), status=503, code="database_busy", retry_after=BUSY_RETRY)
                response = error_response(busy)
            except OverflowError:
                # SQLite's integers have 64 bits, JSON's any number.
                response = error_response(Refused(f"a number is beyond ±{MOST:,}", status=422, code="body_invalid"))
            except ClientDisconnect:
                return
            except Exception:
                log.exception("%s %s failed", self.method, self.path)
                response = error_response(
                    Refused("the server made a mistake; its log tells more", status=500, code="internal")
                )
            await response(scope, receive, send)

        return app

    async def answer(self, context: Context, request: Request) -> Reply:
        """Authorise, parse, call."""
        account, used = _authorise(self, context, request)
        reply = await self._handled(context, request, account)
        if used is None or context.now() - used < NOTED_EVERY:
            return reply
        response = reply if isinstance(reply, Response) else reply_response(reply)
        await _stay_signed_in(context, request, response, "requester" if self.role == "requester" else "worker")
        return response

    async def _handled(self, context: Context, request: Request, account: Worker | None) -> Reply:
        """Parse and call."""
        if self.decoder is None:
            return await self.handler(Call(context, request, None, account))
        limit = self.limit
        if self.room is not None and _announced(request) > SMALL:
            limit = min(limit, self.room(Call(context, request, None, account)))
        if self.role == "requester":
            body = self._parsed(request, await _read(request, limit, None))
        else:
            with context.bodies.of(auth.address_of(request) if account is None else account.worker) as held:
                body = self._parsed(request, await _read(request, limit, held))
        return await self.handler(Call(context, request, body, account))

    def _parsed(self, request: Request, data: bytes) -> Any:
        assert self.decoder is not None
        if data and _media_type(request) != "application/json":
            raise Refused("expected a body of the type application/json", status=415, code="json_required")
        try:
            return self.decoder.decode(data or b"{}")
        except msgspec.ValidationError as error:
            raise Refused(f"the body does not fit: {error}", status=422, code="body_invalid") from None
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            raise Refused(f"the body is not JSON that can be read: {error}", status=400, code="json_invalid") from None


def _authorise(route: Route, context: Context, request: Request) -> tuple[Worker | None, float | None]:
    """Who asks, if they may, and when their session was used last, None without one; raises `Refused` 401 or 403."""
    role = route.role
    if role == "anonymous":
        if request.method not in ("GET", "HEAD"):
            auth.check_origin(request)
        return None, None
    token = auth.bearer(request)
    if token is None:
        _check_cookie_request(request, route.content)
    if role == "requester":
        return None, _session_of_requester(context, request, token)
    found, used = _signed_in(context, request)
    account = _on_device(found, request)
    if account is None:
        refuse_who_was_shut_out(context, *shown_tokens(context, request))
        raise Refused("this needs a worker's token: join by an invitation first", status=401, code="join_required")
    return account, used


def _session_of_requester(context: Context, request: Request, token: str | None) -> float | None:
    """When the requester's session was used last, None where they show the secret; raises `Refused` 401 otherwise."""
    if token is not None and context.keys.is_secret(token):
        return None
    cookie = context.cookies.get(request, "requester") if token is None else ""
    found = context.store.sessions.of_requester(auth.digest(cookie), context.now()) if cookie else None
    if found is None:
        raise Refused(
            "this needs the requester's secret or a session made with it", status=401, code="sign_in_required"
        )
    return found.used


async def _stay_signed_in(context: Context, request: Request, response: Response, role: auth.SignedIn) -> None:
    """Note that a session is in use, and have the browser keep its cookie for as long again."""
    cookie = context.cookies.get(request, role)
    # What was asked for is done already; tomorrow is time enough.
    with contextlib.suppress(StorageFull, DatabaseBusy):
        if await context.writer.write(lambda change: change.store.sessions.use(auth.digest(cookie), change.now)):
            context.cookies.put(request, response, role, cookie)


def _check_cookie_request(request: Request, content: str) -> None:
    """A cookie is sent by the browser whoever wrote the page: what changes something must come from our own pages."""
    if request.method in ("GET", "HEAD"):
        return
    auth.check_origin(request)
    if _media_type(request) != content:
        raise Refused(f"expected a request of the type {content}", status=415, code="json_required")


def asking_worker(context: Context, request: Request) -> Worker | None:
    """The worker who asks: by their personal token, or by the session of their browser."""
    return _signed_in(context, request)[0]


def _signed_in(context: Context, request: Request) -> tuple[Worker | None, float | None]:
    """The worker who asks, and when the session of their browser was used last, None where they show a token."""
    token = auth.bearer(request)
    if token is not None:
        return context.store.accounts.worker_by_token(auth.digest(token)), None
    cookie = context.cookies.get(request, "worker")
    if cookie:
        found, used = context.store.sessions.worker_of(auth.digest(cookie), context.now())
        if found is not None:
            return found, used
    token = context.cookies.token(request)
    return (context.store.accounts.worker_by_token(auth.digest(token)) if token else None), None


def _on_device(worker: Worker | None, request: Request) -> Worker | None:
    """The worker on the device that the page measures, which may be another than that of the page before."""
    device = request.headers.get(DEVICE_HEADER, "")
    return worker if worker is None or device not in DEVICES else msgspec.structs.replace(worker, device=device)


def shown_tokens(context: Context, request: Request) -> tuple[str | None, ...]:
    """The tokens by which a request shows which worker it is from."""
    return auth.bearer(request), context.cookies.get(request, "worker"), context.cookies.token(request)


def refuse_who_was_shut_out(context: Context, *tokens: str | None) -> None:
    """Raise `Refused` 403 if one of the tokens is of a worker whom the requester has shut out."""
    if any(token and context.store.accounts.is_shut_out(auth.digest(token)) for token in tokens):
        raise account_closed()


def account_closed() -> Refused:
    """The refusal of a worker who was shut out."""
    message = "your account was closed by who gives the tasks, no answers are taken: ask them for a new personal link"
    return Refused(message, status=403, code="shut_out")


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _announced(request: Request) -> float:
    """How many bytes the body will have, as far as the head tells."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else math.inf


async def _read(request: Request, limit: int, held: HeldBody | None) -> bytes:
    """The body, counted as `held` while it comes in; raises `Refused` 413 past the limit."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= limit:
            if held is not None:
                held.hold(len(part))
            parts.append(part)
        else:
            parts.clear()
            if size > MOST_DRAINED:
                break
    if size > limit:
        raise Refused(
            f"the body has more than {limit:,} bytes, the most that is taken here", status=413, code="too_large"
        )
    return b"".join(parts)


def reply_response(reply: msgspec.Struct, status: int = 200) -> Response:
    """A reply as JSON."""
    return Response(encode(reply), status, media_type="application/json")


def error_response(error: Refused, headers: Mapping[str, str] | None = None) -> Response:
    """An error as JSON."""
    content = {"error": {"code": error.code, "message": error.message, "details": error.details}}
    response = Response(encode(content), error.status, headers, media_type="application/json")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
