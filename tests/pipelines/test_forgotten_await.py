"""A question or a step that is used before it was awaited: one clear error, with the line, of that item alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.pipelines.conftest import ITEMS, is_big, kind_of, scenes

import dataforge as df
from dataforge.errors import SpecError
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.unawaited import StepCall, line_of_caller


@df.step
def words(text: str) -> int:
    return len(text.split())


async def helper(text: str) -> int:
    return len(text)


async def attribute(text: str) -> Any:
    kind = kind_of(text)
    return kind.answer


async def result(text: str) -> Any:
    return {"kind": kind_of(text)}


async def condition(text: str) -> Any:
    return 1 if is_big(text, "vehicle") else 2


async def comparison(text: str) -> Any:
    return kind_of(text) in (None, "vehicle")


async def passed_on(text: str) -> Any:
    return (await is_big(text, kind_of(text))).answer


async def written(text: str) -> Any:
    return f"it is {kind_of(text)}"


async def step_in_result(text: str) -> Any:
    return [words(text)]


async def step_in_condition(text: str) -> Any:
    return words(text) < 20


async def step_for_nothing(text: str) -> Any:
    words(text)
    return 1


async def coroutine_in_result(text: str) -> Any:
    return helper(text)


FUNCTIONS = (
    attribute, result, condition, comparison, passed_on, written, step_in_result, step_in_condition, step_for_nothing,
    coroutine_in_result,
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_whoever_forgets_to_await_is_told_where(launch: Callable[..., PipelineRun]) -> None:
    by_number = dict(enumerate(FUNCTIONS))

    @df.pipeline
    async def forgetful(text: df.Text):
        return await by_number[int(text.split()[1])](text)

    run = launch(ITEMS[: len(FUNCTIONS)], what=forgetful)
    run.wait(60)
    for function, error in zip(FUNCTIONS, run.labels()["error"], strict=True):
        assert "await is missing; write `await " in (error or ""), (function.__name__, error)
        if function is not coroutine_in_result:
            first = function.__code__.co_firstlineno
            line = int(error.split("test_forgotten_await.py:")[1].split(":")[0])
            assert first < line <= first + 2, (function.__name__, error)


def test_what_is_gathered_or_made_an_asyncio_task_is_as_good_as_awaited(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def beside(text: df.Text):
        first = asyncio.create_task(words(text))
        kind, number = await asyncio.gather(kind_of(text), words(text))
        async with asyncio.TaskGroup() as group:
            second = group.create_task(words(text))
        found = await asyncio.wait_for(words(text), 60)
        return [kind.answer, number, await first, second.result(), found]

    run = launch(ITEMS[:3], what=beside)
    run.wait(60)
    assert run.labels()["error"].tolist() == [""] * 3, run.status()
    assert run.labels()["result"].tolist() == [["person", 2, 2, 2, 2], ["vehicle", 2, 2, 2, 2], ["person", 2, 2, 2, 2]]


def test_what_was_asked_is_in_the_lineage(launch: Callable[..., PipelineRun]) -> None:
    run = launch(ITEMS[:2], what=scenes)
    run.wait(60)
    asked = run.lineage()["question"].tolist()
    assert asked[:2] == ["kind_of(text='scene 0')", "kind_of(text='scene 1')"]
    assert asked[2] == "is_big(text='scene 1', kind='vehicle')"


@pytest.mark.parametrize("folder", [Path(df.__file__).parent.with_name("dataforge_more"), Path("/home/me/asyncio")])
def test_what_is_only_called_as_this_package_or_as_asyncio_is_the_user_s(folder: Path) -> None:
    space: dict[str, Any] = {"line_of_caller": line_of_caller}
    file = str(folder / "asks.py")
    exec(compile("def asks():\n    return line_of_caller()", file, "exec"), space)
    assert space["asks"]() == (file, 2)


def test_a_model_without_await_is_written_as_it_is_called() -> None:
    call = StepCall("model:net", lambda: asyncio.sleep(0))
    with pytest.raises(SpecError, match=r": net\(task, …\).* await is missing; write `await net\(task, …\)`"):
        bool(call)
    with pytest.raises(SpecError, match=r"write `await model\(task, …\)`"):
        bool(StepCall("model:my net", lambda: asyncio.sleep(0)))
