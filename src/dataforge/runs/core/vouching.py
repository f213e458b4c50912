"""How far the answers of a page are vouched for by control items: who is no longer checked may no longer care."""

from __future__ import annotations

from bisect import insort

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Column

__all__ = ["Vouching"]

Numbers = NDArray[np.integer]
Likely = NDArray[np.float64]


class Vouching:
    """Of each page, how probably its worker was then still the one who was measured.

    Who has passed the control items of n pages in a row, and answered m pages since, is so with the probability
    (n + 1) / (n + m + 1): the rule of succession, m times. A page that passes later vouches for those before it, back
    to the last one that was rejected: with that one everything begins anew.
    """

    def __init__(self) -> None:
        # Per page: as which of its worker's pages it was answered.
        self._turn: Column[np.int32] = Column(np.int32)
        # Per worker: how many pages were answered, and which of them passed and failed by their control items.
        self._answered: list[int] = []
        self._passed: list[list[int]] = []
        self._failed: list[list[int]] = []

    def add_worker(self) -> None:
        """Make room for one worker more."""
        self._answered.append(0)
        self._passed.append([])
        self._failed.append([])

    def add_page(self) -> None:
        """Make room for one page more."""
        self._turn.grow(len(self._turn) + 1)

    def answered(self, page: int, worker: int) -> None:
        """Note that the worker has answered a page."""
        self._answered[worker] += 1
        self._turn.values[page] = self._answered[worker]

    def judged(self, page: int, worker: int, *, passed: bool) -> None:
        """Note that a page with control items was accepted or rejected."""
        insort((self._passed if passed else self._failed)[worker], int(self._turn.values[page]))

    def of(self, pages: Numbers, workers: Numbers) -> Likely:
        """Per page, answered by this worker: the probability that they were then the one who was measured."""
        likely = np.ones(len(pages))
        by_worker = np.argsort(workers, kind="stable")
        names, starts = np.unique(workers[by_worker], return_index=True)
        for worker, here in zip(names.tolist(), np.split(by_worker, starts[1:]), strict=False):
            likely[here] = self._of_worker(worker, self._turn.values[pages[here]])
        return likely

    def _of_worker(self, worker: int, turns: Numbers) -> Likely:
        passed, failed = np.array(self._passed[worker], int), np.array([0, *self._failed[worker]], int)
        start = np.searchsorted(failed, turns) - 1
        after = failed[start]
        before = np.append(failed, np.iinfo(int).max)[start + 1]
        first, last = np.searchsorted(passed, after, "right"), np.searchsorted(passed, before)
        until = np.searchsorted(passed, turns, "right")
        vouched = np.searchsorted(passed, turns) < last
        latest = np.where(until > first, np.append(passed, 0)[until - 1], after)
        count = last - first
        likely: Likely = np.where(vouched, 1.0, (count + 1) / (count + turns - latest + 1))
        return likely
