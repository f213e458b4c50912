"""Who says one grade of everything is neither right by near grades nor able; near grades of who looks count."""

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import pytest

import dataforge as df
from dataforge.guessing import beyond_luck
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving.view import RunView
from dataforge.runs.quality._scale import ASLEEP, PRESUMED, Constants, Said
from dataforge.workspace import Workspace


@df.task(duration="10s")
def grade(caption: df.Text) -> Annotated[int, df.Rating(1, 5)]:
    """How good is it?"""
    raise NotImplementedError


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"answer": Random(inputs["caption"]).choice([2, 3, 4])}


def in_the_middle(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": 3}


def looks(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    return {"answer": right["answer"] + (rng.choice([-1, 1]) if rng.random() < 0.2 else 0)}


@pytest.fixture
def run(tmp_path: Path, finish: Callable[[df.Run], Any]) -> Any:
    """Known grades are next to the middle, which so passes for right by the near ones everywhere."""
    come = [SimulatedWorker("middle", in_the_middle), *[SimulatedWorker(f"w{n}", looks) for n in range(4)]]
    control = [{"caption": f"known {n}", **truth({"caption": f"known {n}"})} for n in range(60)]
    policy = df.Policy(page=(3, 2), overlap=3, speed=(), control_ratio=0.7)
    items = [{"caption": f"thing {n}"} for n in range(90)]
    platform = SimulatedPlatform(come, truth, seed=1)
    with df.launch(
        grade, items, control, policy, name="grades", platform=platform, workspace=tmp_path, progress=False
    ) as found:
        finish(found)
        yield found


def test_who_always_says_the_middle_is_paid_no_more_once_it_shows(run: df.Run) -> None:
    of = run.workers().set_index("worker")
    assert of.loc["middle", "pages_rejected"] > 0
    assert of.loc["middle", "restricted"]
    assert of.loc["middle", "pages_accepted"] <= PRESUMED / 2 + 1
    assert of.drop("middle")["pages_rejected"].sum() <= 3
    assert not of.drop("middle")["restricted"].any()


def test_their_skill_is_the_share_of_the_very_grades(run: df.Run) -> None:
    skills = run.workers().set_index("worker")["skill"]
    assert skills["middle"] < 0.6 < 0.8 < skills.drop("middle").min()


def test_what_counted_for_right_is_known_after_a_restart(run: df.Run, tmp_path: Path) -> None:
    counts = ["control_correct", "control_total", "skill"]
    before = run.workers().set_index("worker")[counts]
    view = RunView.open(RunFolder.of(Workspace.at(tmp_path), "grades"))
    view.catch_up()
    found = {record.id: (record.control_correct, record.control_total) for record in view.state.workers}
    assert found == {name: (row.control_correct, row.control_total) for name, row in before.iterrows()}


def test_answers_are_held_to_what_was_counted_when_they_came() -> None:
    counted = Constants(2)
    counted.add_worker()
    middle = np.array([[0.0, 0.25]])
    for row in range(PRESUMED):
        counted.take(middle, np.array([row]), np.array([0]), row + 1)
    assert not counted.strict.values.any()
    counted.take(middle, np.array([PRESUMED]), np.array([0]), PRESUMED + 1)
    assert counted.strict.values.tolist() == [False] * PRESUMED + [True]
    # One that is checked no more takes back what it showed, and stays as it was held.
    counted.take(middle, np.array([PRESUMED]), np.array([0]), PRESUMED + 1, -1)
    assert counted.met.values.tolist() == [PRESUMED]
    assert counted.strict.values[-1]


@pytest.mark.parametrize(("items", "proof"), [(1, False), (2, False), (3, True), (8, True)])
def test_a_few_items_that_were_looked_at_are_no_proof(items: int, proof: bool) -> None:
    total, squares = np.array(0.25 * items), np.array(0.25**2 * items)
    assert bool(beyond_luck(total, squares, np.array(items))) is proof


def followed(given: list[int], known: list[int]) -> Constants:
    """What is counted of a worker who said these of control items, grades of 0 to 4."""
    counted, credit = Constants(5), 1 - np.minimum(np.abs(np.subtract.outer(np.arange(5), np.arange(5))) / 2, 1) ** 2
    counted.add_worker()
    for row, (said, right) in enumerate(zip(given, known, strict=True)):
        more = credit[right, said] - credit[right]
        of = Said(np.array([said]), np.array([right]))
        counted.take(more[None], np.array([row]), np.array([0]), row + 1, said=of)
    return counted


def test_who_has_looked_for_long_and_then_says_one_grade_is_held_to_the_very_grade_until_they_look_again() -> None:
    looked, slept = [1, 2, 3] * 40, [1, 3] * (ASLEEP // 2)
    counted = followed([*looked, *[2] * ASLEEP, 2, 1, 1], [*looked, *slept, 3, 1, 1])
    strict = counted.strict.values.tolist()
    assert not any(strict[: len(looked) + ASLEEP])
    # Another grade was said: what comes after it counts as before.
    assert strict[len(looked) + ASLEEP :] == [True, True, False]


@pytest.mark.parametrize("every", [12, 8])
def test_who_says_another_grade_now_and_then_is_asleep_all_the_same(every: int) -> None:
    """Others than that are one answer in so many, at random."""
    looked, held = [1, 2, 3] * 40, []
    for seed in range(20):
        rng = Random(seed)
        slept = [rng.choice([1, 3]) if rng.random() < 1 / every else 2 for _ in range(150)]
        counted = followed([*looked, *slept], [*looked, *(rng.choice([1, 2, 3]) for _ in slept)])
        held.append(counted.strict.values[len(looked) :].mean())
    assert sum(held) / len(held) > 0.6


@pytest.mark.parametrize("drawn", [0.0, 0.2, 0.35])
def test_of_those_who_look_one_in_a_hundred_at_most_is_ever_taken_for_asleep(drawn: float) -> None:
    """In two hundred control items, of people who draw what is next to the middle to it so often."""
    taken = 0
    for seed in range(100):
        rng = Random(seed)
        known = [rng.choice([1, 2, 3]) for _ in range(200)]
        given = [2 if rng.random() < drawn else min(max(one + rng.choice([0, 0, 0, -1, 1]), 0), 4) for one in known]
        counted = followed(given, known)
        taken += bool((counted.run.values >= ASLEEP).any() or counted.strict.values[PRESUMED:].all())
    assert taken <= 1


def test_a_sleeper_is_paid_no_more_for_long(tmp_path: Path, finish: Callable[[df.Run], Any]) -> None:
    said: list[int] = []

    def sleeps(inputs: Mapping[str, Any], right: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        said.append(1)
        return right if len(said) <= 60 else {"answer": 3 if len(said) % 12 else rng.choice([2, 4])}

    come = [SimulatedWorker("sleeper", sleeps), *[SimulatedWorker(f"w{n}", looks) for n in range(4)]]
    control = [{"caption": f"known {n}", **truth({"caption": f"known {n}"})} for n in range(150)]
    policy = df.Policy(page=(6, 3), overlap=3, speed=(), control_ratio=0.7)
    items = [{"caption": f"thing {n}"} for n in range(300)]
    platform = SimulatedPlatform(come, truth, seed=1)
    with df.launch(
        grade, items, control, policy, name="grades", platform=platform, workspace=tmp_path, progress=False
    ) as found:
        finish(found)
        of = found.workers().set_index("worker")
    assert of.loc["sleeper", "pages_rejected"] > 0
    # Seven pages were looked at; it takes some thirty control items, of which pages have three, to be seen asleep.
    assert of.loc["sleeper", "pages_accepted"] <= 7 + 10 + 6
    assert of.drop("sleeper")["pages_rejected"].sum() <= 3
