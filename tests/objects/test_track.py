"""Track: objects followed through a film by key frames, from 0, in pixels."""

from pathlib import Path
from random import Random
from typing import Annotated, Any

import pytest
from tests.clips import made

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.track import Track


class Kind(df.Choice):
    PERSON = "person"
    CAR = "car"


KIND = Track(Kind, of="clip")
CLIP = {"clip": {"media": f"{'0' * 64}.mp4", "width": 100, "height": 80, "frames": 50}}


def key(frame: int, *box: float, **more: Any) -> dict[str, Any]:
    return {"frame": frame, **({"box": list(box)} if box else {}), **more}


def track(*keys: dict[str, Any], label: str = "person", **more: Any) -> dict[str, Any]:
    return {"label": label, "keys": list(keys), **more}


def answer(*tracks: Any, **size: Any) -> dict[str, Any]:
    return {"width": 100, "height": 80, "frames": 50, **size, "tracks": list(tracks)}


def standing(first: int, last: int, left: float = 0, label: str = "person") -> dict[str, Any]:
    return track(key(first, left, 0, left + 10, 10), key(last, left, 0, left + 10, 10), label=label)


def test_tracks_are_numbered_and_key_frames_put_in_their_order() -> None:
    given = answer(track(key(9, 1, 1, 5, 5), key(3, 0, 0, 4, 4)), track(key(0, 0, 0, 1, 1), label="car", id=1))
    checked = KIND.check_answer(given, CLIP)
    assert [(one["id"], [at["frame"] for at in one["keys"]]) for one in checked["tracks"]] == [(2, [3, 9]), (1, [0])]
    assert KIND.check_answer(checked, CLIP) == checked


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (answer(track(key(50, 0, 0, 4, 4))), "track 1: key frame 1: frame: expected a whole number, 0 to 49, got 50"),
        (answer(track(key(-1, 0, 0, 4, 4))), "frame: expected a whole number"),
        (answer(track(key(True, 0, 0, 4, 4))), "frame: expected a whole number"),
        (answer(track(key(1.5, 0, 0, 4, 4))), "frame: expected a whole number"),
        (answer(track(key(0, 0, 0, 101, 4))), "expected places on the picture, x 0..100 and y 0..80"),
        (answer(track(key(0, 0, 0, float("nan"), 4))), 'expected {"frame": 0, "box"'),
        (answer(track(key(0, 0, 0, float("inf"), 4))), 'expected {"frame": 0, "box"'),
        (answer(track(key(0, 4, 0, 4, 4))), "a box has a size"),
        (answer(track(key(0, 0, 0, 4, 4), key(0, 1, 1, 5, 5))), "one key frame on each frame, got two on frame 0"),
        (answer(track(key(0, gone=True))), "expected a place on the first key frame"),
        (answer(track(key(0, 0, 0, 4, 4, gone=1))), "gone: expected true or false"),
        (answer(track(key(0, 0, 0, 4, 4, point=[1, 2]))), 'expected {"frame": 0, "box"'),
        (answer(track()), "keys: expected one key frame or more"),
        (answer(track(key(0, 0, 0, 4, 4), label="dog")), "expected a label, one of 'person', 'car', got 'dog'"),
        (
            answer(standing(0, 1) | {"id": 7}, standing(0, 1) | {"id": 7}),
            "a number of its own for each track, got 7 twice",
        ),
        (answer(standing(0, 1) | {"id": 0}), "id: expected a whole number from 1 on"),
        (answer(standing(0, 1) | {"note": 1}), 'expected {"label", "keys"'),
        (answer(frames=51), "of the film, 100 × 80, 50; got 100 × 80, 51"),
        (answer(width=10**9), "width: expected that of the film"),
        ({"tracks": []}, "expected the film's width, height and frames"),
    ],
)
def test_what_a_worker_cannot_have_drawn_is_refused(wrong: Any, why: str) -> None:
    with pytest.raises(AnswerError) as refused:
        KIND.check_answer(wrong, CLIP)
    assert why in str(refused.value)


def test_no_more_is_taken_than_can_be_compared() -> None:
    size = {"width": 100, "height": 80, "frames": 10_000}
    many = [track(*(key(frame, 0, 0, 4, 4) for frame in range(0, 10_000, 20))) for _ in range(50)]
    assert len(KIND.check_answer({**size, "tracks": many}, {})["tracks"]) == 50
    keys = [key(frame, 0, 0, 4, 4) for frame in range(10_000)]
    for tracks, why in (
        ([standing(0, 1)] * 1_001, "at most 1,000 tracks"),
        ([track(*keys)] * 6, "at most 50,000 key frames"),
        ([standing(0, 9_999)] * 250, "2,000,000 frames of all tracks together"),
        ([track(*keys * 6)], "at most 50,000 key frames"),
    ):
        with pytest.raises(AnswerError, match=why):
            KIND.check_answer({**size, "tracks": tracks}, {})


