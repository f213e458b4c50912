"""Frames of films as pictures: the same frame for everybody, made of files only, and what a hostile value comes to."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from tests.clips import HEIGHT, WIDTH, made, number_in

import dataforge as df
from dataforge.errors import DataError, SpecError
from dataforge.models._remote import sendable
from dataforge.objects._drawn import shown_file
from dataforge.objects._stills import Film
from dataforge.runs.core.folder import placed_file

STORED = f"{'0' * 64}.mp4"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty frames, at a rate that varies."""
    times = [40 * number + 13 * (number % 3) for number in range(40)]
    return made(tmp_path_factory.mktemp("film") / "a.mp4", 40, times=times)


def test_a_frame_is_told_by_its_number_and_stays_so_on_the_platform(film: Path) -> None:
    still = df.Image().to_json(Film(film).frame(21))
    assert still == {"file": str(film), "frame": 21}
    stored = placed_file(still, {str(film): {"media": STORED}})
    assert stored == {"media": STORED, "frame": 21}
    assert df.Image().check_input(stored) == stored
    assert '<img src="/a.mp4?frame=21"' in shown_file("image", {"url": "/a.mp4", "frame": 21})


def test_the_number_of_a_frame_may_be_one_of_numpy(film: Path) -> None:
    still = df.Image().to_json(Film(film).frame(np.int64(21)))
    assert json.dumps(still) == json.dumps({"file": str(film), "frame": 21})


def test_a_frame_may_be_cropped_within_the_size_of_the_film(film: Path) -> None:
    still = df.Image().to_json(Film(film).frame(3).crop([16, 8, 9999, 9999]))
    assert still == {"file": str(film), "frame": 3, "crop": [16.0, 8.0, float(WIDTH), float(HEIGHT)]}
    with pytest.raises(DataError, match=f"which is {WIDTH} × {HEIGHT} pixels"):
        df.Image().to_json(Film(film).frame(3).crop([WIDTH, 0, WIDTH + 5, 5]))


def test_models_are_sent_the_very_frame_or_what_is_meant_of_it(film: Path) -> None:
    sent = [sendable({"file": str(film), "frame": number})["url"].partition(",") for number in (0, 7, 39)]
    assert [head for head, _, _ in sent] == ["data:image/jpeg;base64"] * 3
    assert [number_in(base64.b64decode(content)) for _, _, content in sent] == [0, 7, 39]
    head, _, part = sendable({"file": str(film), "frame": 7, "crop": [0, 0, 32, 16]})["url"].partition(",")
    assert head == "data:image/png;base64"
    assert Pillow.open(io.BytesIO(base64.b64decode(part))).size == (32, 16)


@pytest.mark.parametrize("number", [-1, 40, 1.0, "3", True, None, 10**9], ids=str)
def test_what_is_no_frame_of_the_film_is_refused(film: Path, number: Any) -> None:
    with pytest.raises(DataError, match="frame: expected the number of a frame, 0 to 39, got"):
        df.Image().to_json({"file": str(film), "frame": number})


HOSTILE = {
    "of an address": ({"url": "https://example.org/a.mp4", "frame": 1}, "expected a film that is a file"),
    "of a picture": ({"media": f"{'0' * 64}.png", "frame": 1}, "expected one of a film"),
    "of a page": ({"media": f"{'0' * 64}.html", "frame": 1}, "expected one of a film"),
    "of a path": ({"file": "/etc/passwd", "frame": 1}, "expected {"),
    "with a stranger": ({"media": STORED, "frame": 1, "style": "x"}, "expected {"),
    "a huge number": ({"media": STORED, "frame": 10**12}, "expected the number of a frame"),
    "NaN": ({"media": STORED, "frame": float("nan")}, "expected the number of a frame"),
    "an odd crop": ({"media": STORED, "frame": 1, "crop": [5, 5, 1, 1]}, "crop: expected"),
}


@pytest.mark.parametrize("how", list(HOSTILE))
def test_a_frame_that_comes_from_elsewhere_is_checked(how: str) -> None:
    value, told = HOSTILE[how]
    with pytest.raises(DataError, match=told):
        df.Image().check_input(value)


def test_a_frame_is_asked_of_an_item_s_film_and_is_drawn_on_by_nobody(film: Path) -> None:
    assert isinstance(df.Video().of_item({"file": str(film)}), Film)
    with pytest.raises(SpecError, match="in the function of a pipeline"):
        df.Video().frame(1)

    @df.task(duration="5s")
    def outlined(photo: df.Image) -> df.Boxes():  # type: ignore[valid-type]
        """Draw boxes."""

    with pytest.raises(DataError, match="are about a whole, got a piece of one"):
        outlined.check_inputs({"photo": {"media": STORED, "frame": 1}})
