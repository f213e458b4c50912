"""What experts said in a trial: as a table, by item, and which items may be known from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dataforge.data.frames import set_apart
from dataforge.data.tables import cells
from dataforge.errors import RunError, SpecError
from dataforge.records import REPORT_REASONS, Values
from dataforge.runs.core.columns import Places
from dataforge.runs.core.pages import REJECTED
from dataforge.runs.core.responses import NO_REPORT
from dataforge.runs.core.tried import Tried, usual_time
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables.columns import answer_column, item_columns
from dataforge.tasks.task import Slot, Task
from dataforge.trials import COMMENT, OK, Opinion, Said, right_names, said_of_item

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HINT", "Feedback", "Verdict"]

HINT = "hint"
"""The column of training items with what a worker should know."""
REPORTED = "reported: {}"
DOUBTS = ("not_ok", "disagree", "comment")


class _Item(NamedTuple):
    """An item that at least one expert has answered: its number, and what was said of it."""

    place: int
    said: Said


class Verdict(NamedTuple):
    """What experts found of a given solution: whether it is right, and, if it is not, what is, where they said so."""

    solution: Values
    ok: bool
    right: Values | None


class Feedback:
    """What experts have said of a trial's items by now."""

    def __init__(self, view: RunView, tried: Tried) -> None:
        self._view = view
        self._judged = tried.judged
        self._task = Task.from_spec(tried.task)
        with view.lock:
            counting = view.state.responses.counting() & ~view.state.responses.on_pages(REJECTED)
            self._rows = np.flatnonzero(counting)
            self._of = view.state.responses.item.values[self._rows].astype(np.int64)
            self._given = view.quality.given(self._rows)
            self._reports = view.state.responses.report.values[self._rows].tolist()
            self._items = list(self._said_by_item())

    # --- all that was said ------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """One row per expert and item: id, inputs, carried columns, answers, `_ok`, `_comment`, expert, seconds."""
        with self._view.lock:
            state = self._view.state
            answers = {} if self._judged else {slot.name: self._given[slot.name] for slot in self._task.outputs}
            said = [name for name in self._given if name not in answers and name not in (OK, COMMENT)]
            ours = [*said, OK, COMMENT, "expert", "seconds"]
            names = set_apart(list(answers), ours)
            frame = item_columns(self._view, self._of, [*names, *ours])
            for name, (output, values) in zip(names, answers.items(), strict=True):
                frame[name] = answer_column(self._view, output, values)
            for output in said:
                frame[output] = answer_column(self._view, output, self._given[output])
            frame[OK] = [self._is_ok(row) for row in range(len(self._rows))]
            frame[COMMENT] = [self._comment(row) for row in range(len(self._rows))]
            workers = [state.workers[one] for one in state.responses.workers(self._rows).tolist()]
            frame["expert"] = [worker.name or worker.id for worker in workers]
            frame["seconds"] = self._seconds()
            return frame

    def duration(self) -> float | None:
        """The mean seconds of an item; None where no page was timed."""
        with self._view.lock:
            return usual_time(self._view.state)

    def doubts(self) -> pd.DataFrame:
        """One row per item of which something is doubtful: id, inputs, `why`, and what experts answered and wrote.

        The gravest come first; see `Trial.doubts`.
        """
        found = [(why, item) for item in self._items if (why := _doubt(item.said)) is not None]
        found.sort(key=lambda one: DOUBTS.index(one[0]))
        frame = self._inputs([item for _, item in found], "why", "answers", "comments")
        frame["why"] = [why for why, _ in found]
        frame["answers"] = [self._answers_to(item.place) for _, item in found]
        frame["comments"] = ["\n".join(item.said.comments) for _, item in found]
        return frame

    def verdicts(self, opinions: int) -> dict[str, Verdict]:
        """By key the verdict on each solution of which so many experts have said something; most of them decide."""
        found = {}
        for place in np.unique(self._of).tolist():
            rows = np.flatnonzero(self._of == place).tolist()
            if len(rows) >= opinions:
                ok = 2 * sum(map(self._is_ok, rows)) > len(rows)
                right = None if ok else self._right(place, rows)
                found[self._view.state.numbering.keys[place]] = Verdict(self._solution(place), ok, right)
        return found

    def _right(self, place: int, rows: Sequence[int]) -> Values | None:
        """What most of those say is right who find the solution wrong; of outputs nobody names what was given."""
        named: Values = {}
        for output, ours in right_names(self._task).items():
            said = [
                self._given[ours][row] for row in rows if not self._is_ok(row) and self._given[ours][row] is not None
            ]
            if said:
                named[output] = Counter(said).most_common(1)[0][0]
        return {**self._solution(place), **named} if named else None

    # --- what may be known from it ----------------------------------------------------------------

    def control_items(self, count: int | None, training: int | None) -> pd.DataFrame:
        """Items that are fit, without those that are kept for training; see `Trial.control_items`."""
        fit = [item for item in self._items if item.said.fit]
        commented = [item for item in fit if item.said.comments]
        kept = len(commented) if training is None else _count("training", training)
        if kept > len(commented):
            raise RunError(f"training={kept}: {len(commented)} items are fit and have a comment; {self._numbers()}")
        there = [item for item in fit if not item.said.comments] + commented[kept:]
        self._check(count, len(there), "control items", f"{kept} that have a comment are kept for training items")
        chosen = there if count is None else _balanced(self._task.outputs, there, _count("count", count))
        return self._known(chosen)

    def training_items(self, count: int | None) -> pd.DataFrame:
        """The first items that are fit and have a comment; see `Trial.training_items`."""
        there = [item for item in self._items if item.said.fit and item.said.comments]
        self._check(count, len(there), "training items", "these need a comment, which is their hint")
        chosen = there if count is None else there[: _count("count", count)]
        frame = self._known(chosen, HINT)
        frame[HINT] = ["\n".join(item.said.comments) for item in chosen]
        return frame

    def _check(self, count: int | None, there: int, what: str, why: str) -> None:
        if there < (1 if count is None else _count("count", count)):
            raise RunError(
                f"{'any' if count is None else count} {what}: {there} items of the trial "
                f"{self._view.description.name!r} can be such ({why}); {self._numbers()}; which, and why, "
                f"say trial.doubts and `dataforge feedback {self._view.description.name} --what doubts`"
            )

    def _numbers(self) -> str:
        """How many items are what, in words."""
        said = [item.said for item in self._items]
        waiting = len(self._view.state.numbering) - len(said)
        not_ok, disagree = sum(not one.ok for one in said), sum(one.ok and not one.agree for one in said)
        return (
            f"of {len(said) + waiting} items {sum(one.fit for one in said)} are OK and experts agree, {not_ok} are not "
            f"OK, on {disagree} experts disagree, {waiting} wait for an answer"
        )

    # --- inside -----------------------------------------------------------------------------------

    def _said_by_item(self) -> Iterator[_Item]:
        rows: dict[int, list[int]] = {}
        for row, place in enumerate(self._of.tolist()):
            rows.setdefault(place, []).append(row)
        for place in sorted(rows):
            opinions = [Opinion(self._is_ok(row), self._answer(row, place), self._comment(row)) for row in rows[place]]
            yield _Item(place, said_of_item(self._task.outputs, opinions))

    def _answer(self, row: int, place: int) -> Values | None:
        """What an expert answered, or the solution that was judged; None where the item was reported."""
        if self._judged:
            return self._solution(place)
        if self._reports[row] != NO_REPORT:
            return None
        return {slot.name: self._given[slot.name][row] for slot in self._task.outputs}

    def _solution(self, place: int) -> Values:
        rows = self._view.items.rows
        return {slot.name: cells(rows, slot.name, place, place + 1)[0] for slot in self._task.outputs}

    def _answers_to(self, place: int) -> Any:
        """What was answered to an item: how many experts said what, for one output a value alone."""
        rows = np.flatnonzero(self._of == place).tolist()
        said = [answer for row in rows if (answer := self._answer(row, place)) is not None]
        said = said[:1] if self._judged else said
        return [next(iter(one.values())) if len(self._task.outputs) == 1 else one for one in said]

    def _is_ok(self, row: int) -> bool:
        return self._reports[row] == NO_REPORT and bool(self._given[OK][row])

    def _comment(self, row: int) -> str:
        report = self._reports[row]
        if report != NO_REPORT:
            return REPORTED.format(REPORT_REASONS[report - 1])
        return self._given[COMMENT][row] or ""

    def _seconds(self) -> Any:
        """Of each answer the time of an item on its page."""
        state = self._view.state
        pages = state.responses.page.values[self._rows]
        counts = np.bincount(pages, minlength=len(state.pages.seconds))
        return np.array(state.pages.seconds, float)[pages] / np.maximum(counts[pages], 1)

    def _inputs(self, items: Sequence[_Item], *ours: str) -> pd.DataFrame:
        """Id, inputs and carried columns of these items; rows that had no ids get some that no other launch has."""
        places: Places = np.array([item.place for item in items], np.int64)
        with self._view.lock:
            frame = item_columns(self._view, places, ours)
        keys = [self._view.state.numbering.keys[place] for place in places.tolist()]
        if keys == [str(place) for place in places.tolist()]:
            frame[self._view.items.key_column] = [f"{self._view.description.name}-{key}" for key in keys]
        return frame

    def _found_from_here(self, slot: Slot, items: Sequence[_Item], named: pd.Series) -> list[Any]:
        """The files of an input by their names, or by whole paths where the names lead elsewhere."""
        values = cells(self._view.items.values, slot.name)
        files = [(values[item.place] or {}).get("file") for item in items]
        return [
            file if file is not None and Path(str(name)).absolute() != Path(file) else name
            for file, name in zip(files, named, strict=True)
        ]

    def _known(self, items: Sequence[_Item], *ours: str) -> pd.DataFrame:
        """These items with their answers, so that they can be read from the current folder."""
        outputs = [] if self._judged else [slot.name for slot in self._task.outputs]
        frame = self._inputs(items, *outputs, *ours)
        for slot in self._task.inputs:
            if slot.type.media and slot.name in frame:
                frame[slot.name] = self._found_from_here(slot, items, frame[slot.name])
        if self._judged:
            # They are among the columns of the items.
            return frame
        answers = [item.said.answer or {} for item in items]
        for slot in self._task.outputs:
            values = np.empty(len(items), object)
            values[:] = [answer.get(slot.name) for answer in answers]
            frame[slot.name] = answer_column(self._view, slot.name, values)
        return frame


def _doubt(said: Said) -> str | None:
    if not said.ok:
        return "not_ok"
    if not said.agree:
        return "disagree"
    return "comment" if said.comments else None


def _count(name: str, count: int) -> int:
    if count < 0:
        raise SpecError(f"{name}: expected a number of items of 0 or more, got {count!r}")
    return count


def _balanced(outputs: Sequence[Slot], items: Sequence[_Item], count: int) -> list[_Item]:
    """So many of the items, of each answer about as many: who always says the most frequent one must not pass."""
    seen: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for place, item in enumerate(items):
        answer = item.said.answer or {}
        kind = tuple(slot.type.canonical(answer.get(slot.name)) for slot in outputs)
        ranked.append((seen[kind], place))
        seen[kind] += 1
    return [items[place] for place in sorted(place for _, place in sorted(ranked)[:count])]
