"""Values as a notebook draws them."""

import re
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dataforge as df
from dataforge.registry import names

EVIL = "<script>alert(1)</script>"
PHOTO = {"photo": {"url": 'https://example.org/a.png?x=1&y="><script>'}}


class Animal(df.Choice):
    CAT = "cat"
    EVIL = EVIL


def drawn_on_a_photo(kind: Any, *shapes: dict[str, Any]) -> str:
    return str(kind.drawn({"width": 80, "height": 60, "shapes": list(shapes)}, PHOTO))


@pytest.mark.parametrize("name", sorted(names("objects")))
def test_no_value_brings_a_script_into_a_notebook(
    name: str, answered: Callable[[str], list[tuple[Any, Any]]], shown: Callable[[str], dict[str, Any]]
) -> None:
    for kind, answer in answered(name):
        assert "<script" not in kind.drawn(answer, shown(name))


def test_shapes_lie_over_their_picture() -> None:
    box = drawn_on_a_photo(df.Boxes(Animal, of="photo"), {"label": EVIL, "box": [10, 20, 30, 40]})
    assert '<svg viewBox="0 0 80 60"' in box
    assert 'points="10,20 30,20 30,40 10,40"' in box
    assert "&lt;script&gt;" in box
    assert "<script" not in box
    assert '<polyline points="0,0 5,5.5"' in drawn_on_a_photo(df.Lines(of="photo"), {"points": [[0, 0], [5, 5.5]]})
    assert '<circle cx="7" cy="8"' in drawn_on_a_photo(df.Points(of="photo"), {"point": [7, 8]})
    assert "nothing to mark" in drawn_on_a_photo(df.Boxes(of="photo"))
    many = drawn_on_a_photo(df.Points(of="photo"), *[{"point": [1, 1]}] * 1000)
    assert many.count("<circle") == 300
    assert "and 700 more" in many


def test_masks_lie_over_their_picture_in_colours_with_their_names() -> None:
    kind = df.Mask(Animal, of="photo")
    codes = np.zeros((600, 4000), np.uint8)
    codes[:100, :500] = 2
    shown = kind.drawn(kind.of_array(codes), PHOTO)
    assert '<svg viewBox="0 0 4000 600"' in shown
    assert "&lt;script&gt;" in shown
    assert "> cat" not in shown
    assert "https://example.org/a.png?x=1&amp;y=" in shown
    written = re.search(r"data:image/png;base64,([^\"]+)", shown)
    assert written is not None
    painted = np.asarray(Image.open(BytesIO(b64decode(written[1]))).convert("RGBA"))
    assert painted.shape == (120, 800, 4)
    # The colour of the second label, and nothing elsewhere.
    assert painted[10, 50].tolist() == [0x1D, 0x4E, 0xD8, 255]
    assert painted[60, 400, 3] == 0
    assert "nothing to mark" in kind.drawn(kind.of_array(np.zeros((3, 4), np.uint8)), PHOTO)


def test_pieces_are_marked_in_their_text() -> None:
    spans = [{"start": 2, "end": 7, "label": "cat"}, {"start": 4, "end": 9, "label": "cat"}]
    shown = df.Spans(Animal, of="text", overlapping=True).drawn(spans, {"text": "a <cat> & <b>"})
    assert "&lt;c" in shown
    assert shown.count("</sub>") == 2, "each ends in its label"
    assert "<b>" not in shown


def test_pieces_of_a_sound_stand_below_its_player() -> None:
    pieces = [{"start": 0.5, "end": 1.25, "label": "cat", "text": "<meow>"}, {"start": 2, "end": 3, "label": EVIL}]
    shown = df.Segments(Animal, of="call", text=True).drawn(pieces, {"call": {"url": "https://example.org/a.mp3"}})
    assert '<audio controls preload="none" src="https://example.org/a.mp3"' in shown
    assert "0.50–1.25 s cat &lt;meow&gt;\n2.00–3.00 s &lt;script&gt;" in shown


def test_files_have_a_player_where_there_is_an_address() -> None:
    speech = {"media": f"{'0' * 64}.wav", "seconds": 1.0, "url": "data:audio/wav;base64,AA=="}
    assert df.Recording().drawn(speech, {}).startswith("<audio controls")
    assert df.Upload(df.Image).drawn({"media": f"{'0' * 64}.png"}, {}).endswith("(image)</span>")
