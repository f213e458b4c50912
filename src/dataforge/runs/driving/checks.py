"""The run in which others judge a run's answers, as the run that asks for it sees that: it feeds it, and reads on in
its log. Who drives the one drives the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from msgspec.structs import replace

from dataforge.checks import check_items, shown_answer
from dataforge.endings import last_ending
from dataforge.errors import Refused, RunEnded
from dataforge.platforms import Platform
from dataforge.records import Item, Withhold
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Check, Final, Judged, read_finals
from dataforge.runs.core.solutions import Solutions
from dataforge.runs.driving.orders import Orders
from dataforge.runs.driving.view import RunView

__all__ = ["Checks", "all_heard", "check_folder"]

JUDGED_AT_ONCE = 5_000


def check_folder(view: RunView) -> RunFolder | None:
    """The folder of the run in which a run's answers are judged; None if they are not, or it was deleted."""
    folder = RunFolder(view.folder.path.parent / view.description.check)
    there = bool(view.description.check) and folder.exists
    return folder if there and not _was_deleted(folder) else None


def _was_deleted(folder: RunFolder) -> bool:
    mark = folder.gone()
    return mark is not None and mark.what == "deleted"


class Checks:
    """The checks of one run's answers."""

    def __init__(self, view: RunView, platform: Platform, orders: Orders) -> None:
        self._view = view
        self._platform = platform
        self._orders = orders
        # What the log of the checks has up to here was read, and had nothing to write down behind what was.
        self._read_to = 0

    def news(self) -> Judged | None:
        """What has been found since the last time, not too much at once; None: nothing."""
        solutions = self._view.state.responses.solutions
        if solutions is None:
            return None
        folder = check_folder(self._view)
        if folder is None:
            return None if solutions.over else Judged(self._platform.now(), solutions.cursor, over=True)
        found = _unheard(folder, solutions, self._read_to)
        if not found.keys and found.over == solutions.over:
            self._read_to = found.cursor
            return None
        return replace(found, at=self._platform.now())

    def carry_out(self, order: Check) -> bool:
        """Have the answers of an order judged; False: not all yet, try again."""
        folder = check_folder(self._view)
        if folder is None:
            return True
        rows = self._rows(order)
        task = folder.describe().task()
        authors: dict[str, list[str]] = {}
        first: dict[str, int] = {}
        for row, key in rows:
            first.setdefault(key, row)
            authors.setdefault(key, []).append(self._author(row))
        feed = folder.feed()
        try:
            before = feed.known(list(authors))
            # What is there already need not read the same: answers that differ in their spaces are one solution.
            new = {key: row for key, row in first.items() if key not in before}
            with suppress(RunEnded):  # what is not judged any more is told by the end of its log
                feed.add(check_items(task, self._shown(new)), authors)
        finally:
            feed.close()
        return not before or self._withhold(order.key, {key: tuple(authors[key]) for key in before})

    def _withhold(self, key: str, workers: dict[str, tuple[str, ...]]) -> bool:
        """Let nobody judge their own answer that others gave before; False if the platform has not got that yet."""
        solutions = self._solutions()
        try:
            self._platform.execute(self._view.description.check, [Withhold(key, workers)])
        except Refused as refusal:
            if refusal.code != "item_unknown":
                raise
            # What has come to its end and is not there was never asked, and will not be.
            waiting = {name: workers[name] for name in workers if not solutions.known.values[solutions.index[name]]}
            return not waiting or (len(waiting) < len(workers) and self._withhold(key, waiting))
        return True

    def _rows(self, order: Check) -> list[tuple[int, str]]:
        """The responses to be judged, with the keys of their checks."""
        state, solutions = self._view.state, self._solutions()
        rows = [row for number in state.pages.numbers(order.pages) for row in solutions.to_check(number).tolist()]
        return [(row, solutions.keys[solutions.of.values[row]]) for row in rows]

    def _solutions(self) -> Solutions:
        solutions = self._view.state.responses.solutions
        assert solutions is not None, "a run has checks where answers are judged"
        return solutions

    def _author(self, row: int) -> str:
        state = self._view.state
        worker: str = state.workers[state.pages.worker[state.responses.page.values[row]]].id
        return worker

    def _shown(self, first: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
        """For each solution its key, and what is shown of it: the item's inputs and the answer."""
        rows = np.array(list(first.values()), np.int64)
        places = self._view.state.responses.item.values[rows].astype(np.int64)
        unique, back = np.unique(places, return_inverse=True)
        by_key = {item.key: item for item in self._orders.shown(unique)}
        names = self._view.state.numbering.keys
        items: Iterable[Item] = [by_key[names[place]] for place in unique[back].tolist()]
        given = self._view.quality.given(rows)
        for number, (key, item) in enumerate(zip(first, items, strict=True)):
            answer = {name: values[number] for name, values in given.items() if values[number] is not None}
            yield key, {**item.inputs, **shown_answer(self._view.task.outputs, answer)}

    def finish(self) -> None:
        """Say that no more answers come to be judged, once the run that has them is over."""
        folder = check_folder(self._view)
        if folder is not None:
            feed = folder.feed()
            try:
                with suppress(RunEnded):
                    feed.finish()
            finally:
                feed.close()


def all_heard(view: RunView) -> bool:
    """Whether a run knows all that has been found of its answers, and whether they are judged still."""
    solutions, folder = view.state.responses.solutions, check_folder(view)
    if solutions is None or folder is None:
        return True
    found = _unheard(folder, solutions, 0)
    return not found.keys and found.over == solutions.over


def _unheard(folder: RunFolder, solutions: Solutions, read_to: int) -> Judged:
    """What the log of the checks has that a run has not heard of, not too much at once; it was read so far before."""
    start = max(read_to, solutions.cursor)
    if not folder.log.exists() or folder.log.stat().st_size <= start:
        return Judged(0.0, start, over=solutions.over)
    # Asked before the log is read: what comes to it afterwards is read the next time.
    over = last_ending(folder.log) not in (None, "done")
    found: list[tuple[str, bool | None, float | None]] = []
    cursor = start
    for entry, end in read_finals(folder.log, start):
        cursor = end
        found += () if entry is None else _verdicts(entry)
        if len(found) >= JUDGED_AT_ONCE:
            break
    # Behind an end that is not read up to there may be more.
    over = over and (solutions.over or cursor >= folder.log.stat().st_size)
    keys, right, chances = zip(*found, strict=True) if found else ((), (), ())
    return Judged(0.0, cursor, keys, right, chances, over)


def _verdicts(entry: Final) -> Iterator[tuple[str, bool | None, float | None]]:
    """Key, verdict and chance of being right of the answers that are final."""
    [outcome] = entry.outcomes
    for key, right, sure in zip(entry.keys, outcome.values, outcome.confidence, strict=True):
        yield key, right, sure if sure is None or right else 1 - sure
