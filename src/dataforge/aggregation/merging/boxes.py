"""Boxes on pictures merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs, overlapping
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._places import Loss, merging, placed
from dataforge.aggregation.merging._sets import Clustered, Drawn, Made, Merging, Part
from dataforge.aggregation.merging._shapes import Shapes
from dataforge.aggregation.merging.base import Answers, Merged

__all__ = ["Boxes"]

# Boxes may be of one object if so much of both is in both.
LEAST_OVERLAP = 0.4
SMALLEST = 1.0
LOSS = Loss.of_edges(4)


class Boxes:
    """Boxes on pictures: each edge is a weighted mean of those of the people who drew the object.

    Boxes of several people that have 40 % in common are of one object, each person's with one other at most, the most
    alike first. Confidence is the probability that F1 against the true boxes, weighted by intersection over union, is
    .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The boxes of each item."""
        return merge_sets(_Boxes(), self._settings, answers, skills)


class _Boxes(Shapes):
    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Left, top, right and bottom."""
        corners = chain.from_iterable([part["box"] for part in parts])
        return np.fromiter(corners, np.float64, 4 * len(parts)).reshape(-1, 4)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Boxes that overlap."""
        return overlapping(drawn.numbers, drawn.item, drawn.answer, LEAST_OVERLAP)

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Weighted means of the edges, measured by width and height."""
        numbers, cluster = clustered.drawn.numbers, clustered.cluster
        count = np.bincount(cluster, minlength=len(presence))
        wide = np.bincount(cluster, numbers[:, 2] - numbers[:, 0], len(presence)) / count
        high = np.bincount(cluster, numbers[:, 3] - numbers[:, 1], len(presence)) / count
        sizes = np.stack([np.maximum(side, SMALLEST) for side in (wide, high, wide, high)]).T
        found = placed(clustered, sizes, presence, precision, LOSS)
        return merging(_made(found.places), found, LOSS)


def _made(places: Floats) -> Made:
    def made(kept: Places, names: Sequence[str | None]) -> list[dict[str, Any]]:
        boxes = np.round(places[kept], 2).tolist()
        return [
            {"box": box} if name is None else {"label": name, "box": box}
            for name, box in zip(names, boxes, strict=True)
        ]

    return made


PLUGIN = Boxes
