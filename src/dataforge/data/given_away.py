"""Which control items their media give away: by the host that they lie on, or by their kind of file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import numpy as np

from dataforge.catalogue import say
from dataforge.data.items import Items
from dataforge.data.tables import CHUNK, cells
from dataforge.records import Texts

__all__ = ["given_away", "given_away_notices"]

MOST_NAMED = 10


def given_away(items: Items) -> list[str]:
    """Keys of the control items whose media are such as those of no item to ask: by their host, or by their kind.

    A worker's browser asks for files where they lie, so whoever looks there can tell these items from the others.
    Where there is nothing to ask yet, nothing is known.
    """
    if not items.real_count:
        return []
    found: set[int] = set()
    for slot in items.task.inputs:
        if slot.type.media:
            found.update(_given_away_by(items, slot.name))
    return [items.keys[index] for index in sorted(found)]


def given_away_notices(items: Items) -> Iterator[Texts]:
    """That the media of control items tell them from the others, if they do."""
    if keys := given_away(items):
        rest = ", …" if len(keys) > MOST_NAMED else ""
        yield say("controls_given_away", items=", ".join(keys[:MOST_NAMED]) + rest, number=len(keys))


def _given_away_by(items: Items, name: str) -> Iterator[int]:
    where = [
        (index, _look_of(value))
        for index in np.flatnonzero(items.control).tolist()
        if (value := cells(items.values, name, index, index + 1)[0])
    ]
    alone = {look for _, look in where}
    for start in range(0, items.count, CHUNK):
        if not alone:
            break
        values = cells(items.values, name, start, start + CHUNK)
        flags = items.control[start : start + CHUNK].tolist()
        alone -= {_look_of(value) for value, flag in zip(values, flags, strict=True) if value and not flag}
    return (index for index, look in where if look in alone)


def _look_of(value: dict[str, str]) -> tuple[str, str]:
    """What a browser tells of where a file lies and of its kind: host and extension; workers' own server is ""."""
    address = urlsplit(value["url"]) if "url" in value else None
    path = value.get("file") or value.get("media") or "" if address is None else address.path
    return "" if address is None else address.netloc.lower(), PurePosixPath(path).suffix.lower()
