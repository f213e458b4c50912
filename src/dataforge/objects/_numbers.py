"""What numbers and whole numbers share: limits, a step, a unit, and how they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, ClassVar, Self

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import ObjectType, is_number, plain, setting, shorten
from dataforge.records import Texts
from dataforge.texts import texts

__all__ = ["LONGEST_NUMBER", "Numeric", "number_written", "whole_written"]

# The largest float in full has 309 digits before the point.
LONGEST_NUMBER = 400
# 0,5 and 1,25 have a fraction; 1,500 may be either a thousand and a half or one and a half, so it is neither.
DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d{1,2}|\d+,\d{4,}|0,\d+|\d{4,},\d+)")
# 0.1 + 0.2 is a multiple of 0.1 to people.
OFF_STEP = 1e-6


@dataclass(frozen=True, eq=False)
class Numeric(ObjectType):
    """The base of number types: `called` is how a message calls a value."""

    answering_seconds: ClassVar[float] = 5.0
    quality: ClassVar[str] = "merge"
    control_similarity: ClassVar[float | None] = 0.95
    called: ClassVar[str]

    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str | Mapping[str, str] | None = None
    _unit: Texts | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for what in ("low", "high", "step"):
            value = plain(getattr(self, what))
            object.__setattr__(self, what, value)
            if value is not None and not self._is_one(value):
                raise SpecError(f"{self.name}: {what} must be {self.called}, got {value!r}")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise SpecError(f"{self.name}: low {self.low!r} must be below high {self.high!r}")
        if self.step is not None and self.step <= 0:
            raise SpecError(f"{self.name}: step must be above 0, got {self.step!r}")
        unit = texts(self.unit, f"{self.name}: unit") if self.unit is not None else None
        object.__setattr__(self, "_unit", unit)
        if (
            self.low is not None
            and self.high is not None
            and self.step is not None
            and self.step > self.high - self.low
        ):
            raise SpecError(f"{self.name}: step {self.step!r} leaves one number from {self.low!r} to {self.high!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `low`, `high`, `step` and `unit` where given."""
        named = {"low": self.low, "high": self.high, "step": self.step, "unit": self._unit}
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        limits = {name: setting(settings, name, (int, float), None) for name in ("low", "high", "step")}
        return cls(**limits, unit=setting(settings, "unit", (str, Mapping), None))

    def to_json(self, value: Any) -> Any:
        """The number; infinity and not-a-number are refused."""
        found = self._read(plain(value))
        if found is None:
            raise DataError(f"expected {self.called}{self._limits()}, got {shorten(value)}")
        return found

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """The number; infinity and not-a-number are refused."""
        found = self._read(value)
        if found is None:
            raise AnswerError(f"expected {self.called}{self._limits()}, got {shorten(value)}")
        return found

    def longest_answer(self) -> int:
        """As many characters as a number needs."""
        return LONGEST_NUMBER

    def canonical(self, value: Any) -> str:
        """The number, of which 3 and 3.0 are the same, and 0 and -0."""
        return repr(int(value) if float(value).is_integer() else float(value))

    def similarity(self, one: Any, other: Any) -> float:
        """1 for the same number, falling with their distance to 0 at the whole range, or else at the larger of them."""
        if one == other:
            return 1.0
        # Halves, because the distance of the two largest floats is infinite.
        apart = abs(one / 2 - other / 2) / (self._range(one, other) / 2)
        return max(0.0, 1.0 - float(apart))

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """A number that is off by a quarter to a half of the range, or else of the number, with as many digits."""
        shift = rng.uniform(0.25, 0.5) * max(self._range(value, value), 4 * (self.step or 1))
        sides = [value - shift, value + shift]
        rng.shuffle(sides)
        for side in (*sides, self.low, self.high):
            wrong = None if side is None else self._read(self._nearest(side, _places(value)))
            if wrong is not None and wrong != value:
                return wrong
        return None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The number with noise, whose deviation is what the skill lacks to 1, of the range or else of the number."""
        noisy = rng.gauss(value, (1.0 - skill) * self._range(value, value))
        for limit in (self.low, self.high):
            if limit is not None:
                noisy = max(noisy, limit) if limit is self.low else min(noisy, limit)
        found = self._read(self._nearest(noisy, _places(value)))
        return value if found is None else found

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Any number of the range, or a small one where it is open."""
        low = self.low if self.low is not None else min(0, self.high if self.high is not None else 0)
        high = self.high if self.high is not None else low + 10 * (self.step or 1)
        return self._read(self._nearest(rng.uniform(low, high), 0))

    def _range(self, one: float, other: float) -> float:
        if self.low is not None and self.high is not None:
            return self.high - self.low
        return max(abs(one), abs(other))

    def _nearest(self, value: float, places: int) -> float:
        """The number of the step that is nearest; without a step one with so many digits after the point."""
        if self.step is None:
            return round(value, places)
        start = self.low or 0
        return float(Decimal(repr(start)) + round((value - start) / self.step) * Decimal(repr(self.step)))

    def _is_one(self, value: Any) -> bool:
        return is_number(value)

    def _read(self, value: Any) -> Any:
        """The clean number, or None if it is none of these."""
        raise NotImplementedError

    def _within(self, number: float) -> bool:
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            return False
        if self.step is None:
            return True
        steps = (number - (self.low or 0)) / self.step
        return abs(steps - round(steps)) <= max(OFF_STEP, 4 * math.ulp(steps))

    def _limits(self) -> str:
        """The limits in words, with a leading space: ` from 0 to 5 in steps of 0.5`; empty if there are none."""
        low = f" from {self.low}" if self.low is not None else ""
        limits = low + (f" {'to' if low else 'up to'} {self.high}" if self.high is not None else "")
        return limits + (f" in steps of {self.step}" if self.step is not None else "")


def _places(value: float) -> int:
    """How many digits a number has after the point."""
    return max(0, -int(Decimal(repr(value)).normalize().as_tuple().exponent))


def number_written(text: str) -> float | str:
    """The number that a text spells, with a point or a comma before its fraction; else the text."""
    text = text.strip()
    try:
        return float(text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else text)
    except ValueError:
        return text


def whole_written(text: str) -> int | float | str:
    """The number that a text spells, a whole one with all its digits; else the text."""
    try:
        return int(text)
    except ValueError:
        return number_written(text)
