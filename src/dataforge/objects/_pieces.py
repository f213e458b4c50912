"""Pieces of what an item shows: of a picture, a sound or a text. They are shown in their surroundings, never copied.

In JSON a piece is the whole with what is meant of it beside: `{"media": …, "crop": [left, top, right, bottom]}`,
`{"url": …, "cut": [from, to]}`, `{"text": …, "piece": [start, end]}`. A pipeline's function gets its inputs as texts
that know how to make such pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dataforge.errors import DataError
from dataforge.objects.base import is_number, shorten

__all__ = ["Clip", "Passage", "Picture", "checked_crop", "checked_cut", "checked_piece", "taken_apart"]

LONGEST_SIDE = 1_000_000
LONGEST_TIME = 30 * 86_400
SHORTEST_CUT = 0.01
"""In seconds: less than that nobody hears."""
SMALLEST_CROP = 1
"""In pixels."""
WEB = ("http://", "https://")


class Picture(str):
    """The path or the address of a picture, as a pipeline's function has it."""

    def crop(self, box: Any) -> dict[str, Any]:
        """A part of the picture: `[left, top, right, bottom]` in its pixels, or a shape that somebody drew on it."""
        return {**_whole(self), "crop": checked_crop(box)}


class Clip(str):
    """The path or the address of a sound or a film, as a pipeline's function has it."""

    def cut(self, start: float, end: float) -> dict[str, Any]:
        """What plays from `start` to `end`, in seconds."""
        return {**self.whole(), "cut": checked_cut([start, end])}

    def whole(self) -> dict[str, str]:
        """All of it, in JSON form."""
        return _whole(self)


class Passage(str):
    """A text, as a pipeline's function has it."""

    def piece(self, start: int, end: int) -> dict[str, Any]:
        """The characters from `start` to before `end`."""
        return {"text": str(self), "piece": checked_piece([start, end], str(self))}


def _whole(named: str) -> dict[str, str]:
    return {"url" if named.lower().startswith(WEB) else "file": str(named)}


def taken_apart(value: Mapping[str, Any], part: str) -> tuple[dict[str, Any], Any]:
    """The whole of a value, and what is said of its part; None where it is no piece."""
    return {name: one for name, one in value.items() if name != part}, value.get(part)


def _in_python(value: Any, deep: int = 2) -> Any:
    """Numbers as Python has them, of arrays too: what finds places in pictures and sounds gives those of numpy."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return [_in_python(one, deep - 1) for one in value] if deep and isinstance(value, list | tuple) else value


def checked_crop(box: Any, size: tuple[int, int] | None = None) -> list[float]:
    """`[left, top, right, bottom]` of what there is of a box in the picture, whose size may be unknown."""
    left, top, right, bottom = _four(_in_python(box))
    width, height = size or (LONGEST_SIDE, LONGEST_SIDE)
    left, top, right, bottom = max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom)
    if right - left < SMALLEST_CROP or bottom - top < SMALLEST_CROP:
        seen = "" if size is None else f", which is {width} × {height} pixels"
        raise DataError(
            f"crop: expected [left, top, right, bottom] with at least a pixel in the picture{seen}, got {shorten(box)}"
        )
    return [left, top, right, bottom]


def _four(box: Any) -> list[float]:
    """The sides of a box, or of what a shape reaches."""
    points = list(_points_of(box))
    if not points:
        raise DataError(
            f"crop: expected four numbers [left, top, right, bottom], or a shape of an answer, got {shorten(box)}"
        )
    xs, ys = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def _points_of(box: Any) -> Iterator[tuple[float, float]]:
    if isinstance(box, Mapping):
        forms = [value for name, value in box.items() if name != "label" and isinstance(value, list | tuple)]
        yield from _points_of(forms[0]) if len(forms) == 1 else ()
    elif isinstance(box, Sequence) and not isinstance(box, str) and len(box) == 4 and all(map(is_number, box)):
        if box[0] < box[2] and box[1] < box[3]:
            yield from ((float(box[0]), float(box[1])), (float(box[2]), float(box[3])))
    elif isinstance(box, Sequence) and not isinstance(box, str) and box and all(map(_is_pair, box)):
        yield from ((float(x), float(y)) for x, y in box)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value))


def checked_cut(times: Any, length: float | None = None) -> list[float]:
    """`[from, to]` of what plays in between, no longer than the whole, whose length may be unknown."""
    times = _in_python(times)
    pair = isinstance(times, list | tuple) and len(times) == 2 and all(map(is_number, times))
    start, end = (float(times[0]), float(times[1])) if pair else (math.nan, math.nan)
    most = LONGEST_TIME if length is None else length
    if not 0 <= start <= min(end, most) - SHORTEST_CUT:
        plays = "" if length is None else f" of the {length:g} that it plays"
        raise DataError(
            f"cut: expected seconds [from, to]{plays}, from 0 on and {SHORTEST_CUT:g} apart, got {shorten(times)}"
        )
    return [start, min(end, most)]


def checked_piece(places: Any, text: str) -> list[int]:
    """`[start, end]` of characters of a text, end exclusive."""
    places = _in_python(places)
    whole = isinstance(places, list | tuple) and len(places) == 2 and all(type(one) is int for one in places)
    if not whole or not 0 <= places[0] < places[1] <= len(text) or not text[places[0] : places[1]].strip():
        raise DataError(
            f"piece: expected whole numbers [start, end] in the text of {len(text):,} characters, with something to "
            f"see in between, got {shorten(places)}"
        )
    return [places[0], places[1]]
