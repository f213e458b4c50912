"""The run in which others judge a run's answers, as the run that asks for it sees that: it feeds it, and reads on in
its log. Who drives the one drives the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from dataforge.checks import check_items, shown_together, told_of
from dataforge.data.items import Items
from dataforge.endings import last_ending
from dataforge.errors import Refused, RunEnded
from dataforge.feed import KnownKeys
from dataforge.models import Checkers
from dataforge.objects.base import ObjectType
from dataforge.platforms import Platform
from dataforge.records import Judge, Withhold
from dataforge.runs.core.columns import Places
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Check, Final, Judged, read_finals
from dataforge.runs.core.solutions import NO_SOLUTION, Solutions
from dataforge.runs.driving.friends import Friends
from dataforge.runs.driving.orders import Orders
from dataforge.runs.driving.view import RunView
from dataforge.tasks.task import Task

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
    """The checks of one run's answers; `judging` is the run in which they are judged, as this process drives it.

    `checkers`: models that are asked about each answer before people are.
    """

    def __init__(
        self,
        view: RunView,
        platform: Platform,
        orders: Orders,
        judging: RunView | None,
        checkers: Checkers | None = None,
    ) -> None:
        self._view = view
        self._checkers = checkers
        self._judging = judging
        self._platform = platform
        self._orders = orders
        # What the log of the checks has up to here was read, and had nothing to write down behind what was.
        self._read_to = 0
        self._known = KnownKeys()
        self._kind: ObjectType | None = None
        self._friends: Friends | None = None

    def news(self) -> Judged | None:
        """What has been found since the last time, not too much at once; None: nothing."""
        solutions = self._view.state.responses.solutions
        if solutions is None:
            return None
        folder = check_folder(self._view)
        if folder is None:
            return None if solutions.over else Judged(self._platform.now(), solutions.cursor, over=True)
        if self._kind is None:
            self._kind = _question(folder)
        found = _unheard(folder, self._kind, solutions, self._read_to)
        if not found.keys and found.over == solutions.over:
            self._read_to = found.cursor
            return None
        friends = self._who_is_friends()
        return replace(found if friends is None else friends.without(found), at=self._platform.now())

    def friends(self) -> Judged | None:
        """Who is newly found to find the answers of others right whatever these are, and which that concerns.

        What these people have answered is judged by others from then on.
        """
        friends, solutions = self._who_is_friends(), self._view.state.responses.solutions
        if friends is None or solutions is None or not (groups := friends.found()):
            return None
        before, told = dict(solutions.friends), False
        try:
            solutions.befriend(groups)
            waiting = friends.to_withhold()
            # Done again if this process ends before that is written down.
            told = not waiting or self._withhold(f"friends-{len(solutions.friends)}-{solutions.cursor}", waiting)
        finally:
            if not told:
                # What is not in the log is not known: they are found again.
                solutions.friends = before
                friends.look_again()
        if not told:
            return None
        keys = friends.unjudged()
        nothing = (None,) * len(keys)
        return Judged(self._platform.now(), solutions.cursor, keys, nothing, nothing, solutions.over, friends=groups)

    def _who_is_friends(self) -> Friends | None:
        folder = check_folder(self._view)
        if self._friends is None and self._judging is not None and folder is not None:
            self._friends = Friends(self._view.state, self._judging, _question(folder))
        return self._friends

    def carry_out(self, order: Check) -> bool:
        """Have the answers of an order judged; False: not all yet, try again."""
        folder = check_folder(self._view)
        if folder is None:
            return True
        task = folder.describe().task()
        authors, first = self._to_check(order)
        feed = folder.feed()
        try:
            if order.drafts:
                drafts = self._drafts(order, task)
                feed.add_answers(drafts, dict.fromkeys(drafts.keys, ()), self._known)
            if friends := self._who_is_friends():
                authors = {key: friends.beside(workers) for key, workers in authors.items()}
            before = feed.add_answers(self._answers(list(authors), first, task), authors, self._known)
        except RunEnded:  # what is not judged any more is told by the end of its log
            return True
        finally:
            feed.close()
        return not before or self._withhold(order.key, {key: tuple(authors[key]) for key in before})

    def keep_from_authors(self, order: Judge) -> bool:
        """Let nobody judge what they have said themselves on a page that is rejected before anybody judged it.

        Somebody else may have given the same answer, or give it later. False: the platform has not got that yet.
        """
        solutions, pages = self._view.state.responses.solutions, self._view.state.pages
        if solutions is None:
            return True
        rows, _ = pages.responses([page for page in pages.numbers(order.rejected) if page not in solutions.sent])
        rows = rows[solutions.of.values[rows] != NO_SOLUTION]
        folder = check_folder(self._view)
        if folder is None or not len(rows):
            return True
        authors: dict[str, list[str]] = {}
        workers = self._view.state.responses.workers(rows).tolist()
        for number, worker in zip(solutions.of.values[rows].tolist(), workers, strict=True):
            authors.setdefault(solutions.keys[number], []).append(self._view.state.workers[worker].id)
        feed = folder.feed()
        try:
            there = feed.keep_from(folder.describe().task(), authors, self._known)
        finally:
            feed.close()
        return not there or self._withhold(f"{order.key}-authors", {key: tuple(authors[key]) for key in there})

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

    def _to_check(self, order: Check) -> tuple[dict[str, Sequence[str]], Places]:
        """The solutions that are to be judged: who has given each, by its key, and the first response that gives it."""
        state, solutions = self._view.state, self._solutions()
        rows, _ = solutions.to_check(state.pages.numbers(order.pages))
        authors: dict[str, list[str]] = {}
        first = []
        numbers, workers = solutions.of.values[rows].tolist(), state.responses.workers(rows).tolist()
        for row, number, worker in zip(rows.tolist(), numbers, workers, strict=True):
            given = authors.setdefault(solutions.keys[number], [])
            if not given:
                first.append(row)
            given.append(state.workers[worker].id)
        return dict(authors), np.array(first, np.int64)

    def _drafts(self, order: Check, task: Task) -> Items:
        """The drafts that are to be judged, as items of the check."""
        view, solutions = self._view, self._solutions()
        numbers = sorted(view.state.numbering.index[name] for name in order.drafts)
        places = np.array(numbers, np.int64)
        drafts, inputs = view.drafts(places), view.inputs(places)
        answers = {slot.name: [draft.get(slot.name) for draft in drafts] for slot in view.task.outputs}
        keys = [solutions.keys[number] for number in solutions.draft.values[places].tolist()]
        return self._items(task, keys, numbers, inputs, answers)

    def _solutions(self) -> Solutions:
        solutions = self._view.state.responses.solutions
        assert solutions is not None, "a run has checks where answers are judged"
        return solutions

    def _answers(self, keys: list[str], rows: Places, task: Task) -> Items:
        """The answers of these responses as items of the check, by their keys."""
        items = self._view.state.responses.item.values[rows].astype(np.int64)
        places, back = np.unique(items, return_inverse=True)
        inputs = self._view.inputs(places).take(pa.array(back))
        return self._items(task, keys, items.tolist(), inputs, self._view.quality.given(rows))

    def _items(
        self, task: Task, keys: list[str], of: Sequence[int], inputs: pa.Table, answers: Mapping[str, Iterable[Any]]
    ) -> Items:
        """Answers as items of the check, with what models say of them; `of`: of which items they are."""
        outputs, names = self._view.task.outputs, self._view.state.numbering.keys
        told = told_of(self._view.task, [names[number] for number in of], inputs)
        shown = shown_together(outputs, self._orders.referring(inputs), answers)
        if self._checkers is None:
            return check_items(task, keys, shown, told)
        # Models are given files as they lie here, and not as the platform calls them.
        asked = check_items(task, keys, shown_together(outputs, inputs, answers), told)
        for field, column in self._checkers.columns(asked):
            told = told.append_column(field, column)
        return check_items(task, keys, shown, told)

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
    found = _unheard(folder, _question(folder), solutions, 0)
    return not found.keys and found.over == solutions.over


def _question(folder: RunFolder) -> ObjectType:
    """How those are asked who judge."""
    [asked] = folder.describe().task().outputs
    return asked.type


def _unheard(folder: RunFolder, kind: ObjectType, solutions: Solutions, read_to: int) -> Judged:
    """What the log of the checks has that a run has not heard of, not too much at once; it was read so far before."""
    start = max(read_to, solutions.cursor)
    if not folder.log.exists() or folder.log.stat().st_size <= start:
        return Judged(0.0, start, over=solutions.over)
    # Asked before the log is read: what comes to it afterwards is read the next time.
    over = last_ending(folder.log) not in (None, "done")
    found: list[_Verdict] = []
    cursor = start
    for entry, end in read_finals(folder.log, start):
        cursor = end
        found += () if entry is None else _verdicts(entry, kind)
        if len(found) >= JUDGED_AT_ONCE:
            break
    # Behind an end that is not read up to there may be more.
    over = over and (solutions.over or cursor >= folder.log.stat().st_size)
    keys, right, chances, reasons = zip(*found, strict=True) if found else ((), (), (), ())
    return Judged(0.0, cursor, keys, right, chances, over, reasons if any(reasons) else ())


class _Verdict(NamedTuple):
    """What was found of an answer, by the key of its check: whether it is right, how probably, and why not."""

    key: str
    right: bool | None
    chance: float | None
    reason: str | None


def _verdicts(entry: Final, kind: ObjectType) -> Iterator[_Verdict]:
    """What is final of answers that were judged by labels of this type."""
    [outcome] = entry.outcomes
    rights, reasons = frozenset(kind.rights() or ()), kind.reasons()
    for key, said, sure in zip(entry.keys, outcome.values, outcome.confidence, strict=True):
        right = None if said is None else said in rights
        yield _Verdict(key, right, sure if sure is None or right else 1 - sure, said if said in reasons else None)
