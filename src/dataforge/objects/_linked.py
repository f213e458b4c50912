"""The objects in an answer or an input that links may join: boxes, cuboids, spans and their like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["KINDS", "named_object", "objects_in"]

KINDS = ("boxes", "polygons", "lines", "points", "cuboids", "spans", "segments", "track")
"""The types whose values have objects."""
LISTS = ("shapes", "tracks")
LONGEST = 60


def objects_in(value: Any) -> Sequence[Mapping[str, Any]] | None:
    """The objects of a value in JSON form, in their order; None where it is no value that has some."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in LISTS if name in value), None)
    return value if isinstance(value, list) and all(isinstance(one, Mapping) for one in value) else None


def named_object(objects: Sequence[Mapping[str, Any]] | None, place: int) -> str:
    """What an object is called: its number, counted from 1, and what it quotes, or else its label and its track."""
    one = objects[place] if objects is not None and place < len(objects) else {}
    told = [one["text"][:LONGEST]] if one.get("text") else [one.get("label"), one.get("track")]
    return " ".join([f"{place + 1}", *(str(name) for name in told if name is not None)])
