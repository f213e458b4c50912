"""`dataforge try-out`: experts try a task out before workers get it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataforge.cli._experts import ExpertNames, ExpertPrice, Experts, experts_of
from dataforge.cli._policy import Languages, languages_in
from dataforge.cli._prefill import prefill_of
from dataforge.cli._shared import EncodingOption, JsonOption, WorkspaceOption, print_json
from dataforge.cli._source import load_task
from dataforge.workspace import Workspace

__all__ = ["command"]


def command(
    source: Annotated[str, typer.Argument(metavar="FILE.py[:TASK]", help="Where the task is; @df.task above it.")],
    items: Annotated[Path, typer.Option(help="A file with a row per item: .csv, .jsonl, .parquet …; or a folder.")],
    experts: Experts = None,
    expert: ExpertNames = None,
    solutions: Annotated[
        list[str] | None,
        typer.Option(metavar="[OUTPUT=]COLUMN", help="The column with answers that experts judge, and do not answer."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The trial's name; one of that name is gone on with.")] = None,
    key: Annotated[str | None, typer.Option("--id", help="The column that names the items.")] = None,
    languages: Languages = None,
    page_price: ExpertPrice = 0.0,
    detach: Annotated[bool, typer.Option("--detach", help="Leave the trial to the server and return at once.")] = False,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have experts answer items, or judge given answers, and say of each whether it is OK.

    Prints a link for each expert, which lets one person in, once, and shows progress until all have answered. What
    they said: `dataforge feedback`.

    Examples:

        dataforge try-out my_task.py --items photos.csv --expert Anna --expert Boris --name trial
        dataforge try-out my_task.py --items labelled.csv --solutions guess --experts 1 --detach
    """
    from dataforge.runs.handle.try_out import try_out

    trial = try_out(
        load_task(source),
        items,
        experts_of(experts, expert, 2),
        solutions=prefill_of(solutions),
        name=name,
        workspace=Workspace.at(workspace),
        languages=languages_in(languages),
        page_price=page_price,
        detach=detach,
        id=key,
        encoding=encoding,
        progress=not as_json,
    )
    if not detach:
        trial.wait(progress=not as_json)
    if as_json:
        print_json({"trial": trial.name, "links": trial.links, "stage": trial.run.status().stage})
    else:
        print(f"What they say: dataforge feedback {trial.name}")
