"""Launching a pipeline: its folder, its items, and the runs of the tasks that it asks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from dataforge.catalogue import here, say
from dataforge.changes.terms import terms_of
from dataforge.data.items import Items
from dataforge.data.reading import gather_items
from dataforge.errors import DataForgeError, RunBusy, RunError, SpecError
from dataforge.models import Model
from dataforge.names import check_name
from dataforge.pipeline_folder import About, Standing, pipeline_of, run_name
from dataforge.pipelines.function import Pipeline
from dataforge.pipelines.outlay import Outlay, in_words, models_in, outlay_of, tasks_in
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.source import modules_beside, seal_of, source_of
from dataforge.pipelines.stages import KEY, Stages
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.pricing.amounts import money
from dataforge.records import Texts
from dataforge.runs.core.folder import RunFolder, run_folders
from dataforge.runs.handle.launch import OURS, Launch
from dataforge.runs.handle.launch import launch as launch_run
from dataforge.runs.handle.launches.uploads import refuse_changed
from dataforge.runs.handle.run import Run
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

__all__ = ["launch"]

TRIAL = "trial:"
LOOK_EVERY = 0.1
LOOKED_AT = 0.5
"""Whoever looks whether a pipeline is played holds its lock for a moment."""
GIVING_WAY = 60.0
"""How long, in seconds, whoever plays a pipeline beside the server has to let go of it."""


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
    gives_way: bool = False,
) -> PipelineRun:
    """Play a pipeline over items, or go on with the one of that name: nothing is asked or paid twice.

    `policy` is that of tasks which `policies` does not name; `again`: whether what rests on corrected answers is played
    anew. `gives_way`: whoever else wants to play it takes it over.
    """
    form = pipeline.form
    place = workspace if isinstance(workspace, Workspace) else Workspace.at(workspace)
    if budget is not None and not budget > 0:
        raise SpecError(f"budget: expected more than 0, got {budget!r}")
    name = check_name(name if name is not None else form.id.lower())
    for task in (*policies, *control):
        if not isinstance(task, Task):
            raise SpecError(f"policies and control: expected {{task: …}}, got the key {task!r}{_unquoted(task)}")
    models = () if gives_way else models_in(pipeline.function)
    given = None if items is None else gather_items(form, items, None, key, encoding)
    standing = Standing(place.make().root / "pipelines" / name)
    standing.path.mkdir(parents=True, exist_ok=True)
    lock = _locked(standing, gives_way=gives_way)
    try:
        items, about = _stored(form, standing, given, budget)
        if not gives_way:
            _refuse_changed(place, name, items)
        about = _with_settings(about, policy, policies)
        if about.budget is not None:
            _refuse_budgets(about)
        kept = _ControlItems(standing.path, encoding)
        about = msgspec.structs.replace(about, control={**about.control, **kept.keep(control)})
        outlays = {} if gives_way else _outlays(pipeline, [*policies, *control], about, kept)
        _refuse_currencies(outlays)
        if about.budget is not None and standing.about() is None:
            _refuse_unpaid(about.budget, outlays)
        if not gives_way:
            about = _found_again(about, pipeline, place, here=platform in (None, OURS))
        standing.note(msgspec.structs.replace(about, items=items.count, ended=False))
        runs = _Runs(about, kept, platform, place, progress)
        if progress:
            print(*_announced(about, items, outlays, models), sep="\n", flush=True)
        stages = Stages(runs, about.budget, pipeline.asks_authors)
        return PipelineRun(pipeline.function, items, stages, standing, lock, again=again)
    except BaseException:
        lock.release()
        raise


def _unquoted(key: object) -> str:
    return f"; write the function itself, {key} without quotes" if isinstance(key, str) and key.isidentifier() else ""


def _refuse_changed(place: Workspace, name: str, items: Items) -> None:
    """Raise `RunError` if files of the items show something else now than what a run of the pipeline's has of them."""
    files = items.files()
    for folder in run_folders(place.runs):
        if folder.exists and pipeline_of(folder.name) == name:
            refuse_changed(folder, files)


