"""`dataforge discard`: a worker's answers count no more in a run."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    worker: Annotated[
        str, typer.Argument(help="The worker's id, as in `results --what workers`, its beginning, or the name.")
    ],
    undo: Annotated[bool, typer.Option("--undo", help="Let the answers count again.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a worker's answers count no more: items that fall short are asked again, and what was paid stays paid.

    A run that was done goes on. The worker gets no more pages of it.

    Examples:

        dataforge discard photos 3f9a0c
        dataforge discard photos 3f9a0c --undo
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        (run.reinstate if undo else run.discard)(worker)
    if as_json:
        print_json({"run": name, "worker": worker, "discarded": not undo})
        return
    print(f"run {name!r}: the answers of {worker} count {'again' if undo else 'no more'}")
    tell_undriven(place, name)
