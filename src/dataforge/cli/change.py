"""`dataforge change`: what a run asks, changed while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from dataforge.cli._asked import WorkersOption, asked_in
from dataforge.cli._policy import (
    NONE,
    Languages,
    MinConfidence,
    Overlap,
    StallAfter,
    Target,
    TrainingScore,
    bonuses_in,
    number_of,
    settings_of,
)
from dataforge.cli._records import with_records
from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven
from dataforge.cli._source import load_task
from dataforge.errors import SpecError

__all__ = ["command"]


@dataclass(frozen=True)
class _Wanted:
    """What a run is to ask from now on; None: as before."""

    budget: Annotated[str | None, typer.Option(help="Never spend more in all; none for no bound.")] = None
    overlap: Overlap = None
    min_confidence: MinConfidence = None
    target: Target = None
    time_limit: Annotated[str | None, typer.Option(help="End so long after the launch: 2d; none for never.")] = None
    lease: Annotated[str | None, typer.Option(help="Time to keep a page from now on: 10m; none for the usual.")] = None
    stall_after: StallAfter = None
    languages: Languages = None
    training: Annotated[
        Path | None, typer.Option(help="Training items in place of those there are: known answers, with hints.")
    ] = None
    training_score: TrainingScore = None
    workers: WorkersOption = None
    # These two are promised to who works: the run refuses them, and says why.
    wage_floor: Annotated[str | None, typer.Option(hidden=True)] = None
    bonus: Annotated[list[str] | None, typer.Option(hidden=True)] = None

    def settings(self) -> dict[str, Any]:
        """The settings that were given, as `run.change` takes them; None for what is taken away."""
        settings = settings_of(
            overlap=self.overlap,
            min_confidence=self.min_confidence,
            stall_after=self.stall_after,
            languages=self.languages,
            training_score=self.training_score,
            training=self.training,
        )
        numbers = {"budget": self.budget, "target": self.target, "wage_floor": self.wage_floor}
        settings |= {
            name: None if value == NONE else number_of(name, value, NONE)
            for name, value in numbers.items()
            if value is not None
        }
        limits = {"time_limit": self.time_limit, "lease": self.lease}
        settings |= {limit: None if value == NONE else value for limit, value in limits.items() if value is not None}
        if self.bonus is not None:
            settings["bonuses"] = None if self.bonus == [NONE] else bonuses_in(self.bonus)
        if self.workers is not None:
            settings["workers"] = None if self.workers == [NONE] else asked_in(self.workers)
        return settings


@with_records
def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    source: Annotated[
        str | None, typer.Argument(metavar="[FILE.py[:TASK]]", help="The task with its texts mended.")
    ] = None,
    *,
    wanted: _Wanted,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a run asks while it goes on: its budget, overlap, confidence, time, workers, or the texts they read.

    A run that its budget or its time has ended goes on when it gets more. Items whose answers are not as sure as is
    wanted now are asked again. Pages that are out stay as they are. What cannot change is refused with the reason.
    What is asked of workers takes the place of what was asked of them; --workers none lets everybody in.

    Examples:

        dataforge change photos --budget 20
        dataforge change photos --overlap 2-5 --min-confidence 0.95
        dataforge change photos --workers "age=18-" --workers "medical>=70"
        dataforge change photos my_task.py
        dataforge change photos --training better.csv
    """
    from dataforge.runs.handle.run import open_run

    settings = wanted.settings()
    if not settings and source is None:
        raise SpecError("nothing to change: give a setting, such as --budget 20, or the file of the task")
    place = needed_workspace(workspace)
    task = None if source is None else load_task(source)
    run = open_run(name, place)
    found = run.change(task, **settings)
    if as_json:
        print_json({"run": name, "changed": [{"name": one.name, "was": one.was, "now": one.now} for one in found]})
        return
    for one in found:
        print(f"run {name!r}: {one}")
    if found:
        tell_undriven(place, name)
    else:
        print(f"run {name!r}: nothing has changed, all of this is so already")
