"""Notes of items: what only their requester sees of them, the columns that are carried and the names of files.

A platform gets them beside the inputs, so that an item is found by what its requester knows it by. They are cut: a note
is to be read at a glance, and the whole is in the results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import replace

from dataforge.data.tables import cells, is_missing
from dataforge.objects.base import plain
from dataforge.records import Item
from dataforge.tasks.task import Slot

__all__ = ["with_notes"]

LONGEST_NOTE = 500
MOST_CHARACTERS = 4_000
"""Of an item's notes together; columns beyond are left out."""
EXACT = 1 << 53
"""Browsers have whole numbers below this one as they are."""


def with_notes(items: Sequence[Item], rows: pa.Table, inputs: Sequence[Slot]) -> list[Item]:
    """The items with their notes; `rows` are the user's columns as they came."""
    carried = [name for name in rows.column_names if all(name != slot.name for slot in inputs)]
    named = [slot.name for slot in inputs if slot.type.media and slot.name in rows.column_names]
    names = (*named, *carried)
    if not names:
        return list(items)
    columns = [cells(rows, name) for name in names]
    return [_noted(item, named, zip(names, row, strict=True)) for item, *row in zip(items, *columns, strict=True)]


def _noted(item: Item, named: Sequence[str], row: Iterable[tuple[str, Any]]) -> Item:
    notes = [(name, cell) for name, cell in row if name not in named or _is_file(item.inputs.get(name))]
    return replace(item, notes=dict(_short(notes)))


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "file" in value


def _short(notes: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    left = MOST_CHARACTERS
    for name, cell in notes:
        is_text = type(cell) is str  # as most are: of a text nothing else needs to be asked
        if not is_text and is_missing(cell):
            continue
        note = cell if is_text and len(cell) <= LONGEST_NOTE else _note(cell)
        left -= len(name) + len(str(note))
        if left < 0:
            return
        yield name, note


def _note(cell: Any) -> Any:
    """A cell as JSON that can be read at a glance."""
    value = plain(cell)
    if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < EXACT):
        return value
    text = msgspec.json.encode(value, enc_hook=str).decode() if isinstance(value, list | dict) else str(value)
    return text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 1]}…"
