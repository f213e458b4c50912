"""A stage of a pipeline is stopped, its task is mended, and it goes on: nothing is asked twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.pipelines.conftest import ITEMS, POLICY

import dataforge as df
from dataforge.changes.terms import terms_of
from dataforge.pipelines.function import Pipeline
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


@df.task(duration="5s")
def so(text: df.Text) -> bool:
    """Is it so?"""
    raise NotImplementedError


def pipeline_of(task: df.Task, gate: threading.Event) -> Pipeline:
    """Asks the task of one item, and of the others once the gate is open."""

    @df.step
    def past(text: str) -> str:
        assert text == "scene 1" or gate.wait(60)
        return text

    @df.pipeline
    async def mended(text: df.Text):
        return (await task(await past(text))).answer

    return mended


def platform() -> SimulatedPlatform:
    workers = [SimulatedWorker(f"w{n}", lambda *_: {"answer": True}, arrives=0.0) for n in range(4)]
    return SimulatedPlatform(workers, seed=1)


@pytest.mark.parametrize("stopped", [True, False], ids=["stopped", "at work"])
def test_a_stage_is_mended_and_gone_on_with_and_nothing_is_asked_twice(
    launch: Callable[..., PipelineRun], stopped: bool
) -> None:
    on, gate, better = platform(), threading.Event(), replace(so, instruction={"en": "Is it really so?"})
    run = launch(ITEMS, on=on, what=pipeline_of(so, gate), policies={so: POLICY})
    while not run.status().done:
        time.sleep(0.02)
    if stopped:
        run.stages["so"].stop()
        run.stages["so"].wait(60, progress=False)
    run.close()
    gate.set()
    run = launch(None, on=on, what=pipeline_of(better, gate), policies={better: POLICY})
    if stopped:
        until = time.monotonic() + 60
        while "so" not in run.status().stuck:
            assert time.monotonic() < until, run.status()
            time.sleep(0.05)
        run.stages["so"].reopen()
    status = run.wait(60)
    assert (status.ended, status.done, status.failed) == (True, 12, 0)
    assert run.stages["so"].labels()["overlap"].tolist() == [2] * 12
    asked = terms_of(run.stages["so"]._held.folder.path).publication.task
    assert asked.instruction == {"en": "Is it really so?"}


def test_a_task_that_asks_something_else_is_not_taken_for_the_mended_one(launch: Callable[..., PipelineRun]) -> None:
    @df.task(id="so", duration="5s")
    def otherwise(text: df.Text) -> df.Rating(1, 5):  # type: ignore[valid-type]
        """How much is it so?"""
        raise NotImplementedError

    on, gate = platform(), threading.Event()
    run = launch(ITEMS, on=on, what=pipeline_of(so, gate), policies={so: POLICY})
    while not run.status().done:
        time.sleep(0.02)
    run.close()
    gate.set()
    with pytest.raises(df.SpecError, match="it was another one when its run was begun"):
        launch(None, on=on, what=pipeline_of(otherwise, gate), policies={otherwise: POLICY}).wait(60)
