"""`dataforge reopen`: a run that was stopped gives out pages again."""

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
    """Open a run again that was stopped: it gives out pages from where it was, also when it has ended.

    A run that is done goes on with more items, by `dataforge add`; one that its budget or its time has ended with more
    of these, by `dataforge change`.

    Example:

        dataforge reopen photos
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    open_run(name, place).reopen()
    if as_json:
        print_json({"run": name, "reopened": True})
    else:
        print(f"run {name!r} is open again")
        tell_undriven(place, name)
