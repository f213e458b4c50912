"""Where the rows of data are: the one way in which messages say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Joined", "Kept", "Numbered", "Rows", "counted", "where_in"]


def counted(index: int) -> str:
    """A row by its number, from 1."""
    return f"row {index + 1}"


def where_in(place: Callable[[int], str], index: int, name: str) -> str:
    """Where a row of data of that name is; of several data together each says what it is called itself."""
    told = getattr(place, "where", None)
    return f"{name}, {place(index)}" if told is None else str(told(index, name))


@dataclass(frozen=True)
class Kept:
    """Rows that were kept of others: each is called as it was there."""

    place: Callable[[int], str]
    kept: Sequence[int] | NDArray[np.int64]

    def __call__(self, index: int) -> str:
        """How a row is called, by its place from 0."""
        return self.place(int(self.kept[index]))

    def where(self, index: int, name: str) -> str:
        """Where a row is, as `where_in`."""
        return where_in(self.place, int(self.kept[index]), name)


@dataclass(frozen=True)
class Joined:
    """Rows of two data, the others behind the first ones: each is called as it was there, and which data they are."""

    first: int
    places: tuple[Callable[[int], str], Callable[[int], str]]
    names: tuple[str, str]

    def __call__(self, index: int) -> str:
        """How a row is called, by its place from 0."""
        part, row = self._part(index)
        return f"{self.places[part](row)} of {self.names[part]}"

    def where(self, index: int, name: str) -> str:
        """Where a row is, as `where_in`."""
        part, row = self._part(index)
        return where_in(self.places[part], row, self.names[part])

    def _part(self, index: int) -> tuple[int, int]:
        return (0, index) if index < self.first else (1, index - self.first)


@dataclass(frozen=True)
class Numbered:
    """Rows by the numbers that their file gives them: `line 7`."""

    word: Literal["line", "row"]
    numbers: Sequence[int]

    def __call__(self, index: int) -> str:
        """How a row is called, by its place from 0."""
        return f"{self.word} {self.numbers[index]}"


@dataclass(frozen=True)
class Rows:
    """What data are called, and how each of their rows is: `data.csv`, `line 3`."""

    name: str
    number: Callable[[int], str] = counted

    def place(self, index: int, column: str) -> str:
        """Where a cell is: `data.csv, line 3, column 'text'`."""
        return f"{self.name}, {self.number(index)}, column {column!r}"
