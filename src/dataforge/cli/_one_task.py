"""The options of a launch that are about one task, and not about a pipeline of several."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._models import CheckersOption, ModelsOption, models_named
from dataforge.cli._prefill import PrefillOption, prefill_of
from dataforge.cli._source import load_task
from dataforge.cli._voters import VotersOption, voters_among, voters_of

if TYPE_CHECKING:
    from dataforge.runs.handle.launch import Launch
    from dataforge.tasks.task import Task

__all__ = ["TaskOptions"]


@dataclass(frozen=True)
class TaskOptions:
    """What is said of the only task of a launch."""

    control: Annotated[
        Path | None, typer.Option(help="Items with known answers: the control items; or trial:NAME.")
    ] = None
    training: Annotated[
        Path | None,
        typer.Option(help="Known answers, with hints, that workers learn on before they get pages; or trial:NAME."),
    ] = None
    check: Annotated[
        str | None,
        typer.Option(metavar="FILE.py:TASK", help="Have answers judged by a task of yours in place of the usual one."),
    ] = None
    prefill: PrefillOption = None
    voter: VotersOption = None
    model: ModelsOption = None
    checker: CheckersOption = None
    detach: Annotated[bool, typer.Option("--detach", help="Leave the run to the server and return at once.")] = False
    open: Annotated[
        bool, typer.Option("--open", help="Stay open for items of `dataforge add` until `dataforge finish`.")
    ] = False

    def given(self) -> list[str]:
        """The options that were given."""
        return [f"--{field.name}" for field in fields(self) if getattr(self, field.name)]

    def launch(self, task: Task) -> Launch:
        """What the task is launched with, as far as these options say it."""
        from dataforge.runs.handle.launch import Launch

        return Launch(
            task,
            control=self.control,
            training=self.training,
            check=None if self.check is None else load_task(self.check),
            prefill=prefill_of(self.prefill),
            voters=voters_among(voters_of(self.voter), models_named(self.model)),
            checkers=models_named(self.checker, "--checker"),
            detach=self.detach,
            open=self.open,
            progress=False,
        )