def test_points_and_pieces_of_time_are_key_frames_too() -> None:
    points = Track(shape="point", of="clip")
    assert points.check_answer(answer({"keys": [{"frame": 0, "point": [1, 2]}]}), CLIP)["tracks"][0]["id"] == 1
    rounds = Track(Kind, shape="time", of="clip")
    given = answer(track(key(0), key(9), key(10, gone=True), key(20), key(29)))
    assert rounds.similarity(rounds.check_answer(given, CLIP), answer(track(key(0), key(29)))) == pytest.approx(40 / 50)
    with pytest.raises(AnswerError):
        rounds.check_answer(answer(track(key(0, 0, 0, 4, 4))), CLIP)
    with pytest.raises(SpecError, match="shape must be one of 'box', 'point', 'time', got 'circle'"):
        Track(Kind, shape="circle")  # type: ignore[arg-type]


def test_similarity_is_the_share_of_frames_in_common() -> None:
    whole, half = answer(standing(0, 9)), answer(standing(0, 4))
    assert KIND.similarity(whole, whole) == 1.0
    assert KIND.similarity(whole, half) == pytest.approx(2 * 5 / 15)
    assert KIND.similarity(whole, answer(standing(0, 9, label="car"))) == 0.0
    assert KIND.similarity(whole, answer(standing(0, 9, left=5))) == pytest.approx(1 / 3)
    assert KIND.similarity(answer(), answer()) == 1.0
    assert KIND.similarity(answer(), whole) == 0.0


def test_two_that_changed_places_are_half_right() -> None:
    """Every box is where one is, and each track is the right one for half of the film."""
    true = answer(standing(0, 9), standing(0, 9, left=50))
    crossed = [
        track(key(0, 0, 0, 10, 10), key(4, 0, 0, 10, 10), key(5, 50, 0, 60, 10), key(9, 50, 0, 60, 10)),
        track(key(0, 50, 0, 60, 10), key(4, 50, 0, 60, 10), key(5, 0, 0, 10, 10), key(9, 0, 0, 10, 10)),
    ]
    assert KIND.similarity(true, answer(*crossed)) == pytest.approx(0.5)


def test_numbers_of_tracks_and_their_order_mean_nothing() -> None:
    one, other = standing(0, 9) | {"id": 1}, standing(0, 9, left=50) | {"id": 2}
    assert KIND.canonical(answer(one, other)) == KIND.canonical(answer(other | {"id": 5}, one | {"id": 9}))
    assert KIND.similarity(answer(one, other), answer(other, one)) == 1.0


def test_a_spoilt_answer_is_wrong_and_less_skill_is_less_alike() -> None:
    true = KIND.check_answer(answer(*(standing(0, 40, left=left) for left in range(0, 90, 15))), CLIP)
    for seed in range(20):
        spoilt = KIND.check_answer(KIND.spoil(true, Random(seed), CLIP), CLIP)
        assert KIND.similarity(true, spoilt) < Track.control_similarity
    means = []
    for skill in (1.0, 0.9, 0.7):
        tried = [KIND.check_answer(KIND.attempt(true, skill, Random(seed), CLIP), CLIP) for seed in range(30)]
        means.append(sum(KIND.similarity(true, one) for one in tried) / 30)
    assert means[0] == 1.0 > means[1] > means[2] > 0.3


def test_what_is_known_may_do_without_the_size_of_the_film_but_not_reach_behind_its_end() -> None:
    known = KIND.to_json([standing(0, 9)])
    KIND.check_known(known, CLIP)
    assert KIND.as_given(known)["frames"] == 10
    assert KIND.as_given(known, CLIP)["frames"] == 50
    with pytest.raises(AnswerError, match="0 to 49, got 60"):
        KIND.check_known(KIND.to_json([standing(0, 60)]), CLIP)


def test_in_a_notebook_the_frame_on_which_most_are_is_drawn() -> None:
    value = KIND.check_answer(answer(standing(0, 9), standing(5, 20, left=40, label="car")), CLIP)
    shown = KIND.drawn(value, {"clip": {"url": "/clip.mp4"}})
    assert "/clip.mp4?frame=5" in shown
    assert shown.count("<polygon") == 2
    assert "nothing to mark" in KIND.drawn(answer(), {})


def film_task(clip: df.Video) -> Annotated[dict[str, Any], Track(Kind)]:
    """Follow everybody."""


def no_film(text: df.Text) -> Annotated[dict[str, Any], Track(Kind)]:
    """Follow everybody."""


def test_films_whose_frames_cannot_be_counted_are_named_before_anybody_is_asked(tmp_path: Path) -> None:
    good, bad = made(tmp_path / "good.mp4", 12), tmp_path / "bad.mp4"
    bad.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(500))
    rows = [{"clip": str(one)} for one in (good, bad, "https://host/far.mp4")]
    with pytest.raises(DataError) as refused:
        df.preview(df.task(film_task), rows)
    assert "row 2" in str(refused.value)
    assert "row 1" not in str(refused.value)
    assert "download the film and give its path" in str(refused.value)


def test_a_question_of_tracks_wants_a_film() -> None:
    with pytest.raises(SpecError, match="one input of the type video"):
        df.task(no_film)
