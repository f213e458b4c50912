"""The checks between a table of the user and the items of a task: columns, values, duplicates."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from operator import is_
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataforge.data.mistakes import Mistakes
from dataforge.data.places import Rows
from dataforge.data.sources import Holds, Source
from dataforge.data.tables import CHUNK, cells, column_of, mark_of, stacked, table_of
from dataforge.errors import AnswerError, DataError
from dataforge.objects.base import ObjectType, listed, shorten
from dataforge.tasks.task import Slot, Task
from dataforge.texts import VISIBLE

__all__ = [
    "Progress",
    "check_answerable",
    "checked",
    "find_key_column",
    "free_name",
    "gathered",
    "known_answers",
    "no_values",
    "ordered",
    "refuse_same_inputs",
    "refuse_same_keys",
    "require_columns",
    "same_as_first",
]

FILL = "fill it, remove the row, or make the input optional (X | None)"

Progress = Callable[[int, int], None]
"""Called with how many rows were checked and how many there are."""


# --- columns --------------------------------------------------------------------------------------


def find_key_column(task: Task, source: Source, wanted: str | None, control: bool) -> str | None:
    """The column that names the rows: the wanted one, else `id` if it is no input and no known answer, else none."""
    if wanted is not None:
        if wanted not in source.table.column_names:
            raise DataError(f"{source.name}: no column {wanted!r} to name the rows; {_near(wanted, source)}")
        return wanted
    of_task = any(slot.name == "id" for slot in (*task.inputs, *(task.outputs if control else ())))
    return "id" if "id" in source.table.column_names and not of_task else None


def require_columns(task: Task, source: Source, control: bool, mistakes: Mistakes) -> None:
    """Note each required input that has no column, and of control items that no output has one."""
    there = source.table.column_names
    for slot in task.inputs:
        if slot.required and slot.name not in there:
            mistakes.note(
                DataError(
                    f"{source.name}: no column {slot.name!r} for the input of that name; {_near(slot.name, source)}"
                )
            )
    outputs = [slot.name for slot in task.outputs]
    if control and not set(outputs) & set(there):
        mistakes.note(
            DataError(
                f"{source.name}: no column {' or '.join(map(repr, outputs))} with the known answers; "
                f"{_near(outputs[0], source)}"
            )
        )


def _near(wanted: str, source: Source) -> str:
    """The columns there are, and the one that was probably meant."""
    there = source.table.column_names
    folded = {name.lower().replace("_", " ").strip(): name for name in there}
    close = difflib.get_close_matches(wanted.lower().replace("_", " "), folded, n=1)
    if len(there) == 1 and wanted in there[0] and source.holds == "texts":
        return f"there is one column, {there[0]!r}; separate columns by commas, semicolons, tabs or bars"
    meant = f"did you mean {folded[close[0]]!r}? rename it" if close else "rename or add one"
    return f"columns are: {listed(there)}; {meant}"


def ordered(table: pa.Table, task: Task) -> pa.Table:
    """Inputs first, in the task's order, then what is carried."""
    inputs = [slot.name for slot in task.inputs if slot.name in table.column_names]
    return table.select([*inputs, *(name for name in table.column_names if name not in inputs)])


def free_name(wanted: str | None, taken: Sequence[str]) -> str:
    """A name for the key's column that no other column has."""
    names = (wanted or "id", "id", "key", "item", "item_key")
    return next((name for name in names if name not in taken), f"{'_' * 8}key")


def gathered(source: Source, task: Task) -> Source:
    """The same rows, with one column for each input that stands in several, such as `scene.cloud` and `scene.front`."""
    table = source.table
    for slot in task.inputs:
        names = [name for name in table.column_names if name.startswith(f"{slot.name}.")]
        if not slot.type.in_columns or slot.name in table.column_names or not names:
            continue
        parts = {name.removeprefix(f"{slot.name}."): cells(table, name) for name in names}
        rows = [
            {part: column[row] for part, column in parts.items() if column[row] not in (None, "")}
            for row in range(table.num_rows)
        ]
        field, column = column_of([row or None for row in rows], slot.name, source.rows)
        table = table.drop_columns(names).append_column(field, column)
    return source if table is source.table else replace(source, table=table)


# --- values ---------------------------------------------------------------------------------------


