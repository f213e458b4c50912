"""A run gets another name, is put aside or is deleted, because whoever holds it in the hand asks for it."""

from __future__ import annotations

from collections.abc import Callable
from time import time_ns

from dataforge.changes.gone import Gone, bring_back, mark_gone
from dataforge.errors import DataForgeError, RunError, Unreachable
from dataforge.names import check_name
from dataforge.platforms import Platform
from dataforge.records import SetState, State
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.runs.driving.gone import carry_out
from dataforge.runs.driving.view import RunView
from dataforge.workspace import Workspace

__all__ = ["delete", "finish_renaming", "put_aside", "refuse_at_work", "rename", "take_back"]

PATIENCE = 60.0
"""How long, in seconds, another process that drives the run may take to let go: it may be in a long computation."""


def refuse_at_work(view: RunView, what_to_do: str) -> None:
    """Raise `RunError` while people are at work at the run."""
    with view.lock:
        out, pending = view.state.in_flight, view.state.pages_pending
    if out:
        raise RunError(
            f"run {view.description.name!r} is at work, pages that workers hold: {out - pending}, that wait for a "
            f"verdict: {pending}; {what_to_do}"
        )


def rename(folder: RunFolder, name: str, platform: Platform, let_go: Callable[[], None]) -> RunFolder:
    """Call the run otherwise; give its new folder."""
    target = RunFolder(folder.path.with_name(check_name(name)))
    if target.name == folder.name:
        return folder
    if target.exists:
        raise RunError(f"another run is named {target.name!r} already; choose another name")
    mark_gone(folder.path, Gone("renamed", target.name))
    let_go()
    _carry_out(folder, platform)
    return target


def finish_renaming(place: Workspace, name: str) -> None:
    """Give a run this name that was to get it when a process was killed."""
    for folder in run_folders(place.runs):
        if folder.gone() == Gone("renamed", name):
            carry_out(folder, place)


def delete(folder: RunFolder, platform: Platform | None, let_go: Callable[[], None]) -> None:
    """Delete the run; without a platform what that has of it stays there."""
    mark_gone(folder.path, Gone("deleted"))
    let_go()
    _carry_out(folder, platform)


def put_aside(folder: RunFolder, platform: Platform, let_go: Callable[[], None]) -> None:
    """Archive the run."""
    mark_gone(folder.path, Gone("archived"))
    let_go()
    try:
        _set_state(folder, platform, "archived")
    except DataForgeError:
        bring_back(folder.path)
        raise


def take_back(folder: RunFolder, platform: Platform, *, over: bool) -> None:
    """Bring an archived run back: paused, unless it is over."""
    if folder.gone() is None:
        raise RunError(f"run {folder.name!r} is not archived")
    _set_state(folder, platform, "closed" if over else "paused")
    bring_back(folder.path)


def _set_state(folder: RunFolder, platform: Platform, state: State) -> None:
    name = folder.describe().publication.name
    platform.execute(name, [SetState(f"by-hand-{state}-{time_ns()}", state)])


def _carry_out(folder: RunFolder, platform: Platform | None) -> None:
    try:
        carry_out(folder, Workspace(folder.path.parents[1]), platform, patience=PATIENCE)
    except Unreachable as error:
        raise Unreachable(f"{error}; what was begun with run {folder.name!r} is finished then") from error
