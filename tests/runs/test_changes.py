"""Who answers worse than before since some page: their answers count less from there on, and the requester is told."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.runs.conftest import LABELS, crowd, right

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ITEMS, TIRED = 150, 3


def tires() -> Callable[[Mapping[str, Any], Mapping[str, Any], random.Random], dict[str, Any]]:
    """Somebody who answers the first sixty items with care, and all others with `dog`."""
    seen = []

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        seen.append(inputs)
        return dict(truth) if len(seen) <= 60 else {"answer": LABELS[0]}

    return answer


@pytest.fixture
def run(start: Callable[..., df.Run], finish: Callable[[df.Run], Any]) -> df.Run:
    people = crowd(3, 0.9, arrives=0.0)
    tired = [SimulatedWorker(f"t{number}", tires()) for number in range(TIRED)]
    platform = SimulatedPlatform([*people, *tired], right, seed=0)
    made = start(items=ITEMS, controls=0, platform=platform, overlap=(5, 6), page=(10, 0), speed=(), min_confidence=0.9)
    finish(made)
    return made


def test_who_answers_worse_since_some_page_is_named_and_nobody_else(run: df.Run) -> None:
    workers = run.workers()
    assert sorted(workers.loc[workers["worse_since"].notna(), "worker"]) == [f"t{number}" for number in range(TIRED)]
    assert any("`worse_since`" in notice["en"] for notice in run.notices)
    assert not workers["restricted"].any()


def test_what_they_said_since_counts_less(run: df.Run) -> None:
    # Half of those who answer an item say `dog` by then, whatever it is.
    truth = [LABELS[number % 3] for number in range(ITEMS)]
    assert (run.labels()["answer"] != truth).sum() <= 3


def test_an_opened_run_knows_it_as_well(run: df.Run, workspace: Any) -> None:
    before, labels = run.workers()["worse_since"], run.labels()["confidence"]
    name = run.name
    run.close()
    again = df.open_run(name, workspace)
    assert again.workers()["worse_since"].equals(before)
    assert again.labels()["confidence"].equals(labels)


def test_who_tires_is_asked_about_by_a_further_answer_to_what_they_said_since(run: df.Run) -> None:
    responses, workers = run.responses(), run.workers().set_index("worker")
    given = responses[responses["worker"].str.startswith("t")]
    late = given["at"] >= given["worker"].map(workers["worse_since"])
    asked = run.labels().set_index("id")["overlap"] if "id" in run.labels() else None
    assert asked is not None
    assert asked[given.loc[late, "id"].unique()].mean() > asked.drop(given.loc[late, "id"].unique()).mean()
