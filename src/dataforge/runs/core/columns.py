"""Columns that grow: numpy arrays with room at the end."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column"]

Scalar = TypeVar("Scalar", bound=np.generic)


class Column(Generic[Scalar]):
    """A one-dimensional array that rows are appended to; `values` is the filled part, and may be written to."""

    __slots__ = ("_array", "_fill", "_length")

    def __init__(self, dtype: type[Scalar], fill: Any = 0, length: int = 0) -> None:
        self._fill = fill
        self._length = length
        self._array: NDArray[Scalar] = np.full(max(length, 64), fill, dtype)

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> NDArray[Scalar]:
        """The rows so far; a view that is good until the next `extend`."""
        return self._array[: self._length]

    def extend(self, rows: Any) -> None:
        """Append rows."""
        end = self._length + len(rows)
        self._reserve(end)
        self._array[self._length : end] = rows
        self._length = end

    def append(self, value: Any) -> None:
        """Append one row."""
        self._reserve(self._length + 1)
        self._array[self._length] = value
        self._length += 1

    def grow(self, length: int) -> None:
        """Append fill values up to a length."""
        self._reserve(length)
        self._length = max(self._length, length)

    def _reserve(self, length: int) -> None:
        if length > len(self._array):
            grown = np.full(max(length, 2 * len(self._array)), self._fill, self._array.dtype)
            grown[: self._length] = self._array[: self._length]
            self._array = grown
