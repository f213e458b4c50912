"""Data of the user, in any form, made items of a task: every value checked, or refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from dataforge.errors import DataError
from dataforge.items import Items
from dataforge.keys import Keys, keys_of
from dataforge.records import Field
from dataforge.rows import (
    Progress,
    checked,
    find_key_column,
    free_name,
    known_answers,
    no_values,
    ordered,
    refuse_same_inputs,
    refuse_same_keys,
    require_columns,
)
from dataforge.tables import Source, read_source
from dataforge.task import Slot, Task

__all__ = ["gather_items", "read_items"]

PLAIN = (str, Path, int, float)


def read_items(
    task: Task,
    data: Any,
    *,
    control: bool = False,
    id: str | None = None,  # noqa: A002 - the word for it
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Items:
    """The rows of `data` as items of the task, every value checked.

    Columns are matched to the task's inputs by name; all others are carried through to the results untouched.

    Args:
        task: what will be asked.
        data: the path of a CSV, TSV, JSON, JSON lines, Parquet or Feather file; a pandas or polars DataFrame; an Arrow
            table; a list or another iterable of dicts; a dict of lists. For a task with one input also a list or a
            series of its values, or the path of a folder with its files, which are then called by their names.
        control: whether these are control items, with the known answers in columns named as the task's outputs
            (`answer` where there is one).
        id: the column that names the rows; by default `id` if there is one and it is no input, else rows are numbered.
        folder: where relative paths of media start; by default the folder of the data file, else the current one.
        progress: called with how many rows were checked and how many there are.

    Raises:
        DataError: with the file, the row (counted from 1, without the header), the column and the mend.
    """
    start = Path(folder).expanduser() if folder is not None else _folder_of(data)
    return _items_of(task, _source_of(task, data, control), control, id, start, progress)


def gather_items(
    task: Task, items: Any, control: Any = None, key: str | None = None, *, may_be_empty: bool = False
) -> Items:
    """Items to ask and control items in any form that is read, together; None where there are none.

    Raises `DataError` if they were read for a task with other inputs or outputs, if rows do not fit this one, or if
    what is given has no rows, unless it may be empty.
    """
    for given in (items, control):
        if isinstance(given, Items) and _slots(given.task) != _slots(task):
            raise DataError(
                f"{given.name}: expected items of the task {task.id!r}, got some that were read for {given.task.id!r}, "
                "whose inputs and outputs differ; read them with this task"
            )
    real = items if isinstance(items, Items | None) else _given(task, items, False, key, may_be_empty)
    known = control if isinstance(control, Items | None) else _given(task, control, True, None, may_be_empty)
    if real is None:
        return known if known is not None else Items.empty(task, key)
    return real if known is None else Items.join(real, known)


def _given(task: Task, data: Any, control: bool, key: str | None, may_be_empty: bool) -> Items | None:
    """The items of data; None if it has no rows and may be empty."""
    source = _source_of(task, data, control)
    if may_be_empty and source.table.num_rows == 0:
        return None
    return _items_of(task, source, control, key, _folder_of(data))


def _items_of(
    task: Task, source: Source, control: bool, key: str | None, folder: Path, progress: Progress | None = None
) -> Items:
    if source.table.num_rows == 0:
        raise DataError(f"{source.name}: has no rows; at least one item is needed")
    id_column = find_key_column(task, source, key)
    require_columns(task, source, control)
    values = checked(source, task.inputs, folder.absolute(), progress)
    answers = known_answers(task, source, values) if control else no_values(task.outputs, source.table.num_rows)
    own = {id_column} - {slot.name for slot in task.inputs} | ({s.name for s in task.outputs} if control else set())
    carried = source.table.drop_columns([name for name in source.table.column_names if name in own])
    keys, key_type = keys_of(source, id_column, control)

    def place(index: int) -> str:
        return f"row {index + 1}"

    refuse_same_keys(keys, place, source.name)
    refuse_same_inputs(values, place, source.name)
    return Items(
        task=task,
        name=source.name,
        keys=Keys(keys),
        control=np.full(source.table.num_rows, control, dtype=np.bool_),
        rows=ordered(carried, task),
        values=values,
        answers=answers,
        key_column=free_name(id_column, carried.column_names),
        key_type=key_type,
    )


def _source_of(task: Task, data: Any, control: bool) -> Source:
    if not control and len(task.inputs) == 1:
        data = _as_column(task.inputs[0], data)
    return read_source(data, "control items" if control else "items")


def _as_column(slot: Slot, data: Any) -> Any:
    """A folder of files, or plain values, as the column of the only input; all else as it came."""
    if slot.type.media and _is_folder(data):
        files = sorted(path.name for path in Path(data).expanduser().iterdir() if path.is_file())
        names = [name for name in files if not name.startswith(".")]
        if not names:
            raise DataError(f"{data}: there are no files in this folder; name the one that has them")
        return {"id": names, slot.name: names}
    if nw.dependencies.is_into_series(data):
        return {slot.name: nw.from_native(data, series_only=True).to_list()}
    plain = isinstance(data, list | tuple) and len(data) > 0 and all(isinstance(one, PLAIN) for one in data)
    return {slot.name: list(data)} if plain else data


def _is_folder(data: Any) -> bool:
    return isinstance(data, str | Path) and Path(data).expanduser().is_dir()


def _slots(task: Task) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    spec = task.spec()
    return spec.inputs, spec.outputs


def _folder_of(data: Any) -> Path:
    if _is_folder(data):
        return Path(data).expanduser()
    return Path(data).expanduser().parent if isinstance(data, str | Path) else Path()
