"""Tracks through a film: what their key frames say of every frame between them, and how alike two of them are.

A key frame is `{"frame": n, "box": [left, top, right, bottom]}`, or has a `point`; of a piece of time it has neither.
Between two of them the place goes in a straight line from one to the other. With `"gone": true` it has no place: from
there on nothing is seen until the next one. With `"hidden": true` the place is guessed until the next one. Before its
first key frame and behind its last one a track is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "NUMBERS",
    "Path",
    "Sampled",
    "box_likeness",
    "key_frames",
    "likeness",
    "meet",
    "path_of",
    "reaches",
    "shared",
    "whole_overlap",
]

NUMBERS: Mapping[str, int] = {"box": 4, "point": 2, "time": 0}
"""How many numbers tell a place, by the key under which a key frame has it."""
# Two points that are farther apart than this share of the picture's diagonal have nothing in common.
NEAR = 0.05

Key = Mapping[str, Any]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A track frame by frame from the frame `start` on: whether it is there, whether hidden, and where."""

    start: int
    there: Flags
    hidden: Flags
    places: Floats

    @property
    def stop(self) -> int:
        """The frame behind its last one."""
        return self.start + len(self.there)

    @property
    def count(self) -> int:
        """On how many frames it is there."""
        return int(self.there.sum())


def path_of(keys: Sequence[Key], form: str) -> Path:
    """What key frames, in their order, say of all frames from the first of them to the last."""
    start, stop = keys[0]["frame"], keys[-1]["frame"] + 1
    there, hidden = np.zeros(stop - start, np.bool_), np.zeros(stop - start, np.bool_)
    places = np.zeros((stop - start, NUMBERS[form]))
    for key, after in pairwise([*keys, {"frame": stop, "gone": True}]):
        if key.get("gone"):
            continue
        part = slice(key["frame"] - start, after["frame"] - start)
        there[part], hidden[part] = True, bool(key.get("hidden"))
        if NUMBERS[form]:
            here = np.array(key[form], np.float64)
            next_one = here if after.get("gone") else np.array(after[form], np.float64)
            share = np.arange(after["frame"] - key["frame"]) / (after["frame"] - key["frame"])
            places[part] = here + share[:, None] * (next_one - here)
    return Path(start, there, hidden, places)


def key_frames(path: Path, form: str, tolerance: float, digits: int = 2) -> list[dict[str, Any]]:
    """Few key frames, found by halving (Douglas and Peucker), that leave numbers off by this and rounding at most."""
    state = np.where(path.there, 1 + path.hidden, 0)
    edges = [0, *(np.flatnonzero(np.diff(state)) + 1).tolist(), len(state)]
    keys: list[dict[str, Any]] = []
    for first, stop in pairwise(edges):
        if not path.there[first]:
            keys.append({"frame": path.start + first, "gone": True})
            continue
        hidden = {"hidden": True} if path.hidden[first] else {}
        for place in _corners(path.places[first:stop], tolerance):
            numbers = path.places[first + place].round(digits).tolist()
            keys.append({"frame": path.start + first + place} | ({form: numbers} if numbers else {}) | hidden)
    return keys


def reaches(paths: Sequence[Path], form: str, unit: float) -> Floats:
    """When and where tracks are, each as the least and the most of frame, x and y, shape (n_paths, 2, 3 or 1).

    Tracks whose reaches do not `meet` have nothing in common, as `shared` counts it.
    """
    near = NEAR * unit / 2 if form == "point" else 0.0
    found = np.zeros((len(paths), 2, 3 if NUMBERS[form] else 1))
    for row, path in enumerate(paths):
        found[row, :, 0] = path.start, path.stop
        if NUMBERS[form]:
            places = path.places[path.there].reshape(-1, 2)
            found[row, :, 1:] = places.min(axis=0) - near, places.max(axis=0) + near
    return found


def meet(one: Floats, other: Floats) -> Flags:
    """Whether reaches overlap, by their leading axes."""
    return np.asarray(((one[..., 0, :] < other[..., 1, :]) & (other[..., 0, :] < one[..., 1, :])).all(axis=-1))


