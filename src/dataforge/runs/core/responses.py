"""The responses of a run, one row each: to which item, on which page, and how many count for each item.

They are entered a batch at a time, because a run may have millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Column, Flags, Places, distinct
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import ACCEPTED, Pages
from dataforge.runs.core.showings import Showings
from dataforge.runs.core.solutions import Solutions

__all__ = ["NO_REPORT", "SEVERAL", "Responses"]

NONE = np.empty(0, np.int64)
NO_REPORT = 0
"""In `Responses.report`, where reports have the place of their reason among `REPORT_REASONS`, counted from 1."""
SEVERAL = 2
"""So many workers have to report an item before it is taken for what they say."""


class Responses:
    """Columns `item`, `page` and `report`, one row a response; per item `wanted` and `accepted` count responses.

    A response is an answer or a report, whose reason `report` holds; `reported` counts reports among the accepted.
    Those of the workers `discarded` count for nothing: of an item they are `spent`, and not among what is wanted.

    The accepted responses of an item are a chain: `newest` is the last of them, `before` the one before a response.
    What was answered is kept by the run's quality, in the same order. `solutions`: which answers are the same, where
    other workers judge them.
    """

    def __init__(self, numbering: Numbering, pages: Pages) -> None:
        self.numbering = numbering
        self.pages = pages
        self.showings = Showings()
        self.solutions: Solutions | None = None
        self.item: Column[np.int32] = Column(np.int32)
        self.page: Column[np.int32] = Column(np.int32)
        self.report: Column[np.int8] = Column(np.int8)
        # the numbers of wrong answers to control items
        self.failed: Column[np.int64] = Column(np.int64)
        self.discarded: set[int] = set()
        self.accepted_total = 0
        self.incomplete = 0
        self.overlaps = [0]
        self._wanted: Column[np.int32] = Column(np.int32)
        self._accepted: Column[np.int32] = Column(np.int32)
        self._reported: Column[np.int32] = Column(np.int32)
        self._spent: Column[np.int32] = Column(np.int32)
        self._newest: Column[np.int32] = Column(np.int32, fill=-1)
        self._before: Column[np.int32] = Column(np.int32, fill=-1)
        self._new_items: list[Places] = []
        # judged, but not yet entered
        self._accepted_pages: list[int] = []

    def grow(self) -> None:
        """Make room for the items that were numbered since the last time."""
        for column in (self._wanted, self._accepted, self._reported, self._spent, self._newest, self.showings.again):
            column.grow(len(self.numbering))
        self.overlaps[0] += self.numbering.real_total - sum(self.overlaps)

    # --- questions --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.item)

    @property
    def wanted(self) -> NDArray[np.int32]:
        """How many responses that count each item should have."""
        return self._wanted.values

    @property
    def spent(self) -> NDArray[np.int32]:
        """How many accepted responses to each item count for nothing; on a platform they take places all the same."""
        return self._spent.values

    @property
    def accepted(self) -> NDArray[np.int32]:
        """How many accepted responses each item has; for control items always 0."""
        return self._accepted.values

    @property
    def reported(self) -> NDArray[np.int32]:
        """How many accepted responses to each item are reports, control items included."""
        return self._reported.values

    def answered(self, items: Places) -> NDArray[np.int32]:
        """How many accepted answers these items have; for control items always 0."""
        answers: NDArray[np.int32] = np.maximum(self.accepted[items] - self.reported[items], 0)
        return answers

    @property
    def new_items(self) -> Places:
        """Numbers of the real items that got accepted responses since `forget_news`."""
        if not self._new_items:
            return np.empty(0, np.int64)
        if len(self._new_items) > 1:
            self._new_items[:] = [distinct(np.concatenate(self._new_items))]
        return self._new_items[0]

    def counting(self) -> Flags:
        """Which responses are of workers whose answers count, shape (responses,)."""
        mask: Flags = ~np.isin(self.workers(), list(self.discarded))
        return mask

    def answers_to(self, item: int) -> Places:
        """Numbers of all answers to an item, whatever became of their pages."""
        return np.flatnonzero((self.item.values == item) & (self.report.values == NO_REPORT))

    def all_to(self, item: int) -> Places:
        """Numbers of all responses to an item, reports too, whatever became of their pages."""
        return np.flatnonzero(self.item.values == item)

    def of(self, items: Places) -> Places:
        """Numbers of the accepted responses to these items, in the order they came."""
        found = []
        newest = self._newest.values[items]
        before = self._before.values
        while len(newest := newest[newest >= 0]):
            found.append(newest)
            newest = before[newest]
        return np.sort(np.concatenate(found)).astype(np.int64) if found else np.empty(0, np.int64)

    def on_pages(self, *statuses: int) -> Flags:
        """Which responses are on pages of these statuses, shape (responses,)."""
        wanted = np.isin(np.array(self.pages.status, np.int8), statuses)
        mask: Flags = wanted[self.page.values]
        return mask

    def workers(self, responses: Places | None = None) -> NDArray[np.int32]:
        """Numbers of the workers who gave these responses, or all of them."""
        pages = self.page.values if responses is None else self.page.values[responses]
        if len(pages) > len(self.pages) // 64:  # a copy of all takes less than a look at each
            return np.array(self.pages.worker, np.int32)[pages]
        return np.fromiter(map(self.pages.worker.__getitem__, pages.tolist()), np.int32, len(pages))

    # --- taking in --------------------------------------------------------------------------------

    def want(self, places: Places, wanted: NDArray[np.int32] | int) -> None:
        """Note how many responses these items should have."""
        before = int((self.accepted[places] < self.wanted[places]).sum())
        self.wanted[places] = wanted
        self.incomplete += int((self.accepted[places] < self.wanted[places]).sum()) - before

    def add_controls(self, places: Places, wanted: int) -> None:
        """Note that these control items go on the platform, each to so many workers before it comes again."""
        numbers = places.tolist()
        names = self.numbering.keys
        self.showings.add([names[place] for place in numbers], numbers, wanted)

    def take(self, pages: Sequence[int], sizes: Sequence[int], items: Places, reports: NDArray[np.int8]) -> None:
        """Enter what was answered on pages of these sizes, one page after the other.

        For each response its item, and `NO_REPORT` or its reason's number.
        """
        for page, first in zip(pages, accumulate(sizes, initial=len(self)), strict=False):
            self.pages.first_response[page] = first
        self.item.extend(items)
        self.page.extend(np.repeat(pages, sizes))
        self.report.extend(reports)
        self._before.grow(len(self.item))

    def accept(self, page: int) -> None:
        """Note that a page's responses count."""
        self._accepted_pages.append(page)

    def reject(self, page: int) -> None:
        """Note that a page's responses do not count; where others have judged them that is one more attempt in vain."""
        if self.solutions is not None:
            items = self._tried_on(page)
            self.solutions.reject(items)
            self.look_again(items)

    def take_back_rejection(self, page: int, *, accepted: bool = False) -> Places:
        """Note that a page whose responses did not count is accepted after all; give the real items on it.

        With `accepted` it is so already, else it is about to be.
        """
        if self.solutions is not None:
            self.solutions.reject(self._tried_on(page), -1)
        return self._count_anew(self._items_on(page)) if accepted else NONE

    def take_back_acceptance(self, page: int) -> Places:
        """Note that a page whose responses counted is rejected, and give the real items on it."""
        self.reject(page)
        return self._count_anew(self._items_on(page))

    def _items_on(self, page: int) -> Places:
        items: Places = np.unique(self.item.values[self.pages.responses_of(page)]).astype(np.int64)
        return items

    def _count_anew(self, items: Places) -> Places:
        """Count and chain all accepted responses to these items again; give the real ones of them."""
        self.enter()
        self._uncount(items)
        named = np.zeros(len(self.numbering), bool)
        named[items] = True
        self._count_in(np.flatnonzero(named[self.item.values] & self.on_pages(ACCEPTED)))
        return items[~self.numbering.control[items]]

    def _tried_on(self, page: int) -> Places:
        """The real items on a page whose answers went to others to be judged."""
        assert self.solutions is not None
        if page not in self.solutions.sent:
            return NONE
        items = self.item.values[self.pages.responses_of(page)].astype(np.int64)
        real: Places = items[~self.numbering.control[items]]
        return real

    def forget_news(self) -> None:
        """Begin anew with `new_items`."""
        self._new_items.clear()

    def look_again(self, items: Places) -> None:
        """Have these real items among `new_items`."""
        self._new_items.append(distinct(items))

    def discard(self, worker: int, *, discarded: bool) -> Places:
        """Let a worker's responses count for nothing, or count again; give the real items that they are to."""
        (self.discarded.add if discarded else self.discarded.discard)(worker)
        theirs = self.on_pages(ACCEPTED) & (self.workers() == worker)
        return self._count_anew(np.unique(self.item.values[theirs]).astype(np.int64))

    # --- a batch at a time ------------------------------------------------------------------------

    def enter(self) -> None:
        """Count and chain the responses of the pages that were accepted since the last time."""
        if not self._accepted_pages:
            return
        rows, _ = self.pages.responses(self._accepted_pages)
        self._accepted_pages.clear()
        self._count_in(rows)

    def _count_in(self, rows: Places) -> None:
        """Count and chain accepted responses."""
        if self.discarded:
            counting = ~np.isin(self.workers(rows), list(self.discarded))
            self._spend(self.item.values[rows[~counting]])
            rows = rows[counting]
        items = self.item.values[rows]
        np.add.at(self.reported, items[self.report.values[rows] != NO_REPORT], 1)
        real = ~self.numbering.control[items]
        rows, items = rows[real], items[real]
        order = np.lexsort((rows, items))
        rows, items = rows[order], items[order]
        touched, first, counts = np.unique(items, return_index=True, return_counts=True)
        again = np.flatnonzero(items[1:] == items[:-1])
        before = self._before.values
        newest = self._newest.values
        before[rows[first]] = newest[touched]
        before[rows[again + 1]] = rows[again]
        newest[touched] = rows[first + counts - 1]
        self._count(touched, counts)
        self.accepted_total += len(rows)
        self._new_items.append(touched.astype(np.int64))

    def _spend(self, items: NDArray[np.int32]) -> None:
        """Note that one response to each of these items counts for nothing; one may be named several times."""
        touched, spent = np.unique(items[~self.numbering.control[items]], return_counts=True)
        self.spent[touched] += spent.astype(np.int32)
        self.want(touched.astype(np.int64), self.wanted[touched] - spent.astype(np.int32))
        self._new_items.append(touched.astype(np.int64))

    def _uncount(self, items: Places) -> None:
        """Know no accepted responses to these items."""
        self._newest.values[items] = -1
        self.reported[items] = 0
        real = items[~self.numbering.control[items]]
        self.accepted_total -= int(self.accepted[real].sum())
        self._count(real, -self.accepted[real].astype(np.int64))
        self.want(real, self.wanted[real] + self.spent[real])
        self.spent[real] = 0

    def _count(self, touched: NDArray[np.integer], counts: NDArray[np.int64]) -> None:
        was = self.accepted[touched]
        wanted = self.wanted[touched]
        now = was + counts
        self.accepted[touched] = now
        self.incomplete += int((now < wanted).sum()) - int((was < wanted).sum())
        most = max(int(now.max(initial=0)), int(was.max(initial=0)))
        self.overlaps += [0] * (most + 1 - len(self.overlaps))
        for number, change in enumerate(np.bincount(now, minlength=most + 1) - np.bincount(was, minlength=most + 1)):
            self.overlaps[number] += int(change)
