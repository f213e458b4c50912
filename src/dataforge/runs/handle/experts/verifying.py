"""Items that somebody trusted judges: which to judge, and what was found of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.corrections import Draw, Verify
from dataforge.data.keys import keys_of
from dataforge.data.mistakes import Mistakes
from dataforge.data.sources import Source, read_source
from dataforge.errors import DataError, RunError, SpecError
from dataforge.objects.base import listed, shorten
from dataforge.objects.boolean import Boolean
from dataforge.records import Values
from dataforge.runs.core.columns import Places
from dataforge.runs.core.drawing import draw, lots
from dataforge.runs.driving.view import RunView
from dataforge.runs.driving.ways import way_name
from dataforge.runs.handle.experts.feedback import Verdict
from dataforge.runs.handle.holding.by_hand import given_answers
from dataforge.runs.handle.tables.columns import item_columns
from dataforge.runs.handle.tables.results import names_of_labels

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OK", "Judged", "drawn_now", "findings", "left_to_judge", "verified_by", "waiting"]

OK = "_ok"
"""The column that says whether the run's answer to an item is right."""
RIGHT = "_right"


class Judged(NamedTuple):
    """How many of the run's answers were found right and wrong, and how many rows say nothing yet."""

    right: int
    wrong: int
    left: int


# --- which ----------------------------------------------------------------------------------------


def drawn_now(view: RunView, count: int, *, by_confidence: bool = True) -> tuple[Draw | None, Places]:
    """What is drawn to be judged beside what was drawn before, and the numbers of the new items.

    Without `by_confidence` each item is as likely as another, and must have been so before.
    """
    _refuse_collected(view)
    if count < 0:
        raise SpecError(f"to_verify: expected a number of items of 0 or more, got {count!r}")
    with view.lock:
        before, answered = view.state.corrections.drawn(), view.state.corrections.answered
        if not by_confidence and len(set(before.values())) > 1:
            raise RunError(
                f"run {view.description.name!r}: items were drawn by confidence before, those likelier of which it is "
                "in doubt, and a plain sample beside them would be none; draw by confidence again"
            )
        items, sure = _stated(view, view.state.in_results())
        open_ = ~np.isin(items, list(answered - before.keys()))
        items, sure = items[open_], sure[open_] if by_confidence else np.full(int(open_.sum()), np.nan)
        lot = lots(view.description.first_name, len(view.state.numbering))[items]
        chosen, chances = draw(sure, np.isin(items, list(before)), lot, count)
        if not len(chosen):
            return None, items[chosen]
        told = dict(zip(items.tolist(), chances.tolist(), strict=True))
        # The earlier ones are likelier to be drawn now than they were.
        noted = {item: told.get(item, chance) for item, chance in before.items()}
        noted |= {item: told[item] for item in items[chosen].tolist()}
        keys = view.state.numbering.keys
        return Draw(tuple(keys[item] for item in noted), tuple(noted.values())), items[np.sort(chosen)]


def waiting(view: RunView, items: Places | None = None) -> pd.DataFrame:
    """The drawn items that nobody has judged yet, or these: id, inputs, answers, confidences, and `_ok`, empty."""
    with view.lock:
        items = left_to_judge(view) if items is None else items
        ours = names_of_labels(view.task, view.policy, view.items)
        # What a table says is right is a right answer: a column of the user's may not be taken for one.
        columns = [*ours.answers, *ours.confidences, OK, *_columns_of_right(view).values()]
        frame = item_columns(view, items, [*columns, view.items.key_column])
        outcomes = view.quality.outcomes(items)
        for answer, confidence, outcome in zip(ours.answers, ours.confidences, outcomes, strict=True):
            frame[answer] = outcome.values
            frame[confidence] = outcome.confidence.astype(float)
        frame[OK] = None
        return frame


def _columns_of_right(view: RunView) -> dict[str, str]:
    """The columns that may say what is right, by output."""
    outputs = [slot.name for slot in view.task.outputs]
    return {name: RIGHT if len(outputs) == 1 else f"{RIGHT}_{name}" for name in outputs}


def left_to_judge(view: RunView) -> Places:
    """The drawn items that nobody has judged yet."""
    with view.lock:
        left = view.state.corrections.drawn().keys() - view.state.corrections.answered
        return np.array(sorted(left), np.int64)


