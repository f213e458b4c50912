"""Where the rows of data are: the one way in which messages say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Numbered", "Rows", "counted"]


def counted(index: int) -> str:
    """A row by its number, from 1."""
    return f"row {index + 1}"


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
