"""The requester's routes about pipelines: how they stand, and having them stopped and gone on with.

Who plays a pipeline writes down in its folder how it stands, and looks there whether it is to stop.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from dataforge.errors import DataForgeError, Refused, RunError
from dataforge.pipeline_folder import FOLDER, STOPPED, About, Standing, run_name
from dataforge.server.requesters.works import named, run_here, unknown
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.pipelines import PipelineList, PipelineSummary, PipelineView

__all__ = ["ROUTES"]


async def _list(call: Call[None]) -> PipelineList:
    """All pipelines of the workspace."""
    return PipelineList(await asyncio.to_thread(_summaries, call.context.workspace.root / FOLDER))


def _summaries(folder: Path) -> list[PipelineSummary]:
    found = []
    for path in sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else ():
        standing = Standing(path)
        try:
            if (about := standing.about()) is not None:
                found.append(_summary(standing, about))
        except (DataForgeError, OSError):  # one that cannot be read hides no other; its page says what is wrong
            found.append(PipelineSummary(path.name, "failed", 0, None, None, None, "", None))
    return found


def _summary(standing: Standing, about: About) -> PipelineSummary:
    shown = standing.shown()
    return PipelineSummary(
        pipeline=about.name,
        state=standing.state(about),
        items=about.items,
        done=None if shown is None else shown.done,
        failed=None if shown is None else shown.failed,
        cost=None if shown is None else shown.cost,
        currency="" if shown is None else shown.currency,
        budget=about.budget,
    )


async def _show(call: Call[None]) -> PipelineView:
    """One pipeline."""
    return await _view(call, _standing(call))


async def _view(call: Call[None], standing: Standing) -> PipelineView:
    about, state, held, shown = await asyncio.to_thread(
        lambda: (found := _about(standing), standing.state(found), standing.held, standing.shown())
    )
    tasks = [box.name for box in shown.boxes if box.kind == "task"] if shown is not None else []
    return PipelineView(
        pipeline=about.name,
        function=about.function,
        state=state,
        held=held,
        goes_on=bool(about.source),
        items=about.items,
        budget=about.budget,
        runs={task: run for task in tasks if run_here(call, run := run_name(about.name, task))},
        shown=shown,
    )


async def _stop(call: Call[None]) -> PipelineView:
    """Have nobody play it."""
    standing = _standing(call)
    await asyncio.to_thread(_about, standing)
    await asyncio.to_thread(standing.hold, STOPPED)
    return await _view(call, standing)


async def _go_on(call: Call[None]) -> PipelineView:
    """Have the server play it on; refused where it does not find its function."""
    standing = _standing(call)
    about = await asyncio.to_thread(_about, standing)
    if not about.source:
        raise Refused(
            f"pipeline {about.name!r}: no other process finds its function or its platform; launch it again",
            status=409,
            code="pipeline_elsewhere",
        )
    await asyncio.to_thread(standing.release)
    return await _view(call, standing)


def _standing(call: Call[None]) -> Standing:
    """The folder of the pipeline that the path names, if it can be the name of one."""
    return Standing(call.context.workspace.root / FOLDER / named(call, "pipeline"))


def _about(standing: Standing) -> About:
    """What was launched there; raises `Refused` 404 if nothing was, 409 if it cannot be read."""
    try:
        about = standing.about()
    except RunError as error:
        raise Refused(str(error), status=409, code="pipeline_damaged") from None
    if about is None:
        raise unknown("pipeline", standing.path.name)
    return about


PIPELINE = "/api/pipelines/{pipeline}"

ROUTES = (
    Route("GET", "/api/pipelines", "requester", _list, "All pipelines of the workspace", reply=PipelineList),
    Route("GET", PIPELINE, "requester", _show, "One pipeline", reply=PipelineView),
    Route(
        "POST",
        f"{PIPELINE}/stop",
        "requester",
        _stop,
        "Have nobody play a pipeline; the runs of its tasks go on with what they were asked",
        reply=PipelineView,
    ),
    Route("POST", f"{PIPELINE}/go-on", "requester", _go_on, "Play a pipeline on beside the server", reply=PipelineView),
)
