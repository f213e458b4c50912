"""Commands of a run: each takes effect once, together with the note that it did."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from dataforge.records import (
    AddItems,
    Allow,
    Command,
    Judge,
    PageJudged,
    Restrict,
    RunStateChanged,
    SetState,
    State,
    Texts,
    Want,
    WorkerAllowed,
    WorkerRestricted,
)
from dataforge.server.errors import ApiError
from dataforge.server.replies import Done
from dataforge.server.run import Run
from dataforge.server.store import accounts, items, members, pages, runs
from dataforge.server.store.outbox import RunChange
from dataforge.server.store.pages import PageRow
from dataforge.server.writer import Transaction

__all__ = ["allow", "execute", "restrict", "set_state"]


def execute(transaction: Transaction, run: Run, commands: Sequence[Command], source: random.Random) -> Done:
    """Carry out the commands whose keys are new."""
    done = 0
    with RunChange(transaction, run.id) as change:
        for command in commands:
            if runs.remember_command(change.db, run.id, command.key):
                carry_out(change, run, command, source)
                done += 1
    return Done(done, len(commands) - done)


def carry_out(change: RunChange, run: Run, command: Command, source: random.Random) -> None:
    match command:
        case AddItems():
            items.add(change, command.items, run.inputs, source)
        case Want():
            if unknown := items.want(change, command.wanted):
                raise ApiError(422, "item_unknown", f"the run {run.name!r} has no item with the key {unknown[0]!r}")
        case Judge():
            judge(change, command)
        case Restrict():
            restrict(change, command.worker, command.until, command.reason)
        case Allow():
            allow(change, command.worker)
        case SetState():
            set_state(change, command.state)


def judge(change: RunChange, command: Judge) -> None:
    for page in command.accepted:
        if (row := judgeable(change, page)) is not None:
            accept(change, row)
    for page in command.rejected:
        if (row := judgeable(change, page)) is not None:
            reject(change, row, command.reasons.get(page))


def judgeable(change: RunChange, page: str) -> PageRow | None:
    """The page if it waits for a verdict: the first one stands, and only answers that count get one."""
    try:
        row = pages.by_page(change.db, bytes.fromhex(page))
    except ValueError:
        return None
    return row if row is not None and row.run == change.run and row.state == "submitted" else None


def accept(change: RunChange, page: PageRow) -> None:
    pages.judge(change.db, page.id, "accepted")
    pages.pay(change.db, page, change.now)
    member = members.load(change.db, page.run, page.worker)
    member.pages_pending -= 1
    member.pages_accepted += 1
    member.pending -= page.price
    member.earned += page.price
    members.save(change.db, page.run, page.worker, member)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.name, True, page.price))


def reject(change: RunChange, page: PageRow, reason: Texts | None) -> None:
    pages.judge(change.db, page.id, "rejected", msgspec.json.encode(reason or {}))
    items.give_back(change, msgspec.json.decode(page.items), submitted=True)
    change.counters.spent -= page.price
    member = members.load(change.db, page.run, page.worker)
    member.pages_pending -= 1
    member.pages_rejected += 1
    member.pending -= page.price
    members.save(change.db, page.run, page.worker, member)
    change.emit(PageJudged(change.next_cursor(), change.now, page.page.hex(), page.name, False))


def restrict(change: RunChange, worker: str, until: float, reason: Texts) -> None:
    """Close the run to a worker until a time; raises `ApiError` 404 for an unknown worker."""
    number = known_worker(change, worker)
    member = members.load(change.db, change.run, number)
    member.until = until
    member.reason = msgspec.json.encode(reason)
    members.save(change.db, change.run, number, member)
    change.emit(WorkerRestricted(change.next_cursor(), change.now, worker, until, reason))


def allow(change: RunChange, worker: str) -> None:
    """Lift a worker's restriction; raises `ApiError` 404 for an unknown worker."""
    number = known_worker(change, worker)
    member = members.load(change.db, change.run, number)
    member.until = 0.0
    member.reason = None
    members.save(change.db, change.run, number, member)
    change.emit(WorkerAllowed(change.next_cursor(), change.now, worker))


def known_worker(change: RunChange, worker: str) -> int:
    row = accounts.worker_by_name(change.db, worker)
    if row is None:
        raise ApiError(404, "worker_unknown", f"there is no worker {worker!r}")
    return row.id


def set_state(change: RunChange, state: State) -> None:
    """Open, pause or close the run."""
    if change.counters.state != state:
        change.counters.state = state
        change.emit(RunStateChanged(change.next_cursor(), change.now, state))
