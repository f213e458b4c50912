"""`dataforge certificate`: what a run's answers can be trusted to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    html: Annotated[Path | None, typer.Option(help="Write a page that prints to this file.")] = None,
    language: Annotated[str, typer.Option(help="In which language: en, es, kk, ru, tr or uz.")] = "en",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a run's answers can be trusted to: how many are right, how sure, and what that rests on.

    Works while the run goes on, with what is there.

    Examples:

        dataforge certificate photos
        dataforge certificate photos --html photos.html --language ru
        dataforge certificate photos --json
    """
    from dataforge.runs.handle.run import open_run

    found = open_run(name, needed_workspace(workspace)).certificate()
    if html is not None:
        found.to_html(html, language)
    if as_json:
        print_json(found.to_json())
    elif html is not None:
        print(f"the certificate is in {html}")
    else:
        print(found.text(language))
