"""The responses of a run, one row each, and what they come to for each item.

Responses and verdicts are taken in one by one and entered a batch at a time, because a run may have millions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Column
from dataforge.runs.core.pages import Pages
from dataforge.runs.quality.coding import Coding

__all__ = ["Places", "Responses"]

Places = NDArray[np.int64]
"""Numbers of items, or of responses."""


class Responses:
    """Columns `item`, `page` and, per output, `labels`; per item `wanted` and `accepted` are numbers of responses.

    The accepted responses of an item are a chain: `newest` is the last of them, `before` the one before a response.
    """

    def __init__(self, coding: Coding, pages: Pages) -> None:
        n_items = len(coding.keys)
        self._coding = coding
        self._pages = pages
        self.item: Column[np.int32] = Column(np.int32)
        self.page: Column[np.int32] = Column(np.int32)
        self.labels: list[Column[np.int16]] = [Column(np.int16) for _ in coding.outputs]
        self.wanted = np.zeros(n_items, np.int32)
        self.accepted = np.zeros(n_items, np.int32)
        self.accepted_total = 0
        self.incomplete = 0
        self.overlaps = [coding.real_total]
        self._newest = np.full(n_items, -1, np.int32)
        self._before: Column[np.int32] = Column(np.int32, fill=-1)
        self._new_items: list[Places] = []
        # taken in, but not yet entered
        self._rows: list[int] = []
        self._row_pages: list[int] = []
        self._row_labels: list[list[int]] = [[] for _ in coding.outputs]
        self._accepted_pages: list[int] = []

    # --- questions --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.item) + len(self._rows)

    @property
    def new_items(self) -> Places:
        """Numbers of the real items that got accepted responses since `forget_news`."""
        if not self._new_items:
            return np.empty(0, np.int64)
        return np.unique(np.concatenate(self._new_items))

    def of(self, items: Places) -> Places:
        """Numbers of the accepted responses to these items, in the order they came."""
        found = []
        newest = self._newest[items]
        before = self._before.values
        while len(newest := newest[newest >= 0]):
            found.append(newest)
            newest = before[newest]
        return np.sort(np.concatenate(found)).astype(np.int64) if found else np.empty(0, np.int64)

    def on_pages(self, *statuses: int) -> NDArray[np.bool_]:
        """Which responses are on pages of these statuses, shape (responses,)."""
        wanted = np.isin(np.array(self._pages.status, np.int8), statuses)
        mask: NDArray[np.bool_] = wanted[self.page.values]
        return mask

    def workers(self, responses: Places | None = None) -> NDArray[np.int32]:
        """Numbers of the workers who gave these responses, or all of them."""
        pages = self.page.values if responses is None else self.page.values[responses]
        if len(pages) > len(self._pages) // 8:
            return np.array(self._pages.worker, np.int32)[pages]
        return np.fromiter(map(self._pages.worker.__getitem__, pages.tolist()), np.int32, len(pages))

    # --- taking in --------------------------------------------------------------------------------

    def want(self, places: Places, wanted: NDArray[np.int32] | int) -> None:
        """Note how many responses these items should have."""
        before = int((self.accepted[places] < self.wanted[places]).sum())
        self.wanted[places] = wanted
        self.incomplete += int((self.accepted[places] < self.wanted[places]).sum()) - before

    def take(self, page: int, places: Sequence[int], answers: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """Take in a page's answers; gives their codes per output, -1 where nothing was answered."""
        self._pages.first[page] = len(self)
        self._rows += places
        self._row_pages += [page] * len(places)
        coded = []
        for output, row_labels in zip(self._coding.outputs, self._row_labels, strict=True):
            find, name = output.code.get, output.name
            codes = [find(answer.get(name), -1) for answer in answers]
            row_labels += codes
            coded.append(codes)
        return coded

    def accept(self, page: int) -> None:
        """Note that a page's responses count."""
        self._accepted_pages.append(page)

    def forget_news(self) -> None:
        """Begin anew with `new_items`."""
        self._new_items.clear()

    # --- a batch at a time ------------------------------------------------------------------------

    def enter(self) -> None:
        """Enter what was taken in since the last time."""
        self._store()
        self._count_accepted()

    def _store(self) -> None:
        if not self._rows:
            return
        self.item.extend(self._rows)
        self.page.extend(self._row_pages)
        for column, codes in zip(self.labels, self._row_labels, strict=True):
            column.extend(codes)
            codes.clear()
        self._before.grow(len(self.item))
        self._rows.clear()
        self._row_pages.clear()

    def _count_accepted(self) -> None:
        """Count and chain the responses of the pages that were accepted."""
        if not self._accepted_pages:
            return
        pages = self._pages
        rows = np.concatenate(
            [np.arange(pages.first[page], pages.first[page] + pages.items[page]) for page in self._accepted_pages]
        )
        self._accepted_pages.clear()
        items = self.item.values[rows]
        real = ~self._coding.control[items]
        rows, items = rows[real], items[real]
        order = np.lexsort((rows, items))
        rows, items = rows[order], items[order]
        touched, first, counts = np.unique(items, return_index=True, return_counts=True)
        again = np.flatnonzero(items[1:] == items[:-1])
        before = self._before.values
        before[rows[first]] = self._newest[touched]
        before[rows[again + 1]] = rows[again]
        self._newest[touched] = rows[first + counts - 1]
        self._count(touched, counts)
        self.accepted_total += len(rows)
        self._new_items.append(touched.astype(np.int64))

    def _count(self, touched: NDArray[np.int32], counts: NDArray[np.int64]) -> None:
        was = self.accepted[touched]
        wanted = self.wanted[touched]
        now = was + counts
        self.accepted[touched] = now
        self.incomplete += int((now < wanted).sum()) - int((was < wanted).sum())
        most = int(now.max(initial=0))
        self.overlaps += [0] * (most + 1 - len(self.overlaps))
        for number, change in enumerate(np.bincount(now, minlength=most + 1) - np.bincount(was, minlength=most + 1)):
            self.overlaps[number] += int(change)
