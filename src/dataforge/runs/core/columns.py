"""Columns that grow: numpy arrays with room at the end; and how a thing that is made of columns is stored."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PLAIN",
    "Arrays",
    "Column",
    "Flags",
    "Places",
    "among",
    "any_of",
    "distinct",
    "load_columns",
    "places_in",
    "saved_columns",
]

Scalar = TypeVar("Scalar", bound=np.generic)
Integer = TypeVar("Integer", bound=np.integer)

Places = NDArray[np.int64]
"""Numbers of items, or of responses."""
Flags = NDArray[np.bool_]
Arrays = Mapping[str, NDArray[Any]]

# Beside its columns a thing has plain values, stored as JSON under this name.
PLAIN = "plain"


class Column(Generic[Scalar]):
    """An array that rows are appended to, each of `shape`; `values` is the filled part, and may be written to."""

    __slots__ = ("_array", "_fill", "_length")

    def __init__(self, dtype: type[Scalar], fill: Any = 0, shape: tuple[int, ...] = ()) -> None:
        self._fill = fill
        self._length = 0
        self._array: NDArray[Scalar] = np.full((64, *shape), fill, dtype)

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> NDArray[Scalar]:
        """The rows so far; a view that is good until the column grows."""
        return self._array[: self._length]

    def extend(self, rows: Any) -> None:
        """Append rows."""
        end = self._length + len(rows)
        self._reserve(end)
        self._array[self._length : end] = rows
        self._length = end

    def grow(self, length: int) -> None:
        """Append fill values up to a length."""
        self._reserve(length)
        self._length = max(self._length, length)

    def replace(self, rows: Any) -> None:
        """Have these rows and no others."""
        self._length = 0
        self.extend(rows)

    def _reserve(self, length: int) -> None:
        if length > len(self._array):
            room = max(length, 2 * len(self._array)) if self._length else length
            grown = np.full((room, *self._array.shape[1:]), self._fill, self._array.dtype)
            grown[: self._length] = self._array[: self._length]
            self._array = grown


def among(numbers: NDArray[np.integer], few: Collection[int]) -> Flags:
    """Which of the numbers are among a few, of which nearly always there are none."""
    if not few:
        return np.zeros(len(numbers), bool)
    found: Flags = np.isin(numbers, list(few))
    return found


def distinct(numbers: NDArray[Integer]) -> NDArray[Integer]:
    """Each number that occurs once, ascending; of some hundreds at a tenth of what numpy's `unique` takes."""
    found = np.sort(numbers)
    first = np.empty(len(found), bool)
    first[:1] = True
    np.not_equal(found[1:], found[:-1], out=first[1:])
    return found[first]


def any_of(flags: Iterable[Flags]) -> Flags:
    """What holds in any of these, at least one."""
    found: Flags = np.any(list(flags), axis=0)
    return found


def places_in(listed: NDArray[np.integer], numbers: NDArray[np.integer], count: int) -> NDArray[np.int32]:
    """Where these numbers, all less than `count`, stand in a list that has each of them once."""
    # Only the places that are named are ever touched.
    place = np.empty(count, np.int32)
    place[listed] = np.arange(len(listed), dtype=np.int32)
    found: NDArray[np.int32] = place[numbers]
    return found


def saved_columns(thing: object, plain: Mapping[str, Any], left_out: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """All that a thing's attributes hold, as arrays: columns as they are, what has its type in `plain` as JSON.

    Raises `TypeError` for an attribute that is neither, nor left out, so that no new one is forgotten.
    """
    found: dict[str, NDArray[Any]] = {}
    values: dict[str, Any] = {}
    for name, value in vars(thing).items():
        if name in left_out:
            continue
        if isinstance(value, Column):
            found[name] = value.values
        elif isinstance(value, array | np.ndarray):
            found[name] = np.array(value)
        elif name in plain or isinstance(value, bool | int | float | str | None):
            values[name] = value
        else:
            raise TypeError(f"{type(thing).__name__}.{name}: how is a {type(value).__name__} stored?")
    return found | {PLAIN: np.frombuffer(msgspec.json.encode(values), np.uint8)}


def load_columns(thing: object, arrays: Arrays, plain: Mapping[str, Any], left_out: Collection[str] = ()) -> None:
    """Give a thing what `saved_columns` found of another one of its kind.

    Raises `KeyError` if that is not all that such a thing knows today, or more.
    """
    own, values = saved_columns(thing, plain, left_out), _plain_values(arrays)
    if odd := (own.keys() ^ arrays.keys()) | (_plain_values(own).keys() ^ values.keys()):
        raise KeyError(*sorted(odd))
    for name, value in values.items():
        setattr(thing, name, msgspec.json.decode(value, type=plain.get(name, Any)))
    for name, stored in arrays.items():
        if name == PLAIN:
            continue
        there = getattr(thing, name)
        if isinstance(there, Column):
            there.replace(stored)
        elif isinstance(there, array):
            setattr(thing, name, array(there.typecode, stored.tobytes()))
        else:
            setattr(thing, name, stored)


def _plain_values(arrays: Arrays) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(arrays[PLAIN].tobytes(), type=dict[str, msgspec.Raw])
