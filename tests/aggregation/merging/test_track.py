"""Tracks of several people become those that are there."""

from random import Random
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.merging import track as merger
from dataforge.aggregation.merging.base import Answers, Merged
from dataforge.aggregation.merging.track import TrackMerger
from dataforge.geometry.keyframes import Sampled, path_of, whole_overlap
from dataforge.objects.track import Track

SETTINGS = {"options": [{"value": "person"}, {"value": "car"}]}
KIND = Track.from_settings(
    {"options": [{"value": "person", "label": {"en": "p"}}, {"value": "car", "label": {"en": "c"}}]}
)


def track(*keys: tuple[int, float], label: str = "person") -> dict[str, Any]:
    """Something of 40 by 80 that goes from the left to the right: frame and left edge of each key frame."""
    return {"label": label, "keys": [{"frame": at, "box": [x, 100, x + 40, 180]} for at, x in keys]}


def answer(*tracks: dict[str, Any]) -> dict[str, Any]:
    numbered = [{"id": place, **one} for place, one in enumerate(tracks, 1)]
    return {"width": 800, "height": 600, "frames": 100, "tracks": numbered}


def merged(*values: Any, known: dict[int, Any] | None = None) -> Merged:
    count = len(values)
    answers = Answers(values, np.zeros(count, np.int64), np.arange(count), 1, count, known or {})
    return TrackMerger(SETTINGS).merge(answers)


def test_places_are_in_the_middle_whatever_one_of_three_draws() -> None:
    found = merged(
        answer(track((0, 0), (60, 120))), answer(track((0, 4), (60, 124))), answer(track((0, 8), (30, 74), (60, 128)))
    )
    [one] = found.values[0]["tracks"]
    assert one["keys"][0]["frame"] == 0
    assert one["keys"][0]["box"][0] == pytest.approx(4)
    assert one["keys"][-1] == {"frame": 60, "box": [pytest.approx(124), 100, pytest.approx(164), 180]}
    assert len(one["keys"]) <= 4


def test_inventions_go_and_what_most_saw_stays_with_its_label() -> None:
    there, invented = track((0, 0), (60, 120)), track((0, 500), (60, 620), label="car")
    found = merged(answer(there), answer({**there, "label": "car"}, invented), answer(there))
    assert [(one["id"], one["label"]) for one in found.values[0]["tracks"]] == [(1, "person")]


def test_it_is_there_where_most_saw_it() -> None:
    found = merged(answer(track((0, 0), (60, 0))), answer(track((10, 0), (80, 0))), answer(track((5, 0), (70, 0))))
    keys = found.values[0]["tracks"][0]["keys"]
    assert (keys[0]["frame"], keys[-1]["frame"]) == (5, 70)


def test_two_that_pass_each_other_stay_two() -> None:
    right, left = track((0, 0), (99, 700)), track((0, 700), (99, 0))
    found = merged(*(answer(right, left),) * 3)
    lefts = [[key["box"][0] for key in one["keys"]] for one in found.values[0]["tracks"]]
    assert lefts == [[0, 700], [700, 0]]


def test_nobody_saw_anything() -> None:
    found = merged(answer(), answer())
    assert found.values == [answer()]


@pytest.mark.parametrize("seed", range(3))
def test_together_they_are_better_than_the_average_of_them(seed: int) -> None:
    """Ten films of six tracks, five people of skills from .95 to .6: measured against what is true."""
    rng = Random(seed)
    true = [
        answer(
            *(
                track((rng.randint(0, 20), rng.uniform(0, 300)), (rng.randint(60, 99), rng.uniform(300, 700)))
                for _ in range(6)
            )
        )
        for _ in range(10)
    ]
    skills = (0.95, 0.9, 0.85, 0.75, 0.6)
    values = [KIND.attempt(one, skill, rng, {}) for one in true for skill in skills]
    items, workers = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    found = TrackMerger(SETTINGS).merge(Answers(values, items, workers, 10, 5))
    alike = [KIND.similarity(one, other) for one, other in zip(found.values, true, strict=True)]
    each = [KIND.similarity(value, true[item]) for value, item in zip(values, items.tolist(), strict=True)]
    assert np.mean(alike) > np.mean(each) + 0.1
    assert list(np.argsort(found.skills)) == sorted(range(5), key=lambda worker: found.skills[worker])
    assert found.skills[0] > found.skills[4]
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_order_and_names_of_workers_do_not_matter() -> None:
    values = [answer(track((0, 0), (60, 120))), answer(track((0, 9), (60, 130))), answer(track((0, 4), (50, 99)))]
    assert merged(*values).values == merged(*reversed(values)).values


def test_tracks_that_are_never_near_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of hundreds of tracks is merged in seconds: what grows with their square is one comparison of numbers."""
    compared = []
    monkeypatch.setattr(
        "dataforge.aggregation.merging.track.whole_overlap",
        lambda one, other, form, unit: compared.append(1) or whole_overlap(one, other, form, unit),
    )
    rows = [
        {"label": "person", "keys": [{"frame": at, "box": [20 * row, at, 20 * row + 15, at + 9]} for at in (0, 50)]}
        for row in range(40)
    ]
    found = merged(*(answer(*rows),) * 3)
    assert len(found.values[0]["tracks"]) == 40
    # Each pair of people, once to put tracks together, once to tell how exact they are, and once to claim by that.
    assert len(compared) == 3 * 3 * 40


@pytest.mark.parametrize("form", ["box", "point", "time"])
def test_few_frames_tell_about_how_much_two_have_in_common(form: str) -> None:
    rng = np.random.default_rng(5)
    numbers = {"box": lambda x: [x, 10, x + 40, 90], "point": lambda x: [x, 10], "time": lambda x: []}[form]
    paths = []
    for _ in range(40):
        frames = [0, *sorted(rng.choice(np.arange(1, 600), 4, replace=False).tolist())]
        places = [{form: numbers(float(rng.uniform(0, 30)))} if form != "time" else {} for _ in frames]
        keys = [{"frame": at, **place} for at, place in zip(frames, places, strict=True)]
        keys[2] = {"frame": keys[2]["frame"], "gone": True}
        paths.append(path_of(keys, form))
    exact = [whole_overlap(paths[0], other, form, 500.0) for other in paths[1:]]
    few = Sampled(paths, form, 500.0, 64).whole_overlaps(0, np.arange(1, 40))
    assert few == pytest.approx(exact, abs=0.05)


def test_where_all_tracks_are_on_one_another_they_are_told_from_few_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [answer(*(track((0, 8 * one + off), (99, 8 * one + off)) for one in range(40))) for off in (0, 1, 2)]
    exact = merged(*told)
    monkeypatch.setattr(merger, "MOST_COMPARED", 1_000)
    few = merged(*told)
    assert len(exact.values[0]["tracks"]) == 40
    assert few.values == exact.values
    assert few.confidence == pytest.approx(exact.confidence, abs=0.02)