def _stated(view: RunView, items: Places) -> tuple[Places, Floats]:
    """Those of these items that have an answer to each required output, and how sure the least sure of each is."""
    outcomes = view.quality.outcomes(items)
    there = np.ones(len(items), bool)
    for outcome in outcomes:
        if view.task.output(outcome.output).required:
            there &= np.array([value is not None for value in outcome.values], bool)
    there &= view.state.responses.answered(items) > 0
    sure = np.min([outcome.confidence for outcome in outcomes], axis=0).astype(np.float64)
    return items[there], sure[there]


def _refuse_collected(view: RunView) -> None:
    if way_name(view.task, view.policy) == "collect":
        raise RunError(
            f"run {view.description.name!r} keeps all answers to an item, and none of them is found right: there is "
            "nothing to verify; read them by run.solutions()"
        )


# --- what was found -------------------------------------------------------------------------------


def findings(view: RunView, data: Any, encoding: str | None = None) -> tuple[list[Verify], Judged]:
    """What a table says of items of the run, and how many are found what; raises `DataError` with all mistakes."""
    _refuse_collected(view)
    source = read_source(data, "verified", encoding)
    with view.lock:
        table = _Table.of(source, view)
        found: list[Verify] = []
        with Mistakes() as mistakes:
            keys = keys_of(source, table.key, control=False)[0].to_pylist()
            before = _answers_of(view, [view.state.numbering.index.get(key, -1) for key in keys])
            seen: set[str] = set()
            for row, key, said, (answer, sure) in zip(range(len(keys)), keys, table.rows(), before, strict=True):
                with mistakes.noted():
                    table.check(row, key, seen)
                    one = table.finding(row, key, said, answer, sure)
                    found += [] if one is None else [one]
    right = sum(one.ok for one in found)
    return found, Judged(right, len(found) - right, len(keys) - len(found))


def verified_by(view: RunView, verdicts: Mapping[str, Verdict]) -> list[Verify]:
    """What experts found of items, by key, that were drawn and that nobody has judged."""
    with view.lock:
        left = left_to_judge(view)
        keys = [key for item in left.tolist() if (key := view.state.numbering.keys[item]) in verdicts]
        before = _answers_of(view, [view.state.numbering.index[key] for key in keys])
    found = []
    for key, (answer, sure) in zip(keys, before, strict=True):
        judged, ok, right = verdicts[key]
        judged = {name: value for name, value in judged.items() if value is not None}
        right = None if ok else right or _the_other(view, judged)
        found.append(Verify(key, judged, ok, right, sure if judged == answer else {}))
    return found


def _answers_of(view: RunView, numbers: Sequence[int]) -> list[tuple[Values | None, dict[str, float]]]:
    """What the run answers to these items, and how sure it is, by output; of -1, no item, nothing."""
    outcomes = view.quality.outcomes(np.array([max(number, 0) for number in numbers], np.int64))
    found: list[tuple[Values | None, dict[str, float]]] = []
    for place, number in enumerate(numbers):
        there = [one for one in outcomes if number >= 0 and one.values[place] is not None]
        answer = {one.output: one.values[place] for one in there}
        sure = {one.output: float(one.confidence[place]) for one in there}
        found.append((answer or None, {name: value for name, value in sure.items() if not math.isnan(value)}))
    return found


