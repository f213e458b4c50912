"""`dataforge forget`: what is known of a worker as a person goes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_server, print_json

__all__ = ["command"]


def command(
    worker: Annotated[str, typer.Argument(help="The worker's id, as in `dataforge results RUN --what workers`.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a worker: name, language, where they came from and all sign-ins go; their answers stay, under the id.

    The account is closed for good: pages in their hands go to others, and no link opens it again.

    Example: dataforge forget 3f2a9c417be0d65a
    """
    server = needed_server(workspace)
    if not yes:
        typer.confirm(f"Forget who worker {worker!r} is, and close the account for good?", abort=True)
    server.delete(f"/api/workers/{quote(worker, safe='')}")
    if as_json:
        print_json({"forgotten": worker})
    else:
        print(f"worker {worker!r} is forgotten; the answers stay, under this id")
