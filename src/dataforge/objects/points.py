"""Points: places on a picture, each with a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import named_entry
from dataforge.objects._geometry import Points as Places
from dataforge.objects._shapes import NEAR, Shapes, pair

__all__ = ["Points"]


@named_entry
@dataclass(frozen=True, eq=False)
class Points(Shapes):
    """Places on an image input, each with a label of a `Choice` class: `Points(Part)`; without one they have none.

    `of` names the image; it may be left out where there is only one. A shape is `{"label", "point": [x, y]}`. Two
    points are the less alike the farther they are from each other, and not at all at a twentieth of the picture's
    diagonal.
    """

    name: ClassVar[str] = "points"
    drawn_as = "point"
    answering_seconds: ClassVar[float] = 15.0
    form: ClassVar[str] = "point"
    noun: ClassVar[str] = "point"

    def _points(self, written: Any) -> list[list[float]]:
        return [pair(written)]

    def _written(self, points: list[list[float]]) -> list[float]:
        return points[0]

    def _alike(self, one: Sequence[Places], other: Sequence[Places], unit: float) -> NDArray[np.float64]:
        apart = np.linalg.norm(np.stack(one) - np.concatenate(other), axis=-1)
        return np.asarray((1 - apart / (NEAR * unit)).clip(0))

    def _example(self) -> str:
        return '{"label", "point": [x, y]}'

    def _outline(self) -> Sequence[tuple[float, float]]:
        return ((0.5, 0.5),)


PLUGIN = Points
