"""What a file of items tells of them without being read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from dataforge.errors import DataError
from dataforge.keys import KeyType

__all__ = ["StoredKeys", "stored_drafts", "stored_keys"]


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
