"""Polygons on pictures merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.clusters import Pairs, overlapping
from dataforge.aggregation.kernels.outlines import Outlines, in_common
from dataforge.aggregation.merging._merged_sets import RIGHT, merge_sets
from dataforge.aggregation.merging._outlines import merge_outlines, outlines_of
from dataforge.aggregation.merging._sets import Clustered, Drawn, Merging, Part
from dataforge.aggregation.merging._shapes import Shapes
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "PolygonsMerger"]

# Polygons may be of one object if so much of both is in both, and a part of that of the boxes around them.
LEAST_OVERLAP, LEAST_AROUND = 0.4, 0.2


class PolygonsMerger:
    """Polygons on pictures: that of the person whose is most like all others, its corners moved to the middle of all.

    Polygons of several people that have 40 % in common are of one object, each person's with one other at most, the
    most alike first. Where moved corners make a polygon that is less like all, or crosses itself, it stays as it was
    drawn. Confidence is the probability that F1 against the true polygons, weighted by intersection over union, is .75
    or more.
    """

    right = RIGHT
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The polygons of each item."""
        return merge_sets(_Polygons(), self._settings, answers, skills)


class _Polygons(Shapes):
    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Left, top, right and bottom."""
        return outlines_of(parts, closed=True).frames()

    def pairs(self, drawn: Drawn) -> Pairs:
        """Polygons that overlap."""
        pairs = overlapping(drawn.numbers, drawn.item, drawn.answer, LEAST_AROUND)
        outlines = outlines_of(drawn.parts, closed=True)
        overlap = in_common(outlines.take(pairs.first), outlines.take(pairs.second))
        enough = overlap >= LEAST_OVERLAP
        return Pairs(pairs.first[enough], pairs.second[enough], overlap[enough])

    def merge(self, clustered: Clustered, presence: Floats, precision: Floats) -> Merging:
        """Outlines, compared by what they have in common."""
        outlines = outlines_of(clustered.drawn.parts, closed=True)
        return merge_outlines(outlines, _alike, clustered, presence, precision)


def _alike(one: Outlines, other: Outlines, row: Places) -> Floats:
    return in_common(one, other)


PLUGIN: MergerOf = PolygonsMerger
