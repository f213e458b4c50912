"""The requester's routes about loops: how they stand.

Who chooses what is asked writes down beside the first run how the loop stands. It is stopped as that run is.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from dataforge.errors import Refused, SpecError
from dataforge.loop_folder import LoopStanding, loops_in
from dataforge.names import check_name
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.loops import LoopList, LoopSummary, LoopView

__all__ = ["ROUTES"]


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
    name = call.path("loop")
    try:
        check_name(name)
    except SpecError:
        raise _unknown(name) from None
    standing = LoopStanding(call.context.workspace.runs / name)
    exists, shown = await asyncio.to_thread(lambda: (standing.exists, standing.shown()))
    if not exists:
        raise _unknown(name)
    state = await asyncio.to_thread(standing.state, shown)
    return LoopView(
        name, state, [run for run in (shown.runs if shown is not None else ()) if _is_here(call, run)], shown
    )


def _is_here(call: Call[None], run: str) -> bool:
    """Whether workers work at the run here, and not on another platform."""
    with suppress(Refused):
        call.context.runs.by_name(call.context.store, run)
        return True
    return False


def _unknown(name: str) -> Refused:
    return Refused(f"there is no loop {name[:80]!r}", status=404, code="loop_unknown")


ROUTES = (
    Route("GET", "/api/loops", "requester", _list, "All loops of the workspace", reply=LoopList),
    Route("GET", "/api/loops/{loop}", "requester", _show, "One loop", reply=LoopView),
)
