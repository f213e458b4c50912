"""Models that the function of a pipeline asks: a batch at a time, once, paid out of the pipeline's budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from tests.pipelines.conftest import ITEMS, Kind, is_big, kind_of, platform

import dataforge as df
from dataforge.data.reading import gather_items
from dataforge.errors import ArgumentError, SpecError
from dataforge.models import Together
from dataforge.pipelines.run import PipelineRun
from dataforge.tasks.task import Task

KINDS = ("person", "vehicle")


def says(items: list[dict[str, Any]]) -> list[str]:
    return [KINDS[int(item["text"].split()[1]) % 2] for item in items]


def asking(model: df.Model) -> Any:
    """A pipeline in which a model says what is there, and people whether it is big."""

    @df.pipeline
    async def modelled(text: df.Text):
        kind = await model(kind_of, text)
        if kind != Kind.VEHICLE:
            return {"kind": kind, "big": None}
        return {"kind": kind, "big": (await is_big(text, kind)).answer}

    return modelled


def test_a_model_is_asked_what_a_task_asks_once_and_many_at_a_time(launch: Callable[..., PipelineRun]) -> None:
    calls: list[list[dict[str, Any]]] = []

    def predict(items: list[dict[str, Any]]) -> list[str]:
        calls.append(items)
        time.sleep(0.05)
        return says(items)

    on, model = platform(), df.Model("net", predict, batch=5)
    run = launch(what=asking(model), on=on)
    assert run.wait(60).failed == 0
    labels = run.labels()
    assert labels["kind"].tolist() == says(ITEMS)
    assert labels["big"].dropna().tolist() == [number % 4 == 1 for number in range(1, len(ITEMS), 2)]
    assert sorted(item["text"] for call in calls for item in call) == sorted(item["text"] for item in ITEMS)
    assert all(len(call) <= 5 for call in calls)
    assert len(calls) < len(ITEMS), "those that ask at the same time are one batch"
    assert set(run.stages) == {"is_big"}
    lineage = run.lineage()
    assert (lineage["asked"] == "model:net").sum() == len(ITEMS)
    run.close()
    before = len(calls)
    assert launch(what=asking(model), on=on).wait(60).ended
    assert len(calls) == before, "what it said is recorded"


def refusing(items: list[dict[str, Any]]) -> list[str]:
    if any(item["text"] == "scene 3" for item in items):
        raise OSError("out of memory")
    return says(items)


def odd(said: Any) -> Callable[[list[dict[str, Any]]], list[Any]]:
    return lambda items: [said if item["text"] == "scene 3" else says([item])[0] for item in items]


BROKEN = {
    "raises": (refusing, "model 'net': OSError: out of memory"),
    "gives too many": (
        lambda items: says(items) * (2 if items[0]["text"] == "scene 3" else 1),
        "model 'net': ValueError: expected 1 labels, one for each item, got 2",
    ),
    "says nothing": (odd(None), ""),
    "gives prose": (odd("it is a vehicle"), ""),
    "gives NaN": (odd(float("nan")), ""),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_where_a_model_fails_that_is_the_error_of_its_item_alone(launch: Callable[..., PipelineRun], how: str) -> None:
    answers, error = BROKEN[how]
    run = launch(ITEMS[:5], what=asking(df.Model("net", answers, batch=1)))
    run.wait(60)
    labels = run.labels()
    assert labels["error"].tolist() == ["", "", "", error, ""]
    assert labels["kind"].tolist()[3] is None
    assert labels["kind"].tolist()[:3] == says(ITEMS[:3])


def judged(model: df.Model) -> Any:
    """A pipeline in which people say what is there after a model did."""

    @df.pipeline
    async def both(text: df.Text):
        said = await model(kind_of, text)
        return (await kind_of(text)).answer == said

    return both


def test_what_asking_a_model_costs_is_part_of_the_budget(launch: Callable[..., PipelineRun]) -> None:
    one = {"policies": {kind_of: df.Policy(page=(5, 0), overlap=1, speed=())}, "on": platform()}
    model = df.Model("net", says, price=0.02)
    run = launch(what=judged(model), budget=0.1, **one)
    for _ in range(600):
        status = run.wait(0.1)
        if status.failed and not status.steps:
            break
    failed = [error for error in run.labels()["error"].dropna() if error]
    assert failed
    assert set(failed) == {
        "model 'net': the budget of the pipeline does not leave the 0.02 that it costs to ask it; launch it again with "
        "a larger one"
    }
    cost = run.cost()
    assert 0 < cost.loc["model:net", "total"] <= 0.1
    assert cost["total"].sum() <= 0.1 + 1e-9
    run.close()
    run = launch(what=judged(model), budget=5.0, **one)
    assert run.wait(60).ended
    assert run.labels()["result"].tolist() == [True] * len(ITEMS)
    assert run.cost().loc["model:net", "total"] == pytest.approx(0.02 * len(ITEMS)), "what it said is paid once"


class Listening:
    """Who answers, and remembers the tasks that it was asked."""

    batch, parallel = 3, 2

    def __init__(self) -> None:
        self.tasks: list[Task | None] = []

    def answer(self, items: list[dict[str, Any]], task: Task | None, timeout: float) -> list[str]:
        self.tasks.append(task)
        return says(items)


def test_a_model_hears_which_task_it_is_and_is_called_in_a_pipeline_only(launch: Callable[..., PipelineRun]) -> None:
    heard = Listening()
    model = df.Model("net", heard)
    assert launch(what=asking(model)).wait(60).failed == 0
    assert set(heard.tasks) == {kind_of}
    with pytest.raises(ArgumentError, match=r"in the function of a pipeline it is asked what a task asks"):
        model(kind_of, "scene 1")


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_a_question_in_a_batch_that_is_being_asked_is_not_asked_again_beside_it() -> None:
    scenes = [f"scene {number}" for number in range(4)]
    asked: list[list[str]] = []
    answers, given = {name: Event() for name in scenes}, dict[str, Any]()

    def predict(items: list[dict[str, Any]]) -> list[str]:
        asked.append([item["text"] for item in items])
        assert answers[asked[-1][0]].wait(60)
        return says(items)

    together = Together(df.Model("net", predict, batch=8, parallel=2))

    def ask(name: str) -> None:
        given[name] = together.answer(gather_items(kind_of, [{"text": name}]))

    threads = [Thread(target=ask, args=(name,), daemon=True) for name in scenes]
    for number, thread in enumerate(threads, 1):
        # Two are asked side by side, the others wait together.
        thread.start()
        until(lambda number=number: len(asked) + len(together._waiting) == number)
    answers["scene 0"].set()
    until(lambda: len(asked) == 3)
    assert asked == [["scene 0"], ["scene 1"], ["scene 2", "scene 3"]]
    answers["scene 1"].set()
    time.sleep(0.1)
    answers["scene 2"].set()
    answers["scene 3"].set()
    for thread in threads:
        thread.join(60)
    assert asked == [["scene 0"], ["scene 1"], ["scene 2", "scene 3"]]
    assert given == dict(zip(scenes, KINDS * 2, strict=True))


@df.pipeline
async def dear_first(text: df.Text):
    """What a model says of one item that is too dear to be asked, and people of all others."""
    if text == ITEMS[0]["text"]:
        return await DEAR(kind_of, text)
    return (await kind_of(text)).answer


DEAR = df.Model("net", lambda items: says(items), price=10.0)


def test_a_model_that_is_too_dear_keeps_no_money_from_people(launch: Callable[..., PipelineRun]) -> None:
    run = launch(
        what=dear_first, budget=5.0, on=platform(), policies={kind_of: df.Policy(page=(5, 0), overlap=1, speed=())}
    )
    run.wait(20)
    labels = run.labels()
    assert "does not leave the 10 that it costs" in labels["error"].iloc[0]
    assert labels["error"].tolist()[1:] == [""] * (len(ITEMS) - 1)
    assert labels["result"].tolist()[1:] == [("person", "vehicle")[number % 2] for number in range(1, len(ITEMS))]


def test_two_models_of_one_name_are_refused_before_anything_is_asked(launch: Callable[..., PipelineRun]) -> None:
    one, other = df.Model("net", says), df.Model("net", lambda items: ["person"] * len(items))

    @df.pipeline
    async def modelled(text: df.Text):
        return {"kind": await one(kind_of, text), "big": await other(kind_of, text) == Kind.PERSON}

    with pytest.raises(SpecError, match="two models that are called 'net'"):
        launch(what=modelled, on=platform())


def test_two_models_of_one_name_that_no_launch_sees_are_told_where_they_are_asked(
    launch: Callable[..., PipelineRun],
) -> None:
    @df.pipeline
    async def hidden(text: df.Text):
        return [await model(kind_of, text) for model in (df.Model("net", says), df.Model("net", lambda items: ["x"]))]

    run = launch(what=hidden, name="hidden")
    assert run.wait(60).failed == len(ITEMS)
    assert "two models that are called 'net'" in run.labels()["error"].iloc[0]
    run.close()


def test_a_model_that_is_made_for_each_item_is_one(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def made(text: df.Text):
        return await df.Model("net", says)(kind_of, text)

    run = launch(what=made)
    assert run.wait(60).failed == 0
    run.close()
