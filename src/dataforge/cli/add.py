"""`dataforge add`: items for a run that was launched already."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from dataforge.cli._prefill import PrefillOption, prefill_of
from dataforge.cli._shared import (
    EncodingOption,
    JsonOption,
    WorkspaceOption,
    needed_workspace,
    print_json,
    tell_undriven,
)
from dataforge.errors import SpecError

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    items: Annotated[Path | None, typer.Argument(help="A file with a row per item: .csv, .jsonl, .parquet …")] = None,
    control: Annotated[Path | None, typer.Option(help="The same with known answers: control items.")] = None,
    key: Annotated[
        str | None, typer.Option("--id", help="The column that names the items; by default that of the launch.")
    ] = None,
    prefill: PrefillOption = None,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add items to a run while it goes on, or after it was done: then it goes on.

    An item that the run knows already, by its id and with the same content, is left out: the same file can be added
    again, and so can a longer one. An item whose id the run knows with other content is refused, and all of the file
    with it.

    Examples:

        dataforge add photos december.csv
        dataforge add photos december.csv --control more_gold.csv
    """
    from dataforge.runs.core.folder import RunFolder
    from dataforge.runs.handle.run import open_run

    if items is None and control is None:
        raise SpecError("nothing to add: name a file of items, or one of control items by --control")
    place = needed_workspace(workspace)
    added = open_run(name, place).add(items, control, id=key, encoding=encoding, prefill=prefill_of(prefill))
    if as_json:
        print_json({"run": name, "new": added.new, "known": added.known, "repeated": added.repeated})
        return
    print(f"run {name!r}: {added.new} new items, {added.known} known already")
    if added.repeated:
        print(f"{added.repeated} of the new ones say what other items of the run say, and are asked once more")
    if added.new:
        with closing(RunFolder.of(place, name).feed()) as feed:
            if feed.state().finished:
                print("it was told that no more items come: it ends when these are answered, too")
        tell_undriven(place, name)
