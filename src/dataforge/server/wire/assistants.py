"""Body and reply of the route by which masks are made of clicks and boxes; see docs/http-api.md."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Assisted", "Pointed"]


class Pointed(Struct, frozen=True):
    """What a worker points at on an item's picture, for one of the outputs, in pixels of the picture as it is seen.

    A point is x, y and whether it lies in what is meant; a box is left, top, right and bottom.
    """

    item: int
    output: str
    points: list[tuple[float, float, bool]] = []
    box: tuple[float, float, float, float] | None = None


class Assisted(Struct, frozen=True):
    """The mask of what is meant: runs as COCO writes them in a string, on the whole picture."""

    counts: str
