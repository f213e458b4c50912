"""Lines: open lines on a picture, each with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import named_entry
from dataforge.errors import DataError
from dataforge.objects._geometry import Points, apart
from dataforge.objects._shapes import NEAR, Shapes, pairs

__all__ = ["Lines"]


@named_entry
@dataclass(frozen=True, eq=False)
class Lines(Shapes):
    """Lines on an image input, each with a label of a `Choice` class: `Lines(Road)`; without one they have none.

    `of` names the image; it may be left out where there is only one. A shape is `{"label", "points": [[x, y], …]}` with
    two or more points; drawn from its other end it is the same line. Two lines are the less alike the farther they are
    from each other on the mean, and not at all at a twentieth of the picture's diagonal.
    """

    name: ClassVar[str] = "lines"
    drawn_as = "line"
    form: ClassVar[str] = "points"
    noun: ClassVar[str] = "line"

    def _points(self, written: Any) -> list[list[float]]:
        points = pairs(written, 2)
        if all(point == points[0] for point in points):
            raise DataError("all its points are the same place; a line has a length")
        return points

    def _canonical(self, written: Any) -> Any:
        points = super()._canonical(written)
        return min(points, points[::-1])

    def _alike(self, one: Sequence[Points], other: Sequence[Points], unit: float) -> NDArray[np.float64]:
        distances = np.array([[apart(first, second) for second in other] for first in one])
        return np.asarray((1 - distances / (NEAR * unit)).clip(0))

    def _example(self) -> str:
        return '{"label", "points": [[x, y], …]}'


PLUGIN = Lines
