"""Answers that are drawn: which shapes of them nobody draws twice by chance."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import msgspec

__all__ = ["DRAWN", "own_shapes"]

DRAWN = frozenset({"boxes", "cuboids", "lines", "points", "polygons", "segments", "track"})
"""Types whose answers two people never draw the same; masks are not among them, which assistants make of clicks."""

PARTS = ("shapes", "tracks")
"""Under which of these an answer has them that tells more, as the size of the picture; others are a list of them."""


def own_shapes(value: Any, draft: Any) -> Set[bytes]:
    """The shapes of an answer as they are written, but for those of the draft and for boxes of the whole picture."""
    given = set(map(msgspec.json.encode, _shapes(draft)))
    own = (shape for shape in _shapes(value) if not _is_whole(shape, value))
    return set(map(msgspec.json.encode, own)) - given


def _shapes(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        value = next((value[part] for part in PARTS if part in value), ())
    found: Sequence[Any] = value or ()
    return found


def _is_whole(shape: Any, value: Any) -> bool:
    """Whether a box goes from edge to edge: as whoever has nothing else to say of a picture draws it."""
    if not isinstance(value, dict) or "box" not in shape:
        return False
    return bool(shape["box"] == [0, 0, value.get("width"), value.get("height")])
