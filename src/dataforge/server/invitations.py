"""Invitations: the only way in. Each run has one of its own; more can be made, limited and revoked."""

from __future__ import annotations

import secrets
import sqlite3

from starlette.responses import Response

from dataforge.server.auth import Keys, digest
from dataforge.server.errors import ApiError
from dataforge.server.replies import Empty, Invitation, InvitationOrder, Invitations
from dataforge.server.routes import Call, Route, reply_response
from dataforge.server.store import accounts
from dataforge.server.store.accounts import InvitationRow
from dataforge.server.store.runs import by_id
from dataforge.server.writer import Transaction

__all__ = ["ROUTES", "invite", "path_of_run", "renew"]

DAYS_30 = 30 * 86_400.0
LONGEST = 10 * 365 * 86_400.0


def invite(
    transaction: Transaction,
    keys: Keys,
    run: int | None,
    *,
    expires_in: float = DAYS_30,
    uses: int | None = None,
    of_run: bool = False,
) -> InvitationRow:
    """Make an invitation to a run, or to all of them."""
    now = transaction.now
    row = InvitationRow(secrets.token_hex(8), run, int(of_run), now, now + expires_in, uses, 0, 0)
    accounts.add_invitation(transaction.db, row, digest(keys.invitation(row.id)))
    return row


def renew(transaction: Transaction, keys: Keys) -> None:
    """Give every invitation the token that follows from the present secret: after a new secret old links are dead."""
    for row in accounts.invitations(transaction.db):
        accounts.rekey_invitation(transaction.db, row.id, digest(keys.invitation(row.id)))


def path_of_run(db: sqlite3.Connection, keys: Keys, run: int) -> str:
    """The path that lets workers join the run."""
    row = accounts.invitation_of_run(db, run)
    if row is None:
        raise RuntimeError(f"the run {run} has no invitation")
    return path_of(keys, row)


def path_of(keys: Keys, row: InvitationRow) -> str:
    return f"/join/{keys.invitation(row.id)}"


def shown(db: sqlite3.Connection, keys: Keys, row: InvitationRow) -> Invitation:
    name = by_id(db, row.run).name if row.run is not None else None
    return Invitation(row.id, path_of(keys, row), name, row.created, row.expires, row.uses, row.used, bool(row.revoked))


async def make(call: Call[InvitationOrder]) -> Invitation:
    """Make an invitation."""
    context, order = call.context, call.body
    if not 0 < order.expires_in <= LONGEST:
        raise ApiError(422, "body_invalid", f"expires_in: expected up to {LONGEST:g} seconds, got {order.expires_in:g}")
    if order.uses is not None and order.uses < 1:
        raise ApiError(422, "body_invalid", f"uses: expected 1 or more, or null, got {order.uses}")
    run = context.runs.by_name(context.db, order.run).id if order.run is not None else None
    row = await context.writer.write(
        lambda transaction: invite(transaction, context.keys, run, expires_in=order.expires_in, uses=order.uses)
    )
    return shown(context.db, context.keys, row)


async def list_all(call: Call[None]) -> Invitations:
    """All invitations."""
    keys = call.context.keys
    return Invitations(
        await call.context.readers.read(lambda db: [shown(db, keys, row) for row in accounts.invitations(db)])
    )


async def revoke(call: Call[None]) -> Response:
    """Close an invitation to newcomers."""
    name = call.path("invitation")
    if not await call.context.writer.write(lambda transaction: accounts.revoke_invitation(transaction.db, name)):
        raise ApiError(404, "invitation_unknown", f"there is no invitation {name[:40]!r}")
    return reply_response(Empty())


ROUTES = (
    Route(
        "POST",
        "/api/invitations",
        "requester",
        make,
        "Invite workers to a run, or to all",
        body=InvitationOrder,
        reply=Invitation,
    ),
    Route("GET", "/api/invitations", "requester", list_all, "All invitations, newest first", reply=Invitations),
    Route(
        "DELETE",
        "/api/invitations/{invitation}",
        "requester",
        revoke,
        "Close an invitation to newcomers",
        reply=Empty,
    ),
)
