"""The one way in: a task, or a pipeline of tasks, over items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from dataforge.arguments import entry
from dataforge.data.drafts import Prefill
from dataforge.errors import SpecError
from dataforge.models import Model
from dataforge.pipelines.function import Pipeline
from dataforge.platforms import Platform
from dataforge.policy import Policy
from dataforge.runs.handle.launch import Launch
from dataforge.runs.handle.launch import launch as launch_task
from dataforge.tasks.task import Task
from dataforge.workspace import Workspace

if TYPE_CHECKING:
    from dataforge.pipelines.run import PipelineRun
    from dataforge.runs.handle.run import Run

__all__ = ["launch"]


@overload
def launch(
    task: Task,
    items: Any = None,
    control: Any = None,
    policy: Policy | str | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    detach: bool = False,
    id: str | None = None,
    progress: bool = True,
    open: bool = False,
    encoding: str | None = None,
    check: Task | None = None,
    prefill: Prefill | Model | None = None,
    voters: Mapping[str, str | Mapping[Any, str]] | Model | Sequence[Model] | None = None,
    target: float | None = None,
    budget: float | None = None,
    training: Any = None,
    checkers: Model | Sequence[Model] | None = None,
) -> Run: ...


@overload
def launch(
    task: Pipeline,
    items: Any = None,
    control: Mapping[Task, Any] | None = None,
    policy: Policy | str | None = None,
    name: str | None = None,
    platform: Platform | str | None = None,
    workspace: str | Path | Workspace | None = None,
    *,
    id: str | None = None,
    progress: bool = True,
    encoding: str | None = None,
    budget: float | None = None,
    policies: Mapping[Task, Policy | str] | None = None,
    again: bool = False,
) -> PipelineRun: ...


# Long because its arguments are told.
@entry
def launch(
    task: Task | Pipeline,
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
    checkers: Model | Sequence[Model] | None = None,
    policies: Mapping[Task, Policy | str] | None = None,
    again: bool = False,
) -> Run | PipelineRun:
    """Start a run of `task` over `items`, or go on with the one of that name.

    A pipeline is played over the items; each task that it asks is a run of its own, called `NAME.TASK`.

    Args:
        task: what is asked; made by the decorator `task`.
        items: what it is asked about: a path, a DataFrame, an Arrow table, dicts; or `Items`. None only with `open`.
        control: items whose answers are known, in the same forms, with the answers in columns named as the outputs; or
            a trial, or `trial:NAME`, for those that experts found fit. Items to ask that are among them are left out.
        policy: quality, cost and speed settings, or the name of a preset; by default those of the preset Moderate.
        name: small letters of any script, digits, `_`, `-` and `.`. An existing name goes on with that run, if task,
            items and policy are the same. Without a name every launch is a run of its own, called after the task and
            the date.
        platform: where workers work; by default the embedded platform, whose server is started if need be.
        workspace: the folder that holds server and runs; by default `.dataforge` in the current directory.
        detach: leave driving the run to the server's own runner instead of a thread of this process.
        id: the column that names the items.
        progress: print where workers go, and show a bar while files are uploaded.
        open: stay open for items that `run.add` brings until `run.finish`; answers are final one by one, see
            `run.follow`.
        encoding: that of files of text which are not UTF-8, such as `cp1251`.
        check: where other workers judge the answers, a task of your own words for that: its inputs are those of `task`
            and its outputs, under the same names, and it returns `bool`, `df.Rating(1, 5, right=4)`, or a `Choice` with
            `df.option(…, right=True)`.
        prefill: drafts with which workers begin: the column that has them, `{output: column}`, or a function of an
            item's inputs that gives an answer, or None; or a `Model`, which is asked as `voters` are.
        voters: models whose labels of the items join people's answers, by what control items show of them: `{name:
            column}`, or `{name: {label: column}}` where columns say how probable each label is.
            Or `Model`, one or a list: they are asked before anything is published, and recorded.
        target: how many of all answers are to be right, as 0.95; how many opinions each item gets follows from that.
            (How sure each answer is to be is `Policy(min_confidence=…)`.)
        budget: what the run may cost; without `target` it is spent where doubts are deepest, unless `overlap` is one
            number.
        training: items that workers learn on before they get pages, in the forms of `control`, with a hint for who is
            wrong in the column `hint`, or in `hint:ru` and the like; or a trial, or `trial:NAME`. They are told the
            answers, so that none of these is a control item of the run, and items to ask that are among them are left
            out. How many have to be right: `Policy(training=80)`.
        policies: of a pipeline the policy, or the name of a preset, of each task; `policy` where none is given. It has
            `items`, `control={task: …}`, `policy`, `name`, `platform`, `workspace`, `id`, `progress`, `encoding` and
            `budget` beside these; the budget is that of all tasks together and goes where questions wait.
        checkers: models that say of answers whether they are right, beside the people who judge them and by what the
            control items of the check show: `Model`, one or a list. They are asked as answers come, in this process,
            about the inputs of `task` and its outputs, and say True or False, or an option of `check`.
        again: play those items of a pipeline anew whose results rest on answers that were corrected since; questions
            that stay the same are not asked again.

    Raises:
        SpecError, DataError: task, policy or data cannot be launched as they are; nothing was started.
        RunError: the name is taken by a run that differs; the message says in what.
        Unreachable, Refused: the platform cannot be reached or said no.
    """
    if isinstance(task, Pipeline):
        of_one_task = {"detach": detach, "open": open, "check": check, "prefill": prefill, "voters": voters}
        of_one_task["checkers"] = checkers
        _refuse(task, {**of_one_task, "target": target, "training": training}, control)
        # Here, because who launches a task needs nothing that plays pipelines.
        from dataforge.pipelines.launch import launch as launch_pipeline

        return launch_pipeline(
            task,
            items,
            name=name,
            policy=policy,
            policies=policies or {},
            control=control or {},
            budget=budget,
            platform=platform,
            workspace=workspace,
            key=id,
            encoding=encoding,
            progress=progress,
            again=again,
        )
    _refuse_of_pipelines(task, policies, again=again)
    return launch_task(
        Launch(
            task,
            items,
            control,
            policy,
            name,
            platform,
            workspace,
            detach,
            id,
            progress,
            open,
            encoding,
            check,
            prefill,
            voters,
            target,
            budget,
            training,
            checkers,
        )
    )


def _refuse_of_pipelines(task: Task, policies: Mapping[Task, Policy | str] | None, *, again: bool) -> None:
    """Raise `SpecError` for what is said of a pipeline where there is one task."""
    if again:
        raise SpecError(
            f"again: it plays items of a pipeline anew; of a run of the task {task.id!r} ask more by run.reopen() or "
            "run.change(…)"
        )
    if policies is not None:
        raise SpecError(f"policies: they are those of a pipeline's tasks; write policy=… for the task {task.id!r}")


def _refuse(pipeline: Pipeline, of_one_task: Mapping[str, Any], control: Any) -> None:
    """Raise `SpecError` for what is said of one task where there are several."""
    given = [name for name, value in of_one_task.items() if value is not None and value is not False]
    if given:
        raise SpecError(
            f"pipeline {pipeline.id!r}: {given[0]}=… is that of one task; of a pipeline's tasks say it in their "
            "policies, as far as a policy has it: policies={task: df.Policy(…)}"
        )
    if control is not None and not isinstance(control, Mapping):
        raise SpecError(f"pipeline {pipeline.id!r}: control: expected the control items by task, {{task: …}}")
