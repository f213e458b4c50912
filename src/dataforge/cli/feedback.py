"""`dataforge feedback`: what experts said in a trial, and what becomes of it."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json
from dataforge.cli._tables import show
from dataforge.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

    from dataforge.runs.handle.trial import Trial

__all__ = ["What", "command"]


class What(StrEnum):
    """What is made of the feedback."""

    SAID = "said"
    DOUBTS = "doubts"
    CONTROL = "control"
    TRAINING = "training"


def command(
    name: Annotated[str, typer.Argument(help="The trial's name.")],
    what: Annotated[
        What, typer.Option(help="All that was said, what is doubtful, or items that may be control or training items.")
    ] = What.SAID,
    count: Annotated[
        int | None, typer.Option(min=1, help="How many control or training items; by default all.")
    ] = None,
    training: Annotated[
        int | None, typer.Option(min=0, help="How many items with a comment control items leave for training.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it to a file: .csv, .xlsx, .json, .jsonl or .parquet.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what experts said of a task, or write control and training items made of it to a file.

    Works while the trial goes on, with what is there.

    Examples:

        dataforge feedback trial
        dataforge feedback trial --what control --count 20 --out gold.csv
        dataforge feedback trial --what training --count 10 --out training.csv
    """
    from dataforge.runs.handle.tables.files import ENDINGS, json_rows, write
    from dataforge.runs.handle.trial import open_trial

    _refuse(what, count, training, out)
    with open_trial(name, needed_workspace(workspace)) as trial:
        table = _made(trial, what, count, training)
        duration, hint = trial.duration, trial.task.duration
    if out is not None:
        write(table, out, *ENDINGS)
    if as_json:
        shown = {"rows": list(map(json.loads, json_rows(table)))} if out is None else {"out": str(out)}
        print_json({"trial": name, "what": what.value, "count": len(table), "duration": duration, **shown})
        return
    if out is not None:
        print(f"{len(table)} rows are in {out}")
    else:
        show(table)
    if duration is not None and not trial.judged:
        print(f"an item took experts {duration:.1f} s; the task says {hint:g} s")


def _refuse(what: What, count: int | None, training: int | None, out: Path | None) -> None:
    """Raise `SpecError` for options that say nothing of what is made, or a file that cannot be written."""
    from dataforge.runs.handle.tables.files import ENDINGS

    if out is not None and out.suffix.lower() not in ENDINGS:
        raise SpecError(f"--out: expected a file that ends in {', '.join(ENDINGS)}, got {str(out)!r}")
    if count is not None and what not in (What.CONTROL, What.TRAINING):
        raise SpecError(f"--count {count}: is about control and training items; name them by --what")
    if training is not None and what is not What.CONTROL:
        raise SpecError(f"--training {training}: is about control items, --what control")


def _made(trial: Trial, what: What, count: int | None, training: int | None) -> pd.DataFrame:
    match what:
        case What.SAID:
            return trial.feedback()
        case What.DOUBTS:
            return trial.doubts
        case What.CONTROL:
            return trial.control_items(count, training=training)
        case What.TRAINING:
            return trial.training_items(count)
