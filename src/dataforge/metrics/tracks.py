"""Measures of tracks: how well found ones are the true ones, on each frame and through the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError
from dataforge.geometry.keyframes import Path, box_likeness, path_of

__all__ = ["Hota", "Idf1", "hota", "idf1"]

# From which likeness on boxes are of one object: the steps over which HOTA is a mean.
STEPS = np.arange(0.05, 0.99, 0.05)
TINY = np.finfo(float).eps
Tracks = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Hota:
    """HOTA and what it is made of, each a mean over likenesses .05, .1, … .95 from which boxes count as the same.

    `detection`: how many boxes are found and right (DetA). `association`: how well found boxes of one object stay with
    it (AssA). `location`: how alike those are that count as the same (LocA). HOTA is the root of the product of the
    first two.
    """

    hota: float
    detection: float
    association: float
    location: float


@dataclass(frozen=True, slots=True)
class Idf1:
    """The share of boxes that are of the right object through the film, of those found and of the true ones."""

    idf1: float
    precision: float
    recall: float


@named_entry
def hota(found: Tracks, true: Tracks) -> Hota:
    """HOTA of tracks of boxes against the true ones (Luiten et al., 2021), of one film.

    Both are answers of `df.Track`, or lists of their tracks; labels do not count. 1 where there is nothing to find and
    nothing was found.
    """
    frames = _Frames(_paths(found, "found"), _paths(true, "true"))
    if not frames.true_count.sum() and not frames.found_count.sum():
        return Hota(1.0, 1.0, 1.0, 1.0)
    alignment = frames.alignment()
    matches = np.zeros((len(STEPS), *alignment.shape))
    located = np.zeros(len(STEPS))
    for true_ones, found_ones, alike in frames:
        rows, columns = _assigned(alignment[np.ix_(true_ones, found_ones)] * alike)
        likeness = alike[rows, columns]
        same = likeness >= STEPS[:, None] - TINY
        located += (same * likeness).sum(axis=1)
        matches[:, true_ones[rows], found_ones[columns]] += same
    right = matches.sum(axis=(1, 2))
    detection = right / (frames.true_count.sum() + frames.found_count.sum() - right)
    together = frames.true_count[:, None] + frames.found_count[None] - matches
    association = (matches * matches / np.maximum(together, 1.0)).sum(axis=(1, 2)) / np.maximum(right, 1.0)
    location = np.where(right > 0, located / np.maximum(right, 1.0), 1.0)
    whole = np.sqrt(detection * association)
    return Hota(*(float(one.mean()) for one in (whole, detection, association, location)))


@named_entry
def idf1(found: Tracks, true: Tracks, *, least: float = 0.5) -> Idf1:
    """IDF1 of tracks of boxes against the true ones (Ristani et al., 2016), of one film.

    Each true track is one found track at most, through the whole film; boxes are of one object if their intersection
    over union is `least` or more.
    """
    if not 0 < least <= 1:
        raise AggregationError(f"least needs to be above 0 and at most 1, got {least!r}")
    frames = _Frames(_paths(found, "found"), _paths(true, "true"))
    same = np.zeros((len(frames.true_count), len(frames.found_count)))
    for true_ones, found_ones, alike in frames:
        same[np.ix_(true_ones, found_ones)] += alike >= least
    right = float(same[_assigned(same)].sum())
    n_found, n_true = float(frames.found_count.sum()), float(frames.true_count.sum())
    if not n_found + n_true:
        return Idf1(1.0, 1.0, 1.0)
    precision, recall = (right / count if count else 0.0 for count in (n_found, n_true))
    return Idf1(2 * right / (n_found + n_true), precision, recall)


class _Frames:
    """Both sets of tracks, frame by frame where both have some: which are there, and how alike they are."""

    def __init__(self, found: list[Path], true: list[Path]) -> None:
        self.found_count = np.array([path.count for path in found], np.float64)
        self.true_count = np.array([path.count for path in true], np.float64)
        self._found, self._true = _by_frame(found), _by_frame(true)

    def __iter__(self) -> Any:
        for frame in sorted(self._found.keys() & self._true.keys()):
            (true_ones, here), (found_ones, there) = self._true[frame], self._found[frame]
            yield true_ones, found_ones, box_likeness(here[:, None], there[None])

    def alignment(self) -> Floats:
        """How much each true and each found track are of one object through the film, 0..1."""
        common = np.zeros((len(self.true_count), len(self.found_count)))
        for true_ones, found_ones, alike in self:
            union = alike.sum(axis=0, keepdims=True) + alike.sum(axis=1, keepdims=True) - alike
            shares = np.divide(alike, union, out=np.zeros_like(alike), where=union > TINY)
            common[np.ix_(true_ones, found_ones)] += shares
        result: Floats = common / (self.true_count[:, None] + self.found_count[None] - common)
        return result


def _by_frame(paths: list[Path]) -> dict[int, tuple[Places, Floats]]:
    """The numbers and boxes of the tracks that are on each frame."""
    frames = [path.start + np.flatnonzero(path.there) for path in paths]
    if not frames:
        return {}
    frame = np.concatenate(frames)
    number = np.repeat(np.arange(len(paths)), [len(one) for one in frames])
    boxes = np.concatenate([path.places[path.there] for path in paths])
    order = np.lexsort((number, frame))
    frame, number, boxes = frame[order], number[order], boxes[order]
    cuts = np.flatnonzero(np.diff(frame)) + 1
    parts = zip(np.split(frame, cuts), np.split(number, cuts), np.split(boxes, cuts), strict=True)
    return {int(one[0]): (numbers, places) for one, numbers, places in parts if len(one)}


def _assigned(gain: Floats) -> tuple[Places, Places]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gain, maximize=True)
    return rows, columns


def _paths(tracks: Tracks, name: str) -> list[Path]:
    listed = tracks.get("tracks") if isinstance(tracks, Mapping) else tracks
    try:
        return [path_of(track["keys"], "box") for track in listed or ()]
    except (TypeError, KeyError, IndexError, ValueError):
        raise AggregationError(
            f"{name}: expected tracks of boxes as df.Track answers have them, "
            '[{"keys": [{"frame": 0, "box": [left, top, right, bottom]}, …]}, …]'
        ) from None
