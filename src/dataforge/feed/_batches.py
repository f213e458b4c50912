"""The items of a feed in its file: Arrow record batches, which share what they have in common."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import pyarrow as pa

from dataforge.items import Items
from dataforge.task import Task

__all__ = ["put_items", "read_items"]

# Of a large addition parts are read, and a batch can only be read whole.
MOST_ROWS = 2_000


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
    found = db.execute(
        "SELECT first, layout, rows FROM batches WHERE last > ? AND first <= ? ORDER BY last", (start, stop)
    ).fetchall()
    begun = 0
    for end, (_, layout, _) in enumerate(found, 1):
        if end < len(found) and found[end][1] == layout:
            continue
        first = found[begun][0] - 1
        items = _decoded(db, task, layout, [rows for _, _, rows in found[begun:end]], where)
        yield items.part(max(0, start - first), min(items.count, stop - first))
        begun = end


def _decoded(db: sqlite3.Connection, task: Task, layout: int, batches: Sequence[bytes], where: str) -> Items:
    (content,) = db.execute("SELECT layout FROM layouts WHERE id = ?", (layout,)).fetchone()
    schema = pa.ipc.read_schema(pa.py_buffer(content))
    read = [pa.ipc.read_record_batch(pa.py_buffer(rows), schema) for rows in batches]
    return Items.from_table(pa.Table.from_batches(read, schema).combine_chunks(), task, where)


def _plain(table: pa.Table) -> pa.Table:
    """The table without dictionaries, which a record batch on its own does not hold."""
    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields, table.schema.metadata))