def _found_again(about: About, pipeline: Pipeline, place: Workspace, *, here: bool) -> About:
    """What was launched, with where another process finds its function, if it does."""
    source = source_of(pipeline) if here else ""
    modules = modules_beside(source) if source else ()
    found = msgspec.structs.replace(about, source=source, folder=os.getcwd(), modules=modules, seal="")
    seal = seal_of(found, place.root) if found.source else ""
    return msgspec.structs.replace(found, seal=seal, source=found.source if seal else "")


def _outlays(pipeline: Pipeline, named: Iterable[Task], about: About, kept: _ControlItems) -> dict[str, Outlay]:
    """What a question of each task costs that is known by now: named at the launch, or in the function's code."""
    tasks = {task.id: task for task in (*tasks_in(pipeline.function), *named)}
    found = {}
    for task in tasks.values():
        given = _given(_policy_of(about.policies.get(task.id, about.policy)))
        control = kept.of(task, about.control)
        # What is wrong with a task, and control items of a trial, are told as it is first asked.
        with suppress(DataForgeError):
            found[task.id] = outlay_of(task, given, control if isinstance(control, Items) else None)
    return found


def _refuse_currencies(outlays: Mapping[str, Outlay]) -> None:
    """Raise `SpecError` where tasks are paid in several currencies."""
    if len({one.currency for one in outlays.values()}) > 1:
        found = ", ".join(f"{one.currency} of {name!r}" for name, one in outlays.items())
        raise SpecError(
            f"policies: expected one currency, for what tasks cost is added up, got {found}; use one for all"
        )


def _refuse_unpaid(budget: float, outlays: Mapping[str, Outlay]) -> None:
    """Raise `SpecError` for a budget that does not pay for the smallest page of any task."""
    cheapest = min(outlays, key=lambda name: outlays[name].page, default=None)
    if cheapest is None or budget >= outlays[cheapest].page:
        return
    least, given = (money(one, outlays[cheapest].currency)["en"] for one in (outlays[cheapest].page, budget))
    raise SpecError(
        f"budget: expected {least} or more, which the smallest page of {cheapest!r} costs, got {given}: nobody would "
        "be asked anything; give a larger one, or pay less for a page"
    )


def _announced(about: About, items: Items, outlays: dict[str, Outlay], models: Sequence[Model]) -> Iterator[str]:
    """What is launched, what it may cost, and who goes on with it."""
    most = say("pipeline_no_budget")
    if about.budget is not None:
        most = say("pipeline_budget", budget=_sum(about.budget, outlays))
    yield here(say("pipeline_launched", name=about.name, items=items.count, most=most))
    yield from (f"  {here(line)}" for line in in_words(outlays, items.count, models))
    dear = sum(one.price for one in models) * items.count
    if about.budget is not None and dear >= about.budget:
        asked = ", ".join(repr(one.name) for one in models if one.price)
        yield "  " + here(say("pipeline_models_take_all", models=asked, dear=_sum(dear, outlays)))
    there = about.source
    goes_on = say("pipeline_server_goes_on", source=there, name=about.name) if there else say("pipeline_played_here")
    yield f"  {here(goes_on)}"


def _sum(amount: float, outlays: Mapping[str, Outlay]) -> Texts | Decimal:
    """An amount as it is read, without a currency where no task says one yet."""
    currency = next((one.currency for one in outlays.values()), None)
    return Decimal(f"{amount:.2f}") if currency is None else money(amount, currency)


def _with_settings(about: About, policy: Policy | str | None, policies: Mapping[Task, Policy | str]) -> About:
    """What was launched, with the policies that are given now."""
    named = {task.id: _setting(of_task) for task, of_task in policies.items()}
    otherwise = about.policy if policy is None else _setting(policy)
    return msgspec.structs.replace(about, policy=otherwise, policies={**about.policies, **named})


def _setting(policy: Policy | str) -> dict[str, Any] | str:
    return policy if isinstance(policy, str) else policy.to_json()


class _ControlItems:
    """Control items of a pipeline's tasks, kept until the runs of these begin."""

    def __init__(self, folder: Path, encoding: str | None) -> None:
        self._folder, self._encoding = folder, encoding

    def keep(self, control: Mapping[Task, Any]) -> dict[str, str]:
        """Keep them all; by task the names of trials that have some."""
        trials = {
            task.id: known for task, known in control.items() if isinstance(known, str) and known.startswith(TRIAL)
        }
        for task, known in control.items():
            if task.id not in trials:
                gather_items(task, None, known, None, self._encoding).save(self._path(task))
        return trials

    def of(self, task: Task, trials: Mapping[str, str]) -> Any:
        """The control items of a task; None if it has none."""
        path = self._path(task)
        return trials.get(task.id, Items.load(path, task) if path.exists() else None)

    def _path(self, task: Task) -> Path:
        return self._folder / f"control-{task.id}.parquet"


