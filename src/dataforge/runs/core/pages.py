"""The pages of a run, one row each."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import numpy as np

from dataforge.runs.core.columns import Places
from dataforge.runs.core.vouching import Vouching

__all__ = ["ACCEPTED", "GONE", "REJECTED", "SUBMITTED", "TAKEN", "Pages"]

TAKEN, SUBMITTED, ACCEPTED, REJECTED, GONE = range(5)


class Pages:
    """The run's pages; `number[id]` finds those that are taken or submitted, the others need no finding.

    `seconds` is NaN where it is not known how long a page took. `controls` counts the control items that were checked,
    `correct` those that are right; `judged` the answers that others have judged, `judged_right` those they found right.
    """

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.ids: list[str] = []
        self.worker = array("i")
        self.status = array("b")
        self.size = array("i")
        self.first_response = array("q")
        self.correct = array("i")
        self.controls = array("i")
        self.judged = array("i")
        self.judged_right = array("i")
        self.reported = array("i")
        self.seconds = array("d")
        self.taken_at = array("d")
        self.submitted_at = array("d")
        self.vouching = Vouching()

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, page: str, worker: int, size: int, at: float) -> int:
        """Note a page that was taken, and give its number."""
        number = self.number[page] = len(self.ids)
        self.ids.append(page)
        self.worker.append(worker)
        self.status.append(TAKEN)
        self.size.append(size)
        self.first_response.append(-1)
        self.correct.append(0)
        self.controls.append(0)
        self.judged.append(0)
        self.judged_right.append(0)
        self.reported.append(0)
        self.seconds.append(math.nan)
        self.taken_at.append(at)
        self.submitted_at.append(0.0)
        self.vouching.add_page()
        return number

    def held(self, lease: float) -> tuple[int, float | None]:
        """How many items are on pages that workers hold now, and until when at most they may; None without any.

        The lease of a page that was fetched ahead begins once the one before it is finished.
        """
        held = np.flatnonzero(np.array(self.status, np.int8) == TAKEN)
        if not len(held):
            return 0, None
        worker = np.array(self.worker)
        workers, places = np.unique(worker[held], return_inverse=True)
        begun = np.full(len(workers), np.inf)
        np.minimum.at(begun, places, np.array(self.taken_at)[held])
        theirs = np.flatnonzero(np.isin(worker, workers))
        freed = np.zeros(len(workers))
        np.maximum.at(freed, np.searchsorted(workers, worker[theirs]), np.array(self.submitted_at)[theirs])
        until = np.maximum(begun, freed) + lease * np.bincount(places)
        return int(np.array(self.size)[held].sum()), float(until.max())

    def numbers(self, names: Sequence[str]) -> list[int]:
        """The numbers of the pages of these names, also of those that are over; unknown ones are left out."""
        if any(name not in self.number for name in names):
            wanted = set(names)
            there = {name: number for number, name in enumerate(self.ids) if name in wanted}
        else:
            there = self.number
        return [there[name] for name in names if name in there]

    def responses_of(self, page: int) -> slice:
        """Which responses are those on a page."""
        first = self.first_response[page]
        return slice(first, first + self.size[page])

    def responses(self, pages: Sequence[int]) -> tuple[Places, Places]:
        """The responses on these pages, page by page, and for each response the place of its page among these."""
        sizes = np.fromiter(map(self.size.__getitem__, pages), np.int64, len(pages))
        first = np.fromiter(map(self.first_response.__getitem__, pages), np.int64, len(pages))
        turn = np.repeat(np.arange(len(pages)), sizes)
        return (first - np.cumsum(sizes) + sizes)[turn] + np.arange(len(turn)), turn