@dataclass(frozen=True)
class _Table:
    """A table of findings: the column of ids, those of answers by output, `_ok`, and those of right answers."""

    source: Source
    view: RunView
    key: str
    answers: Mapping[str, str]
    ok: bool
    rights: Mapping[str, str]

    @classmethod
    def of(cls, source: Source, view: RunView) -> _Table:
        """The table in a source; raises `DataError` if it says nothing of items of the run."""
        there, outputs = source.table.column_names, [slot.name for slot in view.task.outputs]
        key = next((name for name in (view.items.key_column, "id") if name in there), None)
        if key is None:
            raise DataError(
                f"{source.name}: expected a column {view.items.key_column!r} with the ids of items, got "
                f"{listed(there)}; take the table of run.to_verify(…) or of run.labels()"
            )
        names = _columns_of_right(view)
        found = cls(
            source,
            view,
            key,
            {name: name for name in outputs if name in there},
            OK in there,
            {name: column for name, column in names.items() if column in there},
        )
        if not found.ok and not found.answers:
            raise DataError(
                f"{source.name}: expected the right answers ({listed(outputs)}), or a column {OK!r} that says whether "
                f"the run's are right, got {listed(there)}; add one of them"
            )
        return found

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """What each row says, by column."""
        names = [self.key, *self.answers.values(), *([OK] if self.ok else []), *self.rights.values()]
        return iter(self.source.table.select(list(dict.fromkeys(names))).to_pylist())

    def check(self, row: int, key: str, seen: set[str]) -> None:
        """Raise `DataError` if the id is none that can be judged, or stood in a row before."""
        place, numbering = self.source.rows.place(row, self.key), self.view.state.numbering
        if key in seen:
            raise DataError(f"{place}: the id {key!r} stands in a row before; judge each item once")
        seen.add(key)
        number = numbering.index.get(key)
        if number is None:
            name = self.view.description.name
            raise DataError(f"{place}: run {name!r} has no item {key!r}; give ids as run.labels() has them")
        if numbering.control[number]:
            raise DataError(
                f"{place}: {key!r} is a control item, whose answer is known; leave it out, or mend it by run.correct"
            )

    def finding(
        self, row: int, key: str, said: Mapping[str, Any], answer: Values | None, sure: dict[str, float]
    ) -> Verify | None:
        """What a row says of the run's answer, of which it is so sure; None: nothing yet."""
        told = self._given(row, said, self.answers)
        if not self.ok:
            return None if told is None else _compared(key, self.view, told, answer, sure)
        ok = self._ok(row, said[OK])
        if ok is None:
            return None
        judged = answer if told is None else told
        if judged is None:
            place = self.source.rows.place(row, OK)
            raise DataError(f"{place}: nothing was answered to the item {key!r} yet; give its right answer instead")
        right = None if ok else self._given(row, said, self.rights) or _the_other(self.view, judged)
        return Verify(key, judged, ok, right, sure if judged == answer else {})

    def _ok(self, row: int, value: Any) -> bool | None:
        if _is_nothing(value):
            return None
        found = Boolean().from_text(value) if isinstance(value, str) else value
        if found in (True, False):  # 1 and 0 too
            return bool(found)
        place = self.source.rows.place(row, OK)
        raise DataError(f"{place}: expected yes or no, got {shorten(value)}; leave it empty where nobody has judged")

    def _given(self, row: int, said: Mapping[str, Any], columns: Mapping[str, str]) -> Values | None:
        """The answers that a row gives in these columns; None where it gives none."""
        there = {name: said[column] for name, column in columns.items() if not _is_nothing(said[column])}
        try:
            return given_answers(self.view.task, there) if there else None
        except DataError as error:
            raise DataError(f"{self.source.rows.place(row, next(iter(columns.values())))}: {error}") from None


def _is_nothing(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _compared(key: str, view: RunView, right: Values, answer: Values | None, sure: dict[str, float]) -> Verify:
    """What right answers say of those that the run has: an item's are right if all that are given are alike enough."""
    if answer is None:
        return Verify(key, None, False, right)
    ok = all(_alike(view, name, answer.get(name), value) for name, value in right.items())
    return Verify(key, answer, ok, None if ok else answer | right, sure)


def _alike(view: RunView, output: str, one: Any, right: Any) -> bool:
    """Whether an answer is so near to the right one as that to a control item has to be."""
    if one is None or one == right:
        return bool(one == right)
    kind = view.task.output(output).type
    asked = view.policy.control_similarity
    least = kind.control_similarity if asked is None else asked
    return kind.labels() is None and least is not None and kind.similarity(one, right) >= least


def _the_other(view: RunView, wrong: Values) -> Values | None:
    """The right answer where there are two and one of them is wrong."""
    [*slots] = view.task.outputs
    labels = slots[0].type.labels() if len(slots) == 1 and slots[0].required else None
    if labels is None or len(labels) != 2:
        return None
    [right] = [label for label in labels if label != wrong[slots[0].name]]
    return {slots[0].name: right}
