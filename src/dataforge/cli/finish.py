"""`dataforge finish`: no more items come to a run."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a run that was launched with --open that no more items come: it ends when those it has are answered.

    Example:

        dataforge finish photos
    """
    from dataforge.runs.handle.run import open_run

    run = open_run(name, needed_workspace(workspace))
    run.finish()
    if as_json:
        print_json({"run": name, "finished": True})
    elif run.status().ended:
        print(f"run {name!r} has ended: all that came is answered")
    else:
        print(f"run {name!r} ends when the items it has are answered")
        tell_undriven(needed_workspace(workspace), name)
