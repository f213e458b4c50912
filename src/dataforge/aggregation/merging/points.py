"""Points on pictures merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs, close
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._places import Loss, merging, placed
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part, listed
from dataforge.aggregation.merging._shapes import NEAR, Shapes, diagonal
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "PointsMerger"]

LOSS = Loss.of_distance()


class PointsMerger:
    """Points on pictures: each is a weighted mean of those of the people who marked the object.

    Points of several people are of one object if they are nearer than a twentieth of the picture's diagonal, and than
    half of the way to the next one of either person; the nearest first. Confidence is the probability that F1 against
    the true points, which loses in proportion to their distance and all of it at that twentieth, is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The points of each item."""
        return merge_sets(_Points(), self._settings, answers, skills)


class _Points(Shapes):
    def numbers(self, parts: Sequence[Part]) -> Floats:
        """From the left and from the top."""
        places = chain.from_iterable([part["point"] for part in parts])
        return np.fromiter(places, np.float64, 2 * len(parts)).reshape(-1, 2)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Points that are near each other."""
        return close(drawn.numbers, NEAR * drawn.measured(diagonal), drawn.item, drawn.answer)

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Weighted means, measured by what is near."""
        near = np.empty(len(presence))
        near[clustered.cluster] = NEAR * clustered.drawn.measured(diagonal)
        found = placed(clustered, np.stack([near, near], axis=1), presence, precision, LOSS)
        parts = [{"point": point} for point in np.round(found.places, 2).tolist()]
        return merging(listed(parts), found, LOSS)


PLUGIN: MergerOf = PointsMerger
