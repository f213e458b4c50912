"""Two who draw the same invented boxes, each a little elsewhere, make no result sure beside two or three who look."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.runs.test_copied_drawings import boxes, cars, looks

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

ITEMS = 40


def invents(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Three boxes where there is nothing, by another hand each time."""
    return boxes(inputs["photo"]["url"] + "invented", 3, chance)


Played = Callable[..., df.Run]


@pytest.fixture
def play(workspace: Path, finish: Callable[[df.Run], Any]) -> Played:
    def launch(honest: int, friends: int, **policy: Any) -> df.Run:
        people = [SimulatedWorker(f"honest{number}", looks) for number in range(honest)]
        people += [SimulatedWorker(f"friend{number}", invents) for number in range(friends)]
        run = df.launch(
            cars,
            [{"photo": f"https://example.org/{number}.jpg"} for number in range(ITEMS)],
            policy=df.Policy(quality="merge", page=(6, 0), speed=(), **policy),
            platform=SimulatedPlatform(people, seed=1),
            workspace=workspace,
            progress=False,
        )
        finish(run)
        return run

    return launch


def told(run: df.Run) -> list[str]:
    return [notice["en"] for notice in run.notices if "Two groups of workers" in notice["en"]]


@pytest.mark.parametrize(("honest", "overlap"), [(2, (1, 4)), (3, 3)])
def test_nothing_is_sure_where_neither_camp_has_twice_the_voices(play: Played, honest: int, overlap: Any) -> None:
    run = play(honest, 2, overlap=overlap)
    assert (run.labels()["confidence"] < 0.85).all()
    assert len(told(run)) == 1
    assert "friend0, friend1" in told(run)[0]


def test_drawings_of_somebody_trusted_decide(play: Played) -> None:
    run = play(3, 2, overlap=3)
    shown = run.labels()[["id", "photo"]].head(24).itertuples()
    run.verified([{"id": one.id, **boxes(one.photo, 3)} for one in shown])
    run.wait(60, progress=False)
    assert told(run) == []
    assert (run.labels()["confidence"].tail(16) > 0.85).any()


def test_people_who_look_are_no_camps(play: Played) -> None:
    run = play(5, 0, overlap=3)
    assert told(run) == []
    assert (run.labels()["confidence"] > 0.85).mean() > 0.9
