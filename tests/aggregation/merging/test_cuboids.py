"""Cuboids of several people become those that are there, each where it is and facing as it does."""

import math
from random import Random
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.merging.base import Answers
from dataforge.aggregation.merging.cuboids import Cuboids
from dataforge.objects.cuboids import Cuboids as Kind

SETTINGS = {"options": [{"value": "car", "label": {"en": "Car"}}, {"value": "van", "label": {"en": "Van"}}]}
CAR = {"label": "car", "centre": [10.0, 0.0, 1.0], "size": [4.0, 2.0, 1.5], "heading": 0.5}


def car(**changed: Any) -> dict[str, Any]:
    return {**CAR, **changed}


def merged(*values: list[dict[str, Any]], settings: Any = SETTINGS) -> list[dict[str, Any]]:
    """What comes of as many people's answers to one item."""
    count = len(values)
    answers = Answers(values, np.zeros(count, np.int64), np.arange(count), 1, count)
    [value] = Cuboids(settings).merge(answers).values
    assert isinstance(value, list)
    return value


def test_a_cuboid_is_in_the_middle_of_those_of_people_who_mark_equally_well() -> None:
    [one] = merged([CAR], [car(centre=[10.4, 0.0, 1.0])], [car(centre=[10.2, 0.0, 1.0])])
    assert one == car(centre=pytest.approx([10.2, 0, 1], abs=0.01))


def test_what_one_of_three_invents_goes_and_what_one_of_three_misses_stays() -> None:
    other = car(centre=[30.0, 5.0, 1.0], label="van")
    assert merged([CAR, other], [CAR], [CAR]) == [CAR]
    assert merged([CAR, other], [CAR, other], [CAR]) == [CAR, other]
    assert merged([], [], []) == []


def test_headings_of_one_axis_are_put_together_and_most_say_where_the_front_is() -> None:
    headings = (0.5, 0.52, 0.5 - math.pi)
    [one] = merged(*([car(heading=heading)] for heading in headings))
    assert one["heading"] == pytest.approx(0.507, abs=0.01)
    [one] = merged(*([car(heading=heading)] for heading in (math.pi - 0.02, -math.pi + 0.02, math.pi)))
    assert abs(one["heading"]) == pytest.approx(math.pi, abs=0.01), "not the mean of the numbers, which is about 1"


def test_a_slip_of_one_of_five_hardly_moves_the_mean() -> None:
    values = [[car(centre=[10 + by, 0.0, 1.0])] for by in (0.02, -0.02, 0.01, -0.01)]
    [one] = merged(*values, [car(centre=[11.2, 0.0, 1.0])])
    assert abs(one["centre"][0] - 10) < 0.24 / 2, "the plain mean is off by 0.24"


def test_two_cuboids_of_one_person_are_two_objects_however_close() -> None:
    both = [CAR, car(centre=[10.3, 0.1, 1.0])]
    assert len(merged(both, both, both)) == 2


def test_no_two_merged_cuboids_have_one_track() -> None:
    settings = {**SETTINGS, "tracked": True}
    far = [30.0, 0.0, 1.0]
    value = merged(
        [car(track="a"), car(track="b", centre=far)],
        [car(track="b"), car(track="a", centre=far)],
        [car(track="a"), car(track="a-2", centre=far)],
        [car(track="c"), car(track="a", centre=far)],
        settings=settings,
    )
    tracks = [one["track"] for one in value]
    assert len(set(tracks)) == len(tracks) == 2
    assert Kind(tracked=True).to_json([{name: one[name] for name in one if name != "label"} for one in value])


def test_a_tilt_stays() -> None:
    [one] = merged([car(tilt=[0.05, -0.02])], [car(tilt=[0.05, -0.02])])
    assert one["tilt"] == pytest.approx([0.05, -0.02])


def test_merged_answers_are_nearer_to_the_truth_than_the_average_worker() -> None:
    """Simulated workers of skills from .75 to .95, three on each of 60 scenes."""
    kind, rng = Kind(), Random(7)
    truth, values, items, workers = [], [], [], []
    for item in range(60):
        scene = [
            {
                "centre": [9.0 * place, rng.uniform(-3, 3), 1.0],
                "size": [rng.uniform(3.5, 5), rng.uniform(1.6, 2.2), rng.uniform(1.4, 2)],
                "heading": rng.uniform(-3, 3),
            }
            for place in range(rng.randint(1, 8))
        ]
        truth.append(scene)
        for worker in rng.sample(range(10), 3):
            values.append(kind.attempt(scene, 0.75 + 0.02 * worker, rng, {}))
            items.append(item)
            workers.append(worker)
    result = Cuboids({}).merge(Answers(values, np.array(items), np.array(workers), 60, 10))
    alone = np.mean([kind.similarity(value, truth[item]) for value, item in zip(values, items, strict=True)])
    together = np.mean([kind.similarity(value, right) for value, right in zip(result.values, truth, strict=True)])
    assert together > alone + 0.05
    assert np.corrcoef(result.skills, np.arange(10))[0, 1] > 0.5
    for value in result.values:
        assert kind.to_json(value) == value
