"""Limits that whole numbers and numbers share."""

from __future__ import annotations

import re
from typing import Any

from dataforge.errors import SpecError

__all__ = [
    "LONGEST_NUMBER",
    "bounds_settings",
    "bounds_text",
    "check_bounds",
    "number_written",
    "whole_written",
    "within",
]

# The largest float in full has 309 digits before the point.
LONGEST_NUMBER = 400
# 0,5 and 1,25 have a fraction; 1,500 may be either a thousand and a half or one and a half, so it is neither.
DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d{1,2}|\d+,\d{4,}|0,\d+|\d{4,},\d+)")


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


def check_bounds(name: str, minimum: float | None, maximum: float | None) -> None:
    """Raise `SpecError` if the limits are no numbers or leave nothing between them."""
    for what, value in (("minimum", minimum), ("maximum", maximum)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value != value):
            raise SpecError(f"{name}: {what} must be a number, got {value!r}")
    if minimum is not None and maximum is not None and minimum >= maximum:
        raise SpecError(f"{name}: minimum {minimum!r} must be below maximum {maximum!r}")


def within(value: float, minimum: float | None, maximum: float | None) -> bool:
    """Whether a number lies within limits that may be open."""
    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)


def bounds_text(minimum: float | None, maximum: float | None) -> str:
    """The limits in words, with a leading space: ` from 0 to 5`; empty if there are none."""
    low = f" from {minimum}" if minimum is not None else ""
    return low + (f" {'to' if low else 'up to'} {maximum}" if maximum is not None else "")


def bounds_settings(minimum: float | None, maximum: float | None) -> dict[str, Any]:
    """The limits as settings; open ones are left out."""
    limits = {"minimum": minimum, "maximum": maximum}
    return {name: value for name, value in limits.items() if value is not None}
