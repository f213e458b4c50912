"""`dataforge results`: a run's tables."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, console, needed_workspace, print_json
from dataforge.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["What", "command"]

KINDS = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
ROWS_SHOWN = 20


class What(StrEnum):
    """The tables of a run."""

    LABELS = "labels"
    PROBABILITIES = "probabilities"
    RESPONSES = "responses"
    WORKERS = "workers"
    COST = "cost"


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    what: Annotated[What, typer.Option(help="Which table.")] = What.LABELS,
    out: Annotated[Path | None, typer.Option(help="Write it to a file: .csv, .json or .parquet.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run's labels, probabilities, responses, workers or cost, or write them to a file.

    Works while the run goes on, with what is there.

    Examples:

        dataforge results photos --out labels.csv
        dataforge results photos --what workers
    """
    from dataforge.runs.handle.results import write
    from dataforge.runs.handle.run import open_run

    if out is not None and out.suffix.lower() not in KINDS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(KINDS)}, got {str(out)!r}")
    run = open_run(name, needed_workspace(workspace))
    table: pd.DataFrame = getattr(run, what.value)()
    if out is not None:
        write(table, out, KINDS[out.suffix.lower()])
    if as_json:
        shown = {"rows": _as_json(table)} if out is None else {"out": str(out)}
        print_json({"run": name, "what": what.value, "count": len(table), **shown})
    elif out is not None:
        print(f"{len(table)} rows of {what.value} are in {out}")
    elif what is What.COST:
        _show_downwards(table.iloc[0])
    else:
        _show(table)


def _as_json(table: pd.DataFrame) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(table.to_json(orient="records", date_format="iso"))
    return rows


def _show(table: pd.DataFrame) -> None:
    from rich.table import Table

    drawn = Table(box=None, padding=(0, 1))
    for column in table.columns:
        drawn.add_column(str(column), overflow="fold")
    for row in table.head(ROWS_SHOWN).itertuples(index=False):
        drawn.add_row(*map(_cell, row))
    out = console()
    out.print(drawn)
    if len(table) > ROWS_SHOWN:
        out.print(f"… and {len(table) - ROWS_SHOWN} more rows; all of them: --out labels.csv")


def _show_downwards(row: pd.Series) -> None:
    from rich.table import Table

    drawn = Table(box=None, padding=(0, 1), show_header=False)
    for name, value in row.items():
        drawn.add_row(str(name), _cell(value))
    console().print(drawn)


def _cell(value: object) -> str:
    from rich.markup import escape

    if value is None or value != value:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else escape(str(value))
