"""Invitations: the only way in. Each run has one of its own; more can be made, limited and revoked."""

from __future__ import annotations

import secrets
from collections import Counter

from starlette.responses import Response

from dataforge.errors import Refused
from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.accounts import InvitationRow, InvitedRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server.entrance.names import checked_name, on_one_line
from dataforge.server.shared.auth import Keys, digest
from dataforge.server.shared.routes import Call, Route, reply_response
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.requester import Invitation, InvitationOrder, Invitations, PersonalInvitations

__all__ = ["MOST_BY_RUN", "ROUTES", "invite", "path_of_run", "renew"]

DAYS_30 = 30 * 86_400.0
# How many newcomers the invitation of a run lets in: more than a crowd has, less than a machine makes.
MOST_BY_RUN = 1_000
LONGEST = 10 * 365 * 86_400.0
LONGEST_LABEL = 100
# How many people one order invites by name.
MOST_NAMES = 1_000
PART = (("offset", 0), ("limit", 2**40))


def invite(
    transaction: Transaction[SqliteStore],
    keys: Keys,
    run: int | None,
    *,
    expires_in: float = DAYS_30,
    uses: int | None = None,
    of_run: bool = False,
    name: str = "",
    label: str = "",
) -> InvitationRow:
    """Make an invitation to a run, or to all of them."""
    now = transaction.now
    row = InvitationRow(secrets.token_hex(8), run, int(of_run), now, now + expires_in, uses, 0, 0, name, label)
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


def _shown(keys: Keys, found: InvitedRow) -> Invitation:
    row = found.row
    return Invitation(
        invitation=row.id,
        path=_path_of(keys, row),
        run=found.run,
        created=row.created,
        expires=row.expires,
        uses=row.uses,
        used=row.used,
        revoked=bool(row.revoked),
        name=row.name,
        label=row.label,
        worker=found.worker,
    )


async def _make(call: Call[InvitationOrder]) -> Invitation:
    """Make an invitation."""
    context, order = call.context, call.body
    run, label = _checked_order(call)
    if order.uses is not None and order.uses < 1:
        raise Refused(f"uses: expected 1 or more, or null, got {order.uses}", status=422, code="body_invalid")
    made = await context.writer.write(
        lambda transaction: invite(
            transaction, context.keys, run, expires_in=order.expires_in, uses=order.uses, label=label
        )
    )
    return _shown(context.keys, context.store.accounts.listed(0, 1, made.id)[0])


async def _invite_people(call: Call[PersonalInvitations]) -> Invitations:
    """Invite people by name, in their order; whose link still waits for them gets the same one again."""
    context, order = call.context, call.body
    run, label = _checked_order(call)
    names = _checked_names(order.names)

    def make(transaction: Transaction[SqliteStore]) -> list[InvitationRow]:
        # The last one first, so that the newest stands above the others in the list as in the order.
        backwards = (_invite_one(transaction, context.keys, run, name, label, order.expires_in) for name in names[::-1])
        return list(backwards)[::-1]

    made = await context.writer.write(make)
    return Invitations(
        [_shown(context.keys, context.store.accounts.listed(0, 1, row.id)[0]) for row in made], len(made)
    )


def _invite_one(
    transaction: Transaction[SqliteStore], keys: Keys, run: int | None, name: str, label: str, expires_in: float
) -> InvitationRow:
    accounts = transaction.store.accounts
    there = accounts.waiting_for(name, label, run, transaction.now)
    if there is None:
        return invite(transaction, keys, run, expires_in=expires_in, uses=1, name=name, label=label)
    accounts.extend_invitation(there.id, max(there.expires, transaction.now + expires_in))
    return there


def _checked_order(call: Call[InvitationOrder] | Call[PersonalInvitations]) -> tuple[int | None, str]:
    """The number of the run, and the label, of an order that can be carried out."""
    context, order = call.context, call.body
    if not 0 < order.expires_in <= LONGEST:
        raise Refused(
            f"expires_in: expected up to {LONGEST:g} seconds, got {order.expires_in:g}", status=422, code="body_invalid"
        )
    label = on_one_line(order.label)
    if len(label) > LONGEST_LABEL:
        raise Refused(
            f"label: expected up to {LONGEST_LABEL} characters, got {len(label)}", status=422, code="body_invalid"
        )
    return context.runs.by_name(context.store, order.run).id if order.run is not None else None, label


def _checked_names(given: list[str]) -> list[str]:
    """The names of people to invite, each once."""
    if not 1 <= len(given) <= MOST_NAMES:
        raise Refused(
            f"names: expected 1 to {MOST_NAMES:,} names, got {len(given):,}", status=422, code="names_invalid"
        )
    names = [checked_name(name, f"names: number {number}") for number, name in enumerate(given, start=1)]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise Refused(
            f"names: {twice!r} stands there more than once; write what tells these people apart, such as a surname",
            status=422,
            code="names_invalid",
        )
    return names


async def _list_all(call: Call[None]) -> Invitations:
    """All invitations, or a part of them."""
    keys = call.context.keys
    offset, limit = (int(call.number(name, otherwise, least=0, most=2**40)) for name, otherwise in PART)

    def read(store: SqliteStore) -> Invitations:
        accounts = store.accounts
        return Invitations([_shown(keys, row) for row in accounts.listed(offset, limit)], accounts.count_invitations())

    return await call.context.readers.read(read)


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
    Route(
        "POST",
        "/api/invitations/people",
        "requester",
        _invite_people,
        "Invite people by name, each by a link of their own",
        body=PersonalInvitations,
        reply=Invitations,
    ),
    Route(
        "GET",
        "/api/invitations",
        "requester",
        _list_all,
        "All invitations, newest first",
        reply=Invitations,
        query=("offset", "limit"),
    ),
    Route(
        "DELETE",
        "/api/invitations/{invitation}",
        "requester",
        _revoke,
        "Close an invitation to newcomers",
        reply=Empty,
    ),
)
