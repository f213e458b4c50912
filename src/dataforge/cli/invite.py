"""`dataforge invite`: a link by which workers join."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_server, print_json
from dataforge.workspace import ONLY_HERE, opens_only_here

__all__ = ["command"]

HOUR = 3600.0


def command(
    run: Annotated[str | None, typer.Argument(help="The run to work on; by default all runs of the workspace.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, help="How long the link lets people in.")] = 24 * 7.0,
    uses: Annotated[int | None, typer.Option(min=1, help="How many people it lets in; by default any number.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link by which workers join.

    Example: dataforge invite photos --hours 48 --uses 20
    """
    server = needed_server(workspace)
    made = server.post("/api/invitations", {"run": run, "expires_in": hours * HOUR, "uses": uses})
    link = f"{server.url}{made['path']}"
    if as_json:
        print_json({"link": link, "invitation": made["invitation"], "expires": made["expires"], "uses": uses})
    else:
        print(link)
        if opens_only_here(link):
            # Apart from the link, which scripts take.
            print(ONLY_HERE, file=sys.stderr)
