"""`dataforge accept`: pages of a run are accepted by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    pages: Annotated[
        list[str], typer.Argument(metavar="PAGE...", help="Pages, as in `results --what responses`, column `page`.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Accept pages, whatever was found of them: they are paid, and their answers count.

    All of them or none. `dataforge reject` takes it back.

    Examples:

        dataforge results photos --what responses
        dataforge accept photos 5b1e7d02c4f9a836
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        run.accept(*pages)
    if as_json:
        print_json({"run": name, "accepted": list(dict.fromkeys(pages))})
        return
    print(f"run {name!r}: accepted: {', '.join(dict.fromkeys(pages))}; their answers count, and their workers are paid")
    tell_undriven(place, name)
