"""Launch a task over items: the one call that turns a description into a run that goes on by itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from dataforge import price
from dataforge.arguments import entry
from dataforge.drafts import Planting, Prefill, planted
from dataforge.errors import DataForgeError, Refused, RunBusy, RunError, SpecError
from dataforge.items import Items
from dataforge.mistakes import Mistakes
from dataforge.models import Model, models_of
from dataforge.names import check_name
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.reading import gather_items
from dataforge.registry import load
from dataforge.runs.core import texts
from dataforge.runs.core.about import refuse_unpaid
from dataforge.runs.core.differences import Differences, asks_the_same, differences
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.foresight import foresee_quickly
from dataforge.runs.driving.gone import carry_out
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.ways import policy_of, way_name, way_of
from dataforge.runs.handle.announce import announcement, is_read_now
from dataforge.runs.handle.asking import Asking
from dataforge.runs.handle.checks import Parted, describe_checks, launch_checks, noting_controls, parted, shares
from dataforge.runs.handle.describe import describe
from dataforge.runs.handle.known import of_trial
from dataforge.runs.handle.listing import list_runs
from dataforge.runs.handle.run import Run
from dataforge.runs.handle.told import shared_with_others, without_told
from dataforge.runs.handle.uploads import upload
from dataforge.studies import check_study
from dataforge.task import Task
from dataforge.timing import timed
from dataforge.training import SCORE, TrainingItems, read_training, share_for_score
from dataforge.voters import check_voters
from dataforge.workspace import Workspace

__all__ = ["OURS", "launch"]

# The platform that is there without being asked for: the workspace's server.
OURS = "embedded"
LOCK_PATIENCE = 10.0
# Who reads what is printed does not wait long for a forecast: so often it is rehearsed, with so many items.
AT_LAUNCH, SAMPLE = 4, 150
LOOK_EVERY = 0.1


# Long because its arguments are told.
@entry
def launch(
    task: Task,
    items: Any = None,
    control: Any = None,
    policy: Policy | str | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    detach: bool = False,
    id: str | None = None,  # noqa: A002 - the word for it
    progress: bool = True,
    open: bool = False,  # noqa: A002 - the word for it
    encoding: str | None = None,
    check: Task | None = None,
    prefill: Prefill | Model | None = None,
    voters: Mapping[str, str | Mapping[Any, str]] | Model | Sequence[Model] | None = None,
    target: float | None = None,
    budget: float | None = None,
    training: Any = None,
) -> Run:
    """Start a run of a task over items, or go on with the one of that name; `df.launch` tells of its arguments."""
    policy = _aiming(task, _policy(policy), target, budget)
    models, columns = models_of(voters)
    asking = Asking.of(models, prefill)
    policy = policy if columns is None else policy.changed(voters=columns)
    policy = policy if training is None or policy.training is not None else policy.changed(training=SCORE)
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    with _told_together(task, policy, name, platform) as mistakes:
        everything = taught = None
        with mistakes.noted():
            taught = _training(task, of_trial(training, "training", place), policy, encoding)
        with mistakes.noted():
            known, shown = of_trial(control, "control", place), () if taught is None else (taught.items,)
            drafts = asking.other_drafts(prefill)
            everything = gather_items(task, items, known, id, encoding, drafts, leave_out=shown)
            everything = without_told(everything, place, name)
        if everything is not None:
            with mistakes.noted():
                task, everything = _timed(task, everything, place, name)
                check_study(task, everything)
            if policy.voters is not None:
                with mistakes.noted():
                    check_voters(task, {} if models else policy.voters, everything)
            if policy.check_drafts and prefill is None and not everything.drafted and not open:
                mistakes.note(SpecError("check_drafts=True: no item has a draft; say where drafts are, prefill=…"))
            if taught is not None:
                with mistakes.noted():
                    taught.refuse_shared(everything)
            with mistakes.noted(), suppress(SpecError):
                # Pages and prices are worked out again below; that there is no way is said by itself.
                asked = parted(task, policy, everything, check)
                price.plan(task, policy_of(task, policy), asked.items, more=open)
    assert everything is not None, "or it was refused"
    asked = parted(task, policy, everything, check)
    policy = asking.left_of(policy, asked.items)
    policy, of_checks = shares(asked, policy, more=open)
    place.make().runs.mkdir(exist_ok=True)
    folder = RunFolder.of(place, _free_name(place, task) if name is None else check_name(name))
    there = _platform(platform, place)
    if detach and there.name != OURS:
        raise RunError(f"detach=True needs the embedded platform, whose server drives the run; got {there.name!r}")
    _clear(folder, place)
    said = asking.asked(asked.items, folder.path, () if folder.exists else range(asked.items.count))
    asked = replace(asked, items=planted(said, asking.promise(prefill), Planting.under(policy)))
    description = _taught(describe(folder.name, task, asked.items, policy, there, open=open), taught, policy, place)
    if of_checks is not None:
        description = noting_controls(description, asked, everything)
    begins = not folder.exists
    if begins:
        refuse_unpaid(description.publication, policy_of(task, policy))
    launched = _Launched(folder, there, asked, description, of_checks, None if name is not None else place, taught)
    with _locked(folder) as lock:
        launched.go_on_or_begin(lock, show=progress)
        view = RunView.open(folder, task, asked.items)
    run = Run(folder, view.description, lambda: there, (view, Driver(view, there)), asking=asking)
    if not detach:
        run.drive()
    if progress and begins and is_read_now():
        view.foreseen = foresee_quickly(view, AT_LAUNCH, SAMPLE)
    if progress:
        print(*announcement(run, place if there.name == OURS and is_read_now() else None), sep="\n", flush=True)
    return run


def _timed(task: Task, items: Items, place: Workspace, name: str | None) -> tuple[Task, Items]:
    """The task with its duration by the items; a run that is there goes on with the one that it was launched with."""
    if task.timing is not None and name is not None and (folder := RunFolder.of(place, name)).exists:
        return replace(task, duration=folder.describe().publication.task.duration, timing=None), items
    return timed(task, items)


@contextmanager
def _told_together(task: Task, policy: Policy, name: str | None, platform: Platform | str | None) -> Iterator[Mistakes]:
    """Whatever is wrong is said together, and before anything is started: of the settings, and what is noted inside."""
    with Mistakes() as mistakes:
        with mistakes.noted():
            way_of(task, policy)
        yield mistakes
        with mistakes.noted():
            if name is not None:
                check_name(name)
        with mistakes.noted():
            _check_platform(platform)


@dataclass(frozen=True)
class _Launched:
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
        of_run = self.folder.check()
        if of_run is not None and self.of_checks is not None:
            description = describe_checks(of_run.name, self.asked, self.of_checks, self.platform)
            _refuse_differences(of_run, description, self.asked.control)

    def _published(self, *, show: bool) -> Description:
        """The run with its files on the platform, and that of its checks."""
        description = self.description.with_identity(self.folder.identity())
        if self.namesakes is not None:
            description = _noting_others(description, self.asked.items, self.namesakes)
        files = [*self.asked.items.files(), *(self.training.items.files() if self.training is not None else ())]
        upload(self.folder, files, lambda: self.platform, show=show)
        self.platform.publish(self.folder.on_platform(description.publication))
        if self.of_checks is None:
            return description
        check = launch_checks(self.folder, self.asked, self.of_checks, self.platform, show=show)
        return msgspec.structs.replace(description, check=check)


def _clear(folder: RunFolder, place: Workspace) -> None:
    """Finish what was begun with a run that had the name; raises `RunError` if that is archived."""
    carry_out(folder, place, patience=LOCK_PATIENCE)
    if (mark := folder.gone()) is not None:
        raise RunError(mark.told(folder.name))


def _policy(policy: Policy | str | None) -> Policy:
    if isinstance(policy, Policy):
        return policy
    return Policy() if policy is None else Policy.preset(policy)


def _aiming(task: Task, policy: Policy, target: float | None, budget: float | None) -> Policy:
    """The policy with what a launch names beside it; who names a budget alone wants the best that can be had for it.

    Where each item gets one and the same number of opinions there is nothing to choose: the budget is a bound then.
    """
    if budget is not None:
        policy = policy.changed(budget=budget)
        chooses = not isinstance(policy.overlap, int) and way_name(task, policy) == "consensus"
        if target is None and policy.target is None and chooses:
            target = 1.0
    return policy if target is None else policy.changed(target=target)


def _training(task: Task, data: Any, policy: Policy, encoding: str | None) -> TrainingItems | None:
    wrong = share_for_score(policy.training)
    if wrong is not None:
        raise SpecError(wrong)
    if data is not None:
        return read_training(task, data, encoding)
    if policy.training is not None:
        raise SpecError(
            f"policy: training={policy.training:g} is a score in a training, and there are no training items; give "
            "them by training=… (--training), a table with known answers and hints, or leave it out"
        )
    return None


def _taught(description: Description, training: TrainingItems | None, policy: Policy, place: Workspace) -> Description:
    """The launch with what workers are trained on first."""
    if training is None:
        return description
    asked = training.of(policy)
    publication = msgspec.structs.replace(description.publication, training=asked)
    notices = (*training.items.notices, *shared_with_others(training.items, place, description.name))
    return msgspec.structs.replace(description, publication=publication, taught=notices)


def _check_platform(platform: Platform | str | None) -> None:
    """Raise unless it is a platform, or the name of one that is there without being made."""
    if isinstance(platform, str) and platform != OURS:
        made = load("platforms", platform)
        raise SpecError(f"platform: {platform!r} has settings of its own; pass one, made by {made.__name__}(…)")


def _free_name(workspace: Workspace, task: Task) -> str:
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


def _platform(platform: Platform | str | None, workspace: Workspace) -> Platform:
    if isinstance(platform, Platform):
        return platform
    # Here, because a run on another platform needs no HTTP.
    from dataforge.platforms.embedded import connect

    return connect(workspace)


@contextmanager
def _locked(folder: RunFolder) -> Iterator[FileLock | None]:
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
