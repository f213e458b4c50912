"""Items that come again though they are no control items: some whose answer was found right are asked once more.

Whoever has many accounts, or friends at work, knows a control item by its coming again, and has seen a real item when
it comes the second time. Of what people answer who cannot know what is asked nothing shows but first answers to control
items, and where these are few, second answers to real ones: who has answered an item badly and well when it came
again has answered it twice, and differently.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats
from dataforge.runs.core.columns import Arrays, Flags, Places
from dataforge.runs.core.responses import NO_REPORT, Responses
from dataforge.runs.quality._values import Values

__all__ = ["SecondViews", "Tests", "tests_of"]

ENOUGH = 6
"""So many first answers to control items, and second ones to others, are enough."""
# The most items that are asked once more: so many, and one of so many.
MOST, PART = 2 * ENOUGH, 16
# How control items that come again go beforehand: so many right of so many.
AGAIN = 9.0, 10.0


class Tests(NamedTuple):
    """Answers of workers who cannot know that they are tested: whose each is, whether the test was `passed`, and how
    probably it is `expected` to be if what judges say of the workers is true; tests of two workers are of the first.
    """

    worker: Places
    passed: Flags
    expected: Floats

    def of(self, workers: Places) -> Tests:
        """Those of these workers alone."""
        theirs = np.isin(self.worker, workers)
        return Tests(self.worker[theirs], self.passed[theirs], self.expected[theirs])


def tests_of(responses: Responses, values: Values, pairs: tuple[Places, Places], right: Floats) -> Tests:
    """First answers to control items, and answers to one item by two workers, the second of whom knew it maybe.

    `right`: by worker the share of answers that judges find right. How hard control items are is learnt of those that
    come again.
    """
    named = responses.item.values
    rows = np.flatnonzero(responses.numbering.control[named] & (responses.report.values == NO_REPORT))
    rows = rows[values.is_known(named[rows].astype(np.int64))]
    passed, first = ~np.isin(rows, responses.failed.values), responses.showings.first(rows, named[rows])
    again = (passed[~first].sum() + AGAIN[0]) / ((~first).sum() + AGAIN[1])
    one, other = (responses.workers(which).astype(np.int64) for which in pairs)
    worker = responses.workers(rows[first]).astype(np.int64)
    return Tests(
        np.append(worker, one),
        np.append(passed[first], values.same(*pairs)),
        np.append(right[worker] * again, right[one] * right[other]),
    )


class SecondViews:
    """The items that are asked once more, by number, in no order."""

    def __init__(self) -> None:
        self.items: Places = np.empty(0, np.int64)

    def choose(self, responses: Responses, right: Flags, tests: int) -> None:
        """Have some of the items `right`, by item, asked once more, where there were so few `tests` of workers.

        Those that nobody has answered but who was found right; from the run's beginning to its end.
        """
        waiting = int((responses.accepted[self.items] < 2).sum())
        most = min(MOST, responses.numbering.real_total // PART)
        lacking = min(ENOUGH - tests - waiting, most - len(self.items))
        if lacking <= 0 or not responses.numbering.control_total:
            return
        once = np.bincount(responses.item.values, minlength=len(right)) == 1
        once &= right & ~responses.numbering.control
        once[self.items] = False
        order = responses.numbering.order
        among = order[once[order]]
        found = among[np.linspace(0, len(among) - 1, min(lacking, len(among))).astype(np.int64)]
        self.items = np.append(self.items, found.astype(np.int64))

    def wanted(self, items: Places, responses: Responses) -> Flags:
        """Which of these items are still to be asked once more."""
        found: Flags = np.isin(items, self.items) & (responses.accepted[items] == 1)
        return found

    def pairs(self, responses: Responses) -> tuple[Places, Places]:
        """The first and the second accepted response to each of those that have two."""
        rows = responses.of(self.items)
        item = responses.item.values[rows]
        rows = rows[np.argsort(item, kind="stable")]
        item = responses.item.values[rows]
        first = np.flatnonzero((np.diff(item, prepend=-1) != 0) & (np.append(np.diff(item), 1) == 0))
        return rows[first], rows[first + 1]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known."""
        return {"items": self.items}

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        self.items = arrays.get("items", np.empty(0, np.int64))  # an older version asked nothing once more
