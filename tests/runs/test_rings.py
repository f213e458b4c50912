"""Workers who answer from one source are one opinion, however many accounts they have."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ITEMS = 60


def from_one_source(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """What one person says of an item, half of it wrong, whoever asks; known items are answered with care."""
    if inputs["caption"].startswith("control"):
        return dict(truth)
    said = random.Random(inputs["caption"])
    return {"answer": said.choice(LABELS) if said.random() < 0.75 else truth["answer"]}


@pytest.fixture
def run(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> df.Run:
    people = crowd(12, 0.85, arrives=0.0)
    ring = [SimulatedWorker(f"r{number}", from_one_source) for number in range(5)]
    platform = SimulatedPlatform([*people, *ring], right, seed=0)
    made = start(items=ITEMS, platform=platform, overlap=(6, 9), page=(10, 1), control_ratio=0, speed=())
    finish(made)
    return made


def test_a_ring_is_named_and_nobody_else(run: df.Run) -> None:
    workers = run.workers()
    assert sorted(workers.loc[workers["ring"].notna(), "worker"]) == [f"r{number}" for number in range(5)]
    assert any("`ring`" in notice["en"] for notice in run.notices)


def test_what_a_ring_says_together_counts_as_one_answer(run: df.Run) -> None:
    # Counted as five opinions its mistakes win five items of these sixty.
    truth = [LABELS[number % 3] for number in range(ITEMS)]
    assert (run.labels()["answer"] != truth).sum() <= 1


def test_an_opened_run_knows_the_ring_as_well(run: df.Run, workspace: Any) -> None:
    before = run.workers()["ring"]
    name = run.name
    run.close()
    assert df.open_run(name, workspace).workers()["ring"].equals(before)
