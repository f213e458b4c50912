"""Tracks of boxes as regions of films in Label Studio: their key frames, counted from 1, in hundredths of the picture.

Where a key frame is not `enabled` the box is seen for the last time until the next one; else the last one holds on to
the end of the film.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from dataforge.errors import DataError
from dataforge.formats._films import frame_in
from dataforge.formats._pictures import box_of
from dataforge.media.films import Film

__all__ = ["VIDEO", "keys_in", "sequence_of"]

VIDEO = "videorectangle"
DIGITS = 6

Key = dict[str, Any]


class _Shown(msgspec.Struct):
    frame: int
    x: float
    y: float
    width: float
    height: float
    enabled: bool = True
    rotation: float = 0


def sequence_of(keys: Sequence[Mapping[str, Any]], width: int, height: int, frames: int) -> list[Key]:
    """The key frames of a track as they are written."""
    found: list[Key] = []
    for key in [*keys, {"frame": keys[-1]["frame"] + 1, "gone": True}]:
        if not key.get("gone"):
            left, top, right, bottom = key["box"]
            shares = (100 * left / width, 100 * top / height, 100 * (right - left) / width)
            told = dict(zip(("x", "y", "width"), shares, strict=True))
            found.append(
                {"frame": key["frame"] + 1, "enabled": True, "rotation": 0, **told}
                | {"height": 100 * (bottom - top) / height}
            )
        elif found and found[-1]["enabled"] and key["frame"] < frames:
            if found[-1]["frame"] < key["frame"]:
                found.append({**found[-1], "frame": key["frame"]})
            found[-1]["enabled"] = False
    return found


def keys_in(written: Any, film: Film) -> list[Key]:
    """The key frames of a track; raises `DataError` with the one that is wrong."""
    try:
        shown = msgspec.convert(written, list[_Shown])
    except msgspec.ValidationError as error:
        raise DataError(f"sequence: {str(error)[:1].lower()}{str(error)[1:]}") from None
    if not shown:
        raise DataError("sequence: expected key frames, got none")
    ordered = sorted(shown, key=lambda one: one.frame)
    keys = [key for one in ordered for key in _keys(one, film)]
    # What was gone is seen again where the next one is on the frame behind.
    again = [key["frame"] for key in keys if "box" in key]
    later = [key for key in keys if "box" in key or key["frame"] not in again]
    last = ordered[-1]
    if last.enabled and last.frame < film.count:
        later.append({"frame": film.count - 1, "box": later[-1]["box"]})
    return later


def _keys(shown: _Shown, film: Film) -> Iterator[Key]:
    if shown.rotation:
        raise DataError(f"frame {shown.frame}: is turned, and boxes are upright here; turn it back")
    frame = frame_in(shown.frame, film, first=1)
    across, down = film.width / 100, film.height / 100
    edges = (shown.x * across, shown.y * down, (shown.x + shown.width) * across, (shown.y + shown.height) * down)
    left, top, right, bottom = (round(edge, DIGITS) for edge in edges)
    yield {"frame": frame, "box": box_of(left, top, right, bottom, film.width, film.height)}
    if not shown.enabled and frame + 1 < film.count:
        yield {"frame": frame + 1, "gone": True}
