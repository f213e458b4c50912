"""`dataforge pause`: a run gives out no pages for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give out no pages of a run until `dataforge resume`; those already out are still taken and paid.

    Example:

        dataforge pause photos
    """
    from dataforge.runs.handle.run import open_run

    open_run(name, needed_workspace(workspace)).pause()
    if as_json:
        print_json({"run": name, "paused": True})
    else:
        print(f"run {name!r} is paused; to go on with it: dataforge resume {name}")
