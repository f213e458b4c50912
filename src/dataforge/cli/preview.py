"""`dataforge preview`: a task as workers would see it, before it is launched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataforge.cli._prefill import PrefillOption, prefill_of
from dataforge.cli._shared import EncodingOption, JsonOption, WorkspaceOption, console, print_json
from dataforge.cli._source import load_task

__all__ = ["command"]


def command(
    source: Annotated[str, typer.Argument(metavar="FILE.py[:TASK]", help="Where the task is; @df.task above it.")],
    items: Annotated[Path, typer.Option(help="A file with a row per item, or a folder of files; the first are shown.")],
    control: Annotated[
        Path | None, typer.Option(help="Items whose answers are known; what in their form gives them away is said.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page at once.")] = True,
    prefill: PrefillOption = None,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a task as workers would see it; nothing is launched.

    Examples:

        dataforge preview my_task.py --items photos.csv
    """
    from dataforge.runs.handle.preview import preview

    address = preview(load_task(source), items, control, workspace, browser, encoding, prefill_of(prefill))
    if as_json:
        print_json({"address": address})
    else:
        console().print(f"Look at it here: [bold]{address}[/]", soft_wrap=True)
