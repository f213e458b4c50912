"""Rating: a whole number on a short scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, get_args

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._numbers import whole_written
from dataforge.objects._options import meant
from dataforge.objects.base import ObjectType, plain, setting, shorten
from dataforge.records import Texts
from dataforge.texts import texts

__all__ = ["Rating"]

MOST_POINTS = 101

Middle = Literal["median", "mean"]
"""Which point is the answer where several are probable: the one in the middle, or the one next to their mean."""


@named_entry
@dataclass(frozen=True, eq=False)
class Rating(ObjectType):
    """A whole number from `low` to `high`; `points` says what some of them mean.

    Points are ordered: one that is a quarter of the scale from the known one, as 4 for 5 of 1 to 5, passes for right
    (`Policy.control_similarity` says otherwise). Of points that are probable the one in the middle is the answer, or,
    by `answer_by="mean"`, the one next to their mean.
    Where other workers judge an answer by it, one that gets `right` points or more is right.

    `-> Rating(1, 5)`, or for type checkers `-> Annotated[int, Rating(1, 5, points={1: "bad", 5: "excellent"})]`.
    """

    name: ClassVar[str] = "rating"
    ordered: ClassVar[bool] = True
    control_similarity: ClassVar[float | None] = 0.75

    low: int
    high: int
    points: Mapping[int, str | Mapping[str, str]] | None = None
    right: int | None = None
    answer_by: Middle = "median"
    _points: Mapping[int, Texts] = field(init=False, repr=False)
    _labels: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("low", "high", "right"):
            object.__setattr__(self, name, plain(getattr(self, name)))
        for value in (self.low, self.high):
            if isinstance(value, bool) or not isinstance(value, int):
                raise SpecError(f"rating: its ends must be whole numbers, got {value!r}")
        if self.low >= self.high:
            raise SpecError(f"rating: low {self.low} must be below high {self.high}")
        if self.high - self.low >= MOST_POINTS:
            raise SpecError(
                f"rating: {self.low} to {self.high} are {self.high - self.low + 1} points, at most {MOST_POINTS}"
            )
        object.__setattr__(self, "_labels", tuple(range(self.low, self.high + 1)))
        if self.right is not None and (isinstance(self.right, bool) or self.right not in self._labels[1:]):
            raise SpecError(
                f"rating: right must be a whole number from {self.low + 1} to {self.high}, from which on an answer is "
                f"right, got {self.right!r}"
            )
        if self.answer_by not in get_args(Middle):
            raise SpecError(f'rating: answer_by must be "median" or "mean", got {self.answer_by!r}')
        if not isinstance(self.points, Mapping | None):
            raise SpecError(f"rating: points must be {{point: meaning}}, got {shorten(self.points)}")
        meanings = {point: self._meaning(point) for point in self.points or {}}
        object.__setattr__(self, "_points", dict(sorted(meanings.items())))

    def _meaning(self, point: Any) -> Texts:
        if isinstance(point, bool) or point not in self._labels:
            raise SpecError(f"rating: a meaning is given for {point!r}, which is not on the scale {self._scale()}")
        return texts((self.points or {})[point], f"rating: the meaning of {point}")

    def _scale(self) -> str:
        return f"from {self.low} to {self.high}"

    def settings(self) -> dict[str, Any]:
        """JSON settings: `low`, `high`, `points` as `[{"value", "label"}]`, and what else differs from the usual."""
        points = [{"value": point, "label": label} for point, label in self._points.items()]
        right = {} if self.right is None else {"right": self.right}
        middle = {} if self.answer_by == "median" else {"answer_by": self.answer_by}
        return {"low": self.low, "high": self.high} | ({"points": points} if points else {}) | right | middle

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        points = {}
        for point in setting(settings, "points", Sequence, ()):
            if not isinstance(point, Mapping):
                raise SpecError(f"rating: expected a point with a value and a label, got {shorten(point)}")
            points[setting(point, "value", int)] = setting(point, "label", Mapping)
        right, middle = setting(settings, "right", int, None), setting(settings, "answer_by", str, "median")
        return cls(setting(settings, "low", int), setting(settings, "high", int), points or None, right, middle)

    def to_json(self, value: Any) -> int:
        """The point; 3.0 counts as 3."""
        point = plain(value)
        if isinstance(point, float) and point.is_integer():
            point = int(point)
        if isinstance(point, bool) or not isinstance(point, int) or not self.low <= point <= self.high:
            raise DataError(
                f"expected a whole number {self._scale()}, got {shorten(value)}{meant(value, self._points.items())}"
            )
        return point

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return whole_written(text)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> int:
        """The point."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise AnswerError(f"expected a whole number {self._scale()}, got {shorten(value)}")
        return value

    def labels(self) -> tuple[int, ...]:
        """The points from low to high."""
        return self._labels

    def rights(self) -> tuple[int, ...] | None:
        """The points from `right` on."""
        return None if self.right is None else tuple(range(self.right, self.high + 1))

    def similarity(self, one: Any, other: Any) -> float:
        """1 for the same point, falling evenly to 0 for opposite ends."""
        return 1.0 - abs(int(one) - int(other)) / (self.high - self.low)


PLUGIN = Rating
