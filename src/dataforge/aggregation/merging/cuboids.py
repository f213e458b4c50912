"""Cuboids in point clouds merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs, overlapping
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._places import Loss, merging, placed
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part, listed
from dataforge.aggregation.merging.base import Answers, Merged
from dataforge.geometry.cuboids import facing, footprints, overlaps

__all__ = ["Cuboids"]

# Cuboids may be of one object if so much of both is in both; frames around them, which are larger, if so much is.
LEAST_OVERLAP, LEAST_OF_FRAMES = 0.25, 0.1
LOSS = Loss.of_edges(6)
DIGITS, ANGLE_DIGITS = 3, 5
SMALLEST = 0.01


class Cuboids:
    """Cuboids: centre and size are weighted means of those of the people who marked the object, robust against a slip.

    Cuboids of several people that have 25 % of their volumes in common are of one object, each person's with one other
    at most, the most alike first. Headings are made one by the mean of their directions once all are on one axis; which
    end is the front, most say. Confidence is the probability that F1 against the true cuboids, by intersection over
    union and heading, is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The cuboids of each item."""
        return merge_sets(_Cuboids(bool(self._settings.get("fronts", True))), self._settings, answers, skills)


class _Cuboids:
    def __init__(self, fronts: bool) -> None:
        self._fronts = fronts

    def parts(self, value: Any) -> Sequence[Part]:
        """The cuboids."""
        parts: Sequence[Part] = value
        return parts

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """The cuboids, of which no two are of one track."""
        return _apart(parts)

    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Centre, size, heading, roll and pitch."""
        numbers = [(*part["centre"], *part["size"], part["heading"], *part.get("tilt", (0.0, 0.0))) for part in parts]
        return np.array(numbers, np.float64).reshape(-1, 9)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Cuboids that overlap."""
        corners = footprints(drawn.numbers[:, :7])
        frames = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        near = overlapping(frames, drawn.item, drawn.answer, LEAST_OF_FRAMES)
        alike = overlaps(drawn.numbers[near.first, :7], drawn.numbers[near.second, :7])
        kept = alike >= LEAST_OVERLAP
        return Pairs(near.first[kept], near.second[kept], alike[kept])

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Weighted means of centres and sizes, measured by the object; a centre that is off moves two faces."""
        numbers, cluster = clustered.drawn.numbers, clustered.cluster
        count = len(presence)
        many = np.maximum(np.bincount(cluster, minlength=count), 1)
        sides = np.stack([np.bincount(cluster, column, count) / many for column in numbers[:, 3:6].T], axis=1)
        sides = np.maximum(sides, SMALLEST)
        ground = np.sqrt(sides[:, 0] * sides[:, 1])
        sizes = np.column_stack([ground / 2, ground / 2, sides[:, 2] / 2, sides])
        placing = _with_numbers(clustered, numbers[:, :6])
        found = placed(placing, sizes, presence, precision, LOSS)
        weight = 1.0 / np.maximum(found.spread[clustered.drawn.worker], 1e-4) ** 2
        heading = _headings(numbers[:, 6], cluster, weight, count)
        tilt = np.stack([_weighted(column, cluster, weight, count) for column in numbers[:, 7:].T], axis=1)
        parts = _parts(found.places, heading, tilt, _tracks(clustered, weight, count))
        merged = merging(listed(parts), found, LOSS)
        # What the headings are apart costs likeness too.
        facings = facing(numbers[:, 6], heading[cluster], self._fronts)
        turned = 1.0 - _weighted(facings, cluster, weight, count)
        return Merging(
            parts=merged.parts,
            loss=np.minimum(merged.loss + turned / np.sqrt(many), 1.0),
            loss_deviation=merged.loss_deviation,
            precision=merged.precision,
            exact=merged.exact,
            inexact=merged.inexact,
        )


def _with_numbers(clustered: Clustered, numbers: Floats) -> Clustered:
    return replace(clustered, drawn=replace(clustered.drawn, numbers=numbers))


def _weighted(values: Floats, cluster: Places, weight: Floats, count: int) -> Floats:
    total: Floats = tally(cluster, weight * values, count) / np.maximum(tally(cluster, weight, count), 1e-300)
    return total


def _headings(heading: Floats, cluster: Places, weight: Floats, count: int) -> Floats:
    """The mean direction of each cluster: of the axes first, whose ends are alike, then of what faces as most do."""
    doubled = [tally(cluster, weight * turn(2 * heading), count) for turn in (np.cos, np.sin)]
    axis = np.arctan2(doubled[1], doubled[0]) / 2
    forward = np.cos(heading - axis[cluster]) >= 0
    ahead = tally(cluster, weight * np.where(forward, 1.0, -1.0), count)
    turned = np.where(ahead >= 0, axis, axis + np.pi)
    wrapped: Floats = np.pi - (np.pi - turned) % (2 * np.pi)
    return wrapped


def _tracks(clustered: Clustered, weight: Floats, count: int) -> list[str | None]:
    """The track that most say each cluster is of; None where parts have none."""
    votes: list[dict[str, float]] = [{} for _ in range(count)]
    for part, cluster, heavy in zip(clustered.drawn.parts, clustered.cluster.tolist(), weight.tolist(), strict=True):
        if "track" in part:
            votes[cluster][part["track"]] = votes[cluster].get(part["track"], 0.0) + heavy
    return [min(told, key=lambda name: (-told[name], name)) if told else None for told in votes]


def _parts(places: Floats, heading: Floats, tilt: Floats, tracks: Sequence[str | None]) -> list[dict[str, Any]]:
    found = []
    rounded = np.round(places, DIGITS)
    # The last digit may not turn what faces backwards to before -π.
    angles = np.clip(np.round(heading, ANGLE_DIGITS), -3.14159, 3.14159)
    tilts = np.round(tilt, ANGLE_DIGITS)
    for row, angle, tilted, track in zip(rounded.tolist(), angles.tolist(), tilts.tolist(), tracks, strict=True):
        part: dict[str, Any] = {"centre": row[:3], "size": [max(side, SMALLEST) for side in row[3:]], "heading": angle}
        part |= {"tilt": tilted} if any(tilted) else {}
        found.append(part | ({} if track is None else {"track": track}))
    return found


def _apart(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts, each of which that has the track of one before it gets a track of its own."""
    taken = {part["track"] for part in parts if "track" in part}
    seen: set[str] = set()
    found = []
    for part in parts:
        track = part.get("track")
        if track is not None and track in seen:
            number = next(number for number in range(2, len(parts) + 2) if f"{track[:30]}-{number}" not in taken)
            part = {**part, "track": f"{track[:30]}-{number}"}
            taken.add(part["track"])
        if track is not None:
            seen.add(part["track"])
        found.append(part)
    return found


PLUGIN = Cuboids
