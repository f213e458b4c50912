"""Invitations: the only way in. Each run has one of its own; more can be made, limited and revoked."""

from __future__ import annotations

import secrets

from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.accounts import InvitationRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server.auth import Keys, digest
from dataforge.server.replies import Empty
from dataforge.server.requester_replies import Invitation, InvitationOrder, Invitations
from dataforge.server.routes import Call, Route, reply_response

__all__ = ["MOST_BY_RUN", "ROUTES", "invite", "path_of_run", "renew"]

DAYS_30 = 30 * 86_400.0
# How many newcomers the invitation of a run lets in: more than a crowd has, less than a machine makes.
MOST_BY_RUN = 1_000
LONGEST = 10 * 365 * 86_400.0


def invite(
    transaction: Transaction[SqliteStore],
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
    transaction.store.accounts.add_invitation(row, digest(keys.invitation(row.id)))
    return row


def renew(store: SqliteStore, keys: Keys) -> None:
    """Give every invitation the token that follows from the present secret: after a new secret old links are dead."""
    for row in store.accounts.invitations():
        store.accounts.rekey_invitation(row.id, digest(keys.invitation(row.id)))


def path_of_run(store: SqliteStore, keys: Keys, run: int, now: float) -> str | None:
    """The path that lets workers join the run; None if nobody joins by it any more."""
    row = store.accounts.invitation_of_run(run)
    if row is None:
        raise RuntimeError(f"the run {run} has no invitation")
    over = row.revoked or row.expires <= now or (row.uses is not None and row.used >= row.uses)
    return None if over else _path_of(keys, row)


def _path_of(keys: Keys, row: InvitationRow) -> str:
    return f"/join/{keys.invitation(row.id)}"


def _shown(store: SqliteStore, keys: Keys, row: InvitationRow) -> Invitation:
    name = store.runs.by_id(row.run).name if row.run is not None else None
    return Invitation(
        row.id, _path_of(keys, row), name, row.created, row.expires, row.uses, row.used, bool(row.revoked)
    )


async def _make(call: Call[InvitationOrder]) -> Invitation:
    """Make an invitation."""
    context, order = call.context, call.body
    if not 0 < order.expires_in <= LONGEST:
        raise Refused(
            f"expires_in: expected up to {LONGEST:g} seconds, got {order.expires_in:g}", status=422, code="body_invalid"
        )
    if order.uses is not None and order.uses < 1:
        raise Refused(f"uses: expected 1 or more, or null, got {order.uses}", status=422, code="body_invalid")
    run = context.runs.by_name(context.store, order.run).id if order.run is not None else None
    row = await context.writer.write(
        lambda transaction: invite(transaction, context.keys, run, expires_in=order.expires_in, uses=order.uses)
    )
    return _shown(context.store, context.keys, row)


async def _list_all(call: Call[None]) -> Invitations:
    """All invitations."""
    keys = call.context.keys
    return Invitations(
        await call.context.readers.read(
            lambda store: [_shown(store, keys, row) for row in store.accounts.invitations()]
        )
    )


async def _revoke(call: Call[None]) -> Response:
    """Close an invitation to newcomers."""
    name = call.path("invitation")
    if not await call.context.writer.write(lambda transaction: transaction.store.accounts.revoke_invitation(name)):
        raise Refused(f"there is no invitation {name[:40]!r}", status=404, code="invitation_unknown")
    return reply_response(Empty())


ROUTES = (
    Route(
        "POST",
        "/api/invitations",
        "requester",
        _make,
        "Invite workers to a run, or to all",
        body=InvitationOrder,
        reply=Invitation,
    ),
    Route("GET", "/api/invitations", "requester", _list_all, "All invitations, newest first", reply=Invitations),
    Route(
        "DELETE",
        "/api/invitations/{invitation}",
        "requester",
        _revoke,
        "Close an invitation to newcomers",
        reply=Empty,
    ),
)
