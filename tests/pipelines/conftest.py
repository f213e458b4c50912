"""Two tasks, pipelines over them, and made-up workers who are always right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.pipelines.run import PipelineRun
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


class Kind(df.Choice):
    VEHICLE = "vehicle"
    PERSON = "person"


@df.task(duration="5s")
def kind_of(text: df.Text) -> Kind:
    """What is there?"""
    raise NotImplementedError


@df.task(duration="5s")
def is_big(text: df.Text, kind: Kind) -> bool:
    """Is it big?"""
    raise NotImplementedError


@df.pipeline
async def scenes(text: df.Text):
    """Say of each vehicle whether it is big, looked at twice."""
    kind = await kind_of(text)
    if kind.answer != Kind.VEHICLE:
        return None
    one, two = await asyncio.gather(is_big(text, kind.answer), is_big(f"{text} again", kind.answer))
    return {"big": one.answer, "again": two.answer}


@df.pipeline
async def only_kinds(text: df.Text):
    """What is in each."""
    return (await kind_of(text)).answer


POLICY = df.Policy(page=(5, 0), overlap=2, speed=())
POLICIES = {kind_of: POLICY, is_big: POLICY}
ITEMS = [{"id": 100 + number, "text": f"scene {number}"} for number in range(12)]


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    number = int(inputs["text"].split()[1])
    return {"answer": number % 4 == 1} if "kind" in inputs else {"answer": ("person", "vehicle")[number % 2]}


def platform() -> SimulatedPlatform:
    workers = [SimulatedWorker(f"w{n}", lambda inputs, truth, chance: dict(truth), arrives=0.0) for n in range(4)]
    return SimulatedPlatform(workers, truth, seed=1)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., PipelineRun]]:
    launched: list[PipelineRun] = []

    def start(items: Any = ITEMS, on: SimulatedPlatform | None = None, what: Any = scenes, **more: Any) -> PipelineRun:
        settings = {"policies": POLICIES, "name": "s", "workspace": tmp_path, "progress": False, **more}
        run: PipelineRun = df.launch(what, items, platform=on or platform(), **settings)
        launched.append(run)
        return run

    yield start
    for run in launched:
        run.close()
