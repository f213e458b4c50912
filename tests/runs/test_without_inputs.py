"""Tasks in which nothing is shown: surveys, and content made from the instruction alone."""

import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

import dataforge as df
from dataforge.errors import DataError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, TakenPage


class Opinion(NamedTuple):
    joke: str
    mood: int | None


@df.task(duration="20s")
def survey() -> Opinion:
    """Write a joke, and say from 1 to 10 how you are."""
    raise NotImplementedError


def telling(name: str) -> Any:
    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        assert inputs == {}
        return {"joke": f"{name} walks into a bar", "mood": 7}

    return answer


def launched(workspace: Path, items: Any, **more: Any) -> df.Run:
    platform = SimulatedPlatform([SimulatedWorker(n, telling(n)) for n in ("ann", "bob", "eve")], seed=1)
    policy = df.Policy(quality="collect", overlap=2, page=(2, 0), speed=())
    return df.launch(
        survey, items, policy=policy, name="survey", platform=platform, workspace=workspace, progress=False, **more
    )


def test_a_number_of_items_is_asked_where_nothing_is_shown(workspace: Path, finish: Any) -> None:
    run = launched(workspace, 3)
    finish(run)
    labels = run.labels()
    assert sorted(labels["id"]) == [1, 2, 3]
    assert all(len(jokes) == 2 and jokes[0].endswith("walks into a bar") for jokes in labels["joke"])
    assert df.open_run("survey", workspace).labels().to_json() == labels.to_json()


def test_rows_carry_what_they_are_about_and_may_be_added(workspace: Path, finish: Any) -> None:
    run = launched(workspace, [{"id": "x", "group": "A"}, {"id": "y", "group": "B"}], open=True)
    run.add([{"id": "z", "group": "A"}])
    run.finish()
    finish(run)
    assert run.labels().set_index("id")["group"].to_dict() == {"x": "A", "y": "B", "z": "A"}


def test_what_cannot_be_a_number_of_items_is_refused() -> None:
    assert df.read_items(survey, "50").count == 50
    with pytest.raises(DataError, match="a number of items of at least 1, got 0"):
        df.read_items(survey, 0)
    with pytest.raises(DataError, match="has no inputs, by which an item could have a known answer"):
        df.read_items(survey, [{"mood": 3}], control=True)


def test_a_survey_answered_twice_by_one_person_counts_once_and_the_first_answer_stands(
    workspace: Path, finish: Any
) -> None:
    platform = SimulatedPlatform()
    policy = df.Policy(quality="collect", overlap=2, page=(1, 0), speed=())
    run = df.launch(survey, 1, policy=policy, name="twice", platform=platform, workspace=workspace, progress=False)
    until = time.monotonic() + 60
    while not isinstance(page := platform.take("twice", "ann"), TakenPage):
        assert time.monotonic() < until, "the run has put its item on the platform"
    for joke in ("first", "second"):
        assert platform.submit("twice", page.id, [{"joke": joke, "mood": 7}]) == "submitted"
    assert not isinstance(platform.take("twice", "ann"), TakenPage), "nobody answers the same again"
    other = platform.take("twice", "bob")
    assert isinstance(other, TakenPage)
    platform.submit("twice", other.id, [{"joke": "third", "mood": 2}])
    finish(run)
    assert run.labels()["joke"].tolist() == [["first", "third"]]
