"""`dataforge rename`: a run gets another name."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    new: Annotated[str, typer.Argument(help="What it should be called.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Call a run otherwise: everything goes on, workers' links too, and the name that it had is free.

    A notebook or a script that has the run open must open it anew, by its new name.

    Example: dataforge rename photos-20260105 photos-january
    """
    from dataforge.runs.handle.run import open_run

    run = open_run(name, needed_workspace(workspace))
    run.rename(new)
    if as_json:
        print_json({"run": run.name, "was": name})
    else:
        print(f"run {name!r} is called {run.name!r} now")
