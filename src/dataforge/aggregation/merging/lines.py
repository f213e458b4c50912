"""Lines on pictures merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs, overlapping
from dataforge.aggregation.kernels.outlines import Outlines, apart
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._outlines import merge_outlines, outlines_of
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part
from dataforge.aggregation.merging._shapes import NEAR, Shapes, diagonal
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "LinesMerger"]

# Lines may be of one object if they are so much alike, and boxes so wide around them have anything in common.
LEAST_ALIKE, LEAST_AROUND = 0.2, 0.05


class LinesMerger:
    """Lines on pictures: that of the person whose is most like all others, its points moved to the middle of all.

    Lines of several people are of one object if they are on the mean nearer than a twentieth of the picture's diagonal
    less a fifth, each person's with one other at most, the most alike first; drawn from its other end a line is the
    same. Confidence is the probability that F1 against the true lines, which loses in proportion to their distance and
    all of it at that twentieth, is .75 or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The lines of each item."""
        return merge_sets(_Lines(), self._settings, answers, skills)


class _Lines(Shapes):
    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Left, top, right and bottom."""
        return outlines_of(parts, closed=False).frames()

    def pairs(self, drawn: Drawn) -> Pairs:
        """Lines that are near each other."""
        near = _near(drawn)
        around = near[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])
        pairs = overlapping(drawn.numbers + around, drawn.item, drawn.answer, LEAST_AROUND)
        outlines = outlines_of(drawn.parts, closed=False)
        alike = _Alike(near)(outlines.take(pairs.first), outlines.take(pairs.second), pairs.first)
        enough = alike >= LEAST_ALIKE
        return Pairs(pairs.first[enough], pairs.second[enough], alike[enough])

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Outlines, compared by how far they are from each other."""
        outlines = outlines_of(clustered.drawn.parts, closed=False)
        return merge_outlines(outlines, _Alike(_near(clustered.drawn)), clustered, presence, precision)


def _near(drawn: Drawn) -> Floats:
    return NEAR * drawn.measured(diagonal)


class _Alike:
    """Less by how far lines are from each other, measured by what is near on the picture."""

    def __init__(self, near: Floats) -> None:
        self._near = near

    def __call__(self, one: Outlines, other: Outlines, row: Places) -> Floats:
        """The likeness of each row."""
        return np.clip(1.0 - apart(one, other) / self._near[row], 0.0, 1.0)


PLUGIN: MergerOf = LinesMerger
