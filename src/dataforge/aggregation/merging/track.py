"""Tracks through films merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._outlines import LOSS, exactness
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part, listed
from dataforge.aggregation.merging._shapes import diagonal
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf
from dataforge.geometry.keyframes import Path, Sampled, key_frames, meet, path_of, reaches, whole_overlap

__all__ = ["PLUGIN", "TrackMerger"]

# Tracks may be of one object if so much of both is in both, in place and time.
LEAST_OVERLAP = 0.3
# So many frames of pairs of tracks of an item are compared, a pair for as many as its setting out takes; of more
# pairs, as many frames as these come to, from the least to the most.
MOST_COMPARED, PAIR = 20_000_000, 500
MOST_SAMPLED, SAMPLED = 20_000_000, (16, 256)
# Key frames of what is merged leave no edge off by more than this share of the object's size, or of the picture.
SLACK, SLACK_OF_PICTURE = 0.02, 0.002


class TrackMerger:
    """Tracks through films: on each frame there where most are who followed the object, in the weighted median place.

    Tracks of several people that have 30 % in common, in place and time, are of one object, each person's with one
    other at most, the most alike first. Confidence is the probability that F1 against the true tracks is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The tracks of each item."""
        return merge_sets(_Tracks(str(self._settings.get("shape", "box"))), self._settings, answers, skills)


class _Tracks:
    def __init__(self, form: str) -> None:
        self._form = form
        # Those of one item, frame by frame: of all items they are more than memory has.
        self._paths: dict[int, Path] = {}
        self._item = -1

    def parts(self, value: Any) -> Sequence[Part]:
        """The tracks."""
        tracks: Sequence[Part] = value["tracks"]
        return tracks

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """Tracks in a film of the same size, numbered anew."""
        return {**like, "tracks": [{"id": place, **part} for place, part in enumerate(parts, 1)]}

    def numbers(self, parts: Sequence[Part]) -> Floats:
        """The first and the last frame."""
        ends = [(part["keys"][0]["frame"], part["keys"][-1]["frame"]) for part in parts]
        return np.array(ends, np.float64).reshape(-1, 2)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Tracks that overlap in place and time."""
        unit = drawn.measured(diagonal)
        order = np.argsort(drawn.item, kind="stable")
        found = [np.zeros((0, 3))]
        for rows in np.split(order, np.flatnonzero(np.diff(drawn.item[order])) + 1):
            for one, others, alike in self._compared(drawn, unit, rows):
                kept = alike >= LEAST_OVERLAP
                found.append(np.stack([np.full(int(kept.sum()), one), others[kept], alike[kept]], axis=1))
        first, second, overlap = np.concatenate(found).T
        return Pairs(first.astype(np.int64), second.astype(np.int64), overlap)

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """The weighted median of each frame; compared by what tracks have in common."""
        drawn, cluster, count = clustered.drawn, clustered.cluster, len(presence)
        unit = drawn.measured(diagonal)
        one, other = clustered.pairs()
        likeness = [self._alike(drawn, unit, *pair) for pair in zip(one.tolist(), other.tolist(), strict=True)]
        spread = exactness(clustered, one, other, np.array(likeness, np.float64), presence, precision)
        weight = 1.0 / spread[drawn.worker] ** 2
        members = np.split(np.argsort(cluster, kind="stable"), np.cumsum(np.bincount(cluster, minlength=count))[:-1])
        tracks = [self._merged(drawn, weight, rows, float(unit[rows[0]])) for rows in members if len(rows)]
        deviation = 1.0 / np.sqrt(tally(cluster, weight, count))
        return Merging(
            parts=listed(tracks),
            loss=LOSS.mean * deviation,
            loss_deviation=LOSS.deviation * deviation,
            precision=1.0 - np.minimum(LOSS.mean * spread, 1.0),
            exact=np.ones(count),
            inexact=np.zeros(count),
        )

    def _compared(self, drawn: Drawn, unit: Floats, rows: Places) -> Iterator[tuple[int, Places, Floats]]:
        """Each track of an item, and tracks of other answers with what they have in common with it.

        Where all of them are on one another, too much would have to be compared: then it is told from few frames.
        """
        paths = [self._path(drawn, row) for row in rows.tolist()]
        reach = reaches(paths, self._form, float(unit[rows].max(initial=0.0)))
        near = []
        for place, row in enumerate(rows):
            met = np.flatnonzero(meet(reach[place], reach[place + 1 :])) + place + 1
            near.append(met[drawn.answer[rows[met]] != drawn.answer[row]])
        pairs = sum(map(len, near))
        frames = sum(len(others) * (PAIR + len(paths[place].there)) for place, others in enumerate(near))
        few = None
        if frames > MOST_COMPARED:
            few = Sampled(paths, self._form, float(unit[rows[0]]), int(np.clip(MOST_SAMPLED // pairs, *SAMPLED)))
        for place, others in enumerate(near):
            one = int(rows[place])
            if few is not None:
                alike = few.whole_overlaps(place, others)
            else:
                alike = np.array([self._alike(drawn, unit, one, other) for other in rows[others].tolist()])
            yield one, rows[others], alike

    def _path(self, drawn: Drawn, row: int) -> Path:
        if drawn.item[row] != self._item:
            self._paths, self._item = {}, int(drawn.item[row])
        if row not in self._paths:
            self._paths[row] = path_of(drawn.parts[row]["keys"], self._form)
        return self._paths[row]

    def _alike(self, drawn: Drawn, unit: Floats, one: int, other: int) -> float:
        return whole_overlap(self._path(drawn, one), self._path(drawn, other), self._form, float(unit[one]))

    def _merged(self, drawn: Drawn, weight: Floats, rows: Places, unit: float) -> dict[str, Any]:
        """One track of those of several people."""
        paths = [self._path(drawn, row) for row in rows.tolist()]
        weights = weight[rows]
        start, stop = min(path.start for path in paths), max(path.stop for path in paths)
        there = np.zeros((len(paths), stop - start), np.bool_)
        hidden, places = there.copy(), np.zeros((*there.shape, paths[0].places.shape[1]))
        for row, path in enumerate(paths):
            part = slice(path.start - start, path.stop - start)
            there[row, part], hidden[row, part], places[row, part] = path.there, path.hidden, path.places
        seen = np.where(there, weights[:, None], 0.0)
        kept = seen.sum(axis=0) >= weights.sum() / 2
        if not kept.any():  # nobody was there when others were: it is as the one says who is trusted most
            there, seen = there[[weights.argmax()]], seen[[weights.argmax()]]
            hidden, places, kept = hidden[[weights.argmax()]], places[[weights.argmax()]], there[0]
        median = _weighted_median(places, seen)
        most_hidden = (seen * hidden).sum(axis=0) > seen.sum(axis=0) / 2
        first, last = np.flatnonzero(kept)[[0, -1]].tolist()
        part = slice(first, last + 1)
        path = Path(start + first, kept[part], most_hidden[part], median[part])
        return {"keys": key_frames(path, self._form, _slack(path, unit))}


def _weighted_median(places: Floats, weight: Floats) -> Floats:
    """The weighted median over the first axis, number by number; weights are shape (n_tracks, n_frames)."""
    if not places.shape[2]:
        return np.zeros(places.shape[1:])
    order = np.argsort(places, axis=0)
    ranked = np.take_along_axis(places, order, axis=0)
    passed = np.cumsum(np.take_along_axis(np.broadcast_to(weight[..., None], places.shape), order, axis=0), axis=0)
    half = passed[-1] / 2
    low = np.take_along_axis(ranked, (passed >= half - 1e-12).argmax(axis=0)[None], axis=0)[0]
    high = np.take_along_axis(ranked, (passed > half + 1e-12).argmax(axis=0)[None], axis=0)[0]
    middle: Floats = (low + high) / 2
    return middle


def _slack(path: Path, unit: float) -> float:
    """How far off key frames may leave a number, in pixels."""
    if path.places.shape[1] < 4:
        return SLACK_OF_PICTURE * unit
    sides = (path.places[:, 2:] - path.places[:, :2])[path.there]
    return SLACK * float(np.median(sides))


PLUGIN: MergerOf = TrackMerger
