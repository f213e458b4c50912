"""Corrections of a run as they are kept: their answers clean, and of items that the run has."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import msgspec

from dataforge.corrections import (
    AskMore,
    Correct,
    Correction,
    Draw,
    GiveBonus,
    OfItem,
    OfPage,
    SetAside,
    Uncorrect,
    Verify,
    Withdraw,
)
from dataforge.data.items import Items
from dataforge.errors import AnswerError, DataError, Overtaken
from dataforge.records import Values
from dataforge.tasks.task import Task

__all__ = ["checked_correction", "corrections_in", "known_at_first", "new_bonuses", "not_said"]

MOST_MORE = 100
"""So many more answers to one item can be asked for at once."""


def checked_correction(
    task: Task, correction: Correction, find: Callable[[str], Items], before: Callable[[], Sequence[Correction]]
) -> Correction:
    """The correction with its answers clean; raises `DataError` if it does not fit the run.

    `find` gives an item by its key, `before` all that was corrected before.
    """
    if isinstance(correction, Draw):
        return _checked_draw(correction, find)
    if isinstance(correction, GiveBonus):
        return _checked_bonus(correction, before())
    if not isinstance(correction, OfItem):
        return correction
    item = find(correction.item)
    match correction:
        case Withdraw() if not item.control[0]:
            raise DataError(f"item {correction.item!r} is no control item; only those can be withdrawn")
        case Withdraw():
            return correction
        case Uncorrect():
            return _taken_back(task, item, correction, before())
        case AskMore() | SetAside():
            return _checked_wish(item, correction)
        case Verify():
            return _checked_finding(task, item, correction)
        case Correct():
            return Correct(correction.item, _clean_answers(task, item, correction.answer))


def new_bonuses(corrections: Sequence[Correction], before: Sequence[Correction]) -> list[GiveBonus]:
    """Those of the corrections that are bonuses under keys by which none was given before."""
    given = {one.key for one in before if isinstance(one, GiveBonus)}
    return [one for one in corrections if isinstance(one, GiveBonus) and one.key not in given]


def _checked_bonus(bonus: GiveBonus, before: Sequence[Correction]) -> GiveBonus:
    """The bonus; raises `DataError` if another one was given under its key."""
    given = next((one for one in before if isinstance(one, GiveBonus) and one.key == bonus.key), bonus)
    if (given.worker, given.amount) != (bonus.worker, bonus.amount):
        raise DataError(
            f"key {bonus.key!r}: a bonus of {given.amount / 1e6:g} for the worker {given.worker!r} was given under it, "
            f"and none of {bonus.amount / 1e6:g} for {bonus.worker!r} is paid; choose another key"
        )
    return bonus


def _taken_back(task: Task, item: Items, correction: Uncorrect, before: Sequence[Correction]) -> Correction:
    """What takes back the corrections of an item: of a control item a correction to what it came with."""
    key = correction.item
    own = [one for one in before if isinstance(one, OfItem) and one.item == key]
    if any(isinstance(one, Withdraw) for one in own):
        raise DataError(f"the control item {key!r} was withdrawn, which cannot be taken back; add it under another id")
    if not own or isinstance(own[-1], Uncorrect):
        raise DataError(f"item {key!r} was not corrected; there is nothing to take back")
    return Correct(key, known_at_first(task, item)) if item.control[0] else correction


def _clean_answers(task: Task, item: Items, answer: Values) -> Values:
    """Answers to an item as they are kept; raises `DataError` if they are none."""
    (record,) = item.records(0, 1)
    try:
        return task.check_answers(answer, record.inputs)
    except AnswerError as error:
        raise DataError(f"item {item.keys[0]!r}: {error}") from error


def _checked_finding(task: Task, item: Items, found: Verify) -> Verify:
    """What was found of a real item, with its answers clean."""
    key = found.item
    if item.control[0]:
        raise DataError(f"item {key!r} is a control item: its answer is known; mend it by run.correct({key!r}, …)")
    if not found.held:
        raise DataError(f"item {key!r}: nothing was answered that could be right or wrong; give the right answer")
    told = (found.judged, found.answer)
    judged, answer = (None if said is None else _clean_answers(task, item, said) for said in told)
    return msgspec.structs.replace(found, judged=judged, answer=answer)


def _checked_wish(item: Items, wish: AskMore | SetAside) -> AskMore | SetAside:
    """A real item that is asked again, or left out."""
    key = wish.item
    if item.control[0]:
        raise DataError(f"item {key!r} is a control item: its answer is known; mend it by run.correct, or withdraw it")
    if isinstance(wish, AskMore) and not 1 <= wish.count <= MOST_MORE:
        raise DataError(f"item {key!r}: expected 1 to {MOST_MORE} more answers, got {wish.count}")
    return wish


def not_said(corrections: Sequence[Correction], meanwhile: Sequence[Correction]) -> list[Correction]:
    """Those of the corrections that nobody made meanwhile; who made others of the same items or pages is heard first.

    Raises `Overtaken` where something else was said of one of them.
    """
    last = {subject: one for one in meanwhile if (subject := _subject(one))}
    for one in corrections:
        subject = _subject(one)
        if subject and last.get(subject, one) != one:
            raise Overtaken(f"{subject} was corrected by somebody else meanwhile; look at what they did, and ask again")
    return [one for one in corrections if _subject(one) not in last]


def _subject(correction: Correction) -> str | None:
    """The item or page that a correction is about; None for one of something else."""
    if isinstance(correction, OfItem):
        return f"item {correction.item!r}"
    return f"page {correction.page!r}" if isinstance(correction, OfPage) else None


def _checked_draw(draw: Draw, find: Callable[[str], Items]) -> Draw:
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


def corrections_in(db: sqlite3.Connection, after: int) -> tuple[Correction, ...]:
    """The corrections that are kept after so many others."""
    rows = db.execute("SELECT correction FROM corrections WHERE number > ? ORDER BY number", (after,))
    return tuple([msgspec.json.decode(content, type=Correction) for (content,) in rows])
