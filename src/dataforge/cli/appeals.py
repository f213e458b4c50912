"""`dataforge appeals`: what workers object to rejections of their pages, and what is decided of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven
from dataforge.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    uphold: Annotated[str | None, typer.Option(metavar="PAGE", help="Accept this page after all: it is paid.")] = None,
    dismiss: Annotated[
        str | None, typer.Option(metavar="PAGE", help="Leave this page rejected; needs --reply.")
    ] = None,
    reply: Annotated[
        str, typer.Option(help="What the worker reads, as it is: it should give no control item away.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what workers object to rejections of their pages, or decide one appeal.

    Examples:

        dataforge appeals photos
        dataforge appeals photos --uphold 3f9a0c7e21aa4b0c9d11e0b2a5c47788
        dataforge appeals photos --dismiss 3f9a0c7e21aa4b0c9d11e0b2a5c47788 --reply "Half of the answers are empty."
    """
    from dataforge.runs.handle.run import open_run

    if uphold is not None and dismiss is not None:
        raise SpecError("--uphold, --dismiss: give one of them only")
    if reply and uphold is dismiss is None:
        raise SpecError("--reply: nothing is decided; name a page by --uphold or --dismiss")
    if dismiss is not None and not reply.strip():
        raise SpecError(f"--dismiss {dismiss}: say why, for the worker reads it: --reply TEXT")
    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        if uphold is not None:
            run.uphold(uphold, reply)
        if dismiss is not None:
            run.dismiss(dismiss, reply)
        found, currency = run.appeals(), run.status().currency
    if uphold is not None or dismiss is not None:
        found = found[found["page"] == (uphold or dismiss)]
    if as_json:
        print_json({"run": name, "appeals": _plain(found)})
        return
    print(*_told(name, found, currency), sep="\n")
    if uphold is not None:
        tell_undriven(place, name)


def _plain(found: pd.DataFrame) -> list[dict[str, object]]:
    shown = found.assign(at=found["at"].astype(str), decided=found["decided"].astype(str).replace("NaT", None))
    return [{str(column): value for column, value in row.items()} for row in shown.to_dict("records")]


def _told(name: str, found: pd.DataFrame, currency: str) -> list[str]:
    """The appeals in words, each with its page, by which it is decided."""
    from dataforge.pricing.amounts import money

    if not len(found):
        return [f"run {name!r}: nobody objects to a rejection"]
    lines = []
    for row in found.to_dict("records"):
        who = f"{row['name'] or row['worker']}, {money(row['price'], currency)['en']}, {row['at']:%Y-%m-%d %H:%M}"
        head = f"{row['state']}  {row['page']}  {who}"
        said = [f"    {line}" for line in str(row["text"]).splitlines()]
        lines += [head, *said, *([f"    reply: {row['reply']}"] if row["reply"] else [])]
    return lines
