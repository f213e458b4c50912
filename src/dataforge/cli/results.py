"""`dataforge results`: a run's tables."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._pipes import PIPE, check_pipe, given_on
from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json
from dataforge.cli._tables import show, show_downwards
from dataforge.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

    from dataforge.runs.handle.run import Run

__all__ = ["What", "command"]


class What(StrEnum):
    """The tables of a run."""

    LABELS = "labels"
    PROBABILITIES = "probabilities"
    RESPONSES = "responses"
    SOLUTIONS = "solutions"
    CHECKS = "checks"
    SUMMARY = "summary"
    WORKERS = "workers"
    VOTERS = "voters"
    COST = "cost"
    CONTROL = "control"
    CONFUSIONS = "confusions"
    METRICS = "metrics"
    MOS = "mos"
    PREFERENCES = "preferences"


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    what: Annotated[What, typer.Option(help="Which table.")] = What.LABELS,
    out: Annotated[
        Path | None, typer.Option(help="Write it to a file: .csv, .xlsx, .json, .jsonl or .parquet; or -.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="What `-` is, in place of a name's ending: csv, tsv, jsonl, parquet; or what the answers are written "
            "as for others: coco, yolo, voc, png, cvat, cvat-video, mot, kitti, kitti-tracking, nuscenes, sustech, "
            "label-studio, conll, spacy, chat, tsv, webvtt, srt, textgrid, folder.",
        ),
    ] = "csv",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a run's labels, responses, solutions, checks, workers, cost and other tables, or write them to a file.

    Works while the run goes on, with what is there.

    Examples:

        dataforge results photos --out labels.csv
        dataforge results photos --what workers
        dataforge results photos --out - --format jsonl | head
        dataforge results photos --format coco --out photos.json
    """
    from dataforge.runs.handle.run import open_run
    from dataforge.runs.handle.tables.files import ENDINGS, json_rows, write

    check_pipe(out, as_json=as_json)
    # A table of tabs is piped as every table is.
    if what is What.LABELS and _is_of_others(form) and (out, form) != (PIPE, "tsv"):
        _export(open_run(name, needed_workspace(workspace)), form, out, as_json=as_json)
        return
    if out not in (None, PIPE) and out.suffix.lower() not in ENDINGS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(ENDINGS)}, got {str(out)!r}")
    run = open_run(name, needed_workspace(workspace))
    table = _table(run, what)
    with given_on(out, form) as target:
        if target is not None:
            write(table, target, *ENDINGS)
    if out == PIPE:
        return
    if as_json:
        shown = {"rows": list(map(json.loads, json_rows(table)))} if out is None else {"out": str(out)}
        print_json({"run": name, "what": what.value, "count": len(table), **shown})
    elif out is not None:
        print(f"{len(table)} rows of {what.value} are in {out}")
    elif what is What.COST and len(table) == 1:
        show_downwards(table.iloc[0])
    else:
        show(table)


def _table(run: Run, what: What) -> pd.DataFrame:
    if what is What.MOS:
        scores: pd.DataFrame = run.mos().systems.reset_index()
        return scores
    if what is What.PREFERENCES:
        pairs: pd.DataFrame = run.preferences().pairs.reset_index()
        return pairs
    table: pd.DataFrame = getattr(run, what.value)()
    return table


def _is_of_others(form: str) -> bool:
    """Whether a name is that of a format of others, which are files and folders."""
    from dataforge.registry import names

    return form.lower().replace("_", "-") in names("formats")


def _export(run: Run, form: str, out: Path | None, *, as_json: bool) -> None:
    if out is None or out == PIPE:
        raise SpecError(f"--format {form}: expected a file or a folder to write to; name it by --out")
    run.export(form, out)
    if as_json:
        print_json({"run": run.name, "what": What.LABELS.value, "format": form, "out": str(out)})
    else:
        print(f"the answers are in {out}, as {form}")
