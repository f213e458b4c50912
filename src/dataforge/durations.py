"""Durations as people write them."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import Decimal
from numbers import Real

from dataforge.errors import SpecError

__all__ = ["seconds", "written"]

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
SPELT = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
SPOKEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(sec|second|minute|hr|hour|day)s?\s*", re.IGNORECASE)
WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)\s*")


def seconds(value: str | float | timedelta, what: str = "duration") -> float:
    """Seconds of `"10s"`, `"5m"`, `"1h 30m"`, a number of seconds or a timedelta; `what` names it in errors.

    Raises `SpecError` if it is none of these or is below zero.
    """
    found = _seconds(value)
    if found is None or not math.isfinite(found) or found < 0:
        spoken = SPOKEN.fullmatch(value) if isinstance(value, str) else None
        advice = f"; write '{spoken[1]}{spoken[2][0].lower()}'" if spoken else ""
        raise SpecError(
            f"{what}: expected a duration such as '10s', '5m', '2h', '1d' or a number, got {value!r}{advice}"
        )
    return found


def written(duration: float) -> str:
    """A number of seconds as people write it, and `seconds` reads it: `"1h 30m"`."""
    if not duration or duration % 1:
        return f"{duration:g}s"
    left, parts = int(duration), []
    for unit, size in SPELT:
        count, left = divmod(left, size)
        parts += [f"{count}{unit}"] if count else []
    return " ".join(parts)


def _seconds(value: object) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bool):
        return None
    if isinstance(value, Real | Decimal):
        return float(value)
    if not isinstance(value, str) or not value.strip():
        return None
    if WRITTEN.sub("", value):
        return None
    return sum(float(number) * UNITS[unit] for number, unit in WRITTEN.findall(value))
