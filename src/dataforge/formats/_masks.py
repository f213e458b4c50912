"""Masks: those of COCO (RLE) read, traced into outlines, and those of several objects made one for each label.

A mask is `{"size": [height, width], "counts": …}` with lengths of runs as `pixel_runs` has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError
from dataforge.geometry.pixel_runs import (
    Runs,
    codes_of,
    counts_of,
    pixels_of,
    places_of,
    runs_of,
    runs_of_pixels,
    size_of,
    text_of,
    union,
)
from dataforge.objects.base import shorten

__all__ = ["Traced", "apart", "codes_on", "read_runs", "runs_in", "traced"]

Pixels = NDArray[np.bool_]
Corners = NDArray[np.float64]
Codes = NDArray[np.uint8]

# Corners of pixels that are nearer than this to a straight line are left out, those of the stairs along a slope; of
# small parts those nearer than this share of their size.
STAIRS, SHARE = 0.75, 0.02
# The smallest parts that are so much of the whole together are specks.
SPECKS = 0.01


class Traced(NamedTuple):
    """The outlines of the parts of a mask, the largest first, and how many holes and specks are lost in them."""

    outlines: list[list[list[float]]]
    holes: int
    specks: int


def traced(runs: Runs, width: int, height: int) -> Traced:
    """What a mask on a picture of this size looks like from outside; raises `DataError` if it is empty."""
    # Loaded where it is needed: few files have masks.
    from scipy.ndimage import binary_fill_holes, find_objects, label

    pixels = pixels_of(runs, width, height)
    whole = binary_fill_holes(pixels)
    holes = int(label(whole & ~pixels)[1])
    parts, count = label(whole)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    if not count:
        raise DataError("segmentation: the mask is empty; leave the object out")
    order = np.argsort(-sizes, kind="stable")
    beside = sizes.sum() - np.append(0, np.cumsum(sizes[order])[:-1])
    kept = (order[beside > SPECKS * sizes.sum()] + 1).tolist()
    boxes = find_objects(parts)
    outlines = []
    for part in kept:
        rows, columns = boxes[part - 1]
        corner = np.array([columns.start, rows.start])
        outlines.append(_smooth(_outline(parts[rows, columns] == part) + corner).tolist())
    return Traced(outlines, holes, count - len(kept))


def read_runs(mask: Mapping[str, Any], width: int, height: int) -> Runs:
    """The runs of a mask of COCO on a picture of this size; raises `DataError`."""
    if mask.get("size") != [height, width]:
        raise DataError(
            f"segmentation: expected a mask of the picture's size, [{height}, {width}], got {shorten(mask.get('size'))}"
        )
    written = mask.get("counts")
    if not isinstance(written, str | list):
        raise DataError(f"segmentation: expected counts, lengths of runs, got {shorten(written)}")
    try:
        return runs_of(counts_of(written) if isinstance(written, str) else written, width * height)
    except DataError as error:
        raise DataError(f"segmentation: {error}") from None


def runs_in(shape: Mapping[str, Any], width: int, height: int) -> Runs:
    """The runs of a mask of an answer."""
    return runs_of(counts_of(shape["counts"]), width * height)


def apart(shapes: Sequence[Mapping[str, Any]], width: int, height: int) -> tuple[list[dict[str, Any]], bool]:
    """Masks of objects as one for each label, and whether objects of two labels share pixels: the smaller has them."""
    objects = [(shape.get("label"), runs_in(shape, width, height)) for shape in shapes]
    names = list(dict.fromkeys(name for name, _ in objects))
    found = {name: union(runs for other, runs in objects if other == name) for name in names}
    shared = sum(map(size_of, found.values())) > size_of(union(found.values()))
    if shared:
        codes = np.zeros(width * height, np.uint8)
        for name, runs in sorted(objects, key=lambda one: -size_of(one[1])):
            codes[places_of(runs)] = names.index(name) + 1
        pixels = codes.reshape(width, height).T
        found = {name: runs_of_pixels(pixels == code) for code, name in enumerate(names, 1)}
    masks = ((name, text_of(runs, width * height)) for name, runs in found.items())
    return [({} if name is None else {"label": name}) | {"counts": counts} for name, counts in masks], shared


def codes_on(shapes: Sequence[Mapping[str, Any]], names: Sequence[str | None], width: int, height: int) -> Codes:
    """Of each pixel the number of its label from 1 on, 0 for none; shape (height, width)."""
    there = {mask.get("label"): runs_in(mask, width, height) for mask in apart(shapes, width, height)[0]}
    return codes_of((there.get(name, np.zeros((0, 2), np.int64)) for name in names), width, height)


def _outline(part: Pixels) -> Corners:
    """The way around a part without holes along the edges of its pixels: the corners where it turns."""
    rows, columns = np.nonzero(part)
    top, left = int(rows.min()), int(columns.min())
    framed = np.pad(part[top : rows.max() + 1, left : columns.max() + 1], 1)
    # Edges with the part on their right hand: from where each begins, where it ends. In a part without holes no two
    # begin at the same corner.
    after: dict[tuple[int, int], tuple[int, int]] = {}
    for (down, across), start, end in (
        ((-1, 0), (0, 0), (0, 1)),
        ((0, 1), (0, 1), (1, 1)),
        ((1, 0), (1, 1), (1, 0)),
        ((0, -1), (1, 0), (0, 0)),
    ):
        free = framed & ~np.roll(framed, (-down, -across), axis=(0, 1))
        for row, column in zip(*(places.tolist() for places in np.nonzero(free)), strict=True):
            after[row + start[0], column + start[1]] = (row + end[0], column + end[1])
    first = place = min(after)
    walked: list[tuple[int, int]] = []
    while not walked or place != first:
        walked.append(place)
        place = after[place]
    corners = np.array(walked, float)
    turns = np.any(corners - np.roll(corners, 1, axis=0) != np.roll(corners, -1, axis=0) - corners, axis=1)
    return corners[turns][:, ::-1] + [left - 1, top - 1]


def _smooth(corners: Corners) -> Corners:
    """The corners without those that hardly differ from a straight line (Douglas and Peucker, 1973).

    It begins at the corner that is farthest from the middle, and at the one farthest from that.
    """
    start = int(np.argmax(np.linalg.norm(corners - corners.mean(axis=0), axis=1)))
    ring = np.roll(corners, -start, axis=0)
    ring = np.vstack([ring, ring[:1]])
    near = min(STAIRS, SHARE * float(np.hypot(*np.ptp(corners, axis=0))))
    kept = np.zeros(len(ring), bool)
    far = int(np.argmax(np.linalg.norm(ring - ring[0], axis=1)))
    kept[[0, far]] = True
    open_ = [(0, far), (far, len(ring) - 1)]
    while open_:
        begin, end = open_.pop()
        if end - begin < 2:
            continue
        (x, y), (along, down) = ring[begin], ring[end] - ring[begin]
        off = np.abs((ring[begin + 1 : end, 0] - x) * down - (ring[begin + 1 : end, 1] - y) * along)
        most = int(np.argmax(off))
        if off[most] > near * np.hypot(along, down):
            middle = begin + 1 + most
            kept[middle] = True
            open_ += [(begin, middle), (middle, end)]
    return ring[:-1][kept[:-1]]
