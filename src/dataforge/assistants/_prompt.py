"""What a worker points at."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Prompt"]


@dataclass(frozen=True)
class Prompt:
    """What is pointed at, in pixels of the picture as it is seen, whose edges are the grid.

    A point is x, y and whether it lies in what is meant; `box` is left, top, right and bottom, or None. There is one
    of the two at least.
    """

    points: tuple[tuple[float, float, bool], ...] = ()
    box: tuple[float, float, float, float] | None = None
