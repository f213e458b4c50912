"""The items of a feed in its file: Arrow record batches, which share what they have in common."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataforge.data.items import Items
from dataforge.tasks.task import Task

__all__ = ["put_items", "read_items", "read_items_at"]

# Of a large addition parts are read, and a batch can only be read whole.
MOST_ROWS = 2_000
BATCHES = "SELECT first, last, layout, rows FROM batches"


class _Batch(NamedTuple):
    """Items that were added at once: their numbers, counted from 1, and what they hold."""

    first: int
    last: int
    layout: int
    rows: bytes


def put_items(db: sqlite3.Connection, items: Items, first: int) -> None:
    """Put items behind the `first` that are there."""
    for batch in _plain(items.to_table()).combine_chunks().to_batches(MOST_ROWS):
        content = batch.schema.serialize().to_pybytes()
        db.execute("INSERT OR IGNORE INTO layouts (layout) VALUES (?)", (content,))
        (layout,) = db.execute("SELECT id FROM layouts WHERE layout = ?", (content,)).fetchone()
        last = first + batch.num_rows
        db.execute(
            "INSERT INTO batches (last, first, layout, rows) VALUES (?, ?, ?, ?)",
            (last, first + 1, layout, batch.serialize().to_pybytes()),
        )
        first = last


def read_items(db: sqlite3.Connection, task: Task, start: int, stop: int, where: str) -> Iterator[Items]:
    """The fed items between two counts, in parts of one layout each; `where` they are is for messages."""
    found = db.execute(f"{BATCHES} WHERE last > ? AND first <= ? ORDER BY last", (start, stop))
    batches = [_Batch(*row) for row in found]
    first = batches[0].first - 1 if batches else start
    for items in _decoded(db, task, batches, where):
        yield items.part(max(0, start - first), min(items.count, stop - first))
        first += items.count


def read_items_at(db: sqlite3.Connection, task: Task, places: NDArray[np.int64], where: str) -> Items | None:
    """The items that were fed after so many others, at least one, in this order; None if one is not there."""
    batches = list(_batches_with(db, np.unique(places).tolist()))
    lasts = np.array([batch.last for batch in batches], np.int64)
    if not batches or lasts[-1] <= places.max():
        return None
    ends = np.cumsum([batch.last - batch.first + 1 for batch in batches])
    batch = np.searchsorted(lasts, places, "right")
    whole = Items.stacked(list(_decoded(db, task, batches, where)))
    return whole.chosen((ends[batch] - lasts[batch] + places).tolist())


def _batches_with(db: sqlite3.Connection, places: Sequence[int]) -> Iterator[_Batch]:
    """The batches of the items that were fed after so many others, in ascending order."""
    at = 0
    while at < len(places):
        row = db.execute(f"{BATCHES} WHERE last > ? ORDER BY last LIMIT 1", (places[at],)).fetchone()
        if row is None:
            return
        batch = _Batch(*row)
        yield batch
        at = bisect_left(places, batch.last, at)


def _decoded(db: sqlite3.Connection, task: Task, batches: Sequence[_Batch], where: str) -> Iterator[Items]:
    """The items of batches, in parts of one layout each."""
    for layout, alike in groupby(batches, lambda batch: batch.layout):
        (content,) = db.execute("SELECT layout FROM layouts WHERE id = ?", (layout,)).fetchone()
        schema = pa.ipc.read_schema(pa.py_buffer(content))
        read = [pa.ipc.read_record_batch(pa.py_buffer(batch.rows), schema) for batch in alike]
        yield Items.from_table(pa.Table.from_batches(read, schema).combine_chunks(), task, where)


def _plain(table: pa.Table) -> pa.Table:
    """The table without dictionaries, which a record batch on its own does not hold."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields, table.schema.metadata))
