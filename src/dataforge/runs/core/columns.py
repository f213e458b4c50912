"""Columns that grow: numpy arrays with room at the end."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Flags", "Places"]

Scalar = TypeVar("Scalar", bound=np.generic)

Places = NDArray[np.int64]
"""Numbers of items, or of responses."""
Flags = NDArray[np.bool_]


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

    def _reserve(self, length: int) -> None:
        if length > len(self._array):
            room = max(length, 2 * len(self._array)) if self._length else length
            grown = np.full((room, *self._array.shape[1:]), self._fill, self._array.dtype)
            grown[: self._length] = self._array[: self._length]
            self._array = grown
