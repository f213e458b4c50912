"""Answers that other workers judge: which are the same, what is out to be judged, and what was found.

A *solution* is an answer to an item, whoever gave it: answers that are the same share one, and one check.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.policy import IN_VAIN
from dataforge.runs.core.columns import Column, Flags, Places
from dataforge.runs.core.pages import Pages

__all__ = ["NO_SOLUTION", "RIGHT", "UNCHECKED", "WRONG", "Found", "Solutions"]

NO_SOLUTION = -1
"""In `Solutions.of`, where a response is a report."""
UNCHECKED, WRONG, RIGHT = -1, 0, 1
"""In `Solutions.verdict`."""


class Found(NamedTuple):
    """What came of a page once all that is out of it was judged: how many answers were, and how many are right."""

    page: int
    checked: int
    right: int


class Solutions:
    """The solutions of a run by number, and the one that each response is.

    By solution: its `keys`, its `item`, its `verdict`, and its `chance` of being right, NaN where nothing shows it;
    `known` once there is a verdict, or the word that there will be none. `sent` is set for pages whose answers are out
    to be judged, or were; `waiting` counts for each such page what is not judged yet. `sample`: how many answers of a
    page are judged, None: all. `over`: nobody judges any more.
    """

    def __init__(self, pages: Pages, sample: int | None) -> None:
        self.pages = pages
        self.sample = sample
        self.over = False
        self.cursor = 0
        self.keys: list[str] = []
        self.index: dict[str, int] = {}
        self.of: Column[np.int32] = Column(np.int32)
        self.item: Column[np.int32] = Column(np.int32)
        self.verdict: Column[np.int8] = Column(np.int8, UNCHECKED)
        self.chance: Column[np.float32] = Column(np.float32, np.nan)
        self.known: Column[np.bool_] = Column(np.bool_)
        self.sent: set[int] = set()
        self.waiting: dict[int, int] = {}
        # how often each item was answered on a page that was rejected
        self.rejected: dict[int, int] = {}
        # the pages that wait for a solution
        self.asking: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, keys: Sequence[str | None], items: Places) -> None:
        """Enter the solutions that further responses are, by their keys; None: it is a report."""
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
        for column in (self.verdict, self.chance, self.known):
            column.grow(len(self.keys))

    def to_check(self, page: int) -> Places:
        """The responses on a page that are to be judged: those drawn by a lot that follows from the page's id."""
        first = self.pages.first_response[page]
        rows = np.arange(first, first + self.pages.size[page])
        rows = rows[self.of.values[rows] != NO_SOLUTION]
        if self.sample is not None and self.sample < len(rows):
            lot = Random(self.pages.ids[page]).sample(range(len(rows)), self.sample)
            rows = rows[np.sort(lot)]
        found: Places = rows.astype(np.int64)
        return found

    def send(self, page: int) -> Found | None:
        """Note that a page's answers are out to be judged; what came of them if all of it is known already."""
        self.sent.add(page)
        open_ = {number for number in self.of.values[self.to_check(page)].tolist() if not self.known.values[number]}
        for number in open_:
            self.asking.setdefault(number, []).append(page)
        if open_:
            self.waiting[page] = len(open_)
            return None
        return self._found(page)

    def judge(self, keys: Sequence[str], right: Sequence[bool | None], chances: Sequence[float | None]) -> list[Found]:
        """Take in what was found of solutions, None: nothing; the pages that wait for no more."""
        done: list[Found] = []
        for key, verdict, chance in zip(keys, right, chances, strict=True):
            number = self.index.get(key)
            if number is None:  # a control item of the check
                continue
            self.verdict.values[number] = UNCHECKED if verdict is None else int(verdict)
            self.chance.values[number] = np.nan if chance is None else chance
            done += self._settle(number)
        return done

    def give_up(self) -> list[Found]:
        """Take in that nobody will judge what is not judged yet; the pages that waited."""
        self.over = True
        return [found for number in list(self.asking) for found in self._settle(number)]

    def items_of(self, keys: Sequence[str]) -> Places:
        """The items that these solutions are of."""
        numbers = [self.index[key] for key in keys if key in self.index]
        return np.unique(self.item.values[numbers]).astype(np.int64)

    def reject(self, items: Places) -> None:
        """Note that answers to these items were on a page that was rejected."""
        for item in items.tolist():
            self.rejected[item] = self.rejected.get(item, 0) + 1

    def given_up(self, items: Places, attempts: int) -> Flags:
        """Which of these items were tried in vain so often that nobody is asked about them any more.

        Where judges err about an answer, everybody who gives it has the page rejected: that must have an end.
        """
        tried = [item for item, times in self.rejected.items() if times >= IN_VAIN * attempts]
        found: Flags = np.isin(items, tried)
        return found

    def is_ready(self, page: int) -> bool:
        """Whether a page waits for no check: all is known of those of its answers that are to be judged, or will be."""
        return page not in self.waiting and (page in self.sent or self.over or not len(self.to_check(page)))

    def is_known(self, rows: Places) -> Flags:
        """Which of these responses are solutions of which there is a verdict."""
        numbers = self.of.values[rows]
        found: Flags = (numbers != NO_SOLUTION) & (self.verdict.values[numbers] != UNCHECKED)
        return found

    def share_right(self, page: int) -> tuple[float, float]:
        """Of a page's answers that were judged the share that is right, NaN if none was, and the share judged."""
        found = self._found(page)
        answers = self.pages.size[page]
        return (found.right / found.checked if found.checked else np.nan), found.checked / answers

    def verdicts_of(self, rows: Places) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Verdict and chance of these responses, none of which is a report."""
        numbers = self.of.values[rows]
        return self.verdict.values[numbers], self.chance.values[numbers]

    def _settle(self, number: int) -> list[Found]:
        self.known.values[number] = True
        done = []
        for page in self.asking.pop(number, ()):
            self.waiting[page] -= 1
            if not self.waiting[page]:
                del self.waiting[page]
                done.append(self._found(page))
        return done

    def _found(self, page: int) -> Found:
        verdicts = self.verdict.values[self.of.values[self.to_check(page)]]
        return Found(page, int((verdicts != UNCHECKED).sum()), int((verdicts == RIGHT).sum()))
