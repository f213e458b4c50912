"""Mistakes that are told together: whoever mends a table wants to know them all, not one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from dataforge.errors import DataError, SpecError

__all__ = ["Mistakes"]

MOST_TOLD = 10


class Mistakes:
    """What is wrong with tables and settings that are looked at together; false while nothing is.

    Used with `with`: its end raises the error if there was one mistake, and one error that tells of all if there were
    more, ten at most.
    """

    def __init__(self) -> None:
        self._first: DataError | SpecError | None = None
        self._told: list[str] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def note(self, error: DataError | SpecError) -> None:
        """Take one mistake, or all that an error tells of."""
        self._first = self._first or error
        self._told = [*self._told, *(error.mistakes or [str(error)])][:MOST_TOLD]
        self._count += error.mistake_count

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note an error and go on."""
        try:
            yield
        except (DataError, SpecError) as error:
            self.note(error)

    def __enter__(self) -> Mistakes:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None and self._first is not None:
            self._refuse(self._first)

    def _refuse(self, first: DataError | SpecError) -> NoReturn:
        if self._count == 1:
            raise first
        rest = self._count - len(self._told)
        lines = [f"{self._count:,} mistakes", *self._told, *([f"and {rest:,} more"] if rest else [])]
        kind = SpecError if isinstance(first, SpecError) else DataError
        error = kind("\n- ".join(lines))
        error.mistakes, error.mistake_count = tuple(self._told), self._count
        raise error
