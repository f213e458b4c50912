"""A pipeline whose platform, runs, steps or function do not go on: it waits, tells why, and can be closed."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.pipelines.conftest import Kind, is_big, kind_of, only_kinds, platform, truth

import dataforge as df
from dataforge.errors import RunError, Unreachable
from dataforge.pipelines import run as runs
from dataforge.pipelines import stages
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.handle.run import Run


class Away(SimulatedPlatform):
    """A platform that cannot be reached at first."""

    def __init__(self) -> None:
        workers = [SimulatedWorker(f"w{n}", lambda inputs, truth, chance: dict(truth), arrives=0.0) for n in range(4)]
        super().__init__(workers, truth, seed=1)
        self.back = threading.Event()

    def publish(self, publication: Any) -> None:
        if not self.back.is_set():
            raise Unreachable("nothing answers at http://127.0.0.1:1")
        super().publish(publication)


def told(run: PipelineRun, of: str, within: float = 30.0) -> str:
    """Why something does not go on, once it is told."""
    until = time.monotonic() + within
    while of not in (stuck := run.status().stuck):
        assert time.monotonic() < until, run.status()
        time.sleep(0.05)
    return stuck[of]


def test_a_platform_that_cannot_be_reached_at_the_first_question_is_waited_for(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "OFFER_EVERY", 0.05)
    away = Away()
    run = launch(on=away)
    assert told(run, "kind_of") == "nothing answers at http://127.0.0.1:1"
    away.back.set()
    status = run.wait(60)
    assert (status.ended, dict(status.stuck)) == (True, {})


def test_a_stage_that_was_stopped_is_offered_one_question_now_and_then_and_goes_on_when_it_is_opened(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[int] = []
    gate, add = threading.Event(), Run.add

    def counting(self: Run, items: Any = None, **more: Any) -> Any:
        offered.append(len(items))
        return add(self, items, **more)

    @df.step
    def past(text: str) -> str:
        assert text.endswith(" 1") or gate.wait(60)
        return text

    @df.pipeline
    async def gated(text: df.Text):
        return (await is_big(await past(text), Kind.VEHICLE)).answer

    run = launch(what=gated)
    while not run.status().done:
        time.sleep(0.02)
    run.stages["is_big"].stop()
    run.stages["is_big"].wait(60, progress=False)
    monkeypatch.setattr(Run, "add", counting)
    gate.set()
    assert "takes no more" in told(run, "is_big") or "ended" in told(run, "is_big")
    while run.status().waiting.get("is_big", 0) < 11:
        time.sleep(0.02)
    time.sleep(0.5)
    del offered[:]
    time.sleep(1.5)
    # The player looks about itself each fifth of a second.
    assert len(offered) <= 4
    while not offered:
        time.sleep(0.02)
    assert set(offered) == {1}
    run.stages["is_big"].reopen()
    status = run.wait(60)
    assert (status.ended, status.done, dict(status.stuck)) == (True, 12, {})
    # One was answered before, and nothing was asked twice.
    assert run.stages["is_big"].labels()["overlap"].tolist() == [2] * 12


def test_a_step_that_never_ends_is_told_and_does_not_keep_the_pipeline_from_being_closed(
    launch: Callable[..., PipelineRun],
) -> None:
    endless = threading.Event()

    @df.step
    def waits(text: str) -> str:
        endless.wait()
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return await waits(text) if text.endswith(" 3") else (await kind_of(text)).answer

    try:
        run = launch(what=stepped)
        while (status := run.wait(0.1)).done < 11 or "waits" not in status.steps:
            pass
        assert status.steps["waits"][0] == 1
        assert "steps under way: 1 of waits, for " in str(status)
        run.close()
    finally:
        endless.set()


def test_a_function_that_comes_to_no_question_is_told_with_its_item(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "TOO_LONG", 0.3)
    monkeypatch.setattr(runs, "LETTING_GO", 0.2)
    free = threading.Event()

    @df.pipeline
    async def endless(text: df.Text):
        kind = await kind_of(text)
        while text.endswith(" 3") and not free.is_set():
            time.sleep(0.01)
        return kind.answer

    run = launch(what=endless)
    try:
        assert re.match(r"has not come to its next question for \d+ s at item '103'", told(run, "endless"))
        with pytest.raises(RunError, match=r"cannot be let go of: .* end the process"):
            run.close()
    finally:
        free.set()


def test_what_was_asked_together_leads_to_what_follows_from_all_of_it(launch: Callable[..., PipelineRun]) -> None:
    async def checked(text: str) -> bool:
        return bool((await is_big(text, Kind.VEHICLE)).answer and (await is_big(f"{text} sure", Kind.VEHICLE)).answer)

    @df.task(duration="5s")
    def last(text: df.Text, kind: Kind) -> bool:
        """Is it so?"""
        raise NotImplementedError

    @df.pipeline
    async def wide(text: df.Text):
        kind, size = await asyncio.gather(kind_of(text), checked(text))
        return [kind.answer, size, (await last(text, Kind.PERSON)).answer]

    run = launch(what=wide, policy=df.Policy(page=(5, 0), overlap=1, speed=()), policies={})
    assert run.wait(60).ended
    arrows = run.flow().set_index(["from", "to"])["items"].to_dict()
    big = 3  # of twelve each fourth
    assert arrows == {
        ("items", "kind_of"): 12,
        ("items", "is_big"): 12,
        ("is_big", "is_big"): big,
        ("kind_of", "last"): 12,
        ("is_big", "last"): 12,
        ("last", "results"): 12,
    }


def test_how_a_run_of_many_items_stands_is_counted_and_not_searched(launch: Callable[..., PipelineRun]) -> None:
    run = launch(on=platform(), what=only_kinds)
    run.wait(60)
    assert run._player._unanswered.total() == 0
    assert dict(run.status().waiting) == {}


def test_a_platform_that_takes_long_is_not_told_as_a_function_that_does(
    launch: Callable[..., PipelineRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "TOO_LONG", 0.5)

    class Slow(Away):
        def publish(self, publication: Any) -> None:
            self.back.wait(60)
            super().publish(publication)

    slow = Slow()
    run = launch(on=slow)
    try:
        for _ in range(15):
            assert "scenes" not in run.status().stuck
            time.sleep(0.1)
    finally:
        slow.back.set()
    assert run.wait(60).ended
