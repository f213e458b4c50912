"""Boxes: upright rectangles on a picture, each with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import named_entry
from dataforge.errors import DataError
from dataforge.objects._geometry import Points, box_overlaps
from dataforge.objects._shapes import Shape, Shapes, pair
from dataforge.objects.base import shorten

__all__ = ["Boxes"]


@named_entry
@dataclass(frozen=True, eq=False)
class Boxes(Shapes):
    """Rectangles on an image input, each with a label of a `Choice` class: `Boxes(Animal)`; without one they have none.

    `of` names the image; it may be left out where there is only one. A shape is `{"label", "box": [left, top, right,
    bottom]}`; two boxes are as alike as their intersection over their union.
    """

    name: ClassVar[str] = "boxes"
    form: ClassVar[str] = "box"
    noun: ClassVar[str] = "box"

    def _points(self, written: Any) -> list[list[float]]:
        if not isinstance(written, list | tuple) or len(written) != 4:
            raise DataError(f"expected [left, top, right, bottom], got {shorten(written)}")
        corners = [pair(written[:2]), pair(written[2:])]
        (left, top), (right, bottom) = corners
        if left >= right or top >= bottom:
            raise DataError(f"expected left < right and top < bottom, got {shorten(list(written))}; a box has a size")
        return corners

    def _corners(self, shape: Shape) -> list[list[float]]:
        left, top, right, bottom = shape["box"]
        return [[left, top], [right, top], [right, bottom], [left, bottom]]

    def _written(self, points: list[list[float]]) -> list[float]:
        return [*points[0], *points[1]]

    def _alike(self, one: Sequence[Points], other: Sequence[Points], unit: float) -> NDArray[np.float64]:
        return box_overlaps(np.stack(one), np.stack(other))

    def _example(self) -> str:
        return '{"label", "box": [left, top, right, bottom]}'


PLUGIN = Boxes
