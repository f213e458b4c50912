"""Data of the user, in any form, made items of a task: every value checked, or refused with its place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dataforge.arguments import entry
from dataforge.catalogue import say
from dataforge.data.drafts import Prefill, columns_of_drafts, read_drafts
from dataforge.data.items import Items
from dataforge.data.keys import Keys, keys_of
from dataforge.data.known_items import without_known
from dataforge.data.mistakes import Mistakes
from dataforge.data.rows import (
    Progress,
    check_answerable,
    checked,
    find_key_column,
    free_name,
    gathered,
    known_answers,
    no_values,
    ordered,
    refuse_same_inputs,
    refuse_same_keys,
    require_columns,
)
from dataforge.data.sources import Source, encodings_of, path_of, read_source
from dataforge.data.tables import VALUES
from dataforge.errors import DataError
from dataforge.objects.base import listed, shorten
from dataforge.records import Field, Texts
from dataforge.tasks.task import Slot, Task

__all__ = ["gather_items", "read_items", "read_taught"]

# What systems put into folders that people fill.
LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@entry
def read_items(
    task: Task,
    data: Any,
    *,
    control: bool = False,
    id: str | None = None,  # noqa: A002 - the word for it
    folder: str | Path | None = None,
    encoding: str | None = None,
    prefill: Prefill | None = None,
    progress: Progress | None = None,
) -> Items:
    """The rows of `data` as items of the task, every value checked.

    Columns are matched to the task's inputs by name; all others are carried through to the results untouched.

    Args:
        task: what will be asked.
        data: the path of a CSV, TSV, JSON, JSON lines, Parquet or Feather file, those of text also packed by gzip; a
            pandas or polars DataFrame; an Arrow table; a list or another iterable of dicts; a dict of lists. For a task
            with one input also its values, as a list or another iterable, a series, an array or the lines of a `.txt`
            file, or the path of a folder with its files, which are then called by their names. For a task without
            inputs also how many items there are.
        control: whether these are control items, with the known answers in columns named as the task's outputs
            (`answer` where there is one).
        id: the column that names the rows; by default `id` if there is one and it is no input, else rows are numbered.
        folder: where relative paths of media start; by default the folder of the data file, else the current one.
        encoding: that of a file of text which is not UTF-8, such as `cp1251`.
        prefill: drafts with which workers begin: the column that has them, `{output: column}`, or a function of an
            item's inputs that gives an answer, or None. They are checked as answers are.
        progress: called with how many rows were checked and how many there are.

    Raises:
        DataError: with the file, the row (counted from 1, without the header), the column and the mend.
    """
    start = Path(folder).expanduser() if folder is not None else _folder_of(data)
    return _items_of(task, _source_of(task, data, control, encoding), control, id, start, prefill, progress)


def read_taught(task: Task, data: Any, encoding: str | None = None, name: str = "training items") -> Items:
    """The rows of `data` as items with known answers, called so in messages; else as `read_items` reads them."""
    source = _source_of(task, data, True, encoding, name)
    return _items_of(task, source, True, None, _folder_of(data), None)


def gather_items(
    task: Task,
    items: Any,
    control: Any = None,
    key: str | None = None,
    encoding: str | None = None,
    prefill: Prefill | None = None,
    *,
    may_be_empty: bool = False,
    leave_out: Sequence[Items | None] | None = None,
) -> Items:
    """Items to ask and control items in any form that is read, together; None where there are none.

    `encoding` is that of the files of text among them; `prefill` says where drafts are. Unless `leave_out` is
    None, items to ask that are among the control items, or among those training items, are left out. Raises `DataError`
    if they were read for a task with other inputs or outputs, if rows do not fit this one, or if what is given has no
    rows, unless it may be empty.
    """
    for given in (items, control):
        if isinstance(given, Items) and _slots(given.task) != _slots(task):
            raise DataError(
                f"{given.name}: expected items of the task {task.id!r}, got some that were read for {given.task.id!r}, "
                "whose inputs and outputs differ; read them with this task"
            )
    if prefill is not None:
        columns_of_drafts(task, prefill)
        if isinstance(items, Items):
            raise DataError(f"{items.name}: are read already, so that prefill comes too late; give it to read_items")
    of_items, of_control = encodings_of((items, control), encoding)
    real = known = None
    with Mistakes() as mistakes:
        with mistakes.noted():
            real = _given(task, items, False, key, of_items, prefill, may_be_empty)
        with mistakes.noted():
            known = _given(task, control, True, key, of_control, prefill, may_be_empty)
    if real is None:
        return known if known is not None else Items.empty(task, key)
    if leave_out is not None:
        real = without_known(real, known, leave_out)
    return real if known is None else Items.join(real, known)


def _given(
    task: Task,
    data: Any,
    control: bool,
    key: str | None,
    encoding: str | None,
    prefill: Prefill | None,
    may_be_empty: bool,
) -> Items | None:
    """The items of data; None if it has no rows and may be empty. Control items may do without the column of keys."""
    if isinstance(data, Items | None):
        return data
    source = _source_of(task, data, control, encoding)
    if may_be_empty and source.table.num_rows == 0:
        return None
    if control and key not in source.table.column_names:
        key = None
    return _items_of(task, source, control, key, _folder_of(data), prefill)


def _items_of(
    task: Task,
    source: Source,
    control: bool,
    key: str | None,
    folder: Path,
    prefill: Prefill | None,
    progress: Progress | None = None,
) -> Items:
    if source.table.num_rows == 0:
        raise DataError(f"{source.name}: has no rows; at least one item is needed")
    source = gathered(source, task)
    id_column = find_key_column(task, source, key, control)
    with Mistakes() as mistakes:
        require_columns(task, source, control, mistakes)
        values = checked(source, task.inputs, folder.absolute(), mistakes, progress)
        if not mistakes:
            check_answerable(task, source, values, mistakes)
        answers = no_values(task.outputs, source.table.num_rows)
        if control:
            answers = known_answers(task, source, values, mistakes)
        drafts = no_values(task.outputs, source.table.num_rows)
        if prefill is not None and not mistakes:
            with mistakes.noted():
                drafts = read_drafts(task, source, values, prefill, mistakes, control=control)
        with mistakes.noted():
            keys, key_type = keys_of(source, id_column, control)
            refuse_same_keys(keys, source.rows.number, source.name)
        if not mistakes:
            # Of rows with mistakes nobody can tell whether they are the same.
            with mistakes.noted():
                refuse_same_inputs(values, source.rows.number, source.name)
    own = {id_column} - {slot.name for slot in task.inputs} | ({s.name for s in task.outputs} if control else set())
    carried = source.table.drop_columns([name for name in source.table.column_names if name in own])
    return Items(
        task=task,
        name=source.name,
        keys=Keys(keys),
        control=np.full(source.table.num_rows, control, dtype=np.bool_),
        rows=ordered(carried, task),
        values=values,
        answers=answers,
        drafts=drafts,
        key_column=free_name(id_column, carried.column_names),
        key_type=key_type,
        notices=_notices(source),
        place=source.rows.number,
    )


def _notices(source: Source) -> tuple[Texts, ...]:
    """Word of rows that were left out: who matches results with the data row by row has to know."""
    return (say("rows_of_nothing", name=source.name, number=source.blank),) if source.blank else ()


def _source_of(task: Task, data: Any, control: bool, encoding: str | None, name: str = "") -> Source:
    name = name or ("control items" if control else "items")
    if isinstance(data, Items):
        raise DataError(f"{data.name}: are read already; give them to launch as they are")
    if control and not task.inputs:
        raise DataError(
            f"{name}: the task {task.id!r} has no inputs, by which an item could have a known answer; give none"
        )
    if not task.inputs and (count := _count_of(data)) is not None:
        return _counted(count, name)
    path = path_of(data, name)
    if path is not None and not control and len(task.inputs) == 1 and task.inputs[0].type.media and os.path.isdir(path):
        return read_source(_files_in(path, task.inputs[0]), str(data))
    source = read_source(data, name, encoding)
    return _named(source, task, control) if VALUES in source.table.column_names else source


def _count_of(data: Any) -> int | None:
    """The number that was given in place of rows, on the command line as a text."""
    if isinstance(data, str):
        return int(data) if data.isdecimal() else None
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def _counted(count: int, name: str) -> Source:
    """So many items, called by their numbers from 1."""
    if count < 1:
        raise DataError(f"{name}: expected a number of items of at least 1, got {count}")
    return read_source({"id": range(1, count + 1)}, name)


def _named(source: Source, task: Task, control: bool) -> Source:
    """Values that came without a name as the only input."""
    if control or len(task.inputs) != 1:
        outputs = [slot.name for slot in task.outputs] if control else []
        needed = listed([*(slot.name for slot in task.inputs), *outputs])
        raise DataError(
            f"{source.name}: expected rows with the columns {needed}, got single values, such as "
            f"{shorten(source.table[VALUES][0].as_py())}; give tables, or dicts of {{column: value}}"
        )
    names = [task.inputs[0].name if name == VALUES else name for name in source.table.column_names]
    return replace(source, table=source.table.rename_columns(names))


def _files_in(folder: Path, slot: Slot) -> dict[str, list[str]]:
    """The files in a folder and in the folders in it, by their paths from there; what is hidden is left out."""
    names = sorted(_walked(folder, folder, frozenset()))
    if not names:
        raise DataError(f"{folder}: there are no files in this folder; name the one that has them")
    return {"id": names, slot.name: names}


def _walked(folder: Path, top: Path, above: frozenset[Path]) -> Iterator[str]:
    real = folder.resolve()
    for path in () if real in above else folder.iterdir():
        if path.name.startswith(".") or path.name.lower() in LITTER:
            continue
        if path.is_dir():
            yield from _walked(path, top, above | {real})
        else:
            yield path.relative_to(top).as_posix()


def _slots(task: Task) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    spec = task.spec()
    return spec.inputs, spec.outputs


def _folder_of(data: Any) -> Path:
    path = path_of(data, "items") if isinstance(data, str | os.PathLike) else None
    if path is None:
        return Path()
    return path if os.path.isdir(path) else path.parent
