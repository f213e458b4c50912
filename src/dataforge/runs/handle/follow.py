"""A run's final answers in the order in which they became final, read from its log from any cursor on."""

from __future__ import annotations

import sys
import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index, itemgetter
from pathlib import Path
from typing import Any

from dataforge.data.keys import Id
from dataforge.errors import SpecError
from dataforge.records import Flag
from dataforge.runs.core.log import Final, read_finals

__all__ = ["FinalAnswer", "FinalAnswers", "checked_cursor"]


@dataclass(frozen=True)
class FinalAnswer:
    """One item's answers as they stay; `cursor` counts a run's final answers from 1.

    `key` is the item's id, of the type that it had in the data. `answers` and `confidence` are by output, without those
    that nobody answered; an answer of which nothing shows how sure it is has no confidence. `flag` is as in
    `Run.labels`.
    """

    cursor: int
    key: Id
    answers: dict[str, Any]
    confidence: dict[str, float]
    overlap: int
    flag: Flag


class FinalAnswers:
    """The final answers that a log holds by now; what was read once is not read again to find a cursor.

    Several threads may follow at once.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._lock = threading.Lock()
        # Pairs of how many final answers there are before a byte offset, and the offset; both rise.
        self._places = [(0, 0)]

    def after(self, cursor: int) -> Iterator[FinalAnswer]:
        """Those after a cursor."""
        if not self._log.exists():
            return
        with self._lock:
            count, offset = self._places[bisect_right(self._places, cursor, key=itemgetter(0)) - 1]
        for final, end in read_finals(self._log, offset):
            offset = end
            if final is None:
                continue
            for row in range(max(0, cursor - count), len(final.keys)):
                yield _answer(final, row, count + row + 1)
            count += len(final.keys)
            self._note(count, offset)
        self._note(count, offset)

    def total(self) -> int:
        """How many there are."""
        for _ in self.after(sys.maxsize):
            pass
        with self._lock:
            return self._places[-1][0]

    def _note(self, count: int, offset: int) -> None:
        """Note that so many final answers are before an offset; of several such offsets the last is kept."""
        with self._lock:
            last_count, last_offset = self._places[-1]
            if offset <= last_offset:
                return
            if count == last_count:
                self._places.pop()
            self._places.append((count, offset))


def checked_cursor(cursor: int, total: int) -> int:
    """The cursor, if it can be one where there are so many final answers."""
    if cursor < 0:
        raise SpecError(f"after: expected the cursor of the last final answer that you had, or 0 for all, got {cursor}")
    if cursor > total:
        raise SpecError(
            f"after: {cursor} is no cursor of this run, which has {total} final answers so far; give the cursor of the "
            "last one that you had, or 0 for all; if you had that many, the run's folder is an older copy"
        )
    return index(cursor)


def _answer(final: Final, row: int, cursor: int) -> FinalAnswer:
    confidence = {outcome.output: sure for outcome in final.outcomes if (sure := outcome.confidence[row]) is not None}
    answers = {
        outcome.output: value
        for outcome in final.outcomes
        if (value := outcome.values[row]) is not None or outcome.output in confidence
    }
    return FinalAnswer(cursor, final.keys[row], answers, confidence, final.overlap[row], final.flags[row])
