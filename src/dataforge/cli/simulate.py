"""`dataforge simulate`: simulated people answer a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import EncodingOption, JsonOption, WorkspaceOption, console, needed_workspace, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from dataforge.simulation.simulation import SimulationReport

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    truth: Annotated[
        Path | None, typer.Option(help="A table of the items with their right answers; not needed for files.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many people.")] = 40,
    mix: Annotated[str, typer.Option(help="Who they are: honest, mixed or hostile.")] = "mixed",
    seed: Annotated[int, typer.Option(help="The same number gives the same people and answers.")] = 0,
    encoding: EncodingOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let simulated people answer a run, to see what a policy costs and how sure its answers become.

    The run must be driven by somebody: by `dataforge launch` in another terminal, or by the server if it was launched
    with `--detach`. Launch it with `--no-speed-rules`, because simulated people answer in no time.

    Example:

        dataforge simulate trial --truth known.csv --workers 40 --mix mixed --seed 1
    """
    from dataforge.runs.handle.holding.display import watching
    from dataforge.runs.handle.run import open_run
    from dataforge.simulation import simulate

    place = needed_workspace(workspace)
    run = open_run(name, place)
    with watching(name, enabled=True) as watch:
        report = simulate(
            name,
            truth,
            workers=workers,
            mix=mix,
            seed=seed,
            workspace=place,
            on_page=lambda: watch.show(run.status()),
            encoding=encoding,
        )
    if as_json:
        people = [asdict(worker) for worker in report.workers]
        print_json({"run": name, "pages": report.pages, "responses": report.responses, "workers": people})
    else:
        _show(console(), report, run.status().currency)


def _show(out: Console, report: SimulationReport, currency: str) -> None:
    from rich.table import Table

    from dataforge.pricing.amounts import money
    from dataforge.records import MICRO

    table = Table(box=None, padding=(0, 2))
    for heading in ("who", "pages", "right", "accepted", "rejected", "earned", "end"):
        table.add_column(heading, justify="left" if heading in ("who", "end") else "right")
    for worker in report.workers:
        right = f"{worker.right / worker.answers:.0%}" if worker.answers else ""
        earned = money(worker.earned / MICRO, currency)["en"]
        numbers = (worker.pages, right, worker.pages_accepted, worker.pages_rejected, earned)
        table.add_row(worker.name, *map(str, numbers), worker.closed)
    out.print(table)
    out.print(f"{report.responses} responses on {report.pages} pages in {report.seconds:.1f} s")
