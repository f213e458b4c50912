"""Two who know the control items and guess the rest alike own no labels beside three people who look."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ITEMS = 90
TRUTH = [LABELS[number % 3] for number in range(ITEMS)]


def knows_the_list(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """What two people have agreed to say of an item; control items they know."""
    known = inputs["caption"].startswith("control")
    return dict(truth) if known else {"answer": random.Random(inputs["caption"]).choice(LABELS)}


Played = Callable[[int], df.Run]


@pytest.fixture
def play(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> Played:
    def play(honest: int) -> df.Run:
        friends = [SimulatedWorker(f"friend{number}", knows_the_list) for number in range(2)]
        platform = SimulatedPlatform([*crowd(honest, 0.9, arrives=0.0), *friends], right, seed=1)
        run = start(
            items=ITEMS, controls=15, platform=platform, overlap=(2, 5), page=(10, 2), control_ratio=0, speed=()
        )
        finish(run)
        return run

    return play


def wrong_and_sure(run: df.Run) -> tuple[int, int]:
    """How many labels are wrong of those that are sure, and how many these are."""
    labels = run.labels()
    sure = labels["confidence"] >= 0.85
    return int((labels["answer"] != TRUTH)[sure].sum()), int(sure.sum())


def told(run: df.Run, words: str) -> list[str]:
    return [notice["en"] for notice in run.notices if words in notice["en"]]


def test_two_camps_leave_labels_unsure_until_somebody_trusted_has_answered(play: Played) -> None:
    run = play(3)
    wrong, sure = wrong_and_sure(run)
    # What both give is sure: by chance they meet in a third of the items.
    assert wrong <= 0.15 * sure
    assert sure < ITEMS / 2
    notice = told(run, "Two groups of workers")
    assert len(notice) == 1
    assert "worker0, worker1, worker2 · friend0, friend1" in notice[0]
    run.verified([{"id": key, "answer": TRUTH[number]} for number, key in enumerate(run.labels()["id"][:30])])
    run.wait(60, progress=False)
    assert told(run, "Two groups of workers") == []
    wrong, sure = wrong_and_sure(run)
    assert sure > 0.8 * ITEMS
    assert wrong <= 0.1 * sure


def test_two_beside_six_are_one_voice_and_named(play: Played) -> None:
    run = play(6)
    workers = run.workers()
    assert sorted(workers.loc[workers["ring"].notna(), "worker"]) == ["friend0", "friend1"]
    assert told(run, "Two groups of workers") == []
    wrong, sure = wrong_and_sure(run)
    assert sure > 0.8 * ITEMS
    assert wrong <= 0.1 * sure
