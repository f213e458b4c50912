"""What happened in a run, for whoever drives it: events after a cursor, and whether they go on from what it knows."""

from __future__ import annotations

import asyncio

from dataforge.errors import Refused
from dataforge.issue.run import Run
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Batch
from dataforge.server.shared.routes import LONGEST_WAIT, Call, Route

__all__ = ["ROUTES"]

MOST_EVENTS = 10_000
# A reader of a busy run gets a few events at once instead of a reply for each.
EVENTS_GATHER = 0.02


async def _follow(call: Call[None]) -> Batch:
    """Events after a cursor; waits while there are none."""
    context, run = call.context, call.run
    after = int(call.number("after", 0, least=0, most=2**40))
    limit = int(call.number("limit", 1000, least=1, most=MOST_EVENTS))
    await _wait_for_events(call, run, after, call.number("wait", 0, least=0, most=LONGEST_WAIT))
    return await context.readers.read(lambda store: _batch(store, context.epoch, run, after, limit))


async def _wait_for_events(call: Call[None], run: Run, after: int, wait: float) -> None:
    """Wait until the run has events after the cursor, or for so long; raises `Refused` 409 if it is yet to come."""
    context = call.context
    change = context.notifier.next_change(run.id)
    told = context.store.runs.counters(run.id).cursor
    if told < after:
        raise Refused(
            f"events after {after} were asked for, but the run {run.name!r} has told of {told} only: the database is "
            "older than whoever asks",
            status=409,
            code="events_unknown",
            details={"cursor": told},
        )
    end = context.loop_time() + wait
    while told == after and await context.change_of(change, end - context.loop_time()):
        change = context.notifier.next_change(run.id)
        told = context.store.runs.counters(run.id).cursor
        if told > after:
            await asyncio.sleep(EVENTS_GATHER)


def _batch(store: SqliteStore, epoch: str, run: Run, after: int, limit: int) -> Batch:
    found = store.runs.events_after(run.id, after, limit + 1)
    events = tuple(found[:limit])
    commands, since = store.runs.counters(run.id).commands, store.runs.told_at(run.id, after)
    return Batch(events, after + len(events), len(found) > limit, epoch, commands, since)


ROUTES = (
    Route(
        "GET",
        "/api/runs/{run}/events",
        "requester",
        _follow,
        "Events after a cursor; waits while there are none",
        reply=Batch,
        query=("after", "limit", "wait"),
    ),
)
