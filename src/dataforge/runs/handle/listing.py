"""The runs of a workspace: in short, and each by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dataforge.arguments import entry
from dataforge.endings import Ending, last_ending
from dataforge.errors import DataForgeError, RunError, RunGone
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.runs.handle.holding.gone import finish_renaming
from dataforge.workspace import Workspace

__all__ = ["RunInfo", "folder_of", "list_runs"]


@dataclass(frozen=True)
class RunInfo:
    """A run of a workspace in short. `driven`: some process drives it now; `unreadable`: why nothing else is known.

    `archived`: it was put aside, and nobody works at it. `judges`: the run whose answers are judged in this one.
    """

    name: str
    task: str
    created: float
    ending: Ending | None
    driven: bool
    unreadable: str = ""
    archived: bool = False
    judges: str = ""


@entry
def list_runs(workspace: str | Path | Workspace | None = None, *, archived: bool = False) -> list[RunInfo]:
    """The workspace's runs, newest first, with those that cannot be read; with `archived` also those put aside.

    Behind each is the run in which its answers are judged, if there is one.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folders = run_folders(place.runs)
    judged = {check.name: folder.name for folder in folders if folder.exists and (check := folder.check()) is not None}
    found = [info for folder in folders if (info := _info(folder, judged.get(folder.name, ""))) is not None]
    shown = [info for info in found if archived or not info.archived]
    first = {info.name: (-info.created, info.name) for info in shown}
    return sorted(shown, key=lambda info: (*first.get(info.judges, first[info.name]), bool(info.judges)))


def folder_of(name: str, workspace: str | Path | Workspace | None = None) -> RunFolder:
    """The folder of a run that is there; raises `RunError` where there is none, `RunGone` where it is no more."""
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    folder = RunFolder.of(place, name)
    if not folder.exists:
        finish_renaming(place, folder.name)
    mark = folder.gone()
    if mark is not None and mark.what != "archived":
        raise RunGone(mark.told(folder.name))
    if not folder.exists:
        known = ", ".join(info.name for info in list_runs(place)[:10]) or "none"
        raise RunError(f"there is no run {name!r} in {str(place.root)!r}; runs are: {known}")
    return folder


def _info(folder: RunFolder, judges: str) -> RunInfo | None:
    """The run of the folder; None where there is none, or one that is being deleted."""
    try:
        mark = folder.gone()
        if not folder.exists or (mark is not None and mark.what == "deleted"):
            return None
        if mark is not None and mark.what == "renamed":
            return _unreadable(folder, mark.told(folder.name))
        description = folder.describe()
        ending = last_ending(folder.log)
        driven = ending is None and folder.locked()
    except (DataForgeError, OSError) as error:
        return _unreadable(folder, str(error))
    task = description.publication.task.id
    return RunInfo(folder.name, task, description.created, ending, driven, archived=mark is not None, judges=judges)


def _unreadable(folder: RunFolder, why: str) -> RunInfo | None:
    try:
        return RunInfo(folder.name, "", folder.path.stat().st_mtime, None, False, why)
    except FileNotFoundError:
        return None
