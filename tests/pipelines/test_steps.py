"""Steps: one that never ends holds up its item alone, one may have a limit, and be done elsewhere."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.pipelines.conftest import ITEMS, is_big, kind_of

import dataforge as df
from dataforge.pipelines import player
from dataforge.pipelines.journal import Again, Entry
from dataforge.pipelines.player import Player
from dataforge.pipelines.questions import Answered
from dataforge.pipelines.run import PipelineRun


def test_steps_that_never_end_do_not_hold_up_the_steps_of_others(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player, "STEPS_AT_ONCE", 3)
    monkeypatch.setattr(player, "LONG_STEP", 0.3)
    endless = threading.Event()

    @df.step
    def waits(text: str) -> str:
        if int(text.split()[1]) < 6:
            endless.wait(60)
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return await waits(text)

    try:
        run = launch(what=stepped)
        until = time.monotonic() + 30
        while run.status().done < len(ITEMS) - 6:
            assert time.monotonic() < until, run.status()
            time.sleep(0.05)
        assert run.status().steps["waits"][0] == 6
    finally:
        endless.set()
    assert run.wait(60).failed == 0


def test_a_step_past_its_limit_is_the_error_of_its_item(launch: Callable[..., PipelineRun]) -> None:
    free, tries = threading.Event(), list[str]()

    @df.step(timeout=0.1)
    def slow(text: str) -> str:
        if text.endswith(" 3"):
            tries.append(text)
            free.wait(30)
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return await slow(text)

    run = launch(ITEMS[:4], what=stepped)
    try:
        assert run.wait(30).failed == 1
    finally:
        free.set()
    assert run.labels()["error"].tolist() == ["", "", "", "TimeoutError: slow: not done within 0.1 seconds"]
    assert len(tries) == 3


def test_a_step_is_done_by_whoever_it_is_given_to(launch: Callable[..., PipelineRun]) -> None:
    with ThreadPoolExecutor(2, "elsewhere") as pool:

        @df.step(on=pool)
        def where(text: str) -> str:
            return threading.current_thread().name.partition("_")[0]

        @df.pipeline
        async def stepped(text: df.Text):
            return await where(text)

        run = launch(ITEMS[:3], what=stepped)
        run.wait(30)
        assert run.labels()["result"].tolist() == ["elsewhere"] * 3


@df.step(on=ProcessPoolExecutor(1, multiprocessing.get_context("spawn")))
def process(text: str) -> int:
    return os.getpid()


def test_a_step_is_done_by_another_process(launch: Callable[..., PipelineRun]) -> None:
    @df.pipeline
    async def stepped(text: df.Text):
        return await process(text)

    with process._on:  # type: ignore[union-attr]
        run = launch(ITEMS[:2], what=stepped)
        run.wait(60)
        assert run.labels()["error"].tolist() == ["", ""]
        assert os.getpid() not in run.labels()["result"].tolist()


def test_what_cannot_do_a_step_is_refused() -> None:
    with pytest.raises(df.SpecError, match="expected an executor or a Dask client, which has submit, got 'cluster'"):
        df.step(on="cluster")  # type: ignore[call-overload]


def test_who_comes_back_to_a_question_has_the_answer_that_it_had() -> None:
    kinds = {0: "vehicle", 1: "person", 2: "vehicle"}  # by how many corrections are known
    asked: list[str] = []
    entries: list[Entry] = []

    async def function(text: str) -> Any:
        kind = await kind_of(text)
        return [(await is_big(text, kind.answer)).answer, await length(kind.answer)]

    done: list[str] = []

    @df.step
    def length(text: str) -> int:
        done.append(text)
        return len(text)

    def known(task: str, key: str, since: int) -> Answered | None:
        if task == "kind_of":
            return Answered({"answer": kinds[since]})
        return Answered({"answer": key}) if key in asked else None

    async def play() -> Any:
        player = Player(function, {0: "i"}, entries, known)
        playing = asyncio.create_task(player.play([(0, {"text": "scene 1"})]))
        while not playing.done():
            noted, questions = player.news()
            entries.extend(noted)
            for question in questions:
                asked.append(question.key)
                player.resolve(question.task.id, question.key, Answered({"answer": question.key}))
            await asyncio.sleep(0)
        entries.extend(player.news()[0])
        await playing
        return msgspec.json.decode(player.outcomes[0].value)

    found = [asyncio.run(play())]
    for since in (1, 2):
        entries.append(Again(0, {"kind_of": since}))
        found.append(asyncio.run(play()))
    assert asked == ["i/2", "i/2~1"], "the third time nothing is new"
    assert done == ["vehicle", "person"]
    assert found == [["i/2", 7], ["i/2~1", 6], ["i/2", 7]]
    # In another process it stands where it stood.
    outcome = entries.pop()
    assert asyncio.run(play()) == found[2]
    assert entries[-1] == outcome
    assert len(asked) == len(done) == 2


def there(text: str) -> dict[str, Any]:
    return {"text": text.upper(), "process": os.getpid()}


def test_a_step_is_done_on_dask_as_it_is_here(launch: Callable[..., PipelineRun], tmp_path: Path) -> None:
    distributed, tries = pytest.importorskip("distributed"), tmp_path / "tries"
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        shouted = df.step(on=client, timeout="60s")(there)

        def fail(text: str, note: str) -> None:
            with open(note, "a") as file:
                file.write("tried\n")
            raise ValueError(f"cannot shout {text}")

        fails = df.step(on=client)(fail)

        @df.pipeline
        async def stepped(text: df.Text):
            said = await shouted(text)
            return await fails(text, str(tries)) if said["text"].endswith(" 2") else said

        run = launch(ITEMS[:4], what=stepped)
        run.wait(60)
        labels = run.labels()
        assert labels["text"].tolist()[0] == "SCENE 0"
        assert labels["error"].tolist() == ["", "", "ValueError: cannot shout scene 2", ""]
        [process] = set(labels["process"].dropna())
        assert process != os.getpid()
        assert len(tries.read_text().split()) == 3, "what failed is tried again, and not remembered there"
