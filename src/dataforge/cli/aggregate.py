"""`dataforge aggregate`: labels from a file of answers."""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataforge.cli._pipes import PIPE, FormatOption, check_pipe, given_on, read_in
from dataforge.cli._shared import EncodingOption, JsonOption, console, print_json

if TYPE_CHECKING:
    from dataforge.aggregation.command import What
    from dataforge.aggregation.summary import Summary

__all__ = ["command"]

ROWS_SHOWN = 20


def command(
    answers: Annotated[
        Path, typer.Argument(help="Such as task, worker, label, by column: .csv, .tsv, .jsonl, .parquet; or -.")
    ],
    method: Annotated[
        str, typer.Option(help="Such as dawid-skene, majority-vote, glad, mace; a name that is unknown lists all.")
    ] = "hierarchical-dawid-skene",
    known: Annotated[
        Path | None, typer.Option(help="Known answers (task, label): they stay, teach, and limit confidence.")
    ] = None,
    gold: Annotated[Path | None, typer.Option(help="Known answers (task, label): they measure accuracy.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the labels to a file: .csv, .xlsx, .jsonl or .parquet; or -.")
    ] = None,
    form: FormatOption = "csv",
    encoding: EncodingOption = None,
    param: Annotated[
        list[str] | None, typer.Option(help="A parameter of the method, such as n_iter=50; may be repeated.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="What a column is called in the file: worker=coder; may be repeated.")
    ] = None,
    what: Annotated[str, typer.Option(help="labels, or probabilities: that of every label.")] = "labels",
    levels: Annotated[
        str | None, typer.Option(help="Labels are grades, from the lowest: 1,2,3,4,5. Adds their mean and limits.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Turn many workers' answers in a file into one for each task, and say how good they are.

    Labels and numbers: columns task, worker, label; comparisons: left, right, label (the winner); texts: task, worker,
    text. A row without a label is no answer, or a tie. Columns of CSV files are read as text. No workspace is needed.

    Examples:

        dataforge aggregate labels.csv --known known.csv --gold gold.csv --out result.parquet
        zcat labels.csv.gz | dataforge aggregate - --out - | head
    """
    from dataforge.aggregation.command import aggregate_file

    check_pipe(out, as_json=as_json)
    parameters = dict(_parameter(text) for text in param or [])
    with read_in(answers, form) as source, given_on(out, form) as target:
        with _progress(method, shown=not as_json) as on_iteration:
            summary = aggregate_file(
                source,
                method=method,
                known=known,
                gold=gold,
                out=target,
                encoding=encoding,
                parameters=parameters,
                columns=dict(_named(text) for text in column or []),
                what=_what(what),
                levels=None if levels is None else [level.strip() for level in levels.split(",")],
                on_iteration=on_iteration,
            )
        _tell(summary, out, as_json=as_json)


def _tell(summary: Summary, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        result = {"rows": summary.labels.to_pylist()} if out is None else {"out": str(out)}
        print_json({**_as_json(summary), **result})
        return
    # Where the labels go to the next program, the summary goes to who watches.
    told = sys.stderr if out == PIPE else sys.stdout
    for line in summary.lines():
        print(line, file=told)
    if out is None:
        _show(summary)
    elif out != PIPE:
        print(f"{summary.n_tasks} {'items' if 'item' in summary.labels.column_names else 'labels'} are in {out}")


def _parameter(text: str) -> tuple[str, Any]:
    """`ties=half` or `n_iter=50`: the value is read as Python writes it, or else it is a text."""
    from dataforge.errors import AggregationError

    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise AggregationError(f"--param needs name=value, got {text!r}")
    try:
        return name.strip(), ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name.strip(), value


def _named(text: str) -> tuple[str, str]:
    """`worker=coder`: our name of a column, and the file's."""
    from dataforge.errors import AggregationError

    name, _, theirs = text.partition("=")
    if not (name.strip() and theirs.strip()):
        raise AggregationError(f"--column needs our name and the file's, such as worker=coder, got {text!r}")
    return name.strip(), theirs.strip()


def _what(text: str) -> What:
    """The word, if it is one of those there are."""
    from dataforge.errors import AggregationError

    if text == "labels":
        return "labels"
    if text == "probabilities":
        return "probabilities"
    raise AggregationError(f"--what needs to be 'labels' or 'probabilities', got {text!r}")


@contextmanager
def _progress(method: str, *, shown: bool) -> Iterator[Callable[[int, float], None] | None]:
    """What to call after each iteration: a line that changes, for who watches in a terminal."""
    errors = console(stderr=True)
    if not (shown and errors.is_terminal):
        yield None
        return
    from rich.markup import escape

    name = escape(method)
    with errors.status(name) as status:
        yield lambda iteration, loss: status.update(f"{name}: iteration {iteration}, {loss:.5g}")


def _as_json(summary: Summary) -> dict[str, Any]:
    known = summary.known
    return {
        "method": summary.method,
        "answers": summary.n_answers,
        "tasks": summary.n_tasks,
        "workers": summary.n_workers,
        "agreement": _number(summary.agreement),
        "alpha": _number(summary.alpha),
        "accuracy": None if known is None else known.accuracy,
        "error": None if known is None else _number(known.error),
        "correlation": None if known is None else known.correlation,
        "gold": 0 if known is None else known.n,
        "ceiling": summary.ceiling,
        "unanswered": 0 if known is None else known.unanswered,
        "iterations": summary.n_iter,
        "converged": summary.converged,
        "warnings": list(summary.warnings),
        "below": [
            {"worker": worker.worker, "answers": worker.answers, "agreement": worker.agreement}
            for worker in summary.below
        ],
    }


def _number(value: float | None) -> float | None:
    """JSON knows no NaN."""
    return None if value is None or math.isnan(value) else value


def _show(summary: Summary) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1))
    for name in summary.labels.column_names:
        table.add_column(Text(name), overflow="fold")
    for row in summary.labels.slice(0, ROWS_SHOWN).to_pylist():
        table.add_row(*(Text(f"{cell:.3f}" if isinstance(cell, float) else str(cell)) for cell in row.values()))
    shown = console()
    shown.print(table)
    if summary.n_tasks > ROWS_SHOWN:
        shown.print(f"… and {summary.n_tasks - ROWS_SHOWN} more; all of them: --out labels.csv")
