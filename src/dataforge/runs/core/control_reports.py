"""Control items that workers reported: whose fault it was, and which of them are no checks.

A report of a control item counts against its page while nobody bears it out: who reports everything would otherwise
meet no control item. It is borne out once several careful workers have reported the same item, and as many at least as
were right about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from dataforge.policy import ReportRule
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.responses import SEVERAL, Responses
from dataforge.runs.core.worker_record import WorkerRecord

__all__ = ["ControlReports", "Look"]

MOST_REPORTED = ReportRule().share
"""Who reports more of their items bears nobody out: two accounts that report the same things could do without work."""

PASSED_FOR_A_REPORT = 5
"""For so many control items that a worker has passed, one that nobody else reports may be reported freely."""


class Look(msgspec.Struct):
    """What a look at the reports found: pages that speak less against their workers, and answers that no longer do.

    `withdrawn`: items that are no checks from now on.
    """

    pages: set[int] = msgspec.field(default_factory=set)
    forgiven: int = 0
    withdrawn: list[int] = msgspec.field(default_factory=list)


class ControlReports(msgspec.Struct):
    """Reports of control items: by the item on which pages they are, and how many careful workers made them.

    `against`: how many reports of a page count as wrong answers. `excusable`: items whose reports are borne out.
    `withdrawn`: those of them that more careful workers reported than were right about them, and those `by_hand`, which
    the requester withdrew; of those `to_withdraw` the platform does not know yet.
    """

    pages: dict[int, list[int]] = msgspec.field(default_factory=dict)
    careful: dict[int, int] = msgspec.field(default_factory=dict)
    against: dict[int, int] = msgspec.field(default_factory=dict)
    excusable: set[int] = msgspec.field(default_factory=set)
    withdrawn: set[int] = msgspec.field(default_factory=set)
    by_hand: set[int] = msgspec.field(default_factory=set)
    to_withdraw: set[int] = msgspec.field(default_factory=set)

    def borne_out(self, item: int) -> bool:
        """Whether reports of a control item speak against the item, and not against who made them."""
        return item in self.excusable

    def note(self, page: int, record: WorkerRecord, items: Iterable[int]) -> int:
        """Note which control items a worker reported on a page; give how many of them count as wrong.

        Those do not that are borne out, nor one for every few that the worker has passed.
        """
        alone = 0
        for item in items:
            self.pages.setdefault(item, []).append(page)
            alone += not self.borne_out(item)
        excused = min(alone, max(0, record.control_correct // PASSED_FOR_A_REPORT - record.excused))
        record.excused += excused
        self.against[page] = alone - excused
        return alone - excused

    def look(self, responses: Responses, workers: Sequence[WorkerRecord], reporters: Collection[int]) -> Look:
        """See what these workers, of whom there is news, reported: is it borne out now, or is the item no check?"""
        found = Look()
        items = {item for number in reporters if _is_careful(workers[number]) for item in workers[number].reported}
        for item in sorted(items & self.pages.keys() - self.withdrawn):
            careful = sum(_is_careful(workers[responses.pages.worker[page]]) for page in self.pages[item])
            if careful <= self.careful.get(item, 0):
                continue
            self.careful[item] = careful
            right = _right(responses, item, len(self.pages[item]))
            if careful >= max(SEVERAL, right):
                self._excuse(responses.pages, item, found)
                if careful > right:
                    self._withdraw(responses, workers, item, found)
        return found

    def withdraw(self, responses: Responses, workers: Sequence[WorkerRecord], item: int) -> Look:
        """Withdraw an item because the requester says so."""
        found = Look()
        self.by_hand.add(item)
        self._excuse(responses.pages, item, found)
        self._withdraw(responses, workers, item, found)
        return found

    def _excuse(self, pages: Pages, item: int, found: Look) -> None:
        """Let the reports of an item count against nobody."""
        self.excusable.add(item)
        for page in self.pages.get(item, ()):
            if self.against.get(page):
                self.against[page] -= 1
                pages.controls[page] -= 1
                found.pages.add(page)

    def _withdraw(self, responses: Responses, workers: Sequence[WorkerRecord], item: int, found: Look) -> None:
        """Let nothing that was answered to an item count against anybody."""
        self.withdrawn.add(item)
        self.to_withdraw.add(item)
        found.withdrawn.append(item)
        pages, failed = responses.pages, responses.failed.values
        for page in responses.page.values[failed[responses.item.values[failed] == item]].tolist():
            pages.controls[page] -= 1
            workers[pages.worker[page]].control_total -= 1
            found.pages.add(page)
            found.forgiven += 1


def _is_careful(record: WorkerRecord) -> bool:
    """Whether the worker was right about more control items than wrong, and reports few items."""
    few = max(1, MOST_REPORTED * record.responses)
    return 2 * record.control_correct > record.control_total and len(record.reported) <= few


def _right(responses: Responses, item: int, reports: int) -> int:
    """How many workers gave a control item its known answer."""
    failed = responses.item.values[responses.failed.values]
    return int((responses.item.values == item).sum() - (failed == item).sum()) - reports
