"""Drafts: answers that a model made, or somebody else, with which workers begin instead of with nothing.

Pure. A draft is an answer, and checked as one. Of control items the right answer is known, so their drafts are planted:
about half are right and the others are not, so that neither who leaves every draft as it is passes nor who changes
each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataforge.data.control_forms import draft_notices
from dataforge.data.items import Items
from dataforge.data.mistakes import Mistakes
from dataforge.data.places import Rows
from dataforge.data.rows import checked, no_values
from dataforge.data.sources import Source
from dataforge.data.tables import CHUNK, cells, column_of, table_of
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import listed, shorten
from dataforge.policy import Policy
from dataforge.records import Values
from dataforge.tasks.task import Slot, Task

__all__ = [
    "Planting",
    "Prefill",
    "as_draft",
    "columns_of_drafts",
    "is_changed",
    "planted",
    "read_drafts",
    "with_made",
]

Prefill = str | Mapping[str, str] | Callable[[Values], Any]
"""Where drafts are: a column, a column for each output, or a function that makes one of an item's inputs, or None."""
MOST_TIMES, FEW_TIMES = 20, 5
MOST_OTHERS, FEW_OTHERS = 500, 8
NOTHING: Mapping[str, float] = {}


# --- as they are given ----------------------------------------------------------------------------


def columns_of_drafts(task: Task, prefill: Prefill) -> dict[str, str]:
    """By output the column with its drafts; none where a function makes them. Raises `SpecError`."""
    if callable(prefill):
        _refuse_files(task, [slot for slot in task.outputs if len(task.outputs) == 1])
        return {}
    if isinstance(prefill, str):
        if len(task.outputs) > 1:
            names = ", ".join(f"{slot.name!r}: …" for slot in task.outputs)
            raise SpecError(f"prefill={prefill!r}: the task {task.id!r} has several outputs; write {{{names}}}")
        prefill = {task.outputs[0].name: prefill}
    if not isinstance(prefill, Mapping) or not all(isinstance(column, str) for column in prefill.values()):
        raise SpecError(
            f"prefill: expected a column, {{output: column}} or a function of an item, got {shorten(prefill)}"
        )
    _refuse_files(task, [task.output(name) for name in prefill])
    return dict(prefill)


def _refuse_files(task: Task, slots: Sequence[Slot]) -> None:
    for slot in slots:
        if slot.type.file_rules() is not None:
            raise SpecError(
                f"prefill: the output {slot.name!r} of {task.id!r} is a file ({slot.type.name}), which workers make "
                "themselves; give drafts of other outputs only"
            )


def read_drafts(
    task: Task, source: Source, values: pa.Table, prefill: Prefill, mistakes: Mistakes, *, control: bool
) -> pa.Table:
    """The drafts of rows by output, in the form of answers; nothing where there is none.

    Control items may do without the column; one that is called as an output has their known answers.
    """
    columns = columns_of_drafts(task, prefill)
    names = [slot.name for slot in task.inputs]
    if callable(prefill):
        found = _made(task, source.rows, values, prefill, mistakes)
        return _table({name: (name, found[name]) for name in found}, task, source.rows, source.table.num_rows)
    if control:
        outputs = {slot.name for slot in task.outputs}
        columns = {name: column for name, column in columns.items() if column not in outputs}
    there = {name: column for name, column in columns.items() if column in source.table.column_names}
    if not control:
        for column in columns.values():
            if column not in source.table.column_names:
                known = listed(source.table.column_names)
                mistakes.note(
                    DataError(f"{source.name}: no column {column!r} with the drafts (prefill); columns are: {known}")
                )
    drafts = {}
    for name, column in there.items():
        slot = task.output(name)
        before = bool(mistakes)
        told = replace(source, table=_without_blanks(slot, source.table, column))
        table = checked(told, [Slot(column, slot.type, slot.title, required=False)], Path(), mistakes)
        if not before and mistakes:
            continue
        clean = [
            _clean(slot, draft, dict(zip(names, row, strict=True)), source.rows.place(index, column), mistakes)
            for index, (draft, row) in enumerate(zip(cells(table, column), _rows(values, names), strict=True))
        ]
        drafts[name] = (column, clean)
    return _table(drafts, task, source.rows, source.table.num_rows)


