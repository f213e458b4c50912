"""Launch a task over items: the one call that turns a description into a run that goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from dataforge.data.drafts import Planting, Prefill, planted
from dataforge.data.items import Items
from dataforge.data.mistakes import Mistakes
from dataforge.data.reading import gather_items
from dataforge.data.studies import check_study
from dataforge.data.training import SCORE, TrainingItems, read_training, share_for_score
from dataforge.data.voters import check_voters
from dataforge.errors import RunError, SpecError
from dataforge.models import Model, checkers_of, models_of
from dataforge.names import check_name
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.pricing import price
from dataforge.pricing.timing import timed
from dataforge.registry import load
from dataforge.runs.core.about import refuse_unpaid
from dataforge.runs.core.folder import Description, RunFolder
from dataforge.runs.driving.driver import Driver
from dataforge.runs.driving.foresight import foresee_quickly
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.ways import policy_of, way_name, way_of
from dataforge.runs.handle.announce import announcement, is_read_now
from dataforge.runs.handle.launches.asking import Asking
from dataforge.runs.handle.launches.checks import noting_controls, parted, shares
from dataforge.runs.handle.launches.describe import describe
from dataforge.runs.handle.launches.known import of_trial
from dataforge.runs.handle.launches.launched import Launched, clear, free_name, locked
from dataforge.runs.handle.launches.told import shared_with_others, without_told
from dataforge.runs.handle.run import Run
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["OURS", "Launch", "launch"]

# The platform that is there without being asked for: the workspace's server.
OURS = "embedded"
# Who reads what is printed does not wait long for a forecast: so often it is rehearsed, with so many items.
AT_LAUNCH, SAMPLE = 4, 150


@dataclass(frozen=True)
class Launch:
    """What a task is launched with; `df.launch` tells of each."""

    task: Task
    items: Any = None
    control: Any = None
    policy: Policy | str | None = None
    name: str | None = None
    platform: Platform | str | None = None
    workspace: str | Path | Workspace | None = None
    detach: bool = False
    id: str | None = None
    progress: bool = True
    open: bool = False
    encoding: str | None = None
    check: Task | None = None
    prefill: Prefill | Model | None = None
    voters: Mapping[str, str | Mapping[Any, str]] | Model | Sequence[Model] | None = None
    target: float | None = None
    budget: float | None = None
    training: Any = None
    checkers: Model | Sequence[Model] | None = None


@dataclass(frozen=True)
class _Read:
    """What was read of it: the task with its duration, all items, and those that workers are trained on."""

    task: Task
    items: Items
    training: TrainingItems | None


def launch(given: Launch) -> Run:
    """Start a run of a task over items, or go on with the one of that name."""
    place = given.workspace if isinstance(given.workspace, Workspace) else Workspace.at(given.workspace)
    models, columns = models_of(given.voters)
    asking, policy = Asking.of(models, given.prefill), _policy(given, columns)
    read = _read(given, policy, place, asking, {} if models else policy.voters)
    asked = parted(read.task, policy, read.items, given.check, checkers_of(given.checkers))
    policy, whole = asking.left_of(policy, asked.items, asked.cost_of_checkers(policy)), policy
    policy, of_checks = shares(asked, policy, more=given.open)
    folder, there = _where(given, place)
    said = asking.asked(asked.items, folder.path, () if folder.exists else range(asked.items.count))
    asked = replace(asked, items=planted(said, asking.promise(given.prefill), Planting.under(policy)))
    description = describe(folder.name, read.task, asked.items, policy, there, open=given.open)
    description = _taught(description, read.training, policy, place)
    if of_checks is not None:
        description = noting_controls(description, asked, read.items)
    begins = not folder.exists
    if begins:
        refuse_unpaid(description.publication, policy_of(read.task, policy))
    namesakes = place if given.name is None else None
    launched = Launched(folder, there, asked, description, of_checks, namesakes, read.training)
    with locked(folder) as lock:
        launched.go_on_or_begin(lock, show=given.progress)
        view = RunView.open(folder, read.task, asked.items)
    checkers = asked.asked_on(folder.check(), whole)
    run = Run(folder, view.description, lambda: there, (view, Driver(view, there, checkers=checkers)), asking=asking)
    if not given.detach:
        run.drive()
    if given.progress and begins and is_read_now():
        view.foreseen = foresee_quickly(view, AT_LAUNCH, SAMPLE)
    if given.progress:
        print(*announcement(run, place if there.name == OURS and is_read_now() else None), sep="\n", flush=True)
    return run


def _policy(given: Launch, voters: Mapping[str, str | Mapping[Any, str]] | None) -> Policy:
    """The policy with what a launch names beside it; `voters` are columns with labels of models."""
    named = given.policy
    policy = named if isinstance(named, Policy) else Policy() if named is None else Policy.preset(named)
    policy = _aiming(given.task, policy, given.target, given.budget)
    policy = policy if voters is None else policy.changed(voters=voters)
    return policy if given.training is None or policy.training is not None else policy.changed(training=SCORE)


def _read(given: Launch, policy: Policy, place: Workspace, asking: Asking, voters: Any) -> _Read:
    """What is launched, read and checked; whatever is wrong is said together, and before anything is started."""
    task, encoding = given.task, given.encoding
    with _told_together(task, policy, given.name, given.platform) as mistakes:
        everything = taught = None
        with mistakes.noted():
            taught = _training(task, of_trial(given.training, "training", place), policy, encoding)
        with mistakes.noted():
            known, shown = of_trial(given.control, "control", place), () if taught is None else (taught.items,)
            drafts = asking.other_drafts(given.prefill)
            everything = gather_items(task, given.items, known, given.id, encoding, drafts, leave_out=shown)
            everything = without_told(everything, place, given.name)
        if everything is not None:
            with mistakes.noted():
                task, everything = _timed(task, everything, place, given.name)
                check_study(task, everything)
            if policy.voters is not None:
                with mistakes.noted():
                    check_voters(task, voters, everything)
            if given.detach and given.checkers:
                mistakes.note(SpecError("checkers: they are asked in this process as answers come; leave detach out"))
            if policy.check_drafts and given.prefill is None and not everything.drafted and not given.open:
                mistakes.note(SpecError("check_drafts=True: no item has a draft; say where drafts are, prefill=…"))
            if taught is not None:
                with mistakes.noted():
                    taught.refuse_shared(everything)
            with mistakes.noted(), suppress(SpecError):
                # Pages and prices are worked out again below; that there is no way is said by itself.
                asked = parted(task, policy, everything, given.check, checkers_of(given.checkers))
                price.plan(task, policy_of(task, policy), asked.items, more=given.open)
    assert everything is not None, "or it was refused"
    return _Read(task, everything, taught)


def _where(given: Launch, place: Workspace) -> tuple[RunFolder, Platform]:
    """The run's folder, free or of the run that is gone on with, and its platform."""
    place.make().runs.mkdir(exist_ok=True)
    folder = RunFolder.of(place, free_name(place, given.task) if given.name is None else check_name(given.name))
    there = _platform(given.platform, place)
    if given.detach and there.name != OURS:
        raise RunError(f"detach=True needs the embedded platform, whose server drives the run; got {there.name!r}")
    clear(folder, place)
    return folder, there


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


def _platform(platform: Platform | str | None, workspace: Workspace) -> Platform:
    if isinstance(platform, Platform):
        return platform
    # Here, because a run on another platform needs no HTTP.
    from dataforge.platforms.embedded import connect

    return connect(workspace)
