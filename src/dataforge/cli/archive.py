"""`dataforge archive`: a run is put aside, or brought back."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    undo: Annotated[bool, typer.Option("--undo", help="Bring it back.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a run aside: it is in no list, nobody works at it, and its results can still be had.

    A run at which people are at work is not archived: stop it first. One that had not ended is paused when it is
    brought back. `dataforge status --archived` shows what is put aside.

    Examples:

        dataforge archive photos
        dataforge archive photos --undo
    """
    from dataforge.runs.handle.run import open_run

    run = open_run(name, needed_workspace(workspace))
    if undo:
        run.unarchive()
    else:
        run.archive()
    if as_json:
        print_json({"run": name, "archived": not undo})
    elif undo:
        ended = run.status().ended
        print(f"run {name!r} is back{'' if ended else f', and paused: dataforge resume {name}, or its page, opens it'}")
    else:
        print(f"run {name!r} is archived; to bring it back: dataforge archive {name} --undo")