def checked(
    source: Source, slots: Sequence[Slot], folder: Path, mistakes: Mistakes, progress: Progress | None = None
) -> pa.Table:
    """The columns of these inputs or outputs in JSON form; absent ones hold nothing, nor do cells with a mistake."""
    total = source.table.num_rows
    there = [slot for slot in slots if slot.name in source.table.column_names]
    pieces: dict[str, list[pa.Table]] = {slot.name: [] for slot in there}
    same = dict.fromkeys(pieces, True)
    for start in range(0, total, CHUNK):
        for slot in there:
            raw = cells(source.table, slot.name, start, start + CHUNK)
            values = _read_column(source, slot, raw, start, folder, mistakes)
            same[slot.name] = same[slot.name] and all(map(is_, raw, values))
            pieces[slot.name].append(table_of([column_of(values, slot.name, source.rows, start)]))
        if progress is not None:
            progress(min(start + CHUNK, total), total)
    columns = []
    for slot in slots:
        if slot.name not in pieces:
            columns.append((pa.field(slot.name, pa.null()), pa.nulls(total)))
        elif same[slot.name] and _is_plain(source.table.schema.field(slot.name)):
            # The same memory serves as the user's column and as the input.
            columns.append((pa.field(slot.name, source.table.schema.field(slot.name).type), source.table[slot.name]))
        else:
            whole = stacked(pieces[slot.name])
            columns.append((whole.schema.field(0), whole.column(0)))
    return table_of(columns)


def _is_plain(field: pa.Field) -> bool:
    kind = field.type
    return not mark_of(field) and (
        pa.types.is_large_string(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind) or kind == pa.int64()
    )


def _read_column(source: Source, slot: Slot, raw: list[Any], start: int, folder: Path, mistakes: Mistakes) -> list[Any]:
    read = _reader(slot.type, source.holds, folder)
    wrong: set[int] = set()
    try:
        values = [None if value is None or value != value else read(value) for value in raw]
    except DataError:
        values = []
        for index, value in enumerate(raw):
            try:
                values.append(None if value is None or value != value else read(value))
            except DataError as error:
                mistakes.note(DataError(f"{source.rows.place(start + index, slot.name)}: {error}"))
                values.append(None)
                wrong.add(index)
    if slot.required:
        for index, expected in _missing(values):
            if index not in wrong:
                mistakes.note(DataError(f"{source.rows.place(start + index, slot.name)}: expected {expected}; {FILL}"))
    return values


