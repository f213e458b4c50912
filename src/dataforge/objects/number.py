"""Number: a number with or without a fraction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from dataforge.arguments import named_entry
from dataforge.objects._numbers import Numeric, number_written

__all__ = ["Number"]


@named_entry
@dataclass(frozen=True, eq=False)
class Number(Numeric):
    """A number; `float` means one without limits, and `Annotated[int, Number(0, 120, unit="years")]` a whole one.

    `low` and `high` are its limits, `step` the distance of the numbers that may be answered, counted from `low` or 0,
    `unit` what stands behind it: a text, or `{language: text}`.
    """

    name: ClassVar[str] = "number"
    called: ClassVar[str] = "a number"

    def from_text(self, text: str) -> Any:
        """The number that the text spells."""
        return number_written(text)

    def _read(self, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) and self._within(number) else None


PLUGIN = Number
