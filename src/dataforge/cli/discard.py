"""`dataforge discard`: a worker's answers count no more in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dataforge.cli._shared import JsonOption, WorkspaceOption, needed_workspace, print_json, tell_undriven

if TYPE_CHECKING:
    from dataforge.runs.handle.run import Run

__all__ = ["command"]


def command(
    name: Annotated[str, typer.Argument(help="The run's name.")],
    worker: Annotated[
        str, typer.Argument(help="The worker's id, as in `results --what workers`, its beginning, or the name.")
    ],
    undo: Annotated[bool, typer.Option("--undo", help="Let the answers count again.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a worker's answers count no more: items that fall short are asked again, and what was paid stays paid.

    A run that was done goes on. The worker gets no more pages of it.

    Examples:

        dataforge discard photos 3f9a0c
        dataforge discard photos 3f9a0c --undo
    """
    from dataforge.runs.handle.run import open_run

    place = needed_workspace(workspace)
    with open_run(name, place) as run:
        before = _discarded(run)
        (run.reinstate if undo else run.discard)(worker)
        changed = before ^ _discarded(run)
        told = [_told(run, one, undo=undo) for one in changed]
    if as_json:
        print_json({"run": name, "worker": next(iter(changed), worker), "discarded": not undo})
        return
    state = "count" if undo else "count no more"
    print(*told or [f"run {name!r}: nothing has changed, the answers of {worker} {state} already"], sep="\n")
    tell_undriven(place, name)


def _discarded(run: Run) -> set[str]:
    workers = run.workers()
    return set(workers["worker"][workers["discarded"]])


def _told(run: Run, worker: str, *, undo: bool) -> str:
    """What became of the answers of a worker, in words."""
    called = run.workers().set_index("worker")["name"].get(worker)
    given = run.responses()
    given = given[(given["worker"] == worker) & ~given["control"]]
    who = f"{called} ({worker})" if called else worker
    count = f"run {run.name!r}: the answers of {who} count {'again' if undo else 'no more'}"
    what = f"answers: {len(given)}, on pages: {given['page'].nunique()}" if len(given) else "there are none yet"
    if undo:
        return f"{count}: {what}; the run is open to them again"
    return (
        f"{count}: {what}; items that fall short are asked again, what was paid stays paid, and they get no more pages"
    )
