"""A launched run made be there: as it was launched before, if that is the same, or anew, at most once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from filelock import FileLock, Timeout

from dataforge.data.items import Items
from dataforge.data.training import TrainingItems
from dataforge.errors import DataForgeError, Refused, RunBusy, RunError
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.runs.core import texts
from dataforge.runs.core.differences import Differences, asks_the_same, differences
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.gone import carry_out
from dataforge.runs.handle.launches.checks import Parted, describe_checks, launch_checks
from dataforge.runs.handle.launches.uploads import refuse_changed, upload
from dataforge.runs.handle.listing import list_runs
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["Launched", "clear", "free_name", "locked"]

LOCK_PATIENCE = 10.0
LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Launched:
    """What is launched, and where: its folder and its platform.

    `of_checks` is the policy of the run in which answers are judged; `namesakes` the workspace whose other runs may ask
    the same, None where the run was given a name.
    """

    folder: RunFolder
    platform: Platform
    asked: Parted
    description: Description
    of_checks: Policy | None
    namesakes: Workspace | None
    training: TrainingItems | None = None

    def go_on_or_begin(self, lock: FileLock | None, *, show: bool) -> None:
        """Have the run be there: as it was launched before, if that is the same, or anew."""
        if self.folder.exists:
            self._refuse_another()
        elif lock is None:
            raise RunBusy(f"run {self.folder.name!r} is just being launched by another process; try again in a moment")
        else:
            with _gone_if_refused(self.folder):
                description = self._published(show=show)
            self.folder.create(description, self.asked.items)

    def _refuse_another(self) -> None:
        """Raise `RunError` if the run that is there was launched with something else."""
        _refuse_differences(self.folder, self.description, self.asked.items)
        refuse_changed(self.folder, self._files())
        of_run = self.folder.check()
        if of_run is not None and self.of_checks is not None:
            asked = self.asked.said(of_run, ask=False)
            description = describe_checks(of_run.name, asked, self.of_checks, self.platform)
            _refuse_differences(of_run, description, asked.control)
            refuse_changed(of_run, asked.control.files())

    def _files(self) -> list[str]:
        """The local files that the run shows, in its training, too."""
        return [*self.asked.items.files(), *(self.training.items.files() if self.training is not None else ())]

    def _published(self, *, show: bool) -> Description:
        """The run with its files on the platform, and that of its checks."""
        description = self.description.with_identity(self.folder.identity())
        if self.namesakes is not None:
            description = _noting_others(description, self.asked.items, self.namesakes)
        upload(self.folder, self._files(), lambda: self.platform, show=show)
        self.platform.publish(self.folder.on_platform(description.publication))
        if self.of_checks is None:
            return description
        check = launch_checks(self.folder, self.asked, self.of_checks, self.platform, show=show)
        return msgspec.structs.replace(description, check=check)


def clear(folder: RunFolder, place: Workspace) -> None:
    """Finish what was begun with a run that had the name; raises `RunError` if that is archived."""
    carry_out(folder, place, patience=LOCK_PATIENCE)
    if (mark := folder.gone()) is not None:
        raise RunError(mark.told(folder.name))


def free_name(workspace: Workspace, task: Task) -> str:
    """The task's id with the date, and a number if that is taken; the folder is made, so that it stays free."""
    stem = f"{task.id[:80]}-{time.strftime('%Y%m%d')}"
    number = 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        try:
            (workspace.runs / name).mkdir()
        except FileExistsError:
            number += 1
        else:
            return name


@contextmanager
def locked(folder: RunFolder) -> Iterator[FileLock | None]:
    """The run's lock while the folder is looked at, or None if another process drives the run."""
    lock = folder.lock()
    give_up = time.monotonic() + LOCK_PATIENCE
    while True:
        folder.path.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except FileNotFoundError:
            # A run of that name was just being deleted, and its folder with it.
            continue
        except Timeout:
            # Who holds the lock of a run that is not yet there is about to make it.
            if folder.exists or time.monotonic() > give_up:
                yield None
                return
            time.sleep(LOOK_EVERY)
            continue
        try:
            yield lock
        finally:
            lock.release()
        return


def _noting_others(description: Description, items: Items, place: Workspace) -> Description:
    """The launch with a notice of each run that is open and asks the same: people would be paid twice."""
    task = description.publication.task.id
    folders = [RunFolder.of(place, run.name) for run in list_runs(place) if run.task == task and run.ending is None]
    others = []
    for folder in folders:
        with suppress(DataForgeError):  # of a run that is damaged its own launch tells
            if asks_the_same(folder, description, items):
                others.append(folder.name)
    return msgspec.structs.replace(description, notices=(*description.notices, *map(texts.asked_twice, others)))


@contextmanager
def _gone_if_refused(folder: RunFolder) -> Iterator[None]:
    """Leave no folder of a run that the platform does not take; one of an earlier try may be of a run that it has."""
    first = not folder.has_identity
    try:
        yield
    except Refused as error:
        if first and error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            shutil.rmtree(folder.path, ignore_errors=True)
        raise


def _refuse_differences(folder: RunFolder, description: Description, items: Items) -> None:
    found = differences(folder, description, items)
    if found:
        raise RunError(
            f"run {folder.name!r} is there already and differs from this launch: {found}; choose another name, or "
            f"launch what it was launched with to go on with it{_or_change(folder.name, found)}"
        )


def _or_change(name: str, found: Differences) -> str:
    """How to have the run ask what the launch asks, as far as it may change."""
    if not found.changeable:
        return ""
    given = ", ".join(f"{setting}=…" for setting in found.changeable)
    return f"; to change the run: open_run({name!r}).change({given}), or `dataforge change` on the command line"
