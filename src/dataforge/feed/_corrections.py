"""Corrections of a run as they are kept: their answers clean, and of items that the run has."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from dataforge.corrections import Draw, Verify
from dataforge.errors import AnswerError, DataError
from dataforge.items import Items
from dataforge.records import Values
from dataforge.task import Task

__all__ = ["checked_draw", "checked_finding", "clean_answers", "known_at_first"]


def clean_answers(task: Task, item: Items, answer: Values) -> Values:
    """Answers to an item as they are kept; raises `DataError` if they are none."""
    (record,) = item.records(0, 1)
    try:
        return task.check_answers(answer, record.inputs)
    except AnswerError as error:
        raise DataError(f"item {item.keys[0]!r}: {error}") from error


def checked_finding(task: Task, item: Items, found: Verify) -> Verify:
    """What was found of a real item, with its answers clean."""
    key = found.item
    if item.control[0]:
        raise DataError(f"item {key!r} is a control item: its answer is known; mend it by run.correct({key!r}, …)")
    if not found.held:
        raise DataError(f"item {key!r}: nothing was answered that could be right or wrong; give the right answer")
    told = (found.judged, found.answer)
    judged, answer = (None if said is None else clean_answers(task, item, said) for said in told)
    return msgspec.structs.replace(found, judged=judged, answer=answer)


def checked_draw(draw: Draw, find: Callable[[str], Items]) -> Draw:
    """A draw of real items of the run."""
    if len(draw.items) != len(draw.chances) or not all(0 < chance <= 1 for chance in draw.chances):
        raise DataError("a draw: expected a probability above 0 and up to 1 for each item")
    for key in draw.items:
        if find(key).control[0]:
            raise DataError(f"a draw: item {key!r} is a control item, whose answer is known")
    return draw


def known_at_first(task: Task, item: Items) -> Values:
    """The known answers with which a control item came."""
    return {slot.name: value for slot in task.outputs if (value := item.known(slot.name)[0]) is not None}
