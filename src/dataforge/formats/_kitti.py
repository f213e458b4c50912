"""Lines of KITTI's labels: what a detection and one of a film have in common.

A line has the type, how far it is truncated and occluded, alpha, the box `left top right bottom` from 0, height, width
and length, the middle of the bottom in the frame of the camera (x right, y down, z ahead) and the turn about its y,
all parted by spaces. https://www.cvlibs.net/datasets/kitti/eval_object.php
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataforge.errors import DataError
from dataforge.formats._files import number, text_of
from dataforge.formats._labels import LabelNames
from dataforge.formats._pictures import UNNAMED
from dataforge.formats.base import Labels

__all__ = ["FLAT", "OCCLUDED", "TRUNCATED", "Line", "lines_of", "meaning", "tokens_of", "told", "written"]

FIELDS = 14
NOWHERE = "DontCare"
"""A region of which nothing is said."""
TRUNCATED, OCCLUDED = -1, 3
"""That nobody says how far a thing is cut off or covered."""
FLAT = (-1, -1, -1, -1000, -1000, -1000, -10)
"""What stands for a cuboid where there is only a box."""


@dataclass(frozen=True)
class Line:
    """A thing of a file: `box` on the picture, and `solid`: height, width, length, x, y, z, turn."""

    place: int
    before: Sequence[float]
    name: str
    truncated: float
    occluded: float
    box: list[float]
    solid: list[float]


def lines_of(file: Path, *before: str) -> Iterator[Line]:
    """The lines of a file, without what is said of nothing; before the type stand numbers of these names."""
    for place, text in enumerate(text_of(file).splitlines(), 1):
        parts = text.split()
        if not parts:
            continue
        try:
            if len(parts) < len(before) + 1 + FIELDS:
                expected = " ".join([*before, "type truncated occluded alpha left top right bottom h w l x y z ry"])
                raise DataError(f"expected {expected}, got {text[:80]!r}")
            first = [number(part, name) for part, name in zip(parts, before, strict=False)]
            name, *rest = parts[len(before) : len(before) + 1 + FIELDS]
            told = [number(part, "a number") for part in rest]
        except DataError as error:
            raise DataError(f"{file}, line {place}: {error}") from None
        yield Line(place, first, name, told[0], told[1], told[3:7], told[7:])


def written(*parts: float | str) -> str:
    """A line of these numbers and words."""
    return " ".join(part if isinstance(part, str) else f"{part:.10g}" for part in parts) + "\n"


def tokens_of(labels: Labels) -> dict[str, str]:
    """Labels of a task as words without spaces; raises `DataError` where two are one so."""
    found = {value: _token_of(value) for value in labels.values()} or {UNNAMED: UNNAMED}
    if len(set(found.values())) < len(found):
        raise DataError("two labels are the same without their spaces, which KITTI's files cannot have; rename one")
    return found


def meaning(names: LabelNames, line: Line) -> dict[str, str] | None:
    """`{"label": …}` of a thing, or None where it is left out; or `DataError`. Spaces of labels are `_` in files."""
    if line.name == NOWHERE and not names.knows(NOWHERE):
        return None
    return names(next((label for label in names.same if _token_of(label) == line.name), line.name))


def told(file: Path, line: Line, error: DataError) -> DataError:
    """The error with the place in its file."""
    return DataError(f"{file}, line {line.place}: {error}")


def _token_of(label: str) -> str:
    """A label as a word."""
    return "_".join(label.split())
