"""What shapes on pictures have in common."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import Any

from dataforge.aggregation.merging._sets import Part

__all__ = ["NEAR", "Shapes", "diagonal"]

NEAR = 0.05
"""Two places that are nearer than this share of a picture's diagonal have something in common."""


class Shapes:
    """Answers of shapes: the size of the picture, and a list of shapes."""

    def parts(self, value: Any) -> Sequence[Part]:
        """The shapes."""
        shapes: Sequence[Part] = value["shapes"]
        return shapes

    def whole(self, like: Any, parts: list[dict[str, Any]]) -> Any:
        """Shapes on a picture of the same size."""
        return {**like, "shapes": parts}


def diagonal(value: Any) -> float:
    """The picture's diagonal; answers that only tell shapes, as known ones may, have none."""
    return hypot(value.get("width", 0.0), value.get("height", 0.0)) or 1.0
