"""`dataforge launch`: a task from a Python file, over items from a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._one_task import TaskOptions
from dataforge.cli._pipeline import end_with_input, play
from dataforge.cli._policy import NONE, Budget, PolicyOptions, number_of
from dataforge.cli._records import with_records
from dataforge.cli._shared import EncodingOption, JsonOption, WorkspaceOption, console, print_json
from dataforge.cli._source import load_launched
from dataforge.pipelines.function import Pipeline
from dataforge.policy import Policy
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from dataforge.runs.handle.launch import Launch
    from dataforge.runs.handle.run import Run

__all__ = ["command"]


# Long because its options are its arguments.
@with_records
def command(
    source: Annotated[str, typer.Argument(metavar="FILE.py[:TASK]", help="Where the task is; @df.task above it.")],
    *,
    items: Annotated[
        Path | None, typer.Option(help="A file with a row per item: .csv, .jsonl, .parquet …; or a folder of files.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's name; a run of that name is gone on with.")] = None,
    key: Annotated[str | None, typer.Option("--id", help="The column that names the items.")] = None,
    options: PolicyOptions,
    of_one: TaskOptions,
    budget: Budget = None,
    gives_way: Annotated[bool, typer.Option("--gives-way", hidden=True)] = False,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Launch a task or a pipeline over your items, or go on with the one of that name.

    Starts the workspace's server if none runs, prints where workers go, and shows progress until the run ends. Ctrl-C
    leaves the run to the server; it goes on.

    Examples:

        dataforge launch my_task.py --items photos.csv --control gold.csv --name photos
        dataforge launch my_task.py --items photos.csv --control gold.csv --target 0.95
        dataforge launch my_task.py --items photos.csv --control trial:photos-trial --training trial:photos-trial
        dataforge launch my_task.py --items photos.csv --control gold.csv --model models.py:cnn --budget 20
        dataforge launch my_task.py:animal --items photos.csv --overlap 2-5 --min-confidence 0.95 --budget 20 --detach
        dataforge launch my_pipeline.py:scenes --items scenes.csv --budget 50
    """
    if gives_way:
        end_with_input()
    task = load_launched(source)
    policy, place = options.policy(), Workspace.at(workspace)
    most = None if budget in (None, NONE) else number_of("budget", budget)
    if not isinstance(task, Pipeline):
        given = replace(of_one.launch(task), items=items, policy=policy, name=name, budget=most, id=key)
        _run(replace(given, encoding=encoding, workspace=place), place, as_json=as_json)
        return
    play(
        task,
        items,
        None if policy == Policy.preset("moderate") else policy,
        name=name,
        key=key,
        budget=most,
        encoding=encoding,
        workspace=place,
        of_one_task=of_one.given(),
        gives_way=gives_way,
        as_json=as_json,
    )


def _run(given: Launch, place: Workspace, *, as_json: bool) -> None:
    """Launch a task and see its run to the end, unless the server does."""
    from dataforge.runs.handle.launch import launch

    run = launch(given)
    _tell(run, place, detach=given.detach, as_json=as_json)
    if not given.detach:
        # An interrupt ends this process at once; the server's runner takes the run up where its log ends.
        run.wait()
    if as_json:
        print_json({**_status(run), "invitation": run.invitation, "dashboard": run.dashboard})
    elif not given.detach:
        _conclude(run)


def _tell(run: Run, workspace: Workspace, *, detach: bool, as_json: bool) -> None:
    from dataforge.catalogue import here, say
    from dataforge.runs.handle.announce import announcement

    out = console(stderr=as_json)
    for line in announcement(run, workspace if out.is_terminal else None):
        out.print(line, markup=False, soft_wrap=True)
    if detach:
        out.print(
            "  " + here(say("told_goes_on", command=f"dataforge status {run.name}")), markup=False, soft_wrap=True
        )


def _status(run: Run) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(run.status())


def _conclude(run: Run) -> None:
    from dataforge.catalogue import here, say

    out = console()
    status = run.status()
    terms = {"stage": status.stage, "final": str(status.items_final), "total": str(status.items_total)}
    out.print(here(say("told_done", **terms, detail=status.detail)))
    if status.items_flagged:
        out.print(here(say("told_flagged", flagged=status.items_flagged)))
    out.print(here(say("told_labels", name=run.name)))
