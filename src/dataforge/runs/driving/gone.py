"""Renaming and deleting a run, to the end: what was written down in its folder is carried out, wherever it was cut off.

Every step may be done again. Whoever comes next goes on with what a process that was killed has begun, under the lock
of the run, so that nobody drives it meanwhile.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from dataforge.changes.gone import Gone, bring_back, mark_gone
from dataforge.errors import Refused, RunBusy, RunError
from dataforge.files.durable import sync_folder
from dataforge.platforms import Platform, RunKeeper
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.platforms import platform_of
from dataforge.runs.driving.status import rename_status
from dataforge.workspace import Workspace

__all__ = ["carry_out", "clear_remains", "is_settled"]

REMAINS = ".deleted-"


def is_settled(mark: Gone | None) -> bool:
    """Whether nothing is left to do about a run."""
    return mark is None or mark.what == "archived"


def carry_out(
    folder: RunFolder, workspace: Workspace, platform: Platform | None = None, *, patience: float = 0.0
) -> None:
    """Do what was written down that should become of the run, if anything was; wait so long for who drives it.

    Raises `RunBusy` if that one does not let go, and what the platform raises: then it is done at the next occasion.
    """
    mark = folder.gone()
    if is_settled(mark):
        return
    with _undriven(folder, patience):
        mark = folder.gone()
        if mark is None or is_settled(mark):
            folder.clear_stray()
        elif mark.what == "renamed":
            _rename(folder, mark.to, workspace, platform)
        else:
            _delete(folder, workspace, platform)
    clear_remains(workspace.runs)


def clear_remains(runs: Path) -> None:
    """Remove what is left of folders that were deleted."""
    for path in runs.glob(f"{REMAINS}*"):
        shutil.rmtree(path, ignore_errors=True)


def _acquire(lock: FileLock, patience: float) -> None:
    while True:
        # Whoever held it may have moved the folder out of its place at this very moment: then there is another one.
        with suppress(FileNotFoundError):
            lock.acquire(timeout=patience, blocking=True)
            return


@contextmanager
def _undriven(folder: RunFolder, patience: float) -> Iterator[None]:
    lock = folder.lock()
    try:
        _acquire(lock, patience)
    except Timeout:
        raise RunBusy(
            f"run {folder.name!r} is still driven by another process, which was told to let go; this is finished as "
            "soon as it does, by the server's runner or when it is asked for again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _rename(folder: RunFolder, name: str, workspace: Workspace, platform: Platform | None) -> None:
    description, target = folder.describe(), RunFolder.of(workspace, name)
    if description.name != name:
        if target.exists or target.locked():
            # Whoever launches a run holds its lock before there is anything else of it.
            bring_back(folder.path)
            raise RunError(f"another run is named {name!r} already; choose another name")
        if (there := _keeper(description, workspace, platform)) is not None:
            _rename_there(there, description, folder, name)
        rename_status(folder, name)
        folder.write(description.renamed(name))
    if folder.name != name:
        if target.exists:
            raise RunError(f"another run is named {name!r} already; move its folder {str(target.path)!r} away")
        # A launch that was refused may have left something there.
        shutil.rmtree(target.path, ignore_errors=True)
        folder.path.rename(target.path)
        sync_folder(workspace.runs)
    bring_back(target.path)


def _rename_there(there: RunKeeper, description: Description, folder: RunFolder, name: str) -> None:
    """Call the run otherwise on its platform; if that refuses, the run goes on as it was."""
    try:
        there.rename(description.publication, name)
    except Refused:
        bring_back(folder.path)
        raise


def _delete(folder: RunFolder, workspace: Workspace, platform: Platform | None) -> None:
    description = _readable(folder)
    if description is not None and description.check:
        _delete_checks(RunFolder(folder.path.parent / description.check), folder, workspace, platform)
    if description is not None and (there := _keeper(description, workspace, platform)) is not None:
        there.delete(description.publication)
    # At once out of its place, so that no part of it can be taken for a run.
    folder.path.rename(workspace.runs / f"{REMAINS}{secrets.token_hex(8)}")
    sync_folder(workspace.runs)


def _delete_checks(check: RunFolder, folder: RunFolder, workspace: Workspace, platform: Platform | None) -> None:
    """Delete the run in which the answers of a run that is deleted were judged: nobody drives it without the other."""
    description = _readable(check) if check.exists else None
    if description is not None and description.checks == folder.identity():
        mark_gone(check.path, Gone("deleted"))
        with _undriven(check, 0.0):
            _delete(check, workspace, platform)


def _readable(folder: RunFolder) -> Description | None:
    """What was launched; None if that is damaged, which keeps nobody from deleting the rest."""
    try:
        return folder.describe()
    except RunError:
        return None


def _keeper(description: Description, workspace: Workspace, platform: Platform | None) -> RunKeeper | None:
    """The run's platform; None if it was in the memory of a process that is gone, or has no way to be told of this."""
    try:
        there: object = platform or platform_of(description, workspace)
    except RunError:
        return None
    return there if isinstance(there, RunKeeper) else None
