"""Number: a number with or without a fraction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.errors import AnswerError, DataError
from dataforge.objects._numbers import (
    LONGEST_NUMBER,
    bounds_settings,
    bounds_text,
    check_bounds,
    number_written,
    within,
)
from dataforge.objects.base import ObjectType, plain, setting, shorten

__all__ = ["Number"]


@dataclass(frozen=True, eq=False)
class Number(ObjectType):
    """A number, within limits if they are given; annotations without limits write it `float`."""

    name: ClassVar[str] = "number"
    answering_seconds: ClassVar[float] = 5.0
    quality: ClassVar[str] = "merge"

    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        check_bounds("number", self.minimum, self.maximum)

    def settings(self) -> dict[str, Any]:
        """JSON settings: `minimum` and `maximum` where given."""
        return bounds_settings(self.minimum, self.maximum)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(setting(settings, "minimum", (int, float), None), setting(settings, "maximum", (int, float), None))

    def to_json(self, value: Any) -> float:
        """The number; infinity and not-a-number are refused."""
        found = self._number(plain(value))
        if found is None:
            raise DataError(f"expected a number{bounds_text(self.minimum, self.maximum)}, got {shorten(value)}")
        return found

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return number_written(text)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> float:
        """The number; infinity and not-a-number are refused."""
        found = self._number(value)
        if found is None:
            raise AnswerError(f"expected a number{bounds_text(self.minimum, self.maximum)}, got {shorten(value)}")
        return found

    def longest_answer(self) -> int:
        """As many characters as a number needs."""
        return LONGEST_NUMBER

    def _number(self, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) and within(number, self.minimum, self.maximum) else None


PLUGIN = Number
