"""`dataforge verified`: items that somebody trusted judges, drawn and taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    items: Annotated[
        Path | None, typer.Argument(help="A file with ids and the right answers, or `_ok`: .csv, .xlsx, .jsonl …")
    ] = None,
    draw: Annotated[
        int | None, typer.Option(help="Draw so many items more to be judged, instead; 0: those that wait for it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write what was drawn: .csv, .xlsx, .json, .jsonl …")
    ] = None,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw items for somebody trusted to judge, or take in what was found of them.

    What is found is final for its item. A drawn sample that is judged to the end shows how good all answers are, as
    control items do; items that somebody picked show nothing but their own answers.

    Examples:

        dataforge verified photos --draw 100 --out to_judge.csv
        dataforge verified photos judged.csv
        dataforge verified photos --draw 0 --out still_to_judge.csv
    """
    from dataforge.runs.handle.run import open_run

    if (items is None) is (draw is None):
        raise SpecError("name a file of what was found, or draw items to be judged by --draw, and one of them only")
    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        if draw is not None:
            _write(run.to_verify(draw), name, _checked(out), as_json=as_json)
            return
        found = run.verified(items, encoding=encoding)
    if as_json:
        print_json({"run": name, **found._asdict()})
        return
    print(f"run {name!r}: {found.right} answers are right, {found.wrong} are wrong; {found.left} rows say nothing yet")
    tell_undriven(place, name)


def _checked(out: Path | None) -> Path:
    """Where to write, looked at before anything is drawn."""
    from dataforge.runs.handle.tables.files import ENDINGS

    if out is None or out.suffix.lower() not in ENDINGS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(ENDINGS)}, got {out and str(out)!r}")
    return out


def _write(table: object, name: str, out: Path, *, as_json: bool) -> None:
    import pandas as pd

    from dataforge.runs.handle.tables.files import ENDINGS, write

    assert isinstance(table, pd.DataFrame)
    write(table, out, *ENDINGS)
    if as_json:
        print_json({"run": name, "out": str(out), "count": len(table)})
    else:
        print(f"{len(table)} items to judge are in {out}: fill the column _ok, and give the file to this command")
