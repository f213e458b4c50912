"""`dataforge invite`: a link by which workers join, or the end of one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, Requester, WorkspaceOption, needed_server, print_json
from dataforge.errors import RunError
from dataforge.workspace import ONLY_HERE, opens_only_here

__all__ = ["command"]

HOUR = 3600.0


def command(
    run: Annotated[str | None, typer.Argument(help="The run to work on; by default all runs of the workspace.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, help="How long the link lets people in.")] = 24 * 7.0,
    uses: Annotated[int | None, typer.Option(min=1, help="How many people it lets in; by default any number.")] = None,
    revoke: Annotated[
        str | None, typer.Option(metavar="LINK", help="End a link instead: nobody joins by it, who has joined stays.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link by which workers join, or end one.

    Example: dataforge invite photos --hours 48 --uses 20
    """
    server = needed_server(workspace)
    if revoke is not None:
        ended = _end(server, revoke)
        if as_json:
            print_json({"revoked": ended})
        else:
            print("nobody joins by this link any more; who has joined stays")
        return
    made = server.post("/api/invitations", {"run": run, "expires_in": hours * HOUR, "uses": uses})
    link = f"{server.url}{made['path']}"
    if as_json:
        print_json({"link": link, "invitation": made["invitation"], "expires": made["expires"], "uses": uses})
    else:
        print(link)
        if opens_only_here(link):
            # Apart from the link, which scripts take.
            print(ONLY_HERE, file=sys.stderr)


def _end(server: Requester, link: str) -> str:
    """End the invitation of a link, whatever address stands before its path; give its id."""
    token = link.strip().rstrip("/").rpartition("/")[2]
    for made in server.get("/api/invitations")["invitations"]:
        if token in (made["invitation"], made["path"].rpartition("/")[2]):
            server.delete(f"/api/invitations/{made['invitation']}")
            return str(made["invitation"])
    raise RunError(f"--revoke: expected a link by which workers join this workspace, got {link!r}")
