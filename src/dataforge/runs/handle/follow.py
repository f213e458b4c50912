"""A run's final answers in the order in which they became final, read from its log from any cursor on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataforge.errors import SpecError
from dataforge.records import Flag
from dataforge.runs.core.log import Final, read_finals

__all__ = ["FinalAnswer", "FinalAnswers", "checked_cursor"]


@dataclass(frozen=True)
class FinalAnswer:
    """One item's answers as they stay; `cursor` counts a run's final answers from 1.

    `answers` and `confidence` are by output, without those that nobody answered; `flag` is as in `Run.labels`.
    """

    cursor: int
    key: str
    answers: dict[str, Any]
    confidence: dict[str, float]
    overlap: int
    flag: Flag


class FinalAnswers:
    """The final answers that a log holds by now; what was read once is not read again to find a cursor."""

    def __init__(self, log: Path) -> None:
        self._log = log
        # Before the entry that starts at `offsets[n]` there are `counts[n]` final answers; the last is where to go on.
        self._offsets = [0]
        self._counts = [0]

    def after(self, cursor: int) -> Iterator[FinalAnswer]:
        """Those after a cursor."""
        entry = max(0, bisect_right(self._counts, cursor) - 1)
        while (final := self._entry(entry)) is not None:
            first = self._counts[entry]
            for row in range(max(0, cursor - first), len(final.keys)):
                yield _answer(final, row, first + row + 1)
            entry += 1

    def _entry(self, number: int) -> Final | None:
        """An entry by its number, or None if the log does not hold it yet."""
        if not self._log.exists():
            return None
        for final, start, end in read_finals(self._log, self._offsets[number]):
            if number == len(self._offsets) - 1:
                self._offsets[number] = start
                self._offsets.append(end)
                self._counts.append(self._counts[number] + len(final.keys))
            return final
        return None


def checked_cursor(cursor: int) -> int:
    """The cursor, if it can be one."""
    if not isinstance(cursor, int) or isinstance(cursor, bool) or cursor < 0:
        raise SpecError(f"after: expected the cursor of a final answer, or 0 for all, got {cursor!r}")
    return cursor


def _answer(final: Final, row: int, cursor: int) -> FinalAnswer:
    confidence = {outcome.output: sure for outcome in final.outcomes if (sure := outcome.confidence[row]) is not None}
    answers = {outcome.output: outcome.values[row] for outcome in final.outcomes if outcome.output in confidence}
    return FinalAnswer(cursor, final.keys[row], answers, confidence, final.overlap[row], final.flags[row])
