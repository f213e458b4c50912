"""The requester's route that opens a run again after it was stopped; it is noted in its feed, whoever drives it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from dataforge.issue import commands
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.run import Run
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.server.requesters.feeding import open_folder_of, refusing
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import Version

__all__ = ["ROUTES"]


async def _reopen(call: Call[None]) -> Version:
    """Have a run give out pages again, and with it the run in which its answers are judged, if that was stopped."""
    context, run, folder = call.context, call.run, open_folder_of(call)
    going = [] if await asyncio.to_thread(_open, folder, *_standing(context, run)) else [run]
    for number in context.store.runs.checks_of(run.id):
        check = context.runs.by_id(context.store, number)
        there = context.workspace.runs / check.name
        if await asyncio.to_thread(_was_stopped, there):
            over = await asyncio.to_thread(_open, there, *_standing(context, check))
            going += [] if over else [check]

    def open_at_once(transaction: Transaction[SqliteStore]) -> int:
        for one in going:
            with RunChange(transaction, one.id) as change:
                commands.set_state(change, "open")
        return transaction.store.runs.counters(run.id).version

    return Version(await context.writer.write(open_at_once))


def _standing(context: Context, run: Run) -> tuple[float, float, int]:
    return run.created, context.now(), context.store.runs.counters(run.id).spent


def _open(folder: Path, begun: float, now: float, promised: int) -> bool:
    """Note that the run in a folder is to go on; whether it had ended: else it can be opened at once."""
    # Tables are for those who open a run over HTTP only; the server starts without them.
    from dataforge.changes.reopening import reopen
    from dataforge.changes.terms import Standing
    from dataforge.endings import LOG_FILE, last_ending

    with refusing():
        reopen(folder, Standing(begun, now, promised))
        return last_ending(folder / LOG_FILE) is not None


def _was_stopped(folder: Path) -> bool:
    from dataforge.feed import Feed

    with refusing(), closing(Feed(folder)) as feed:
        return folder.is_dir() and feed.ended_by_hand()


ROUTES = (
    Route(
        "POST",
        "/api/runs/{run}/reopen",
        "requester",
        _reopen,
        "Give out pages again after the run was stopped or has ended",
        reply=Version,
    ),
)
