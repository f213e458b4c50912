"""`df.launch` of a pipeline: what may be said of it, and what is refused before anything is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
from tests.pipelines.conftest import ITEMS, POLICY, is_big, kind_of, only_kinds, platform, scenes

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.data.items import Items
from dataforge.pipelines.outlay import outlay_of, tasks_in
from dataforge.pipelines.run import PipelineRun


def test_a_policy_is_that_of_each_task_that_has_none_of_its_own(launch: Callable[..., PipelineRun]) -> None:
    run = launch(policy=POLICY.changed(overlap=3), policies={is_big: POLICY})
    run.wait(60)
    overlaps = {
        name: df.Policy.from_json(terms_of(stage._held.folder.path).policy).overlap
        for name, stage in run.stages.items()
    }
    assert overlaps == {"kind_of": 3, "is_big": 2}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"target": 0.9}, r"pipeline 'scenes': target=… is that of one task"),
        ({"open": True}, r"open=… is that of one task"),
        ({"check": kind_of}, r"check=… is that of one task"),
        ({"control": "control.csv"}, r"control: expected the control items by task, \{task: …\}"),
        ({"policies": {"kind_of": POLICY}}, r"policies and control: expected \{task: …\}, got the key 'kind_of'"),
        ({"budget": -1}, r"budget: expected more than 0, got -1"),
        ({"policy": df.Policy(budget=2), "budget": 5}, r"policy: it has a budget of its own, 2"),
    ],
)
def test_what_is_no_pipeline_s_is_refused(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(df.SpecError, match=message):
        df.launch(scenes, ITEMS, platform=platform(), workspace=tmp_path, **given)
    assert not (tmp_path / "runs").exists()


def test_what_questions_cost_is_said_before_one_is_asked(
    launch: Callable[..., PipelineRun], capsys: pytest.CaptureFixture[str]
) -> None:
    launch(progress=True, policies={kind_of: POLICY, is_big: POLICY.changed(overlap=(1, 3), min_confidence=0.9)})
    said = capsys.readouterr().out.partition("Run ")[0]
    # A page of 5 costs 0.007; of 12 items each asks each task once: twelve times 0.0028 + 0.0042.
    assert "a question costs, on full pages: kind_of $0.0028, is_big $0.0014 to $0.0042" in said
    assert "$0.084 in all if each item asks each of them once" in said


async def both(text: str) -> bool:
    return (await kind_of(text)).answer == "vehicle" and bool((await is_big(text, "vehicle")).answer)


def test_tasks_are_found_in_functions_that_a_pipeline_calls() -> None:
    inner = kind_of

    @df.pipeline
    async def around(text: df.Text):
        return await both(text) or [await inner(one) for one in (text,)]

    assert {task.id for task in tasks_in(around.function)} == {"kind_of", "is_big"}
    assert [task.id for task in tasks_in(scenes.function)] == ["kind_of", "is_big"]


def test_tasks_of_another_module_are_found_by_its_name() -> None:
    @df.task(duration="5s")
    def how_many(text: df.Text) -> int:
        """How many are there?"""
        raise NotImplementedError

    asked = ModuleType("asked")
    vars(asked).update(how_many=how_many, scene=scenes)

    @df.pipeline
    async def around(text: df.Text):
        return await asked.scene(text) or (await asked.how_many(text)).answer

    assert [task.id for task in tasks_in(around.function)] == ["kind_of", "is_big", "how_many"]


def test_a_budget_below_every_page_is_refused_with_the_sum_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(
        df.SpecError, match=r"expected \$0.005 or more, which the smallest page of '\w+' costs, got \$0.001"
    ):
        df.launch(scenes, ITEMS, platform=platform(), workspace=tmp_path, name="s", budget=0.001)
    assert not (tmp_path / "runs").exists()
    df.launch(scenes, ITEMS, platform=platform(), workspace=tmp_path, name="s", progress=False).close()


def test_policies_by_task_are_refused_of_one_task(tmp_path: Path) -> None:
    with pytest.raises(df.SpecError, match=r"policies: they are those of a pipeline's tasks; write policy=…"):
        df.launch(kind_of, ITEMS, policies={kind_of: POLICY}, workspace=tmp_path)  # type: ignore[call-overload]


def test_a_function_without_the_decorator_is_told_what_to_write(tmp_path: Path) -> None:
    async def plain(text: df.Text) -> None:
        """Nothing."""

    with pytest.raises(df.SpecError, match="expected a Task or a Pipeline"):
        df.launch(plain, ITEMS, workspace=tmp_path)  # type: ignore[call-overload]
    assert not hasattr(only_kinds, "launch"), "there is one way in"


@df.task(duration="20s")
def polite(text: df.Text) -> df.Text:
    """Write it politely."""
    raise NotImplementedError


@df.task(duration="20s")
def marked(photo: df.Image) -> Annotated[Any, df.Boxes()]:
    """Mark every car."""
    raise NotImplementedError


@df.task(duration="20s")
def related(text: df.Text, names: Annotated[Any, df.Spans()]) -> Annotated[Any, df.Links("names", "names")]:
    """Who knows whom?"""
    raise NotImplementedError


CONTROL = [{"id": 1000 + n, "text": f"known {n}", "answer": f"Please, {n}"} for n in range(12)]


@pytest.mark.parametrize(
    ("task", "policy", "control"),
    [
        (kind_of, df.Policy(), None),
        (kind_of, df.Policy(overlap=(2, 4), min_confidence=0.9, commission=0.2), None),
        (polite, df.Policy(), None),
        (polite, df.Policy(attempts=5, check=df.Policy(overlap=3)), None),
        (polite, df.Policy(check_sample=1, commission=0.1), CONTROL),
        (marked, df.Policy(), None),
        (marked, df.Policy(quality="merge"), None),
        (related, df.Policy(), None),
        (marked, df.Policy(quality="collect"), None),
    ],
)
def test_a_question_costs_what_its_stage_tells_judging_included(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], task: df.Task, policy: df.Policy, control: Any
) -> None:
    known: Items | None = None if control is None else df.read_items(task, control, control=True)
    settings = {"policy": policy, "control": known, "workspace": tmp_path, "platform": platform()}
    df.launch(task, None, name="stage", open=True, **settings).close()
    told = " ".join(capsys.readouterr().out.split())
    words = outlay_of(task, policy, known).words["en"].replace(" to ", " and at most ")
    assert words in told.replace(" to $", " and at most $"), (words, told)
