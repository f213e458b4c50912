"""`dataforge resume`: a run gives out pages again."""

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
    """Give out pages of a run again, after `dataforge pause`, or after `dataforge stop` while pages are out.

    Example:

        dataforge resume photos
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    open_run(name, place).resume()
    if as_json:
        print_json({"run": name, "paused": False})
    else:
        print(f"run {name!r} gives out pages again")
        tell_undriven(place, name)