def _made(
    task: Task, rows: Rows, values: pa.Table, make: Callable[[Values], Any], mistakes: Mistakes
) -> dict[str, list[Any]]:
    """What a function makes of the inputs of each row, by output."""
    names = [slot.name for slot in task.inputs]
    found: dict[str, list[Any]] = {slot.name: [] for slot in task.outputs}
    for index, row in enumerate(_rows(values, names)):
        inputs = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        place = f"{rows.name}, {rows.number(index)}"
        draft: Mapping[str, Any] = {}
        with mistakes.noted():
            draft = _by_output(task, _called(make, inputs, place), place)
        for slot in task.outputs:
            found[slot.name].append(_made_answer(slot, draft.get(slot.name), inputs, place, mistakes))
    return found


def as_draft(task: Task, made: Any, inputs: Values, place: str) -> Values:
    """What was made of an item as its draft, by output, nothing where it says nothing; raises `DataError`."""
    with Mistakes() as mistakes:
        draft = _by_output(task, made, place)
        found = {slot.name: _made_answer(slot, draft.get(slot.name), inputs, place, mistakes) for slot in task.outputs}
    return {name: answer for name, answer in found.items() if answer is not None}


def with_made(items: Items, made: Sequence[Values]) -> Items:
    """The items with these drafts, one for each, which `as_draft` gave."""
    found = {slot.name: (slot.name, [draft.get(slot.name) for draft in made]) for slot in items.task.outputs}
    return replace(items, drafts=_table(found, items.task, Rows(items.name), items.count))


def _called(make: Callable[[Values], Any], inputs: Values, place: str) -> Any:
    """What a function makes of an item; whatever it raises says of which one, and that nothing may be given."""
    try:
        return make(dict(inputs))
    except Exception as error:
        error.add_note(f"{place}: the function that makes drafts (prefill) raised this; it may give None instead")
        raise


def _by_output(task: Task, made: Any, place: str) -> Mapping[str, Any]:
    if made is None:
        return {}
    if len(task.outputs) == 1:
        return {task.outputs[0].name: made}
    outputs = [slot.name for slot in task.outputs]
    if not isinstance(made, Mapping) or not set(made) <= set(outputs):
        raise DataError(f"{place}: expected a draft {{output: value}} of {listed(outputs)}, got {shorten(made)}")
    return made


def _made_answer(slot: Slot, made: Any, inputs: Values, place: str, mistakes: Mistakes) -> Any:
    if made is None or _says_nothing(slot, made):
        return None
    where = f"{place}: the draft of {slot.name!r}"
    if slot.type.file_rules() is not None:
        mistakes.note(DataError(f"{where}: it is a file ({slot.type.name}), which workers make; leave it out"))
        return None
    try:
        answer = slot.type.to_json(made)
    except DataError as error:
        mistakes.note(DataError(f"{where}: {error}"))
        return None
    return _clean(slot, answer, inputs, where, mistakes)


def _without_blanks(slot: Slot, table: pa.Table, column: str) -> pa.Table:
    """The table without texts of nothing but blanks in the column, where no worker could answer so: no drafts."""
    there = table.column(column)
    if not (pa.types.is_string(there.type) or pa.types.is_large_string(there.type)):
        return table
    blank = pa.array([_says_nothing(slot, value) for value in there.to_pylist()], pa.bool_())
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(place), pc.if_else(blank, None, there))


def _says_nothing(slot: Slot, value: Any) -> bool:
    """Whether a draft is a text without anything to be seen, where that is no answer: a model had nothing to say."""
    if not isinstance(value, str) or value.strip():
        return False
    try:
        slot.type.check_answer(value, {})
    except AnswerError:
        return True
    return False


def _clean(slot: Slot, draft: Any, inputs: Mapping[str, Any], where: str, mistakes: Mistakes) -> Any:
    """The draft as a worker would have given it, or nothing if nobody could have; what is wrong is noted."""
    if draft is None:
        return None
    try:
        return slot.type.check_answer(draft, {name: value for name, value in inputs.items() if value is not None})
    except AnswerError as error:
        mistakes.note(DataError(f"{where}: {error}"))
        return None


