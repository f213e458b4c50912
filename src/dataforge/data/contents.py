"""What items say, as digests: by these a feed knows an item again, and tells what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from dataforge.data.items import Items
from dataforge.data.tables import CHUNK, cells
from dataforge.objects.base import shorten

__all__ = ["Content", "contents", "differences"]

DIGEST_SIZE = 16


@dataclass(frozen=True)
class Content:
    """One row of a table of items: its place there, and digests of its content and of its inputs alone."""

    place: int
    key: str
    digest: bytes
    inputs: bytes
    control: bool

    def entry(self, number: int) -> tuple[str, bytes, int, bytes, bool]:
        """Its row in `known`."""
        return self.key, self.digest, number, self.inputs, self.control


_encoder = msgspec.json.Encoder(order="sorted", enc_hook=str)


def contents(items: Items) -> Iterator[Content]:
    """Key and digests of each item."""
    for start in range(0, items.count, CHUNK):
        part = items.part(start, start + CHUNK)
        for place, (key, content) in enumerate(zip(part.keys, _rows(part), strict=True), start):
            control = content["as"]["control"]
            yield Content(place, key, _digest(content), _digest(content["inputs"]), control)


def _digest(content: Any) -> bytes:
    return hashlib.blake2b(_encoder.encode(content), digest_size=DIGEST_SIZE).digest()


def _rows(items: Items) -> Iterator[dict[str, dict[str, Any]]]:
    """What each item says: its inputs, its known answers, its draft, carried columns; nothing of what is absent."""
    inputs = {slot.name for slot in items.task.inputs}
    tables = {
        "inputs": items.values,
        "known": items.answers,
        "draft": items.drafts,
        "carried": items.rows.drop_columns([name for name in items.rows.column_names if name in inputs]),
    }
    columns = [(part, name, cells(table, name)) for part, table in tables.items() for name in table.column_names]
    for row, control in enumerate(items.control.tolist()):
        content: dict[str, dict[str, Any]] = {"inputs": {}, "known": {}, "carried": {}, "as": {"control": control}}
        for part, name, values in columns:
            # The draft of a control item is made of what is known, and follows from what it came with.
            if control and part == "draft":
                continue
            if (value := _same_number(values[row])) is not None:
                content.setdefault(part, {})[name] = value
        yield content


def _same_number(value: Any) -> Any:
    """The value, with numbers that differ only in how their column is stored made the same."""
    if isinstance(value, float | np.floating):
        if value != value:
            return None
        return int(value) if value.is_integer() else float(value)
    return value


def differences(there: Items, here: Items) -> Iterator[str]:
    """In what one item differs from another, in words."""
    (one,), (other,) = _rows(there), _rows(here)
    if one["as"] != other["as"]:
        kinds = ["a control item" if row["as"]["control"] else "an item to ask" for row in (one, other)]
        yield f"it is {kinds[0]}, this is {kinds[1]}"
    for part in ("inputs", "known", "draft", "carried"):
        was, now = one.get(part, {}), other.get(part, {})
        what = "the draft of" if part == "draft" else "column"
        for name in dict.fromkeys([*was, *now]):
            if was.get(name) != now.get(name):
                yield f"{what} {name!r} has {shorten(was.get(name))} there, {shorten(now.get(name))} here"
