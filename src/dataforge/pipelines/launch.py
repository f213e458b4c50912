"""Launching a pipeline: its folder, its items, and the runs of the tasks that it asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from dataforge.durable import put_in_place
from dataforge.errors import RunBusy, RunError, SpecError
from dataforge.items import Items
from dataforge.names import check_name
from dataforge.pipelines.function import Pipeline
from dataforge.pipelines.journal import Journal
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.stages import KEY, Stages
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.reading import gather_items
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.launch import launch as launch_run
from dataforge.runs.handle.run import Run
from dataforge.task import Task
from dataforge.terms import terms_of
from dataforge.workspace import Workspace

__all__ = ["launch"]

FORMAT = 1


class _About(msgspec.Struct, frozen=True):
    """What was launched, and what it may cost: `pipeline.json`."""

    name: str
    function: str
    budget: float | None = None
    format: int = FORMAT


def launch(
    pipeline: Pipeline,
    items: Any,
    *,
    name: str | None,
    policy: Policy | str | None,
    policies: Mapping[Task, Policy | str],
    control: Mapping[Task, Any],
    platform: Platform | str | None,
    workspace: str | Path | Workspace | None,
    budget: float | None,
    key: str | None,
    encoding: str | None,
    progress: bool,
    again: bool,
) -> PipelineRun:
    """Play a pipeline over items, or go on with the one of that name: nothing is asked or paid twice.

    `policy` is that of tasks which `policies` does not name; `again`: whether what rests on corrected answers is played
    anew.
    """
    form = pipeline.form
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    if budget is not None and not budget > 0:
        raise SpecError(f"budget: expected more than 0, got {budget!r}")
    name = check_name(name if name is not None else form.id.lower())
    for task in (*policies, *control):
        if not isinstance(task, Task):
            raise SpecError(f"policies and control: expected {{task: …}}, got the key {task!r}")
    given = None if items is None else gather_items(form, items, None, key, encoding)
    folder = place.make().root / "pipelines" / name
    folder.mkdir(parents=True, exist_ok=True)
    lock = _locked(folder, name)
    try:
        items, about = _stored(form, folder, name, given, budget)
        if about.budget is not None:
            _refuse_budgets(policy, policies)
        runs = _Runs(name, policy, policies, control, platform, place, progress)
        stages, journal = Stages(runs, about.budget), Journal(folder / "journal.jsonl")
        return PipelineRun(name, pipeline.function, items, journal, stages, lock, again=again)
    except BaseException:
        lock.release()
        raise


class _Runs:
    """The runs of a pipeline's tasks, in a workspace."""

    def __init__(
        self,
        name: str,
        policy: Policy | str | None,
        policies: Mapping[Task, Policy | str],
        control: Mapping[Task, Any],
        platform: Platform | str | None,
        place: Workspace,
        progress: bool,
    ) -> None:
        # By their ids: a task whose run is there has the duration that was reckoned when that was begun.
        self._policies = {task.id: of_task for task, of_task in policies.items()}
        self._control = {task.id: known for task, known in control.items()}
        self._otherwise = policy
        self._name = name
        self._platform, self._place, self._progress = platform, place, progress

    def begin(self, task: Task, budget: float | None) -> Run:
        """Launch the run of a task with so much to spend, or go on with it."""
        return launch_run(
            task,
            None,
            control=self._control.get(task.id),
            policy=self._policy(task, budget),
            name=self._called(task.id),
            platform=self._platform,
            workspace=self._place,
            id=KEY,
            progress=self._progress,
            open=True,
        )

    def begun(self, name: str) -> Task | None:
        """The task of that id, if its run was begun."""
        folder = RunFolder.of(self._place, self._called(name))
        return folder.describe().task() if folder.exists else None

    def budget(self, name: str) -> float | None:
        """What the run of the task of that id may cost as it was changed last; None if it is not begun."""
        folder = RunFolder.of(self._place, self._called(name))
        return Policy.from_json(terms_of(folder.path).policy).budget if folder.exists else None

    def _policy(self, task: Task, budget: float | None) -> Policy | str | None:
        """The policy of a task as it is, or was, launched."""
        policy = self._policies.get(task.id, self._otherwise)
        if budget is None:
            return policy
        folder = RunFolder.of(self._place, self._called(task.id))
        if folder.exists:
            # Who launches what a run was launched with goes on with it, whatever it may cost by now.
            budget = Policy.from_json(folder.describe().policy).budget
        given = policy if isinstance(policy, Policy) else Policy() if policy is None else Policy.preset(policy)
        return given.changed(budget=budget)

    def _called(self, name: str) -> str:
        return f"{self._name}.{name}"


def _refuse_budgets(policy: Policy | str | None, policies: Mapping[Task, Policy | str]) -> None:
    named = {f"policies: {task.id!r}": of_task for task, of_task in policies.items()}
    for where, one in {"policy: it": policy, **named}.items():
        if isinstance(one, Policy) and one.budget is not None:
            raise SpecError(
                f"{where} has a budget of its own, {one.budget:g}, beside that of the whole pipeline, which goes where "
                "questions wait; leave it out"
            )


def _locked(folder: Path, name: str) -> FileLock:
    lock = FileLock(folder / "lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise RunBusy(f"pipeline {name!r} is played by another process, or in another handle of this one") from None
    return lock


def _stored(form: Task, folder: Path, name: str, given: Items | None, budget: float | None) -> tuple[Items, _About]:
    """The items that the pipeline was launched with, kept at the first launch, and what is known of it now."""
    about, stored = folder / "pipeline.json", folder / "items.arrow"
    if about.exists():
        known = msgspec.json.decode(about.read_bytes(), type=_About)
        if known.format > FORMAT:
            raise RunError(f"pipeline {name!r} was written by a newer version of DataForge; update to go on with it")
        if known.function != form.id:
            raise RunError(f"pipeline {name!r} plays {known.function!r}, not {form.id!r}; choose another name")
        items = Items.load(stored, form)
        if given is not None and not given.to_table().equals(items.to_table()):
            raise RunError(
                f"pipeline {name!r} is there already with {items.count} other items; choose another name, or leave the "
                "items out to go on with those"
            )
        if budget is not None and budget != known.budget:
            known = msgspec.structs.replace(known, budget=budget)
            _keep(about, known)
        return items, known
    if given is None:
        raise SpecError(f"pipeline {name!r} is not there yet; give its items")
    given.save(stored)
    known = _About(name, form.id, budget)
    _keep(about, known)
    return given, known


def _keep(path: Path, about: _About) -> None:
    aside = path.with_suffix(".new")
    aside.write_bytes(msgspec.json.encode(about))
    put_in_place(aside, path)
