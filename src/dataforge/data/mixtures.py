"""Values of several kinds in one column, each kept as it is: as JSON that names the kinds which JSON lacks.

Arrow would make the first kind of all of them, such as days since 1970 of a number that stands among dates.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa

__all__ = ["are_mixed", "held_by_json", "of_one_kind", "told", "untold"]

# Of several that fit the first is meant: truth values are numbers to Python, and moments are dates.
KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("truth", (bool, np.bool_)),
    ("duration", (timedelta, np.timedelta64)),
    ("number", (int, float, np.integer, np.floating)),
    ("text", (str,)),
    ("bytes", (bytes, bytearray)),
    ("decimal", (Decimal,)),
    ("moment", (datetime, np.datetime64)),
    ("date", (date,)),
    ("time", (time,)),
)
TIMES = {"moment", "time", "duration"}
ABSENT = {"NoneType", "NAType", "NaTType"}


def _kind(one: type) -> str:
    return next((kind for kind, types in KINDS if issubclass(one, types)), one.__name__)


def of_one_kind(types: set[type]) -> bool:
    """Whether values of these types are surely of one kind, and none of them may be altered among the others."""
    kinds = {_kind(one) for one in types if one.__name__ not in ABSENT}
    return len(kinds) < 2 and not kinds & TIMES and np.uint64 not in types


def are_mixed(values: Sequence[Any]) -> bool:
    """Whether Arrow would alter some of these values, none of which is absent, to hold them with the others."""
    types = set(map(type, values))
    kinds = {_kind(one) for one in types}
    if len(kinds) > 1:
        return True
    if kinds == {"time"}:
        return any(value.tzinfo is not None for value in values)
    if kinds == {"moment"} and len({getattr(value, "tzinfo", None) is None for value in values}) > 1:
        return True
    # Of moments in a list Arrow keeps microseconds.
    fine = any(getattr(value, "nanosecond", 0) or getattr(value, "nanoseconds", 0) for value in values)
    return fine if kinds & TIMES else len(types) > 1 and np.uint64 in types


def held_by_json(value: Any) -> bool:
    """Whether JSON has a word for this value and for all in it."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return True
    if kind is float:
        return not math.isinf(value)
    if isinstance(value, dict):
        return all(map(held_by_json, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(held_by_json, value))
    return not isinstance(value, NAMED)


NAMED = (date, time, timedelta, Decimal, bytes, bytearray, UUID, np.datetime64, np.timedelta64)


def told(value: Any) -> Any:
    """The value for JSON: what that has no word for, and every object, as `{kind: …}`."""
    if isinstance(value, float) and math.isinf(value):
        return {"float": str(value)}
    if isinstance(value, dict):
        return {"dict": {key: told(one) for key, one in value.items()}}
    if isinstance(value, list | tuple | set | frozenset):
        return list(map(told, value))
    if isinstance(value, np.datetime64 | np.timedelta64):
        return told(pa.scalar(value).as_py())
    if isinstance(value, np.ndarray):
        return told(value.tolist())
    return _named(value) if isinstance(value, NAMED) else value


def _named(value: Any) -> dict[str, Any]:
    if type(value).__module__.split(".")[0] == "pandas":
        return {type(value).__name__: value.isoformat()}
    if isinstance(value, bytes | bytearray):
        return {"bytes": b64encode(value).decode()}
    if isinstance(value, Decimal | UUID):
        return {type(value).__name__: str(value)}
    if isinstance(value, timedelta):
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    kind = next(one for one in (datetime, date, time) if isinstance(value, one))
    return {kind.__name__: value.isoformat()}


def untold(cell: Any) -> Any:
    """The value of which `told` made this."""
    if isinstance(cell, list):
        return list(map(untold, cell))
    if not isinstance(cell, dict):
        return cell
    ((kind, held),) = cell.items()
    return {key: untold(one) for key, one in held.items()} if kind == "dict" else READERS[kind](held)


def _of_pandas(kind: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        import pandas as pd

        return getattr(pd, kind)(text)

    return read


READERS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "bytes": b64decode,
    "Decimal": Decimal,
    "UUID": UUID,
    "timedelta": lambda parts: timedelta(*parts),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "Timestamp": _of_pandas("Timestamp"),
    "Timedelta": _of_pandas("Timedelta"),
}
