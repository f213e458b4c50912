"""What key frames say of the frames between them."""

import json
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataforge.geometry.keyframes import key_frames, meet, path_of, reaches, shared, whole_overlap

CASES = json.loads((FilePath(__file__).parent / "data" / "keyframes.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_pages_and_python_read_key_frames_the_same(case: dict[str, Any]) -> None:
    path = path_of(case["keys"], case["shape"])
    for frame, place in case["at"].items():
        number = int(frame) - path.start
        there = 0 <= number < len(path.there) and bool(path.there[number])
        assert there == (place is not None), frame
        if there:
            assert path.places[number].tolist() == pytest.approx(place)
    hidden = (path.start + np.flatnonzero(path.hidden)).tolist()
    assert hidden == case.get("hidden", [])


WALKS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30
)


@given(walk=WALKS)
def test_key_frames_that_are_found_say_the_same_of_every_frame(walk: list[tuple[bool, bool, int, int]]) -> None:
    keys = [
        {"frame": 2 * frame, "gone": True}
        if frame and gone
        else {"frame": 2 * frame, "point": [x, y]} | ({"hidden": True} if hidden else {})
        for frame, (gone, hidden, x, y) in enumerate(walk)
    ]
    path = path_of(keys, "point")
    again = path_of(key_frames(path, "point", 0.0), "point")
    length = len(again.there)
    assert (again.start, path.there[length:].any()) == (path.start, False)
    assert (again.there == path.there[:length]).all()
    assert (again.hidden == path.hidden[:length]).all()
    assert np.abs(again.places - path.places[:length])[again.there].max(initial=0) < 0.01


def test_a_straight_way_needs_two_key_frames_and_a_bend_a_third() -> None:
    straight = path_of(
        [{"frame": 0, "point": [0, 0]}, {"frame": 5, "point": [5, 5]}, {"frame": 9, "point": [9, 9]}], "point"
    )
    assert [key["frame"] for key in key_frames(straight, "point", 0.1)] == [0, 9]
    bent = path_of(
        [{"frame": 0, "point": [0, 0]}, {"frame": 5, "point": [9, 0]}, {"frame": 9, "point": [9, 9]}], "point"
    )
    assert [key["frame"] for key in key_frames(bent, "point", 0.1)] == [0, 5, 9]


def test_what_two_tracks_have_in_common_is_counted_frame_by_frame() -> None:
    one = path_of([{"frame": 0, "box": [0, 0, 10, 10]}, {"frame": 9, "box": [0, 0, 10, 10]}], "box")
    half = path_of([{"frame": 5, "box": [0, 0, 10, 5]}, {"frame": 12, "box": [0, 0, 10, 5]}], "box")
    assert shared(one, half, "box", 1.0) == pytest.approx(5 * 0.5)
    assert whole_overlap(one, half, "box", 1.0) == pytest.approx(2.5 / (10 + 8 - 2.5))
    later = path_of([{"frame": 10, "box": [0, 0, 10, 10]}], "box")
    assert shared(one, later, "box", 1.0) == 0


@given(walks=st.lists(WALKS, min_size=2, max_size=2), form=st.sampled_from(["box", "point", "time"]))
def test_tracks_whose_reaches_do_not_meet_have_nothing_in_common(
    walks: list[list[tuple[bool, bool, int, int]]], form: str
) -> None:
    places = {"box": lambda x, y: {"box": [x, y, x + 9, y + 5]}, "point": lambda x, y: {"point": [x, y]}}
    paths = [
        path_of([{"frame": 7 * at + x % 7} | places.get(form, lambda x, y: {})(x, y) for at, (*_, x, y) in steps], form)
        for steps in (list(enumerate(walk)) for walk in walks)
    ]
    one, other = reaches(paths, form, 100.0)
    if not meet(one, other):
        assert shared(*paths, form, 100.0) == 0
    assert meet(one, one)