def _missing(values: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """The places of values that are not there, or are texts in which there is nothing to be seen."""
    seen = VISIBLE.search
    for index, value in enumerate(values):
        if value is None:
            yield index, "a value, got none"
        elif type(value) is str and not seen(value):
            yield index, f"a text that can be seen, got {shorten(value)}"


def _reader(kind: ObjectType, holds: Holds, folder: Path) -> Callable[[Any], Any]:
    """What turns one cell that is not empty into JSON."""
    if kind.media:
        return lambda value: _found(kind, value, folder)
    if holds == "texts":
        return lambda value: kind.to_json(kind.from_text(value))
    return lambda value: _given(kind, value) if holds == "values" else _typed(kind, value)


def _found(kind: ObjectType, value: Any, folder: Path) -> Any:
    located = kind.located(value, folder)
    try:
        return kind.to_json(located)
    except DataError as error:
        if isinstance(located, Path) and located.is_relative_to(folder) and not os.path.exists(located):
            slashes = "; it has \\, and folders are parted by / here" if os.sep == "/" and "\\" in str(value) else ""
            raise DataError(
                f"{error}; relative paths start at {str(folder)!r}, folder=… names another start{slashes}"
            ) from None
        raise


def _given(kind: ObjectType, value: Any) -> Any:
    """A value as it is, or JSON text of one, as tables are written whose columns can hold nothing else."""
    try:
        return kind.to_json(value)
    except DataError:
        if not isinstance(value, str) or not value.startswith(("{", "[")):
            raise
        read = kind.from_text(value)
        if read is value:
            raise
        return kind.to_json(read)


def _typed(kind: ObjectType, value: Any) -> Any:
    """What somebody typed into a spreadsheet, which takes `2024` for a number and keeps `'2024` as a text."""
    if isinstance(value, str):
        return kind.to_json(kind.from_text(value))
    try:
        return kind.to_json(value)
    except DataError:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise
        return kind.to_json(kind.from_text(str(value)))


def check_answerable(task: Task, source: Source, values: pa.Table, mistakes: Mistakes) -> None:
    """Note rows that cannot be answered, whoever looks, such as films whose frames cannot be counted."""
    names = [slot.name for slot in task.inputs]
    for slot in task.outputs:
        if type(slot.type).check_item is ObjectType.check_item:
            continue
        for name in slot.type.timed_inputs():
            for index, row in enumerate(zip(*(cells(values, one) for one in names), strict=True)):
                try:
                    slot.type.check_item(dict(zip(names, row, strict=True)))
                except (DataError, OSError) as error:
                    mistakes.note(DataError(f"{source.rows.place(index, name)}: {error}"))
    for slot in task.inputs:
        if type(slot.type).check_beside is not ObjectType.check_beside:
            for index, value in enumerate(cells(values, slot.name)):
                with mistakes.noted():
                    _check_beside(task, slot, value, source.rows, index)
    for slot in task.marking:
        for index, row in enumerate(zip(*(cells(values, one) for one in names), strict=True)):
            try:
                task.check_marks(slot, dict(zip(names, row, strict=True)))
            except DataError as error:
                mistakes.note(DataError(f"{source.rows.place(index, slot.name)}: {error}"))


def known_answers(task: Task, source: Source, values: pa.Table, mistakes: Mistakes) -> pa.Table:
    """Known answers in JSON form; every row knows at least one, and no answer that its item does not offer."""
    optional = [Slot(slot.name, slot.type, slot.title, required=False) for slot in task.outputs]
    answers = checked(source, optional, Path(), mistakes)
    if mistakes:
        # Of a cell that is wrong nobody can tell whether it is missing, or what its item offers.
        return answers
    names = [slot.name for slot in task.inputs]
    for start in range(0, source.table.num_rows, CHUNK):
        inputs = zip(*(cells(values, name, start, start + CHUNK) for name in names), strict=True)
        known = zip(*(cells(answers, slot.name, start, start + CHUNK) for slot in optional), strict=True)
        for index, (row, labels) in enumerate(zip(inputs, known, strict=True), start):
            if all(label is None for label in labels):
                place = source.rows.place(index, optional[0].name)
                mistakes.note(DataError(f"{place}: expected a known answer, got none; fill it or remove the row"))
            for slot, label in zip(optional, labels, strict=True):
                with mistakes.noted():
                    _check_offered(slot, label, dict(zip(names, row, strict=True)), source.rows, index)
    return answers


def _check_beside(task: Task, slot: Slot, value: Any, rows: Rows, index: int) -> None:
    try:
        task.check_beside(slot, value)
    except DataError as error:
        raise DataError(f"{rows.place(index, slot.name)}: {error}") from None


def _check_offered(slot: Slot, label: Any, inputs: dict[str, Any], rows: Rows, index: int) -> None:
    try:
        if label is not None:
            slot.type.check_known(label, inputs)
    except AnswerError as error:
        raise DataError(f"{rows.place(index, slot.name)}: {error}") from None


def no_values(slots: Sequence[Slot], count: int) -> pa.Table:
    """A table of so many rows in which nothing is said of these inputs or outputs."""
    return table_of([(pa.field(slot.name, pa.null()), pa.nulls(count)) for slot in slots])


# --- duplicates -----------------------------------------------------------------------------------


def refuse_same_keys(keys: pa.Array, place: Callable[[int], str], name: str = "") -> None:
    """Raise `DataError` if two rows have the same key; `place` says where a row is."""
    repeat = _first_repeat(pa.table({"key": keys}))
    if repeat is not None:
        one, other = map(place, repeat)
        where = f"{name}: " if name else ""
        raise DataError(f"{where}{one} and {other} have the same id {keys[repeat[0]].as_py()!r}; give each its own")


def refuse_same_inputs(values: pa.Table, place: Callable[[int], str], name: str = "") -> None:
    """Raise `DataError` if two rows are equal in all inputs; `place` says where a row is."""
    repeat = _first_repeat(values)
    if repeat is not None:
        one, other = map(place, repeat)
        shown = {column: cells(values, column, repeat[0], repeat[0] + 1)[0] for column in values.column_names}
        where = f"{name}: " if name else ""
        mend = "remove one, each item is asked once" if name else "an item whose answer is known need not be asked"
        raise DataError(f"{where}{one} and {other} have the same inputs {shorten(shown)}; {mend}")


def _first_repeat(table: pa.Table) -> tuple[int, int] | None:
    """The first row that is equal to an earlier one in all columns, after that earlier one."""
    # Eight bytes a row: hashes first, then the rows themselves where hashes meet.
    hashes = np.empty(table.num_rows, dtype=np.int64)
    for start in range(0, table.num_rows, CHUNK):
        hashes[start : start + CHUNK] = [hash(row) for row in _rows(table, start, CHUNK)]
    order = np.argsort(hashes, kind="stable")
    meets = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    seen: dict[tuple[Any, ...], int] = {}
    for index in np.unique(np.concatenate([order[meets], order[meets + 1]])).tolist():
        first = seen.setdefault(next(_rows(table, index, 1)), index)
        if first != index:
            return first, index
    return None


def same_as_first(table: pa.Table, count: int) -> Iterator[int]:
    """The rows behind the first `count` that are equal to one of these in all columns."""
    first = set(_rows(table, 0, count))
    for start in range(count, table.num_rows, CHUNK):
        for row, values in enumerate(_rows(table, start, CHUNK), start):
            if values in first:
                yield row


def _rows(table: pa.Table, start: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Rows as stored: JSON stays text, so that every value can be hashed."""
    return zip(*(column.slice(start, count).to_pylist() for column in table.columns), strict=True)
