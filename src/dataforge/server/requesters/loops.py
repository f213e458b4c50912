"""The requester's routes about loops: how they stand.

Who chooses what is asked writes down beside the first run how the loop stands. It is stopped as that run is.
"""

from __future__ import annotations

import asyncio

from dataforge.loop_folder import LoopStanding, loops_in
from dataforge.server.requesters.works import named, run_here, unknown
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.loops import LoopList, LoopSummary, LoopView

__all__ = ["ROUTES"]

GOES_ON = ("open", "paused")


async def _list(call: Call[None]) -> LoopList:
    """All loops of the workspace."""
    runs = call.context.workspace.runs
    return LoopList(await asyncio.to_thread(lambda: [_summary(one) for one in loops_in(runs)]))


def _summary(standing: LoopStanding) -> LoopSummary:
    shown, name = standing.shown(), standing.path.name
    if shown is None:
        return LoopSummary(name, standing.state(None), "", None, None, None, None, "", None)
    return LoopSummary(
        loop=name,
        state=standing.state(shown),
        ended=shown.ended,
        pool=shown.pool,
        labelled=shown.labelled,
        last=shown.curve[-1] if shown.curve else None,
        cost=shown.cost,
        currency=shown.currency,
        budget=shown.stop.budget,
    )


async def _show(call: Call[None]) -> LoopView:
    """One loop."""
    name = named(call, "loop")
    standing = LoopStanding(call.context.workspace.runs / name)
    exists, shown = await asyncio.to_thread(lambda: (standing.exists, standing.shown()))
    if not exists:
        raise unknown("loop", name)
    state = await asyncio.to_thread(standing.state, shown)
    runs = () if shown is None else shown.runs
    here = [run for run in runs if run_here(call, run)]
    asks = None if state == "ended" or not runs else run_here(call, runs[-1])
    # Whoever goes round may be gone: workers answer what is open, and it can be stopped.
    goes_on = asks is not None and call.context.store.runs.counters(asks.id).state in GOES_ON
    return LoopView(name, state, here, asks.name if asks is not None and goes_on else None, shown)


ROUTES = (
    Route("GET", "/api/loops", "requester", _list, "All loops of the workspace", reply=LoopList),
    Route("GET", "/api/loops/{loop}", "requester", _show, "One loop", reply=LoopView),
)
