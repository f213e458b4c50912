"""Answers that other workers judge: which are the same, what is out to be judged, and what was found.

A *solution* is an answer to an item, whoever gave it: answers that are the same share one, and one check.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.policy import IN_VAIN
from dataforge.runs.core.columns import Column, Flags, Places
from dataforge.runs.core.pages import ACCEPTED, Pages

__all__ = ["NO_SOLUTION", "RIGHT", "UNCHECKED", "WRONG", "Found", "Judgement", "Solutions"]

NO_SOLUTION = -1
"""In `Solutions.of`, where a response is a report, or to a control item; in `Solutions.draft`, without a draft."""
UNCHECKED, WRONG, RIGHT = -1, 0, 1
"""In `Solutions.verdict`."""


class Found(NamedTuple):
    """What came of a page once all that is out of it was judged: how many answers were, and how many are right.

    Of a page of which that was known before: how many more, or fewer.
    """

    page: int
    checked: int
    right: int


class Judgement(NamedTuple):
    """What a word of the judges changes: pages that wait for no more, and what is otherwise than it was known to be.

    `revised`: pages of which all was known; `items`: those whose answers were judged otherwise before.
    """

    done: list[Found]
    revised: list[Found]
    items: Places


class Solutions:
    """The solutions of a run by number, and the one that each response is.

    By solution: its `keys`, its `item`, its `verdict`, and its `chance` of being right, NaN where nothing shows it;
    `reasons` has in what some of them are wrong;
    `known` once there is a verdict, or the word that there will be none. `sent` is set for pages whose answers are out
    to be judged, or were; `waiting` counts for each such page what is not judged yet. `sample`: how many answers of a
    page are judged, None: all. `over`: nobody judges any more. `revisions` counts how often something was found
    otherwise than before. `friends`: workers who find each other's answers right whatever others say of them, and by a
    number with whom; `ring` has those of them whose number is known.

    By item: `draft`, the solution that its draft is, where drafts are judged before anybody mends them. `to_send` has
    the items whose drafts are not out yet, `out` those of whose drafts nothing is known yet.
    """

    def __init__(self, pages: Pages, sample: int | None) -> None:
        self.pages = pages
        self.sample = sample
        self.over = False
        self.cursor = self.revisions = 0
        self.keys: list[str] = []
        self.index: dict[str, int] = {}
        self.of: Column[np.int32] = Column(np.int32)
        self.item: Column[np.int32] = Column(np.int32)
        self.verdict: Column[np.int8] = Column(np.int8, UNCHECKED)
        self.chance: Column[np.float32] = Column(np.float32, np.nan)
        self.known: Column[np.bool_] = Column(np.bool_)
        self.reasons: dict[int, str] = {}
        self.friends: dict[str, int] = {}
        self.ring: dict[int, int] = {}
        self.sent: set[int] = set()
        self.waiting: dict[int, int] = {}
        # the waiting pages that were accepted while nobody judged, and what of them is counted already
        self.again: dict[int, tuple[int, int]] = {}
        # how often each item was answered on a page that was rejected after it was judged
        self.rejected: Column[np.int32] = Column(np.int32)
        # the pages that wait for a solution
        self.asking: dict[int, list[int]] = {}
        self.draft: Column[np.int32] = Column(np.int32, NO_SOLUTION)
        self.to_send: set[int] = set()
        self.out: set[int] = set()

    def __len__(self) -> int:
        return len(self.keys)

    def grow(self, count: int) -> None:
        """Make room for further items."""
        self.rejected.grow(len(self.rejected) + count)
        self.draft.grow(len(self.draft) + count)

    def begin(self, keys: Sequence[str], items: Sequence[int]) -> None:
        """Enter the drafts of these items, by the keys of their checks."""
        for key, item in zip(keys, items, strict=True):
            self.draft.values[item] = self.index[key] = len(self.keys)
            self.keys.append(key)
        self.item.extend(np.array(items, np.int32))
        self._make_room()
        if self.over:
            self.known.values[self.draft.values[list(items)]] = True
        else:
            self.to_send.update(items)

    def _make_room(self) -> None:
        for column in (self.verdict, self.chance, self.known):
            column.grow(len(self.keys))

    def take(self, keys: Sequence[str | None], items: Places) -> None:
        """Enter the solutions that further responses are, by their keys; None: it is none that others judge."""
        numbers = np.full(len(keys), NO_SOLUTION, np.int32)
        fresh = []
        for row, key in enumerate(keys):
            if key is None:
                continue
            number = self.index.setdefault(key, len(self.keys))
            if number == len(self.keys):
                self.keys.append(key)
                fresh.append(int(items[row]))
            numbers[row] = number
        self.of.extend(numbers)
        self.item.extend(fresh)
        self._make_room()

    def to_check(self, pages: Sequence[int]) -> tuple[Places, Places]:
        """The responses on these pages that are to be judged, and for each the place of its page among these.

        Of a sample those are drawn by a lot that follows from the page's id.
        """
        rows, turn = self.pages.responses(pages)
        answers = self.of.values[rows] != NO_SOLUTION
        rows, turn = rows[answers], turn[answers]
        if self.sample is None:
            return rows, turn
        drawn = self._drawn(pages, np.bincount(turn, minlength=len(pages)).tolist(), self.sample)
        return rows[drawn], turn[drawn]

    def _drawn(self, pages: Sequence[int], answers: Sequence[int], sample: int) -> list[int]:
        """Which of so many answers on each of these pages are drawn, counted through."""
        found: list[int] = []
        for page, many, first in zip(pages, answers, accumulate(answers, initial=0), strict=False):
            lot = Random(self.pages.ids[page]).sample(range(many), sample) if sample < many else range(many)
            found += [first + place for place in sorted(lot)]
        return found

    def send(self, pages: Sequence[int]) -> list[Found]:
        """Note that the answers of these pages are out to be judged; what came of those of which all is known."""
        self.sent.update(pages)
        rows, turn = self.to_check(pages)
        numbers = self.of.values[rows]
        unknown = ~self.known.values[numbers]
        for number, place in zip(numbers[unknown].tolist(), turn[unknown].tolist(), strict=True):
            self.asking.setdefault(number, []).append(pages[place])
        waiting = np.bincount(turn[unknown], minlength=len(pages)).tolist()
        self.waiting.update((page, many) for page, many in zip(pages, waiting, strict=True) if many)
        return self._done([page for page, many in zip(pages, waiting, strict=True) if not many])

    def send_drafts(self, items: Sequence[int]) -> None:
        """Note that the drafts of these items are out to be judged."""
        self.out.update(self.to_send.intersection(items))
        self.to_send.difference_update(items)

    def with_draft(self, items: Places) -> Flags:
        """Which of these items have a draft that is judged before anybody mends it."""
        found: Flags = self.draft.values[items] != NO_SOLUTION
        return found

    def draft_awaited(self, items: Places) -> Flags:
        """Which of these items have a draft of which nothing is known yet."""
        found = self.with_draft(items)
        found[found] = ~self.known.values[self.draft.values[items[found]]]
        return found

    @property
    def drafts_awaited(self) -> bool:
        """Whether anything is still to be known of drafts."""
        return bool(self.out or self.to_send)

    def judge(
        self,
        keys: Sequence[str],
        right: Sequence[bool | None],
        chances: Sequence[float | None],
        reasons: Sequence[str | None] = (),
    ) -> Judgement:
        """Take in what was found of solutions, None: nothing; and in what they are wrong, if anybody was asked that."""
        there = [place for place, key in enumerate(keys) if key in self.index]  # others are control items of the check
        numbers = np.array([self.index[keys[place]] for place in there], np.int64)
        found = [right[place] for place in there]
        verdicts = np.array([UNCHECKED if one is None else int(one) for one in found], np.int8)
        sure = np.array([chances[place] for place in there], np.float32)  # None is NaN
        same = (self.verdict.values[numbers] == verdicts) & (
            (self.chance.values[numbers] == sure) | (np.isnan(self.chance.values[numbers]) & np.isnan(sure))
        )
        other = numbers[self.known.values[numbers] & ~same]
        pages = self._pages_judged(other)
        before = self._counts(pages)
        self.verdict.values[numbers], self.chance.values[numbers] = verdicts, sure
        done = self._done([page for number in numbers.tolist() for page in self._settle(number)])
        of = self.item.values[numbers]
        self.out.difference_update(of[self.draft.values[of] == numbers].tolist())
        revised = _found(pages, self._counts(pages) - before)
        self.revisions += bool(len(other))
        for place, number in zip(there if reasons else (), numbers.tolist(), strict=False):
            self.reasons.pop(number, None)
            if (reason := reasons[place]) is not None:
                self.reasons[number] = reason
        return Judgement(done, revised, self._items(other))

    def befriend(self, groups: Sequence[Sequence[str]]) -> None:
        """Note that the workers of each group find each other's answers right; who is in two makes them one."""
        for group in groups:
            met = {self.friends[worker] for worker in group if worker in self.friends}
            number = min(met, default=len(self.friends))
            self.friends.update({worker: number for worker, of in self.friends.items() if of in met})
            self.friends.update(dict.fromkeys(group, number))

    def give_up(self) -> list[Found]:
        """Take in that nobody will judge what is not judged yet; the pages that waited."""
        self.over = True
        drafts = self.draft.values[[*self.out, *self.to_send]]
        self.known.values[drafts] = True
        self.out.clear()
        self.to_send.clear()
        done = self._done([page for number in list(self.asking) for page in self._settle(number)])
        self.again.clear()
        return done

    def go_on(self) -> Places:
        """Take in that answers are judged after all: those on accepted pages that were not, too; give their items."""
        self.over = False
        self.revisions += 1
        accepted = np.flatnonzero(np.array(self.pages.status, np.int8) == ACCEPTED).tolist()
        wanted = np.bincount(self.to_check(accepted)[1], minlength=len(accepted)).tolist()
        for (page, checked, right), many in zip(_found(accepted, self._counts(accepted)), wanted, strict=True):
            if checked < many:
                self.again[page] = (checked, right) if page in self.sent else (0, 0)
        numbers = self._to_check_of(self.again)
        numbers = numbers[self.verdict.values[numbers] == UNCHECKED]
        self.known.values[numbers] = False
        return self._items(numbers)

    def to_send_again(self) -> list[int]:
        """The accepted pages of which answers are to be judged after all, and that are not sent yet."""
        return [page for page in self.again if page not in self.waiting]

    def awaited(self, items: Places) -> Flags:
        """Of which of these items an answer counts already, and is to be judged after all."""
        numbers = self._to_check_of(self.again)
        found: Flags = np.isin(items, self.item.values[numbers[~self.known.values[numbers]]])
        return found

    def items_of(self, keys: Sequence[str]) -> Places:
        """The items that these solutions are of."""
        return self._items([self.index[key] for key in keys if key in self.index])

    def reject(self, items: Places, times: int = 1) -> None:
        """Note that answers to these items were judged and their page rejected; -1 times: it was accepted after all."""
        np.add.at(self.rejected.values, items, times)

    def given_up(self, items: Places, attempts: int) -> Flags:
        """Which of these items were tried in vain so often that nobody is asked about them any more.

        Where judges err about an answer, everybody who gives it has the page rejected: that must have an end.
        """
        found: Flags = self.rejected.values[items] >= IN_VAIN * attempts
        return found

    def reasons_on(self, page: int) -> Counter[str]:
        """How many answers of a page are wrong in what."""
        numbers = self._to_check_of([page]).tolist()
        return Counter([self.reasons[number] for number in numbers if number in self.reasons])

    def is_ready(self, page: int) -> bool:
        """Whether a page waits for no check: all is known of those of its answers that are to be judged, or will be."""
        answers = self.pages.size[page] - self.pages.reported[page]
        return page not in self.waiting and (page in self.sent or self.over or not answers)

    def is_known(self, rows: Places) -> Flags:
        """Which of these responses are solutions of which there is a verdict."""
        numbers = self.of.values[rows]
        found: Flags = (numbers != NO_SOLUTION) & (self.verdict.values[numbers] != UNCHECKED)
        return found

    def shares(self, pages: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """By page: of the answers that were judged the share that is right, NaN if none was; and the share judged."""
        checked, right = self._counts(pages)
        rows, turn = self.pages.responses(pages)
        answers = np.bincount(turn[self.of.values[rows] != NO_SOLUTION], minlength=len(pages))
        return np.where(checked > 0, right / np.maximum(checked, 1), np.nan), checked / np.maximum(answers, 1)

    def is_judged(self, page: int) -> bool:
        """Whether a page's answers were judged, as far as they are to be."""
        return page in self.sent and page not in self.waiting

    def verdicts_of(self, rows: Places) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Verdict and chance of these responses, none of which is a report."""
        numbers = self.of.values[rows]
        return self.verdict.values[numbers], self.chance.values[numbers]

    def _items(self, numbers: Sequence[int] | NDArray[np.integer]) -> Places:
        return np.unique(self.item.values[np.asarray(numbers, np.int64)]).astype(np.int64)

    def _pages_judged(self, numbers: NDArray[np.int64]) -> list[int]:
        """The pages of which all is known and that depend on one of these solutions; of none that costs nothing."""
        if not len(numbers):
            return []
        rows = np.flatnonzero(np.isin(self.of.values, numbers))
        first = np.array(self.pages.first_response)
        holds_one = np.searchsorted(rows, first) < np.searchsorted(rows, first + np.array(self.pages.size))
        known = [page for page in np.flatnonzero(holds_one).tolist() if page in self.sent and page not in self.waiting]
        to_check, turn = self.to_check(known)
        return [known[place] for place in np.unique(turn[np.isin(to_check, rows)]).tolist()]

    def _to_check_of(self, pages: Collection[int]) -> NDArray[np.int32]:
        """The solutions on these pages that are to be judged."""
        rows, _ = self.to_check(list(pages))
        return np.unique(self.of.values[rows])

    def _settle(self, number: int) -> list[int]:
        """Know of a solution all that will be known; the pages that wait for no more."""
        self.known.values[number] = True
        done = []
        for page in self.asking.pop(number, ()):
            self.waiting[page] -= 1
            if not self.waiting[page]:
                del self.waiting[page]
                done.append(page)
        return done

    def _done(self, pages: Sequence[int]) -> list[Found]:
        """What came of pages that wait for no more, beside what is counted already."""
        counted = np.array([self.again.pop(page, (0, 0)) for page in pages], np.int64).reshape(-1, 2)
        return _found(pages, self._counts(pages) - counted.T)

    def _counts(self, pages: Sequence[int]) -> NDArray[np.int64]:
        """How many answers of each page were judged, and how many are right, shape (2, pages)."""
        rows, turn = self.to_check(pages)
        verdicts = self.verdict.values[self.of.values[rows]]
        judged = verdicts != UNCHECKED, verdicts == RIGHT
        return np.array([np.bincount(turn[flags], minlength=len(pages)) for flags in judged])


def _found(pages: Sequence[int], counts: NDArray[np.int64]) -> list[Found]:
    return list(map(Found, pages, *counts.tolist()))
