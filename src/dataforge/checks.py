"""The check of a task: its workers judge what others answered. Pure: a task in, its check and control items out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.data.keys import Keys
from dataforge.data.places import Rows
from dataforge.data.rows import free_name, no_values
from dataforge.data.tables import cells, column_of, table_of
from dataforge.errors import SpecError
from dataforge.objects.base import Label, ObjectType, listed
from dataforge.objects.boolean import Boolean
from dataforge.objects.rating import Rating
from dataforge.records import Texts, Values
from dataforge.tasks.signature import ANSWER, words_of
from dataforge.tasks.task import Slot, Task, usual_duration

__all__ = [
    "CheckControl",
    "asked_themselves",
    "check_controls",
    "check_items",
    "check_key",
    "check_name",
    "check_task",
    "control_items",
    "own_check",
    "said",
    "shown_answer",
    "shown_together",
    "told_of",
]

ROWS = Rows("the answers to be judged")
DIGEST_SIZE = 16
OF_ITEM = "item"
"""The column of a check that names the item which an answer is of; `_` is put behind it where that is taken."""


def check_task(task: Task) -> Task:
    """The task of judging an answer to another: its inputs and its outputs are shown, and whether it is right is asked.

    An output that may be left out is an input that may be absent. The duration is what looking or listening and a
    decision take: as much of the task's own duration as that is of what such a task takes by itself.
    """
    shown = (*task.inputs, *(replace(slot, type=slot.type.as_input(), title=_title(slot)) for slot in task.outputs))
    asked = Slot(check_name(task), Boolean(), say("check_question"))
    return Task(
        id=f"{task.id[:94]}-check",
        name=say("check_name", task=task.name),
        instruction=say("check_instruction", task=task.instruction),
        duration=round(_looking_seconds(task, shown) + asked.type.answering_seconds, 1),
        inputs=shown,
        outputs=(asked,),
        description=say("check_description"),
    )


def _looking_seconds(task: Task, shown: Sequence[Slot]) -> float:
    """How long it takes to look at or listen to what is shown; who says that a task takes twice the usual time has
    recordings, say, that are twice as long.
    """
    return sum(slot.type.reading_seconds for slot in shown) * task.duration / usual_duration(task.inputs, task.outputs)


def own_check(task: Task, own: Task) -> Task:
    """A hand-written check of a task: its words, title, order of inputs and duration, and what the derived one shows.

    Raises `SpecError` unless its inputs are the task's inputs and outputs, by name and type, and it asks one question
    that tells right from wrong.
    """
    shown = {slot.name: slot for slot in check_task(task).inputs}
    named = {slot.name: slot for slot in own.inputs}
    where = f"check {own.id!r} of the task {task.id!r}"
    if missing := [name for name in shown if name not in named]:
        raise SpecError(f"{where}: lacks the input {missing[0]!r}; expected {listed(shown)}, got {listed(named)}")
    if odd := [name for name in named if name not in shown]:
        raise SpecError(f"{where}: has an input {odd[0]!r} that the task has not; expected {listed(shown)}")
    for name, slot in named.items():
        if slot.type.name != shown[name].type.name:
            raise SpecError(
                f"{where}: input {name!r} is of the type {slot.type.name}, in the task it is {shown[name].type.name}"
            )
    if len(own.outputs) != 1 or not own.outputs[0].required or own.outputs[0].type.rights() is None:
        raise SpecError(
            f"{where}: it asks one question that tells right from wrong; let it return bool, a rating that says from "
            "where on an answer is right, df.Rating(1, 5, right=4), or a Choice with an option that says so, "
            "df.option(…, right=True), among others that do not"
        )
    inputs = tuple(replace(shown[name], title=_own_title(slot, shown[name].title)) for name, slot in named.items())
    asked = own.outputs[0]
    judged = replace(asked, title=_own_title(asked, say("check_judgement")))
    return replace(own, timing=None, inputs=inputs, outputs=(judged,))


def _own_title(slot: Slot, usual: Texts) -> Texts:
    """The title that its author gave it, else the usual one: who judges is told whose answer is whose."""
    return usual if slot.title == {"en": words_of(slot.name)} else slot.title


def said(kind: ObjectType, *, right: bool) -> Label:
    """What somebody says of an answer who is asked by this type whether it is right, and has no more to say."""
    rights, labels = kind.rights() or (), kind.labels() or ()
    if right:
        # Of a rating the highest, of options the first one.
        return rights[-1] if kind.name == Rating.name else rights[0]
    return next(label for label in labels if label not in rights)


def check_name(task: Task) -> str:
    """The name of the output by which an answer to a task is judged: `ok`, with `_` behind it where that is taken."""
    taken = {slot.name for slot in (*task.inputs, *task.outputs)}
    return next(name for length in count() if (name := "ok" + "_" * length) not in taken)


def check_key(outputs: Sequence[Slot], item: str, answer: Mapping[str, Any]) -> str:
    """The key of the check of an answer to an item: answers that are the same have it in common, and no others."""
    said = {
        slot.name: None if (value := answer.get(slot.name)) is None else slot.type.canonical(value) for slot in outputs
    }
    return hashlib.blake2b(msgspec.json.encode([item, said], order="sorted"), digest_size=DIGEST_SIZE).hexdigest()


def shown_answer(outputs: Sequence[Slot], answer: Mapping[str, Any]) -> Values:
    """What of an answer those who judge it see, by output."""
    return {slot.name: slot.type.as_shown(value) for slot in outputs if (value := answer.get(slot.name)) is not None}


def shown_together(outputs: Sequence[Slot], inputs: pa.Table, answers: Mapping[str, Iterable[Any]]) -> pa.Table:
    """What those who judge answers see, a row for each: the inputs of its item, and what `shown_answer` gives."""
    columns = [(field, inputs.column(field.name)) for field in inputs.schema]
    for slot in outputs:
        shown = [None if value is None else slot.type.as_shown(value) for value in answers[slot.name]]
        columns.append(column_of(shown, slot.name, ROWS))
    return table_of(columns)


def told_of(task: Task, items: Sequence[str], inputs: pa.Table) -> pa.Table:
    """What the requester of a check is told of its items: which items of the task they are of, and files by name."""
    taken = {slot.name for slot in (*task.inputs, *task.outputs)}
    of_item = next(name for length in count() if (name := OF_ITEM + "_" * length) not in taken)
    columns = [column_of(list(items), of_item, ROWS)]
    for slot in task.inputs:
        if slot.type.media:
            columns.append(column_of([_file_name(value) for value in cells(inputs, slot.name)], slot.name, ROWS))
    return table_of(columns)


def _file_name(value: Any) -> Any:
    """A file by its path or its address; other values as they are."""
    return next((value[where] for where in ("file", "url") if where in value), value) if value else value


@dataclass(frozen=True)
class CheckControl:
    """A control item of a check: what is shown, the item that it was made of, and whether the answer is right."""

    key: str
    item: str
    inputs: Values
    right: bool


def asked_themselves(task: Task, known: Sequence[tuple[str, Values, Values]], seed: int) -> set[str]:
    """Which items whose answers are known, (key, inputs, answers), are asked as control items of the task itself.

    By chance about half, and none of the others: these are control items of the check. Who has judged the right answer
    to an item, or tells others of it, would know it when it is asked, and know it for a control item. Asked are items
    with an answer that can be compared; those of which the check cannot show a whole answer all are.
    """
    compared = [slot.name for slot in task.outputs if slot.type.control_similarity is not None]
    asked: set[str] = set()
    judged = 0
    for key, _, answers in Random(seed).sample(known, len(known)):
        can_be_asked = any(answers.get(name) is not None for name in compared)
        if can_be_asked and (not _is_whole(task, answers) or len(asked) < judged):
            asked.add(key)
        else:
            judged += 1
    return asked


def check_controls(task: Task, known: Sequence[tuple[str, Values, Values]], seed: int) -> list[CheckControl]:
    """Control items of a check, made of items whose answers are known: (key, inputs, answers) in JSON form.

    By chance about half are shown with a right answer, and the others with one that was spoilt, so that who always says
    the same fails. One item makes one control item: two answers to it beside each other would tell which is which. Of
    an item without an answer to each required output nothing is made.
    """
    rng = Random(seed)
    whole = [one for one in known if _is_whole(task, one[2])]
    return list(_halved(task, rng.sample(whole, len(whole)), rng))


def check_items(task: Task, keys: Sequence[str], shown: pa.Table, told: pa.Table, right: Sequence[bool] = ()) -> Items:
    """Items of a check task, by their keys, in JSON form; with `right` they are control items.

    `told` are columns for the requester, beside what is shown or in its place.
    """
    values = rows = shown.select([slot.name for slot in task.inputs])
    for field in told.schema:
        place = rows.schema.get_field_index(field.name)
        column = (field, told.column(field.name))
        rows = rows.append_column(*column) if place < 0 else rows.set_column(place, *column)
    [asked] = task.outputs
    known = no_values(task.outputs, len(keys))
    return Items(
        task=task,
        name=ROWS.name,
        keys=Keys(pa.array(keys, pa.large_string())),
        control=np.full(len(keys), bool(right), np.bool_),
        rows=rows,
        values=values,
        answers=table_of([column_of([said(asked.type, right=one) for one in right], asked.name, ROWS)])
        if right
        else known,
        drafts=known,
        key_column=free_name(None, values.column_names),
    )


def _is_whole(task: Task, answers: Values) -> bool:
    """Whether there is an answer to each required output."""
    return all(answers.get(slot.name) is not None for slot in task.outputs if slot.required)


def control_items(task: Task, check: Task, controls: Sequence[CheckControl]) -> Items:
    """Control items of a task's check as items of that."""
    shown = table_of(
        [column_of([one.inputs.get(slot.name) for one in controls], slot.name, ROWS) for slot in check.inputs]
    )
    told = told_of(task, [one.item for one in controls], shown)
    return check_items(check, [one.key for one in controls], shown, told, [one.right for one in controls])


