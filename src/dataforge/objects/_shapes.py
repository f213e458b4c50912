"""What boxes, polygons, lines and points share: shapes with labels on an image input.

An answer is `{"width": W, "height": H, "shapes": [{"label": …, …}, …]}`. Coordinates are those of the decoded picture
as people see it, turned as its EXIF tag says, and the edges of its pixels are the grid: 0..W from the left, 0..H from
the top. No shape at all is an answer too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dataforge.errors import AnswerError, DataError
from dataforge.objects._drawn import Figure, Form, with_figures
from dataforge.objects._geometry import Points
from dataforge.objects._labelled import check_label
from dataforge.objects._on_picture import LONGEST_SIDE, OnPicture, side_of
from dataforge.objects.base import NO_INPUTS, shorten

__all__ = ["Shape", "Shapes", "pair", "pairs"]

MOST_POINTS = 10_000
# What a shape has as JSON beside its label, and a point.
ROOM, POINT_ROOM = 48, 56
# Two places that are nearer than this share of a picture's diagonal have something in common.
NEAR = 0.05
# Answers differ in what is seen, not in the last digits of a number: hundredths of a pixel.
DIGITS = 2
# So many shapes of a wrong answer are wrong, the largest first.
WRONG_SHARE = 1 / 3

Shape = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Shapes(OnPicture):
    """The base of the types: `form` is the key of a shape's coordinates, `noun` how a message calls one shape."""

    answering_seconds: ClassVar[float] = 30.0
    parts: ClassVar[str] = "shapes"
    drawn_as: ClassVar[Form] = "area"
    form: ClassVar[str]
    noun: ClassVar[str]

    def to_json(self, value: Any) -> dict[str, Any]:
        """The JSON form, or a list of shapes on a picture whose size is not told."""
        if isinstance(value, list | tuple):
            value = {"shapes": value}
        if not isinstance(value, Mapping) or "shapes" not in value or value.keys() - {"width", "height", "shapes"}:
            raise DataError(f'expected {{"width", "height", "shapes": [{self._example()}]}}, got {shorten(value)}')
        sized = "width" in value or "height" in value
        size = {side: side_of(value, side) for side in ("width", "height")} if sized else {}
        return {**size, "shapes": self._checked(value["shapes"], size)}

    def check_known(self, value: Any, inputs: Mapping[str, Any]) -> None:
        """Check the size, if one is told, or else that all is on the picture, if its size is known here."""
        super().check_known(value, inputs)
        if "width" in value or (seen := self._seen_size(inputs)) is None:
            return
        try:
            self._checked(value["shapes"], dict(zip(("width", "height"), seen, strict=True)))
        except DataError as error:
            raise AnswerError(str(error)) from None

    def longest_answer(self) -> int:
        """Room for as many points as an answer may have, each a shape of its own with the longest label."""
        longest = max((len(str(option.value)) for option in self._options), default=0)
        return MOST_POINTS * (ROOM + POINT_ROOM + longest)

    def canonical(self, value: Any) -> str:
        """The shapes in a fixed order, to a hundredth of a pixel."""
        shapes = ({**shape, self.form: self._canonical(shape[self.form])} for shape in value["shapes"])
        return msgspec.json.encode(sorted(shapes, key=_order), order="sorted").decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of two sets of shapes, 0..1: pairs of one label count by how alike they are; none and none is 1.

        Pairs are matched one to one, so that their sum is the highest there is.
        """
        count = len(one["shapes"]) + len(other["shapes"])
        if not count or self.canonical(one) == self.canonical(other):
            return 1.0
        first, second, unit = self._by_label(one), self._by_label(other), _diagonal(one, other)
        shared = sum(self._matched(first[label], second[label], unit) for label in first.keys() & second.keys())
        return float(2 * shared / count)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The shapes, a third of which, the largest ones, are left out, moved by half their size, or of another label.

        Where there is none, one is invented in the middle if the picture's size is known.
        """
        shapes = list(value["shapes"])
        if not shapes:
            return self._invented(value, rng)
        by_size = sorted(range(len(shapes)), key=lambda place: -self._extent(shapes[place]))
        for place in by_size[: math.ceil(WRONG_SHARE * len(shapes))]:
            ways = [None, self._moved(shapes[place], value), self._relabelled(shapes[place], rng)]
            shapes[place] = rng.choice([way for way in ways if way is None or way != shapes[place]])
        return {**value, "shapes": [shape for shape in shapes if shape is not None]}

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The shapes as somebody draws them, with what the skill lacks to 1 as the rate of errors.

        So often a shape is left out, and half as often one is invented where the picture's size is known; each is off,
        and larger or smaller, by half that share of its size.
        """
        rate = 1.0 - skill
        shapes = [self._unsteady(shape, rate / 2, rng, value) for shape in value["shapes"] if rng.random() >= rate]
        invented = sum(rng.random() < rate / 2 for _ in value["shapes"]) if "width" in value else 0
        places = [(rng.uniform(0, 0.8), rng.uniform(0, 0.8)) for _ in range(invented)]
        return {**value, "shapes": [*shapes, *(self._drawn(value, place, 0.2, rng) for place in places)]}

    def as_shown(self, value: Any) -> Any:
        """The shapes; of known answers the picture's size may not be told."""
        return {"shapes": value["shapes"]}

    def as_given(self, value: Any, inputs: Mapping[str, Any] = NO_INPUTS) -> Any:
        """The shapes with a size, where none is told that of a picture as large as they reach."""
        if "width" in value:
            return value
        corners = [point for shape in value["shapes"] for point in self._corners(shape)]
        sides = (max(1, math.ceil(max((point[axis] for point in corners), default=1))) for axis in (0, 1))
        return {**dict(zip(("width", "height"), sides, strict=True)), "shapes": value["shapes"]}

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The shapes over their picture."""
        figures = [Figure(self._corners(shape), self.drawn_as, shape.get("label")) for shape in value["shapes"]]
        reached = _diagonal(value)
        size = (value.get("width", reached), value.get("height", reached))
        return with_figures(self._address(inputs), size, figures, [str(option.value) for option in self._options])

    def _corners(self, shape: Shape) -> list[list[float]]:
        """The corners in the order in which lines join them."""
        return self._points(shape[self.form])

    def _points(self, written: Any) -> list[list[float]]:
        """The corners of a shape, as pairs of numbers; raises `DataError` without a place if they make none."""
        raise NotImplementedError

    def _written(self, points: list[list[float]]) -> Any:
        """The coordinates of a shape with these corners, as JSON."""
        return points

    def _canonical(self, written: Any) -> Any:
        """Coordinates that are equal for equal shapes."""
        return self._written([[round(float(x), DIGITS) for x in point] for point in self._points(written)])

    def _alike(self, one: Sequence[Points], other: Sequence[Points], unit: float) -> NDArray[np.float64]:
        """How alike each of `one` is to each of `other`, 0..1, on a picture whose diagonal is `unit`."""
        raise NotImplementedError

    def _example(self) -> str:
        """A shape as a message shows it."""
        raise NotImplementedError

    def _checked(self, written: Any, size: Mapping[str, int]) -> list[Shape]:
        if not isinstance(written, list | tuple):
            raise DataError(f"expected a list of shapes, {self._example()}, got {shorten(written)}")
        if len(written) > MOST_POINTS:
            raise DataError(f"expected at most {MOST_POINTS:,} points, got {len(written):,} shapes; draw fewer")
        shapes, count = [], 0
        for place, shape in enumerate(written, 1):
            try:
                checked, points = self._shape(shape, size)
            except DataError as error:
                raise DataError(f"{self.noun} {place}: {error}") from None
            shapes.append(checked)
            count += len(points)
            if count > MOST_POINTS:
                raise DataError(
                    f"expected at most {MOST_POINTS:,} points, got more with {self.noun} {place}; draw fewer"
                )
        return shapes

    def _shape(self, shape: Any, size: Mapping[str, int]) -> tuple[Shape, list[list[float]]]:
        if not isinstance(shape, Mapping) or self.form not in shape or shape.keys() - {"label", self.form}:
            raise DataError(f"expected {self._example()}, got {shorten(shape)}")
        points = self._points(shape[self.form])
        limits = (size.get("width", LONGEST_SIDE), size.get("height", LONGEST_SIDE))
        for x, y in points:
            if not (0 <= x <= limits[0] and 0 <= y <= limits[1]):
                raise DataError(
                    f"expected places on the picture, x 0..{limits[0]} and y 0..{limits[1]}, got [{x}, {y}]"
                )
        return {**check_label(shape, self._options), self.form: self._written(points)}, points

    def _by_label(self, value: Any) -> dict[Any, list[Points]]:
        found: dict[Any, list[Points]] = {}
        for shape in value["shapes"]:
            found.setdefault(shape.get("label"), []).append(np.array(self._points(shape[self.form]), float))
        return found

    def _matched(self, one: list[Points], other: list[Points], unit: float) -> float:
        """The highest sum of likenesses of shapes matched one to one."""
        alike = self._alike(one, other, unit)
        if alike.size == 1:
            return float(alike[0, 0])
        # Loaded where it is needed: a server that only takes answers in never does.
        from scipy.optimize import linear_sum_assignment

        return float(alike[linear_sum_assignment(alike, maximize=True)].sum())

    def _extent(self, shape: Shape) -> float:
        """The longer side of a shape."""
        return float(np.ptp(np.array(self._points(shape[self.form])), axis=0).max())

    def _moved(self, shape: Shape, value: Mapping[str, Any]) -> Shape:
        """The shape moved by half its size, and seen to be, to a side where the picture has room; else as it is."""
        points = np.array(self._points(shape[self.form]), float)
        low, high = points.min(axis=0), points.max(axis=0)
        visible = NEAR * _diagonal(value)
        for axis, side in ((0, "width"), (1, "height")):
            way = max((high - low)[axis] / 2, 2 * visible if self.form == "point" else visible)
            for step in (way, -way):
                if low[axis] + step >= 0 and high[axis] + step <= value.get(side, high[axis]):
                    points[:, axis] += step
                    return {**shape, self.form: self._written(points.tolist())}
        return shape

    def _relabelled(self, shape: Shape, rng: Random) -> Shape:
        others = [str(option.value) for option in self._options if option.value != shape["label"]]
        return {**shape, "label": rng.choice(others)} if others else shape

    def _unsteady(self, shape: Shape, error: float, rng: Random, value: Mapping[str, Any]) -> Shape:
        """The shape shifted and stretched by errors that are normal with this share of its size."""
        points = np.array(self._points(shape[self.form]), float)
        size = np.maximum(np.ptp(points, axis=0), NEAR * _diagonal(value) if self.form == "point" else 0.0)
        shift, stretch = (np.array([rng.gauss(0, error), rng.gauss(0, error)]) for _ in range(2))
        centre = points.mean(axis=0)
        far = (value.get("width", LONGEST_SIDE), value.get("height", LONGEST_SIDE))
        drawn = (centre + (points - centre) * (1 + stretch) + shift * size).clip(0, far)
        unsteady = {**shape, self.form: self._written(drawn.round(DIGITS).tolist())}
        try:
            return self._shape(unsteady, {})[0]
        except DataError:  # the edge of the picture left nothing of it
            return shape

    def _invented(self, value: Mapping[str, Any], rng: Random) -> Any:
        """A shape in the middle of the picture where there is none, if the picture's size is known."""
        return {**value, "shapes": [self._drawn(value, (0.3, 0.3), 0.4, rng)]} if "width" in value else None

    def _drawn(self, value: Mapping[str, Any], start: tuple[float, float], share: float, rng: Random) -> Shape:
        """A shape that begins at a place and takes a share of each side, both as shares of the picture."""
        label = {"label": str(rng.choice(self._options).value)} if self._options else {}
        (x, y), sides = start, (value["width"], value["height"])
        corners = [[(x + share * right) * sides[0], (y + share * down) * sides[1]] for right, down in self._outline()]
        return {**label, self.form: self._written(corners)}

    def _outline(self) -> Sequence[tuple[float, float]]:
        """The corners of an invented shape, as shares of the room it takes."""
        return ((0, 0), (1, 1))


