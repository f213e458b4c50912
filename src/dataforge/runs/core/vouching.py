"""How far the answers of a page are vouched for by control items: who is no longer checked may no longer care."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Places

__all__ = ["Vouching"]

Numbers = NDArray[np.integer]
Likely = NDArray[np.float64]
NONE = np.empty(0, np.int64)


class Vouching:
    """Of each page, how probably its worker was then still the one who was measured.

    Who has passed the control items of n pages in a row, and answered m pages since, is so with the probability
    (n + 1) / (n + m + 1): the rule of succession, m times. A page that passes later vouches for those before it, back
    to the last one that was rejected: with that one everything begins anew.
    """

    def __init__(self) -> None:
        # Per page: as which of its worker's pages it was answered, from 1 on.
        self._turn = array("i")
        # Per worker: how many pages were answered.
        self._answered = array("i")
        # Of pages that passed and that failed by their control items: the worker, and which of the worker's pages.
        self._passed_worker, self._passed_turn = array("i"), array("i")
        self._failed_worker, self._failed_turn = array("i"), array("i")

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self._answered.append(0)

    def add_page(self) -> None:
        """Make room for one page more."""
        self._turn.append(0)

    def answered(self, page: int, worker: int) -> None:
        """Note that the worker has answered a page."""
        self._answered[worker] += 1
        self._turn[page] = self._answered[worker]

    def judged(self, page: int, worker: int, *, passed: bool) -> None:
        """Note that a page with control items was accepted or rejected."""
        workers, turns = (
            (self._passed_worker, self._passed_turn) if passed else (self._failed_worker, self._failed_turn)
        )
        workers.append(worker)
        turns.append(self._turn[page])

    def accepted_after_all(self, page: int, worker: int, *, checked: bool) -> None:
        """Note that a page which was rejected by its control items was none that failed."""
        failed = list(zip(self._failed_worker, self._failed_turn, strict=True))
        if (here := (worker, self._turn[page])) in failed:
            place = failed.index(here)
            del self._failed_worker[place], self._failed_turn[place]
        if checked:
            self.judged(page, worker, passed=True)

    def taken_back(self, page: int, worker: int) -> None:
        """Note that a page which was accepted shows nothing of its worker any more."""
        passed = list(zip(self._passed_worker, self._passed_turn, strict=True))
        if (here := (worker, self._turn[page])) in passed:
            place = passed.index(here)
            del self._passed_worker[place], self._passed_turn[place]

    def of(self, pages: Numbers, workers: Numbers, unchecked: Places = NONE) -> Likely:
        """Per page, answered by this worker: the probability that they were then the one who was measured.

        On the pages `unchecked`, which are among the others, passed control items show nothing.
        """
        line = _Line(max(self._answered, default=0) + 2)
        # A page that is not answered yet counts as the worker's first.
        page = line.places(workers, np.maximum(np.array(self._turn)[pages], 1))
        passed = np.sort(line.places(self._passed_worker, self._passed_turn))
        if len(unchecked):
            passed = np.setdiff1d(passed, page[np.isin(pages, unchecked)], assume_unique=True)
        # Before a worker's first page, and behind the last page of the last worker, stand bounds.
        bounds = line.places(np.arange(len(self._answered) + 1), 0)
        failed = np.sort(np.concatenate([bounds, line.places(self._failed_worker, self._failed_turn)]))
        start = np.searchsorted(failed, page) - 1
        after, before = failed[start], failed[start + 1]
        first, last = np.searchsorted(passed, after, "right"), np.searchsorted(passed, before)
        until = np.searchsorted(passed, page, "right")
        vouched = np.searchsorted(passed, page) < last
        latest = np.where(until > first, np.append(passed, 0)[until - 1], after)
        count = last - first
        likely: Likely = np.where(vouched, 1.0, (count + 1) / (count + page - latest + 1))
        return likely


@dataclass(frozen=True)
class _Line:
    """The pages of all workers on one line, those of a worker side by side and in their order."""

    length: int

    def places(self, workers: Sequence[int] | Numbers, turns: Sequence[int] | Numbers | int) -> Places:
        """Where on the line a worker's pages stand."""
        found: Places = np.asarray(workers, np.int64) * self.length + np.asarray(turns, np.int64)
        return found
