"""Masks of CVAT: lengths of runs row by row in a rectangle, the first of them outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np

from dataforge.errors import DataError
from dataforge.formats._files import number
from dataforge.formats._masks import runs_in
from dataforge.geometry.pixel_runs import Runs, bounds, pixels_of, runs_of_pixels

__all__ = ["mask_of", "runs_in_mask"]

SIDES = ("left", "top", "width", "height")


def mask_of(shape: Mapping[str, Any], width: int, height: int) -> dict[str, str] | None:
    """A mask of an answer on a picture of this size, as attributes; None if it is empty."""
    runs = runs_in(shape, width, height)
    if not len(runs):
        return None
    left, top, right, bottom = bounds(runs, height)
    flat = pixels_of(runs, width, height)[top:bottom, left:right].ravel()
    turns = np.flatnonzero(np.diff(flat, prepend=False))
    counts = np.diff([0, *turns.tolist(), len(flat)])
    told = dict(zip(SIDES, map(str, (left, top, right - left, bottom - top)), strict=True))
    return {"rle": ", ".join(map(str, counts.tolist())), **told}


def runs_in_mask(element: ElementTree.Element, width: int, height: int) -> Runs:
    """The runs of a mask that is written on a picture of this size; raises `DataError`."""
    left, top, across, down = (_whole(element.get(side), side) for side in SIDES)
    if not (across > 0 and down > 0 and left + across <= width and top + down <= height):
        raise DataError(f"expected a mask on the picture, {width} × {height}, got {across} × {down} at {left}, {top}")
    counts = [_whole(part, "rle") for part in (element.get("rle") or "").split(",")]
    if sum(counts) != across * down:
        raise DataError(f"rle: expected runs of {across} × {down} = {across * down} pixels, got {sum(counts)}")
    inside = np.arange(len(counts)) % 2 == 1
    pixels = np.zeros((height, width), np.bool_)
    pixels[top : top + down, left : left + across] = np.repeat(inside, counts).reshape(down, across)
    return runs_of_pixels(pixels)


def _whole(written: str | None, what: str) -> int:
    found = number(written, what)
    if found < 0 or found != int(found):
        raise DataError(f"{what}: expected a whole number, 0 or more, got {written!r}")
    return int(found)