def shared(one: Path, other: Path, form: str, unit: float) -> float:
    """How much two tracks have in common: the likeness of their places, 0..1, summed over frames that both are on."""
    start, stop = max(one.start, other.start), min(one.stop, other.stop)
    if start >= stop:
        return 0.0
    first, second = slice(start - one.start, stop - one.start), slice(start - other.start, stop - other.start)
    both = one.there[first] & other.there[second]
    if form == "time":
        return float(both.sum())
    here, there = one.places[first][both], other.places[second][both]
    return float(likeness(here, there, form, unit).sum())


def whole_overlap(one: Path, other: Path, form: str, unit: float) -> float:
    """Intersection over union of two tracks in place and time, 0..1."""
    common = shared(one, other, form, unit)
    return common / (one.count + other.count - common)


class Sampled:
    """Tracks of which pairs are compared on few frames, all pairs of one of them at once."""

    def __init__(self, paths: Sequence[Path], form: str, unit: float, frames: int) -> None:
        self._form, self._unit, self._frames = form, unit, frames
        self._start = np.array([path.start for path in paths])
        self._stop = np.array([path.stop for path in paths])
        self._count = np.array([path.count for path in paths])
        self._there = np.concatenate([path.there for path in paths])
        self._places = np.concatenate([path.places for path in paths])
        self._offset = np.cumsum([0, *(len(path.there) for path in paths)])[:-1] - self._start

    def whole_overlaps(self, one: int, others: NDArray[np.int64]) -> Floats:
        """About the `whole_overlap` of one of them with these others, which are there at the same time."""
        start = np.maximum(self._start[one], self._start[others])
        both = np.minimum(self._stop[one], self._stop[others]) - start
        # In the middle of as many equal parts of what both are in.
        shares = (np.arange(self._frames) + 0.5) / self._frames
        frame = start[:, None] + (both[:, None] * shares).astype(np.int64)
        mine, theirs = self._offset[one] + frame, self._offset[others][:, None] + frame
        there = self._there[mine] & self._there[theirs]
        alike = np.where(there, self._alike(mine, theirs), 0.0).mean(axis=1)
        common = alike * both
        return np.asarray(common / np.maximum(self._count[one] + self._count[others] - common, 1))

    def _alike(self, mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> Floats:
        if self._form == "time":
            return np.ones(mine.shape)
        return likeness(self._places[mine], self._places[theirs], self._form, self._unit)


def likeness(one: Floats, other: Floats, form: str, unit: float) -> Floats:
    """How alike places are, 0..1, by their leading axes: boxes by what they share, points by how near they are."""
    if form == "box":
        return box_likeness(one, other)
    away = one - other
    return np.asarray(np.clip(1.0 - np.hypot(away[..., 0], away[..., 1]) / (NEAR * unit), 0.0, None))


def box_likeness(one: Floats, other: Floats) -> Floats:
    """Intersection over union, row by row; the last axis is left, top, right, bottom."""
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    common = sides.clip(0).prod(axis=-1)
    areas = (one[..., 2:] - one[..., :2]).prod(axis=-1) + (other[..., 2:] - other[..., :2]).prod(axis=-1)
    return np.asarray(common / np.maximum(areas - common, np.finfo(float).tiny))


def _corners(places: Floats, tolerance: float) -> list[int]:
    """The places at which a line through numbers has to bend; the first and the last are among them."""
    if not places.shape[1]:
        return sorted({0, len(places) - 1})
    found, parts = {0, len(places) - 1}, [(0, len(places) - 1)]
    while parts:
        low, high = parts.pop()
        if high - low < 2:
            continue
        share = np.arange(1, high - low)[:, None] / (high - low)
        straight = places[low] + share * (places[high] - places[low])
        off = np.abs(places[low + 1 : high] - straight).max(axis=1)
        middle = low + 1 + int(off.argmax())
        if off.max() > tolerance:
            found.add(middle)
            parts += [(low, middle), (middle, high)]
    return sorted(found)
