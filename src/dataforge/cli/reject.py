"""`dataforge reject`: pages of a run are rejected by hand."""

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
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            help="What the workers read, as it stands; say nothing of control items. "
            "Without it they read that the requester has looked.",
        ),
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reject pages, whatever was found of them: their answers do not count, and others are asked.

    All of them or none. They are not paid; what accepted ones had earned is taken back. `dataforge accept` undoes it.

    Examples:

        dataforge results photos --what responses
        dataforge reject photos 5b1e7d02c4f9a836 --reason "All answers are the same."
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        run.reject(*pages, reason=reason)
    if as_json:
        print_json({"run": name, "rejected": list(dict.fromkeys(pages)), "reason": reason})
        return
    print(
        f"run {name!r}: rejected: {', '.join(dict.fromkeys(pages))}; their answers do not count, "
        "items that fall short are asked again, and the pages are not paid"
    )
    tell_undriven(place, name)
