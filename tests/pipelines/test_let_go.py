"""A pipeline that is looked at while it goes on, and let go of: what is done is not done again, nothing is untrue."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.pipelines.conftest import Kind, is_big, kind_of, only_kinds, platform
from tests.pipelines.test_held_up import told

import dataforge as df
from dataforge.errors import RunError
from dataforge.pipeline_folder import STOPPED, Standing
from dataforge.pipelines import run as runs
from dataforge.pipelines.journal import Call, Journal
from dataforge.pipelines.outcomes import Outcomes
from dataforge.pipelines.run import PipelineRun
from dataforge.pipelines.stages import Stages

Launch = Callable[..., PipelineRun]


def test_what_steps_gave_before_it_is_closed_is_not_done_again(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    looks, begun, go, last = threading.Event(), threading.Event(), threading.Event(), threading.Event()
    balance = Stages.balance

    def looking(self: Stages, waiting: Any) -> None:
        looks.set()
        assert go.wait(60)
        balance(self, waiting)

    @df.step
    def noted(text: str) -> str:
        assert (last if text.endswith(" 11") else begun).wait(60)
        done.append(text)
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return await noted(text)

    monkeypatch.setattr(Stages, "balance", looking)
    run = launch(what=stepped)
    assert looks.wait(60)
    begun.set()
    while run.status().done < 11:
        time.sleep(0.01)
    closing = threading.Thread(target=run.close)
    closing.start()
    while not run._stop.is_set():
        time.sleep(0.01)
    go.set()
    closing.join(60)
    assert len(done) == 11
    run = launch(what=stepped)
    last.set()
    assert run.wait(60).ended
    assert sorted(set(done)) == sorted(f"scene {number}" for number in range(12))
    assert len(done) - len(set(done)) <= 1, "only the one that was under way"


def test_results_can_be_read_before_they_are_written_down(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, write = threading.Event(), Journal.write

    def gated(self: Any, entries: Any) -> None:
        assert gate.wait(60)
        write(self, entries)

    @df.step
    def length(text: str) -> int:
        return len(text)

    @df.pipeline
    async def lengths(text: df.Text):
        return await length(text)

    monkeypatch.setattr(Journal, "write", gated)
    try:
        run = launch(what=lengths)
        while not run.status().done:
            time.sleep(0.01)
        assert run.labels()["result"].notna().any()
    finally:
        gate.set()
    assert run.wait(60).ended


def test_a_question_that_is_asked_while_the_picture_is_drawn_is_in_it(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = launch(what=only_kinds)
    run.wait(60)
    arrows = Outcomes.arrows

    def meanwhile(self: Outcomes) -> Any:
        run._calls.note(Call(0, "2", "late", "", "late()", ("1",)))
        del run._player.outcomes[0]
        return arrows(self)

    monkeypatch.setattr(Outcomes, "arrows", meanwhile)
    assert ">late<" in run.picture()


def test_a_step_that_exits_is_the_error_of_its_item(launch: Launch) -> None:
    @df.step
    def leaves(text: str) -> str:
        if text.endswith(" 3"):
            raise SystemExit(2)
        return text

    @df.pipeline
    async def stepped(text: df.Text):
        return await leaves(text)

    run = launch(what=stepped)
    status = run.wait(30)
    assert (status.done, status.failed) == (12, 1)
    assert run.labels().set_index("id")["error"][103] == "RuntimeError: raised SystemExit(2)"


def test_what_holds_up_beside_others_is_told_with_its_item(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "TOO_LONG", 0.3)
    free = threading.Event()

    async def beside(text: str) -> bool:
        big = await is_big(text, Kind.VEHICLE)
        while text.endswith(" 3") and not free.is_set():
            time.sleep(0.01)
        return bool(big.answer)

    @df.pipeline
    async def gathering(text: df.Text):
        return await asyncio.gather(beside(text), beside(f"{text} again"))

    run = launch(what=gathering)
    try:
        assert "at item '103'" in told(run, "gathering")
    finally:
        free.set()
    assert run.wait(60).ended


def test_one_that_is_stopped_and_gone_on_with_at_once_is_held_by_nobody(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = PipelineRun._show

    def meanwhile(self: PipelineRun) -> None:
        self._standing.release()
        show(self)

    @df.pipeline
    async def waits(text: df.Text):
        await asyncio.sleep(3600)

    run = launch(what=waits)
    monkeypatch.setattr(PipelineRun, "_show", meanwhile)
    with monkeypatch.context() as within:
        within.setattr(runs.Pace, "due", lambda _: False)  # so that it is at its end that this is done
        run._standing.hold(STOPPED)
        run._thread.join(60)
    assert run._standing.held == ""
    assert not run._standing.locked()


def test_what_cannot_be_shown_stops_nobody_who_plays(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def full(*_: Any) -> None:
        tried.append(1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Standing, "show", full)
    run = launch(what=only_kinds)
    assert run.wait(60).ended
    assert tried


def test_a_pipeline_that_has_failed_is_gone_on_with_though_its_handle_is_held(launch: Launch) -> None:
    asked = "big"

    @df.pipeline
    async def changing(text: df.Text):
        kind = await kind_of(f"{text} {asked}")
        return kind.answer

    on = platform()
    run = launch(what=changing, on=on)
    assert run.wait(60).ended
    journal = run._standing.path / "journal.jsonl"
    run.close()
    lines = [line for line in journal.read_bytes().splitlines(keepends=True) if b'"type":"outcome"' not in line]
    journal.write_bytes(b"".join(lines))
    asked = "small"
    failed = launch(None, what=changing, on=on)
    with pytest.raises(RunError, match="the function asks otherwise than when it was played before"):
        failed.wait(60)
    asked = "big"
    # In a notebook the handle that failed is still there: nobody has closed it.
    assert launch(None, what=changing, on=on).wait(60).ended
