"""`dataforge workers`: the workers of a workspace, over all runs, or one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from dataforge.cli._pipes import PIPE, check_pipe, given_on
from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_server, needed_workspace, print_json
from dataforge.cli._tables import show
from dataforge.errors import SpecError

__all__ = ["command"]


def command(
    search: Annotated[str, typer.Argument(help="What their name has in it, or their id begins with.")] = "",
    state: Annotated[
        Literal["active", "restricted", "shut_out"] | None, typer.Option(help="Only those who get pages, or get none.")
    ] = None,
    label: Annotated[str, typer.Option(help="Only those who came by an invitation with this label.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write them to a file: .csv, .xlsx, .json, .jsonl or .parquet; or -.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="What `-` is: csv, tsv, jsonl or parquet.")] = "csv",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who works here, over all runs: answers, accuracy on control items, speed, earnings, when last seen.

    Examples:

        dataforge workers
        dataforge workers anna
        dataforge workers --label "course 3" --out course.csv
    """
    from dataforge.runs.handle.people import workers
    from dataforge.runs.handle.tables.files import ENDINGS, json_rows, write

    check_pipe(out, as_json=as_json)
    if out not in (None, PIPE) and out.suffix.lower() not in ENDINGS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(ENDINGS)}, got {str(out)!r}")
    needed_server(workspace)
    table = workers(needed_workspace(workspace), search=search, state=state, label=label)
    with given_on(out, form) as target:
        if target is not None:
            write(table, target, *ENDINGS)
    if out == PIPE:
        return
    if as_json:
        shown = {"workers": list(map(json.loads, json_rows(table)))} if out is None else {"out": str(out)}
        print_json({"count": len(table), **shown})
    elif out is not None:
        print(f"{len(table)} workers are in {out}")
    elif not len(table):
        print(
            "there are no such workers" if search or state or label else "nobody has joined yet; see dataforge invite"
        )
    else:
        show(table)
