"""Integer: a whole number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.objects._numbers import Numeric, whole_written
from dataforge.objects.number import Number

__all__ = ["Integer"]

EXACT = 2**53
"""Whole numbers beyond this lose digits in a browser."""


@dataclass(frozen=True, eq=False)
class Integer(Numeric):
    """A whole number, within limits if they are given; annotations write it `int`."""

    name: ClassVar[str] = "integer"
    called: ClassVar[str] = "a whole number"

    @classmethod
    def like(cls, number: Number) -> Self:
        """The whole numbers among these; raises `SpecError` if a limit or the step is none."""
        low, high, step = map(_whole, (number.low, number.high, number.step))
        return cls(low, high, step, number.unit)

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return whole_written(text)

    def _is_one(self, value: Any) -> bool:
        return super()._is_one(value) and value == int(value)

    def _nearest(self, value: float, places: int) -> float:
        return round(super()._nearest(value, 0))

    def _read(self, value: Any) -> int | None:
        """The number; 3.0 counts as 3."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > EXACT:
            return None
        return value if self._within(value) else None


def _whole(value: float | None) -> float | None:
    """5 for 5.0."""
    return int(value) if value is not None and float(value).is_integer() else value


PLUGIN = Integer
