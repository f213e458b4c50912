"""The ASGI application: all routes, the headers that every reply carries, and what runs beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.checkpoints import checkpoints
from dataforge.issue.sqlite.clock import NoticingClock
from dataforge.issue.sqlite.readers import Readers
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.writer import Writer
from dataforge.issue.take import expire_due
from dataforge.server import health, openapi
from dataforge.server.between import appeals, messages, payouts, people, skills
from dataforge.server.entrance import accounts, invitations, sessions
from dataforge.server.files import html, media, widgets
from dataforge.server.requesters import (
    changing,
    correcting,
    events,
    experts,
    exporting,
    feeding,
    gone,
    item_lists,
    loops,
    pipelines,
    previews,
    pricing,
    reopening,
    requester,
    tables,
)
from dataforge.server.shared.auth import Cookies, Keys, digest
from dataforge.server.shared.context import Context
from dataforge.server.shared.notifier import LocalNotifier
from dataforge.server.shared.routes import Call, Route, error_response
from dataforge.server.wire.everybody import Proof
from dataforge.server.workers import about, assisting, mending, training, work, worker_files
from dataforge.workspace import Workspace, proof

__all__ = ["ROUTES", "VERSION", "application", "context_of", "working"]

log = logging.getLogger("dataforge.server")

# How often leases are looked at when nobody asks for a page.
SWEEP_SECONDS = 0.5

try:
    VERSION = version("dataforge-labeling")
except PackageNotFoundError:
    VERSION = "0"


async def _prove(call: Call[None]) -> Proof:
    """Show whose server this is, to who knows the secret; it tells the others nothing."""
    context = call.context
    return Proof(proof(context.keys.secret.decode(), context.folder, call.request.query_params.get("nonce", "")))


DESCRIBED = (
    *work.ROUTES,
    *training.ROUTES,
    *mending.ROUTES,
    *assisting.ROUTES,
    *worker_files.ROUTES,
    *accounts.ROUTES,
    *appeals.ROUTES,
    *messages.ROUTES,
    *about.ROUTES,
    *skills.ROUTES,
    *payouts.ROUTES,
    *media.ROUTES,
    *sessions.ROUTES,
    *requester.ROUTES,
    *item_lists.ROUTES,
    *gone.ROUTES,
    *events.ROUTES,
    *feeding.ROUTES,
    *tables.ROUTES,
    *changing.ROUTES,
    *reopening.ROUTES,
    *correcting.ROUTES,
    *exporting.ROUTES,
    *pipelines.ROUTES,
    *loops.ROUTES,
    *experts.ROUTES,
    *previews.ROUTES,
    *pricing.ROUTES,
    *invitations.ROUTES,
    *people.ROUTES,
    Route("GET", "/api/workspace", "anonymous", _prove, "Whose server this is", reply=Proof, query=("nonce",)),
    *health.routes(VERSION),
)
ROUTES: tuple[Route, ...] = (*DESCRIBED, *html.ROUTES, *widgets.ROUTES, *openapi.describing(DESCRIBED, VERSION))
"""Every route of the server."""


def context_of(
    workspace: Workspace,
    *,
    seed: int | None = None,
    now: Callable[[], float] = time.time,
    static: Path | None = None,
) -> Context:
    """Open a workspace's database, made new or brought up to date, with everything that handlers share.

    `seed` makes orders and choices repeatable; ids and tokens are always random.
    """
    folder = workspace.make().folder()
    assert folder is not None, "it was just made"
    notifier = LocalNotifier()
    store = SqliteStore.open_to_write(workspace.database)
    # It may have been set back while nobody served.
    clock = NoticingClock(now, store.pages.latest_taken())
    writer = Writer(
        store,
        now=clock,
        on_commit=notifier.changed,
        source=random.SystemRandom() if seed is None else random.Random(seed),
        new_page=lambda: secrets.token_bytes(16),
    )
    return Context(
        workspace=workspace,
        folder=folder,
        store=SqliteStore.open(workspace.database),
        writer=writer,
        readers=Readers(workspace.database),
        keys=Keys(workspace.secret()),
        cookies=Cookies(writer.store.settings.made("cookies", lambda: secrets.token_bytes(4)).hex()),
        now=clock,
        notifier=notifier,
        epoch=store.settings.made("epoch", lambda: secrets.token_hex(8).encode()).decode(),
        static=static if static is not None else Path(__file__).parent / "static",
    )


@contextlib.asynccontextmanager
async def working(context: Context) -> AsyncIterator[None]:
    """Run what works beside the requests: the writer, and the sweep of leases that ran out."""
    context.writer.start()
    await context.writer.write(lambda transaction: _follow_secret(transaction, context.keys))
    beside = [
        asyncio.create_task(_sweeping(context), name="leases"),
        asyncio.create_task(gone.removing(context), name="removals"),
        asyncio.create_task(appeals.tell_runs(context), name="appeals"),
        asyncio.create_task(worker_files.sweeping(context), name="files of workers"),
        asyncio.create_task(checkpoints(context.writer, context.workspace.database), name="checkpoints"),
    ]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await context.writer.stop()
        context.readers.stop()
        context.store.close()
        context.writer.store.close()


def _follow_secret(transaction: Transaction[SqliteStore], keys: Keys) -> None:
    """Where the secret is not that of the last start, give the invitations new tokens and sign the requester out."""
    store, present = transaction.store, digest(keys.mac("present").hex())
    if store.settings.get("secret") != present:
        invitations.renew(store, keys)
        store.sessions.end_all(None)
        store.settings.put("secret", present)


async def _sweeping(context: Context) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            now, deadline = context.now(), context.store.pages.next_deadline()
            if context.writer.now.set_back or (deadline is not None and deadline <= now):
                await context.writer.write(expire_due)
        except Exception as error:  # whatever it is: without the sweep no lease would ever end
            log.error("leases could not be ended: %s", error)


class _Endpoint:
    """A route as an application of its own; a class, so that Starlette passes the request through untouched."""

    def __init__(self, route: Route, context: Context) -> None:
        self.app = route.bound(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class _Guarded:
    """Adds to every reply what protects its reader."""

    EVERYWHERE = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        # A task may record its worker; what no task needs, neither a page nor an item that it shows gets at.
        (b"permissions-policy", b"camera=(), geolocation=(), payment=(), usb=(), microphone=(self)"),
    )
    POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
    FRESH = (b"cache-control", b"no-store")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                names = {name for name, _ in headers}
                headers.extend(self.EVERYWHERE)
                headers.extend(header for header in (self.POLICY, self.FRESH) if header[0] not in names)
            await send(message)

        await self.app(scope, receive, guarded)


def application(context: Context) -> ASGIApp:
    """The server as an ASGI application, to be run inside `working`."""
    routes = [
        StarletteRoute(route.path, _Endpoint(route, context), methods=[route.method], name=route.summary)
        for route in ROUTES
    ]

    async def refuse(request: Request, error: HTTPException) -> Response:
        """What Starlette itself refuses: a page for people who follow a link, else the form of all errors."""
        if error.status_code == 404 and html.wanted(request):
            return html.not_found(context, request)
        return _refusal(error)

    handlers = {HTTPException: refuse}
    app = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]
    # A path is there or it is not; a redirect would answer for paths that no route declares.
    app.router.redirect_slashes = False
    return _Guarded(app)


def _refusal(error: HTTPException) -> Response:
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    return error_response(Refused(error.detail.lower(), status=error.status_code, code=code), error.headers)