def pair(written: Any) -> list[float]:
    """A place `[x, y]`; raises `DataError`."""
    if not isinstance(written, list | tuple) or len(written) != 2:
        raise DataError(f"expected a place [x, y], got {shorten(written)}")
    return [_finite(one) for one in written]


def pairs(written: Any, least: int) -> list[list[float]]:
    """At least so many places `[[x, y], …]`; raises `DataError`."""
    if not isinstance(written, list | tuple) or len(written) < least:
        raise DataError(f"expected at least {least} places [[x, y], …], got {shorten(written)}")
    return [pair(one) for one in written]


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LONGEST_SIDE:
        raise DataError(f"expected a number of pixels, got {shorten(value)}")
    return value


def _diagonal(*values: Mapping[str, Any]) -> float:
    """The diagonal of the picture; where no value tells its size, as far as the shapes reach."""
    for value in values:
        if "width" in value:
            return math.hypot(value["width"], value["height"])
    reached = [abs(number) for value in values for shape in value["shapes"] for number in _numbers(shape)]
    return math.sqrt(2) * max(reached, default=1.0) or 1.0


def _numbers(written: Any) -> Iterator[float]:
    if isinstance(written, int | float):
        yield written
    elif not isinstance(written, str):
        for part in written.values() if isinstance(written, Mapping) else written:
            yield from _numbers(part)


def _order(shape: Shape) -> tuple[str, bytes]:
    return shape.get("label", ""), msgspec.json.encode(shape, order="sorted")
