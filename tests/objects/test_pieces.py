"""Pieces of pictures, sounds and texts: what may be meant, what of it is kept, and what a hostile value comes to."""

from __future__ import annotations

import math
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import dataforge as df
from dataforge.errors import DataError
from dataforge.media.files import cropped
from dataforge.models._remote import sendable
from dataforge.objects._pieces import Clip, Passage, Picture
from dataforge.runs.core.folder import placed_file

STORED = f"{'0' * 64}.png"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Stored as 60 × 40 and turned by its tag: it is seen as 40 × 60, and its upper half is red."""
    path = tmp_path / "turned.jpg"
    image = Pillow.new("RGB", (60, 40), "blue")
    image.paste("red", (0, 0, 30, 40))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    image.save(path, exif=exif, quality=95)
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "ten.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(160_000))
    return path


def test_a_crop_is_told_in_pixels_of_the_picture_as_it_is_seen_and_ends_where_that_does(picture: Path) -> None:
    assert df.Image().to_json(Picture(picture).crop([10, 20, 500, 500])) == {
        "file": str(picture),
        "crop": [10.0, 20.0, 40.0, 60.0],
    }
    with pytest.raises(DataError, match=r"crop: .* at least a pixel in the picture, which is 40 × 60 pixels"):
        df.Image().to_json(Picture(picture).crop([45, 0, 60, 40]))


def test_what_is_sent_of_a_crop_is_the_part_that_is_seen(picture: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.png"
    part.write_bytes(cropped(picture, [5.2, 2, 35, 20]))
    with Pillow.open(part) as image:
        assert image.size == (30, 18)
        red, _, blue = image.convert("RGB").getpixel((15, 9))  # type: ignore[misc]
        assert red > 200 > 60 > blue
    assert sendable({"file": str(picture), "crop": [5, 2, 35, 20]})["url"].startswith("data:image/png;base64,")
    assert sendable({"text": "one two three", "piece": [4, 7]}) == "two"
    with pytest.raises(DataError, match="models are sent crops and frames of files and whole recordings"):
        sendable({"file": "/a.wav", "cut": [1.0, 2.0]})


@pytest.mark.parametrize(
    "shape",
    [
        [1, 2, 30, 40],
        (1.0, 2.0, 30.0, 40.0),
        {"label": "car", "box": [1, 2, 30, 40]},
        {"polygon": [[1, 2], [30, 2], [20, 40]]},
        {"label": "x", "line": [[30, 40], [1, 2]]},
    ],
)
def test_a_box_or_any_shape_of_an_answer_says_what_to_cut_out(shape: Any) -> None:
    assert Picture("a.png").crop(shape) == {"file": "a.png", "crop": [1.0, 2.0, 30.0, 40.0]}


HOSTILE = [
    None,
    "1,2,3,4",
    [1, 2, 3],
    [1, 2, 3, math.nan],
    [1, 2, math.inf, 4],
    [3, 2, 1, 4],
    [1, 2, 1, 4],
    [True, 0, 5, 5],
    [-9, -9, -1, -1],
    [2e6, 0, 3e6, 5],
    [0, 0, 0.5, 10],
    [["a", "b"]],
    {"box": [1, 2, 3]},
    {},
    {"box": [1, 2, 3, 4], "polygon": [[1, 2], [3, 4], [5, 6]]},
]


@pytest.mark.parametrize("box", HOSTILE, ids=str)
def test_what_is_no_box_is_refused_wherever_it_comes_from(box: Any) -> None:
    with pytest.raises(DataError, match="crop: expected"):
        Picture("a.png").crop(box)
    if box is not None:
        with pytest.raises(DataError, match="crop: expected"):
            df.Image().check_input({"media": STORED, "crop": box})


@pytest.mark.parametrize(
    "times",
    [None, [1], [2, 1], [1, 1], [-1, 2], [math.nan, 2], [0, math.nan], ["0", "1"], [0, 0.001], [1e9, 2e9]],
    ids=str,
)
def test_what_is_no_time_of_a_recording_is_refused(times: Any, sound: Path) -> None:
    with pytest.raises(DataError, match="cut: expected seconds"):
        Clip(sound).cut(*(times or (None, None)), *([] if times is None or len(times) > 1 else [None]))
    with pytest.raises(DataError, match="cut: expected seconds"):
        df.Audio().check_input({"url": "https://example.org/a.wav", "cut": times if times is not None else "no"})


def test_a_cut_ends_where_the_recording_does_and_takes_as_long_as_it_plays(sound: Path) -> None:
    cut = df.Audio().to_json(Clip(sound).cut(9, 30))
    assert cut == {"file": str(sound), "cut": [9.0, 10.0]}
    assert df.Audio().looking_seconds(cut) == pytest.approx(2.0)
    with pytest.raises(DataError, match="of the 10 that it plays"):
        df.Audio().to_json(Clip(sound).cut(11, 12))


def test_a_piece_of_a_text_counts_characters_as_python_does() -> None:
    text = "👍🏽 It rained. Then the sun came out."
    piece = df.Text().to_json(Passage(text).piece(3, 13))
    assert piece == {"text": text, "piece": [3, 13]}
    assert text[3:13] == "It rained."
    assert "<mark" not in df.Text().drawn(piece, {})
    assert "It rained." in df.Text().drawn(piece, {})
    assert df.Text().looking_seconds({"text": "x" * 10_000, "piece": [0, 10]}) == df.Text().reading_seconds


@pytest.mark.parametrize(
    "places", [[0, 0], [3, 2], [-1, 4], [0, 99], [0.0, 3.0], [True, 3], [5, 6], "ab", None], ids=str
)
def test_what_is_no_place_in_a_text_is_refused(places: Any) -> None:
    with pytest.raises(DataError, match="piece: expected whole numbers"):
        df.Text().check_input({"text": "It is so.", "piece": places})


def test_nested_and_foreign_pieces_are_refused() -> None:
    inner = {"text": "It is so.", "piece": [0, 2]}
    with pytest.raises(DataError, match="got one of a piece"):
        df.Text().check_input({"text": inner, "piece": [0, 1]})
    with pytest.raises(DataError, match="expected"):
        df.Image().check_input({"media": STORED, "cut": [0, 1]})
    with pytest.raises(DataError, match="expected"):
        df.Image().check_input({"file": "/etc/passwd", "crop": [0, 0, 5, 5]})
    with pytest.raises(df.SpecError, match="in the function of a pipeline"):
        df.Image().crop([0, 0, 1, 1])


def test_a_piece_keeps_what_is_meant_of_it_where_its_file_is_called_otherwise() -> None:
    value = {"file": "/a.png", "crop": [0.0, 0.0, 5.0, 5.0]}
    assert placed_file(value, {"/a.png": {"media": STORED}}) == {"media": STORED, "crop": [0.0, 0.0, 5.0, 5.0]}


class Sort(df.Choice):
    CAR = "car"
    TREE = "tree"


@df.task(duration="5s")
def outlined(photo: df.Image) -> df.Boxes(Sort):  # type: ignore[valid-type]
    """Outline all."""
    raise NotImplementedError


def test_answers_with_places_in_a_whole_are_not_asked_of_a_piece(picture: Path) -> None:
    with pytest.raises(DataError, match="input 'photo': answers of the type boxes are about a whole, got a piece"):
        outlined.check_inputs({"photo": Picture(picture).crop([0, 0, 10, 10])})


@df.task(duration="5s")
def sort_of(photo: df.Image) -> Sort:
    """What is it?"""
    raise NotImplementedError


def test_items_of_a_table_may_be_pieces_and_two_of_one_picture_are_two_items(picture: Path, tmp_path: Path) -> None:
    rows = [{"id": n, "photo": {"file": str(picture), "crop": [n, 0, n + 9, 9]}} for n in range(3)]
    items = df.read_items(sort_of, rows)
    assert [item["photo"]["crop"] for item in items] == [
        [0.0, 0.0, 9.0, 9.0],
        [1.0, 0.0, 10.0, 9.0],
        [2.0, 0.0, 11.0, 9.0],
    ]
    assert items.files() == [str(picture)]
    table = tmp_path / "items.csv"
    table.write_text('id,photo\n1,"{""file"": ""turned.jpg"", ""crop"": [1, 2, 20, 30]}"\n2,turned.jpg\n')
    piece, whole = df.read_items(sort_of, table)
    assert piece == {"photo": {"file": str(picture), "crop": [1.0, 2.0, 20.0, 30.0]}}
    assert whole == {"photo": {"file": str(picture)}}


def test_places_that_a_detector_found_may_be_numbers_and_arrays_of_numpy() -> None:
    for box in (np.array([1, 2, 20, 30]), list(np.array([1, 2, 20, 30], np.float32)), np.array([[1, 2], [20, 30]])):
        assert Picture("a.png").crop(box)["crop"] == [1.0, 2.0, 20.0, 30.0]
    assert Clip("a.ogg").cut(np.float32(1.5), np.int64(4))["cut"] == [1.5, 4.0]
    assert Passage("a word or two").piece(np.int64(2), np.int64(6))["piece"] == [2, 6]
