"""How a thing that is made of columns and of other such things is stored in a checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from dataforge.runs.core.columns import Arrays, load_columns, saved_columns

__all__ = ["Part", "load_parts", "part_of", "saved_parts"]


class Part(Protocol):
    """What is stored under a name of its own, and read again by what it is a part of."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known beside the items."""
        ...

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave of the same items."""
        ...


def saved_parts(thing: object, parts: Mapping[str, Part], left_out: Collection[str]) -> dict[str, NDArray[Any]]:
    """The columns of a thing, and those of its parts, which are left out among its attributes."""
    found = saved_columns(thing, {}, left_out)
    for part, of in parts.items():
        found |= {f"{part}.{name}": array for name, array in of.arrays().items()}
    return found


def load_parts(thing: object, parts: Mapping[str, Part], arrays: Arrays, left_out: Collection[str]) -> None:
    """Give a thing and its parts what `saved_parts` found of another one of its kind."""
    load_columns(thing, {name: array for name, array in arrays.items() if "." not in name}, {}, left_out)
    for part, of in parts.items():
        of.load(part_of(arrays, part))


def part_of(arrays: Arrays, part: str) -> dict[str, NDArray[Any]]:
    """Those of the arrays that are of a part."""
    start = f"{part}."
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
