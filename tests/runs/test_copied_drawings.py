"""Accounts that send the same invented shapes are one opinion of an item, and the requester is told."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.quality._drawn import own_shapes

ITEMS, SIDE = 30, 400
SOMETHING = {"box": [10.0, 10.0, 60.0, 50.0]}


@df.task(duration="10s")
def cars(photo: df.Image) -> df.Boxes():  # type: ignore[valid-type]
    """Mark the cars."""


def boxes(name: str, count: int, off: random.Random | None = None) -> dict[str, Any]:
    """So many boxes that follow from a name, as somebody draws them whose hand is off by a pixel or two."""
    rng = random.Random(name)
    corners = [(rng.uniform(0, 300), rng.uniform(0, 300)) for _ in range(count)]
    drawn = [[left, top, left + 60, top + 60] for left, top in corners]
    far = 0.0 if off is None else 1.5
    hand = off or rng
    drawn = [[round(min(max(edge + hand.gauss(0, far), 0), SIDE), 2) for edge in box] for box in drawn]
    return {"answer": {"width": SIDE, "height": SIDE, "shapes": [{"box": box} for box in drawn]}}


def looks(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    return boxes(inputs["photo"]["url"], 3, chance)


def invents(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Three boxes where there is nothing, the same from each account."""
    return boxes(inputs["photo"]["url"] + "invented", 3)


@pytest.fixture
def marked(workspace: Path, finish: Callable[[df.Run], Any]) -> Callable[..., df.Run]:
    """A run of photos, marked by so many people who look and accounts of one who does not."""

    def launch(honest: int, copying: int) -> df.Run:
        people = [SimulatedWorker(f"p{number}", looks) for number in range(honest)]
        people += [SimulatedWorker(f"r{number}", invents) for number in range(copying)]
        run = df.launch(
            cars,
            [{"photo": f"https://example.org/{number}.jpg"} for number in range(ITEMS)],
            policy=df.Policy(quality="merge", overlap=honest + copying, page=(6, 0), speed=()),
            platform=SimulatedPlatform(people, seed=1),
            workspace=workspace,
            progress=False,
        )
        finish(run)
        return run

    return launch


@pytest.mark.parametrize("honest", [1, 2])
def test_two_who_send_the_same_few_shapes_own_no_result_beside_others(
    marked: Callable[..., df.Run], honest: int
) -> None:
    run = marked(honest, 2)
    labels = run.labels()
    sent = [boxes(photo + "invented", 3)["answer"]["shapes"] for photo in labels["photo"]]
    merged = [answer["shapes"] for answer in labels["answer"]]
    # Taken for two they own all results, as sure as .99 beside one, .98 beside two who look.
    assert not any(shape in there for shapes, there in zip(merged, sent, strict=True) for shape in shapes)
    assert (labels["confidence"] < 0.5).all() if honest == 1 else (labels["confidence"] > 0.9).all()
    workers = run.workers()
    assert sorted(workers.loc[workers["ring"].notna(), "worker"]) == ["r0", "r1"]
    assert any("to the last digit" in notice["en"] for notice in run.notices)


def test_people_who_look_are_no_copies_of_each_other(marked: Callable[..., df.Run]) -> None:
    run = marked(4, 0)
    assert run.workers()["ring"].isna().all()
    assert (run.labels()["confidence"] > 0.8).mean() > 0.9


@pytest.mark.parametrize(
    ("value", "draft", "own"),
    [
        ({"width": 400, "height": 300, "shapes": [SOMETHING]}, None, 1),
        ({"width": 400, "height": 300, "shapes": [SOMETHING]}, {"shapes": [SOMETHING]}, 0),
        ({"width": 400, "height": 300, "shapes": [SOMETHING, {"box": [1, 2, 3, 4]}]}, {"shapes": [SOMETHING]}, 1),
        ({"width": 400, "height": 300, "shapes": [{"box": [0, 0, 400, 300]}]}, None, 0),
        ({"width": 400, "height": 300, "shapes": []}, None, 0),
        ([{"start": 0.5, "end": 1.9}, {"start": 2.5, "end": 2.9}], [{"start": 0.5, "end": 1.9}], 1),
    ],
)
def test_of_an_answer_only_what_its_worker_drew_is_looked_at(value: Any, draft: Any, own: int) -> None:
    assert len(own_shapes(value, draft)) == own


def test_of_films_the_tracks_are_compared_and_that_nothing_is_there_is_copied_from_nobody() -> None:
    def film(*tracks: list[float]) -> dict[str, Any]:
        drawn = [{"label": "car", "keys": [{"frame": 0, "box": box}]} for box in tracks]
        return {"width": SIDE, "height": SIDE, "frames": 9, "tracks": drawn}

    same, one, other = [1.5, 2.25, 30.75, 40.0], [5.0, 5.0, 9.0, 9.0], [6.0, 5.0, 9.0, 9.0]
    assert len(own_shapes(film(same, one), None) & own_shapes(film(same, other), None)) == 1
    assert own_shapes(film(same, one), film(same)) == own_shapes(film(one), None)
    assert not own_shapes(film(), None)