def _halved(task: Task, known: Sequence[tuple[str, Values, Values]], rng: Random) -> Iterator[CheckControl]:
    """As many wrong ones as right ones, as far as answers can be spoilt."""
    to_spoil: dict[int, Values] = {}
    for place, (_, inputs, answers) in enumerate(known):
        if 2 * len(to_spoil) <= place and _spoilt(task.outputs, answers, inputs, rng) is not None:
            to_spoil[place] = answers
    others = dict(zip(to_spoil, _exchanged(list(to_spoil.values())), strict=True))
    for place, (key, inputs, answers) in enumerate(known):
        wrong = _spoilt(task.outputs, answers, inputs, rng, others[place]) if place in others else None
        shown = answers if wrong is None else wrong
        told = {**inputs, **shown_answer(task.outputs, shown)}
        yield CheckControl(check_key(task.outputs, key, shown), key, told, wrong is None)


def _exchanged(answers: Sequence[Values]) -> Iterator[list[Values]]:
    """For each of the answers the others, that of a partner first; partners are about as long as each other.

    None of them is shown as a right one: what two items have in common would tell which of them is wrong.
    """
    order = sorted(range(len(answers)), key=lambda place: len(str(answers[place])))
    groups = [order[start : start + 2] for start in range(0, len(order), 2)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    partner = {mine: theirs for group in groups for mine, theirs in zip(group, group[1:] + group[:1], strict=True)}
    for mine in range(len(answers)):
        first = [partner[mine]] if partner[mine] != mine else []
        yield [answers[place] for place in (*first, *(place for place in order if place not in (mine, *first)))]


def _spoilt(
    outputs: Sequence[Slot], answers: Values, inputs: Mapping[str, Any], rng: Random, others: Sequence[Values] = ()
) -> Values | None:
    """The answers with one of them made wrong, if it can be out of `others`; None if that can be done with none."""
    for slot in rng.sample(list(outputs), len(outputs)):
        if (right := answers.get(slot.name)) is None:
            continue
        wrong = slot.type.distractor(right, [one[slot.name] for one in others if one.get(slot.name) is not None], rng)
        if wrong is None:
            wrong = slot.type.spoil(right, rng, inputs)
        if wrong is not None and slot.type.canonical(wrong) != slot.type.canonical(right):
            return {**answers, slot.name: wrong}
    return None


def _title(slot: Slot) -> Texts:
    return say("check_answer") if slot.name == ANSWER else say("check_answer_to", title=slot.title)