def _rows(values: pa.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    if not names:
        yield from (() for _ in range(values.num_rows))
    for start in range(0, values.num_rows if names else 0, CHUNK):
        yield from zip(*(cells(values, name, start, start + CHUNK) for name in names), strict=True)


def _table(drafts: Mapping[str, tuple[str, list[Any]]], task: Task, rows: Rows, count: int) -> pa.Table:
    nothing = no_values(task.outputs, count)
    columns = []
    for slot in task.outputs:
        column, found = drafts.get(slot.name, (slot.name, []))
        if any(draft is not None for draft in found):
            field, array = column_of(found, column, rows)
            columns.append((field.with_name(slot.name), array))
        else:
            columns.append((nothing.schema.field(slot.name), nothing.column(slot.name)))
    return table_of(columns)


# --- control items --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planting:
    """How control items are spoilt: the share of their drafts that is not right, and what still passes for right.

    An answer passes that is so much `alike` to the known one; None: as fits its type.
    """

    share: float = 0.5
    alike: float | None = None

    @classmethod
    def under(cls, policy: Policy) -> Self:
        """As a policy judges answers; where drafts are judged first, those that are left to mend are the wrong ones."""
        return cls(1.0 if policy.check_drafts else 0.5, policy.control_similarity)

    def is_one(self, slot: Slot, draft: Any, known: Any) -> bool:
        """Whether who leaves the draft as it is answers wrong."""
        least = slot.type.control_similarity if self.alike is None else self.alike
        return slot.type.similarity(draft, known) < (1.0 if least is None else least)


def planted(
    items: Items,
    prefill: Prefill | None,
    planting: Planting,
    launched: Mapping[str, float] = NOTHING,
) -> Items:
    """The items with drafts of the control items among them, about half of which are not right.

    As many control items have a draft as items to ask do; where there are none of these all do if `prefill` is given,
    else as many as when the run was `launched`, by output. One that came with a draft of its own, by the same model,
    keeps it: nobody tells its mistakes from those that it makes elsewhere. Of the others some are spoilt. The same
    items get the same drafts each time.
    """
    if not items.control_count:
        return items
    shares: Mapping[str, float] = items.draft_shares
    if not items.real_count:
        shares = launched if prefill is None else _promised(items.task, prefill)
    if not shares and not items.drafted:
        return items
    places = np.flatnonzero(items.control).tolist()
    controls, slots = items.chosen(places), [items.task.output(name) for name in shares]
    right = [
        {**known, **own}
        for known, own in zip(_as_given(controls, slots), controls.drafts_at(np.arange(len(places))), strict=True)
    ]
    notices = draft_notices(items, _with(items, places, right)) if shares else ()
    drafts = _with(items, places, _planted(items, places, shares, planting))
    return replace(items, drafts=drafts, notices=(*items.notices, *notices))


def _with(items: Items, places: Sequence[int], drafts: Sequence[Values]) -> pa.Table:
    """The drafts of the items, with others at these places."""
    columns = {}
    for slot in items.task.outputs:
        values = cells(items.drafts, slot.name)
        for place, draft in zip(places, drafts, strict=True):
            values[place] = draft.get(slot.name)
        columns[slot.name] = slot.name, values
    return _table(columns, items.task, Rows(items.name), items.count)


def _promised(task: Task, prefill: Prefill) -> dict[str, float]:
    """By output the share of items that will have a draft."""
    outputs = [slot.name for slot in task.outputs] if callable(prefill) else columns_of_drafts(task, prefill)
    return dict.fromkeys(outputs, 1.0)


def _planted(items: Items, places: Sequence[int], shares: Mapping[str, float], planting: Planting) -> list[Values]:
    """For each of these control items the draft that it has, by output."""
    controls, slots = items.chosen(places), [items.task.output(name) for name in shares]
    rng = _lot(controls)
    own = controls.drafts_at(np.arange(controls.count))
    known = _as_given(controls, slots)
    others = _others(items, slots, known, rng)
    order = rng.sample(range(len(places)), int(max(shares.values(), default=0.0) * len(places) + rng.random()))
    found: list[Values] = [{} for _ in places]
    right_ones, missing = [], int(planting.share * len(order) + rng.random())
    for place in order:
        mine = {slot.name: own[place][slot.name] for slot in slots if slot.name in own[place]}
        found[place] = {**known[place], **mine}
        both = _in_both(slots, mine, known[place])
        if any(planting.is_one(slot, mine[slot.name], known[place][slot.name]) for slot in both):
            missing -= 1
        else:
            right_ones.append(place)
    for place in right_ones:
        one = _Known(found[place], known[place], controls.inputs(place))
        wrong = _spoilt(slots, one, others, rng, planting) if missing > 0 else None
        if wrong is not None:
            found[place], missing = {**found[place], **wrong}, missing - 1
    return found


def _as_given(controls: Items, slots: Sequence[Slot]) -> list[Values]:
    """The known answers of control items as workers would have given them, by output."""
    columns = {slot.name: controls.known(slot.name) for slot in slots}
    return [
        {
            slot.name: slot.type.as_given(value, controls.inputs(place))
            for slot in slots
            if (value := columns[slot.name][place]) is not None
        }
        for place in range(controls.count)
    ]


def _in_both(slots: Sequence[Slot], one: Values, other: Values) -> list[Slot]:
    return [slot for slot in slots if slot.name in one and slot.name in other]


class _Known(NamedTuple):
    """A control item: its draft, its known answer and its inputs."""

    draft: Values
    right: Values
    inputs: Values


def _others(items: Items, slots: Sequence[Slot], known: Sequence[Values], rng: Random) -> dict[str, list[Any]]:
    """By output what is said of other items: drafts of those to ask, or else what is known of control items."""
    real = np.flatnonzero(~items.control)
    drafts = items.drafts_at(_some(real, rng)) if len(real) else list(known)
    return {slot.name: [draft[slot.name] for draft in drafts if slot.name in draft] for slot in slots}


def _some(places: np.ndarray[Any, np.dtype[np.int64]], rng: Random) -> np.ndarray[Any, np.dtype[np.int64]]:
    """As many of these places as are looked at, by chance."""
    return np.array(rng.sample(places.tolist(), min(len(places), MOST_OTHERS)), np.int64)


def _spoilt(
    slots: Sequence[Slot], one: _Known, others: Mapping[str, Sequence[Any]], rng: Random, planting: Planting
) -> Values | None:
    """One of the drafts made so wrong that it does not pass; None if that can be done with none."""
    known = _in_both(slots, one.draft, one.right)
    for slot in rng.sample(known, len(known)):
        for wrong in _wrong_ones(slot, one, others[slot.name], rng):
            if planting.is_one(slot, wrong, one.right[slot.name]):
                return {slot.name: wrong}
    return None


def _wrong_ones(slot: Slot, one: _Known, others: Sequence[Any], rng: Random) -> Iterator[Any]:
    """Wrong drafts: first such that read as well as right ones, for who only reads is not to tell; then spoilt ones."""
    draft = one.draft[slot.name]
    alike = sorted(others, key=lambda other: abs(len(str(other)) - len(str(draft))))[:FEW_OTHERS]
    for _ in range(FEW_TIMES):
        if (wrong := slot.type.distractor(draft, rng.sample(alike, len(alike)), rng)) is not None:
            yield wrong
    wrong = draft
    for _ in range(MOST_TIMES):
        if (wrong := slot.type.spoil(wrong, rng, one.inputs)) is None:
            return
        yield wrong


def _lot(controls: Items) -> Random:
    """Chance that follows from what the control items are, in whatever order they come."""
    said = sorted(msgspec.json.encode([item.key, item.inputs], order="sorted") for item in controls.records())
    return Random(int.from_bytes(blake2b(b"\n".join(said), digest_size=8).digest(), "big"))


# --- what became of them --------------------------------------------------------------------------


def is_changed(task: Task, answer: Mapping[str, Any], draft: Mapping[str, Any]) -> bool:
    """Whether an answer says anything else than the draft, in an output that has one."""
    return any(
        (given := answer.get(name)) is None or (kind := task.output(name).type).canonical(given) != kind.canonical(said)
        for name, said in draft.items()
    )
