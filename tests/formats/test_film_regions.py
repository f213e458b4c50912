"""Tracks of films go out as Label Studio has them, and come back."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.clips import HEIGHT, WIDTH, made
from tests.formats.drawn import save
from tests.formats.test_tracks import ANSWER, CAT, DOG, FRAMES, TRACKS, followed, frames

import dataforge as df
from dataforge.errors import DataError

SHOWN: list[dict[str, Any]] = [
    {**track, "keys": [{name: value for name, value in one.items() if name != "hidden"} for one in track["keys"]]}
    for track in TRACKS
]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return made(tmp_path / "clip.mp4", FRAMES)


def test_every_frame_comes_back_as_it_was(film: Path, tmp_path: Path) -> None:
    saved = save("label-studio", followed, [(str(film), {**ANSWER, "tracks": SHOWN})], tmp_path / "saved.json")
    frame = df.read_label_studio(followed, saved, folder=tmp_path)
    assert frame["film"].tolist() == [str(film)]
    [answer] = frame["answer"]
    assert [(track["id"], track["label"]) for track in answer["tracks"]] == [(1, CAT), (4, DOG), (5, CAT), (9, CAT)]
    assert list(map(frames, answer["tracks"])) == list(map(frames, SHOWN))
    assert df.read_items(followed, frame, control=True).control_count == 1


def test_frames_count_from_one_in_hundredths_and_the_last_one_is_not_enabled(film: Path, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="that a box is guessed, which is lost: 1"):
        saved = save("label-studio", followed, [(str(film), ANSWER)], tmp_path / "saved.json")
    [first, second, *_] = json.loads(saved.read_text())[0]["annotations"][0]["result"]
    assert first["type"] == "videorectangle"
    assert first["value"]["framesCount"] == FRAMES
    assert first["value"]["labels"] == [CAT]
    told = [(one["frame"], one["enabled"]) for one in first["value"]["sequence"]]
    assert told == [(1, True), (11, True), (21, False)]
    box = first["value"]["sequence"][1]
    assert box["x"] == pytest.approx(100 * 50 / WIDTH)
    assert box["height"] == pytest.approx(100 * 29.75 / HEIGHT)
    # Gone from frame 15 on, as frames count here: seen for the last time on what is 15 there.
    told = [(one["frame"], one["enabled"]) for one in second["value"]["sequence"]]
    assert told == [(6, True), (10, True), (13, True), (15, False), (21, False)]


def read(film: Path, *sequence: dict[str, Any]) -> Any:
    region = {"id": "x7", "type": "videorectangle", "value": {"sequence": sequence, "labels": [CAT]}}
    task = {"id": 1, "data": {"video": f"/data/upload/{film.name}"}, "annotations": [{"result": [region]}]}
    (film.parent / "known.json").write_text(json.dumps([task]))
    return df.read_label_studio(followed, film.parent / "known.json")["answer"][0]


def shown(frame: int, **more: Any) -> dict[str, Any]:
    return {"frame": frame, "x": 10, "y": 10, "width": 50, "height": 50, "time": 0.1, "rotation": 0, **more}


def test_what_is_enabled_to_the_last_holds_on_to_the_end_of_the_film(film: Path) -> None:
    [track] = read(film, shown(3), shown(5, enabled=False), shown(6))["tracks"]
    assert track["id"] == 1
    assert [(one["frame"], one.get("gone", False)) for one in track["keys"]] == [
        (2, False),
        (4, False),
        (5, False),
        (FRAMES - 1, False),
    ]


@pytest.mark.parametrize(
    ("sequence", "message"),
    [
        ([shown(0)], "region 'x7': frame: expected a whole number, 1 to 30, got 0"),
        ([shown(1, rotation=3)], "frame 1: is turned"),
        ([shown(1, x=80)], "expected places on the picture"),
        ([shown(1, width="wide")], "sequence: expected `float`, got `str`"),
        ([], "sequence: expected key frames, got none"),
    ],
)
def test_a_key_frame_that_is_wrong_is_named(sequence: list[Any], message: str, film: Path) -> None:
    with pytest.raises(DataError) as refused:
        read(film, *sequence)
    assert message in str(refused.value)


def test_a_film_that_is_not_there_is_named(film: Path) -> None:
    assert read(film, shown(1))["frames"] == FRAMES
    film.unlink()
    with pytest.raises(DataError, match="there is no film"):
        read(film, shown(1))
