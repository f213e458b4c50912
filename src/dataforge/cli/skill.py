"""`dataforge skill`: what a worker is good at."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_server, print_json
from dataforge.errors import SpecError

__all__ = ["command"]


def command(
    worker: Annotated[str, typer.Argument(help="The worker's id, as in `dataforge results RUN --what workers`.")],
    name: Annotated[str | None, typer.Argument(help="The skill; by default all that the worker has are shown.")] = None,
    value: Annotated[float | None, typer.Argument(help="How good the worker is at it, 0 to 100.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Take the skill from the worker.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the skills of a worker, give one, or take it; runs may ask for them.

    Example: dataforge skill 3f2a9c417be0d65a medical 70
    """
    if take and (name is None or value is not None):
        raise SpecError("--take: name the skill to be taken, and no value: dataforge skill WORKER NAME --take")
    server, path = needed_server(workspace), f"/api/workers/{quote(worker, safe='')}/skills"
    changes = take or value is not None
    reply = server.post(path, {"name": name, "value": None if take else value}) if changes else server.get(path)
    skills = [skill for skill in reply["skills"] if changes or name in (None, skill["name"])]
    if as_json:
        print_json({"worker": worker, "skills": skills})
        return
    for skill in skills:
        print(f"{skill['name']}: {skill['value']:g} (by {skill['by']})")
    if not skills:
        print(f"worker {worker!r} has no skill" + (f" {name!r}" if name is not None and not take else ""))
