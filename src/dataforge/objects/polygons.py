"""Polygons: outlines on a picture, each with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import named_entry
from dataforge.errors import DataError
from dataforge.objects._geometry import Points, box_overlaps, crosses_itself, polygon_overlap
from dataforge.objects._shapes import Shapes, pairs

__all__ = ["Polygons"]

# Whether an outline crosses itself takes time that grows with the square of its corners, while a worker waits.
MOST_CORNERS = 1_000


@named_entry
@dataclass(frozen=True, eq=False)
class Polygons(Shapes):
    """Outlines on an image input, each with a label of a `Choice` class: `Polygons(Animal)`; without it they have none.

    `of` names the image; it may be left out where there is only one. A shape is `{"label", "points": [[x, y], …]}` with
    3 to 1,000 corners, of which the first is not repeated at the end; no edge crosses another. Two polygons are as
    alike as their intersection over their union.
    """

    name: ClassVar[str] = "polygons"
    answering_seconds: ClassVar[float] = 60.0
    form: ClassVar[str] = "points"
    noun: ClassVar[str] = "polygon"

    def _points(self, written: Any) -> list[list[float]]:
        return pairs(written, 3)

    def _shape(self, shape: Any, size: Any) -> Any:
        checked, points = super()._shape(shape, size)
        if len(points) > MOST_CORNERS:
            raise DataError(f"expected at most {MOST_CORNERS:,} corners, got {len(points):,}; leave some out")
        if points[0] == points[-1]:
            raise DataError("its first corner is repeated at the end; leave out the last one")
        corners = np.array(points, float)
        if np.linalg.matrix_rank(corners - corners[0]) < 2:
            raise DataError("its corners lie on one line; a polygon has an inside")
        if crosses_itself(corners):
            raise DataError("its outline crosses itself; draw it as one line around")
        return checked, points

    def _canonical(self, written: Any) -> Any:
        """From the corner that comes first, in the direction whose second corner comes first."""
        points = super()._canonical(written)
        start = points.index(min(points))
        forth = points[start:] + points[:start]
        return min(forth, forth[:1] + forth[:0:-1])

    def _alike(self, one: Sequence[Points], other: Sequence[Points], unit: float) -> NDArray[np.float64]:
        alike = np.zeros((len(one), len(other)))
        for first, second in zip(*np.nonzero(box_overlaps(_around(one), _around(other))), strict=True):
            alike[first, second] = polygon_overlap(one[first], other[second])
        return alike

    def _example(self) -> str:
        return '{"label", "points": [[x, y], …]}'

    def _outline(self) -> Sequence[tuple[float, float]]:
        return ((0, 0), (1, 0), (1, 1), (0, 1))


def _around(polygons: Sequence[Points]) -> Points:
    """The boxes around polygons."""
    return np.array([(polygon.min(axis=0), polygon.max(axis=0)) for polygon in polygons])


PLUGIN = Polygons
