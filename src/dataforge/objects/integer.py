"""Integer: a whole number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.errors import AnswerError, DataError
from dataforge.objects._numbers import (
    LONGEST_NUMBER,
    bounds_settings,
    bounds_text,
    check_bounds,
    whole_written,
    within,
)
from dataforge.objects.base import ObjectType, plain, setting, shorten

__all__ = ["Integer"]

EXACT = 2**53
"""Whole numbers beyond this lose digits in a browser."""


@dataclass(frozen=True, eq=False)
class Integer(ObjectType):
    """A whole number, within limits if they are given; annotations without limits write it `int`."""

    name: ClassVar[str] = "integer"
    answering_seconds: ClassVar[float] = 5.0
    quality: ClassVar[str] = "merge"

    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        check_bounds("integer", self.minimum, self.maximum)

    def settings(self) -> dict[str, Any]:
        """JSON settings: `minimum` and `maximum` where given."""
        return bounds_settings(self.minimum, self.maximum)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(setting(settings, "minimum", int, None), setting(settings, "maximum", int, None))

    def to_json(self, value: Any) -> int:
        """The number; 3.0 counts as 3."""
        found = self._number(plain(value))
        if found is None:
            raise DataError(f"expected a whole number{bounds_text(self.minimum, self.maximum)}, got {shorten(value)}")
        return found

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return whole_written(text)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> int:
        """The number; 3.0 counts as 3."""
        found = self._number(value)
        if found is None:
            raise AnswerError(f"expected a whole number{bounds_text(self.minimum, self.maximum)}, got {shorten(value)}")
        return found

    def longest_answer(self) -> int:
        """As many characters as a number needs."""
        return LONGEST_NUMBER

    def _number(self, value: Any) -> int | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > EXACT:
            return None
        return value if within(value, self.minimum, self.maximum) else None


PLUGIN = Integer
