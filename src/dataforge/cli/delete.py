"""`dataforge delete`: a run goes, with all that is kept of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dataforge.cli._shared import (
    JsonOption,
    Requester,
    WorkspaceOption,
    found_server,
    needed_workspace,
    path_of_run,
    print_json,
)
from dataforge.errors import Refused, RunError
from dataforge.workspace import Workspace

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, even if people are at work at it.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a run: its items, answers and log, the server's part of it, and the files that no other run shows.

    Says what goes and who would be cut off, and asks. What workers earned stays in their accounts, and what waits for
    a verdict is added to it. Afterwards the name can be launched anew, without a past.

    Example: dataforge delete photos
    """
    from dataforge.runs.core.folder import RunFolder
    from dataforge.runs.handle.holding.gone import delete

    place = needed_workspace(workspace)
    folder, server = RunFolder.of(place, name), found_server(place)
    name = folder.name
    contents = _contents(server, name)
    if not folder.exists and contents is None:
        _refuse_unknown(place, name)
    if not yes:
        print("\n".join(_told(name, contents)))
        typer.confirm(f"Delete run {name!r}?", abort=True)
    if folder.exists:
        delete(folder, None, lambda: None)
    elif server is not None:
        server.delete(path_of_run(name))
    if as_json:
        print_json({"deleted": name, "contents": contents})
    else:
        print(f"run {name!r} is deleted")


def _refuse_unknown(place: Workspace, name: str) -> None:
    from dataforge.runs.handle.run import open_run

    open_run(name, place)  # says which runs there are
    raise RunError(f"there is no run {name!r}")


def _contents(server: Requester | None, name: str) -> dict[str, Any] | None:
    """What the server keeps of the run; None if it knows none of that name, or does not run."""
    try:
        found: dict[str, Any] | None = None if server is None else server.get(f"{path_of_run(name)}/contents")
    except Refused as error:
        if error.status != 404:
            raise
        return None
    return found


def _told(name: str, contents: dict[str, Any] | None) -> list[str]:
    if contents is None:
        return [f"Of run {name!r} its folder goes: items, answers and log."]
    lines = [
        f"Of run {name!r} these go: {contents['items']:,} items, {contents['control_items']:,} control items, "
        f"{contents['responses']:,} answers of {contents['workers']:,} workers, "
        f"{contents['files']:,} files that no other run shows.",
        f"What workers earned stays in their accounts: {_money(contents, 'earned')}.",
    ]
    if contents["pages_held"]:
        lines.append(f"People are at work: {contents['pages_held']:,} pages in their hands are worth nothing then.")
    if contents["pages_pending"]:
        lines.append(
            f"{contents['pages_pending']:,} pages wait for a verdict; they count as accepted: "
            f"{_money(contents, 'owed')} more is earned."
        )
    # An older server does not tell.
    if contents.get("appeals"):
        lines.append(
            f"{contents['appeals']:,} appeals are open; they are upheld by that: {_money(contents, 'appealed')} more "
            "is earned. Decide them first if they are not to be."
        )
    return lines


def _money(contents: dict[str, Any], what: str) -> str:
    from dataforge.pricing.amounts import in_full

    return in_full(contents[what], contents["currency"])["en"]
