"""What a file of items tells of them without being read, and the parts that its table has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from dataforge.data.keys import KeyType
from dataforge.data.rows import no_values
from dataforge.data.tables import table_of
from dataforge.errors import DataError
from dataforge.tasks.task import Slot

__all__ = ["StoredKeys", "columns_by_name", "part_of", "stored_drafts", "stored_keys", "with_all"]


class StoredKeys(NamedTuple):
    """What stored items tell of their keys, without being read.

    `column`: where they came from, None for `id`, which is found without being asked for; `type`: what they were
    there, None if there are only control items.
    """

    column: str | None
    type: KeyType | None


def stored_drafts(path: Path) -> dict[str, float]:
    """By output the share of the items to ask that have a draft, of the items that `Items.save` wrote."""
    shares: dict[str, float] = _stored_about(path).get("drafts", {})
    return shares


def _stored_about(path: Path) -> dict[str, Any]:
    from pyarrow import parquet

    try:
        about: dict[str, Any] = msgspec.json.decode((parquet.read_schema(path).metadata or {})[b"dataforge"])
    except (OSError, pa.ArrowException, KeyError, msgspec.DecodeError) as error:
        raise DataError(f"{path}: is no file of items: {error}") from None
    return about


def stored_keys(path: Path) -> StoredKeys:
    """The keys of the items that `Items.save` wrote."""
    about = _stored_about(path)
    return StoredKeys(None if about["key_column"] == "id" else str(about["key_column"]), about.get("key_type"))


def part_of(table: pa.Table, prefix: str) -> pa.Table:
    """The columns of a stored table that belong to one part, under their own names."""
    return table_of(
        [
            (f.with_name(f.name.removeprefix(prefix)), table.column(f.name))
            for f in table.schema
            if f.name.startswith(prefix)
        ]
    )


def with_all(drafts: pa.Table, outputs: Sequence[Slot], count: int) -> pa.Table:
    """The table with a column for each output: stored are those that have any."""
    there, nothing = columns_by_name(drafts), columns_by_name(no_values(outputs, count))
    return table_of([there.get(slot.name, nothing[slot.name]) for slot in outputs])


def columns_by_name(table: pa.Table) -> dict[str, tuple[pa.Field, Any]]:
    """The columns of a table with what is known of them, by their names."""
    return {f.name: (f, table.column(f.name)) for f in table.schema}