class _Runs:
    """The runs of a pipeline's tasks, in a workspace."""

    def __init__(
        self,
        about: About,
        control: _ControlItems,
        platform: Platform | str | None,
        place: Workspace,
        progress: bool,
    ) -> None:
        self._about, self._control = about, control
        self._platform, self._place, self._progress = platform, place, progress

    def begin(self, task: Task, budget: float | None) -> Run:
        """Launch the run of a task with so much to spend, or go on with it."""
        given = Launch(
            task,
            control=self._control.of(task, self._about.control),
            policy=self._policy(task, budget),
            name=self._called(task.id),
            platform=self._platform,
            workspace=self._place,
            id=KEY,
            progress=self._progress,
            open=True,
        )
        return launch_run(given)

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
        policy = _policy_of(self._about.policies.get(task.id, self._about.policy))
        if budget is None:
            return policy
        folder = RunFolder.of(self._place, self._called(task.id))
        if folder.exists:
            # Who launches what a run was launched with goes on with it, whatever it may cost by now.
            budget = Policy.from_json(folder.describe().policy).budget
        return _given(policy).changed(budget=budget)

    def least(self, task: Task) -> float:
        """What the smallest page of a task costs."""
        control = self._control.of(task, self._about.control)
        policy = _given(self._policy(task, None))
        return outlay_of(task, policy, control if isinstance(control, Items) else None).page

    def _called(self, name: str) -> str:
        return run_name(self._about.name, name)


def _policy_of(setting: dict[str, Any] | str | None) -> Policy | str | None:
    return Policy.from_json(setting) if isinstance(setting, dict) else setting


def _given(policy: Policy | str | None) -> Policy:
    """The policy, where a preset or nothing may be named."""
    return policy if isinstance(policy, Policy) else Policy() if policy is None else Policy.preset(policy)


def _refuse_budgets(about: About) -> None:
    named = {f"policies: {name!r}": setting for name, setting in about.policies.items()}
    for where, setting in {"policy: it": about.policy, **named}.items():
        policy = _policy_of(setting)
        if isinstance(policy, Policy) and policy.budget is not None:
            raise SpecError(
                f"{where} has a budget of its own, {policy.budget:g}, beside that of the whole pipeline, which goes "
                "where questions wait; leave it out"
            )


def _locked(standing: Standing, *, gives_way: bool) -> FileLock:
    """The lock of whoever plays, which one beside the server lets go of."""
    lock, until = standing.lock(), time.monotonic() + GIVING_WAY
    while True:
        try:
            lock.acquire(timeout=LOOKED_AT)
        except Timeout:
            if gives_way or not standing.gives_way or time.monotonic() > until:
                raise RunBusy(
                    f"pipeline {standing.path.name!r} is played by another process, or in another handle of this one"
                ) from None
            standing.want()
            time.sleep(LOOK_EVERY)
        else:
            standing.take(gives_way=gives_way)
            return lock


def _stored(form: Task, standing: Standing, given: Items | None, budget: float | None) -> tuple[Items, About]:
    """The items that the pipeline was launched with, kept at the first launch, and what is known of it now."""
    name, stored, known = standing.path.name, standing.path / "items.arrow", standing.about()
    if known is None:
        if given is None:
            raise SpecError(f"pipeline {name!r} is not there yet; give its items")
        given.save(stored)
        return given, About(name, form.id, budget)
    if known.function != form.id:
        raise RunError(f"pipeline {name!r} plays {known.function!r}, not {form.id!r}; choose another name")
    items = Items.load(stored, form)
    if given is not None and not given.to_table().equals(items.to_table()):
        raise RunError(
            f"pipeline {name!r} is there already with {items.count} other items; choose another name, or leave the "
            "items out to go on with those"
        )
    return items, known if budget is None else msgspec.structs.replace(known, budget=budget)
