"""`dataforge demo`: the main job from end to end, on real pictures."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, console, print_json
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from rich.console import Console

    from dataforge.demo import DemoResult
    from dataforge.runs.handle.run import Run

__all__ = ["command"]


def command(
    items: Annotated[int, typer.Option(min=2, help="Number of pictures, a tenth of which are control items.")] = 300,
    workers: Annotated[int, typer.Option(min=1, help="Number of simulated people.")] = 40,
    mix: Annotated[str, typer.Option(help="Who they are: honest, mixed or hostile.")] = "mixed",
    seed: Annotated[int, typer.Option(help="The same number gives the same pictures, people, answers and labels.")] = 0,
    people: Annotated[bool, typer.Option("--people", help="Open the task for you instead, in the browser.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the workspace, to look at the run afterwards.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Label handwritten digits from end to end over a real server.

    Simulated people of mixed honesty work through the same HTTP routes as browsers do; at the end the labels are
    compared with the truth. Without `--workspace` it works in a folder of its own, which is removed at the end. With
    `--people` nobody is simulated: the task opens in your browser and stays, in `.dataforge-demo`.

    Examples:

        dataforge demo
        dataforge demo --people
        dataforge demo --items 500 --mix hostile --seed 7 --json
    """
    if people:
        _with_people(Workspace.at(workspace or ".dataforge-demo"), items, seed)
        return
    with _folder(workspace, keep) as folder:
        result = _simulated(folder, items, workers, mix, seed)
        kept = folder.root if keep or workspace is not None else None
    if as_json:
        print_json({**asdict(result), "workspace": None if kept is None else str(kept)})
    else:
        _print_summary(console(), result, kept)


@contextmanager
def _folder(workspace: Path | None, keep: bool) -> Iterator[Workspace]:
    """The workspace that was named, or a fresh one, which is removed unless it is to be kept."""
    if workspace is not None:
        yield Workspace.at(workspace)
    elif keep:
        yield Workspace.at(tempfile.mkdtemp(prefix="dataforge-demo-"))
    else:
        with tempfile.TemporaryDirectory(prefix="dataforge-demo-", ignore_cleanup_errors=True) as folder:
            yield Workspace.at(folder)


def _simulated(workspace: Workspace, items: int, workers: int, mix: str, seed: int) -> DemoResult:
    from dataforge.demo import NAME, run_demo
    from dataforge.runs.handle.holding.display import watching

    out = console(stderr=True)

    def started(run: Run) -> None:
        if out.is_terminal and run.dashboard is not None:
            out.print(f"Watch it live: {workspace.sign_in_link(run.dashboard)}", soft_wrap=True)

    with watching(NAME, enabled=True) as watch:
        return run_demo(
            workspace,
            items=items,
            workers=workers,
            mix=mix,
            seed=seed,
            started=started,
            progressed=watch.show,
        )


def _with_people(workspace: Workspace, items: int, seed: int) -> None:
    from dataforge.demo import demo_for_people
    from dataforge.runs.handle.holding.display import watching

    out = console()
    with ExitStack() as stack:
        with console(stderr=True).status("Drawing the pictures and starting a server …"):
            run = stack.enter_context(demo_for_people(workspace, items=items, seed=seed))
        link = run.invitation or ""
        out.print(f"Answer here:   [bold]{link}[/]", soft_wrap=True)
        out.print(f"Watch it here: [bold]{workspace.sign_in_link(run.dashboard or '')}[/]", soft_wrap=True)
        out.print("Ctrl-C ends it; the same command goes on with it.\n")
        try:
            webbrowser.open(link)
            with watching(run.name, enabled=True) as watch:
                run.watched(watch)
        except KeyboardInterrupt:
            out.print("The demo has ended, and its server with it; the same command goes on with it.")
            raise
        finally:
            answered = run.labels().dropna(subset="confidence")
            if len(answered):
                right = (answered["answer"] == answered["truth"]).mean()
                out.print(f"{len(answered)} pictures labelled, {right:.1%} of the labels are right")


def _print_summary(out: Console, result: DemoResult, kept: Path | None) -> None:
    from rich.panel import Panel
    from rich.table import Table

    from dataforge.pricing.amounts import money

    facts = Table.grid(padding=(0, 3))
    facts.add_column(style="dim")
    facts.add_column()
    real = result.items - result.control_items
    for name, value in (
        ("labelled", f"{real} pictures, and {result.control_items} control items among them"),
        ("accuracy", f"[bold]{result.accuracy:.1%}[/] of the labels are right"),
        ("mean confidence", f"{result.mean_confidence:.1%}"),
        ("unsure", f"{result.unsure_items} pictures stayed below the confidence of {result.min_confidence:.0%}"),
        ("opinions", f"{result.responses} accepted, {result.responses_per_item:.2f} per picture"),
        ("pages", f"{result.accepted_pages} accepted and paid, {result.rejected_pages} rejected"),
        ("people", f"{result.workers} simulated, {result.restricted_workers} of them restricted"),
        ("cost", money(result.cost, result.currency)["en"]),
        ("time", f"{result.seconds:.1f} s"),
    ):
        facts.add_row(name, value)
    out.print(Panel(facts, title="Handwritten digits, labelled", border_style="green", expand=False))
    calibration = Table(title="Is the confidence honest?", title_justify="left", box=None, padding=(0, 2))
    for heading in ("confidence", "pictures", "mean confidence", "accuracy"):
        calibration.add_column(heading, justify="right")
    for one in result.calibration:
        bounds = f"{one.low:.0%}-{one.high:.0%}"
        calibration.add_row(bounds, str(one.items), f"{one.mean_confidence:.1%}", f"{one.accuracy:.1%}")
    out.print(calibration)
    if kept is not None:
        out.print(f"\nLook at it in the browser: [bold]dataforge serve --workspace {kept}[/]", soft_wrap=True)
    else:
        out.print("\nDo it yourself: [bold]dataforge demo --people[/]   Keep the workspace: [bold]--keep[/]")
