"""Items and their queue.

An item is open while `held < wanted`; open items stand in a queue by `position`, kept by a partial index. A worker's
cursor in the queue only moves forward, which is right because of one rule: whatever becomes open, or comes back to be
shown, goes to the tail. So an open item behind a worker's cursor has been seen by that worker.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from dataforge.records import Item
from dataforge.server.store.outbox import FIRST_TAIL, RunChange

__all__ = [
    "OpenItem",
    "PlacedItem",
    "add",
    "control_at",
    "control_numbers",
    "count_submitted",
    "free_places",
    "give_back",
    "has_open",
    "of_page",
    "open_after",
    "set_mirrored",
    "take_places",
    "want",
]


class OpenItem(NamedTuple):
    """An item that a page can be built of; `mirrored` as in the table."""

    id: int
    key: str
    position: int
    mirrored: int | None
    inputs: bytes


class PlacedItem(NamedTuple):
    """An item on a page that was given out."""

    id: int
    key: str
    control: int
    inputs: bytes


def add(change: RunChange, items: Sequence[Item], names: Sequence[str], source: random.Random) -> int:
    """Put items into the run, those whose key is new; give their number.

    Only the task's inputs are kept, in the task's order and with null where one is missing, so that nothing in an
    item's form can tell a control item from another.
    """
    known = known_keys(change, items)
    fresh = list({item.key: item for item in items if item.key not in known}.values())
    if not fresh:
        return 0
    (last,) = change.db.execute("SELECT COALESCE(MAX(id), 0) FROM items").fetchone()
    numbers = range(last + 1, last + 1 + len(fresh))
    change.db.executemany(
        "INSERT INTO items (id, run, key, control, wanted, position) VALUES (?, ?, ?, ?, ?, ?)",
        placed(change, numbers, fresh, source),
    )
    encode = msgspec.json.Encoder().encode
    rows = ((number, encode({name: item.inputs.get(name) for name in names})) for number, item in zip(numbers, fresh))  # noqa: B905
    change.db.executemany("INSERT INTO inputs (item, inputs) VALUES (?, ?)", rows)
    change.db.executemany(
        "INSERT INTO item_qualities (item, run) VALUES (?, ?)", ((number, change.run) for number in numbers)
    )
    return len(fresh)


def known_keys(change: RunChange, items: Sequence[Item]) -> set[str]:
    if change.counters.reals + change.counters.controls == 0:
        return set()
    keys = msgspec.json.encode([item.key for item in items]).decode()
    rows = change.db.execute(
        "SELECT key FROM items WHERE run = ? AND key IN (SELECT value FROM json_each(?))", (change.run, keys)
    )
    return {key for (key,) in rows}


def placed(
    change: RunChange, numbers: Iterable[int], items: Sequence[Item], source: random.Random
) -> list[tuple[int, int, str, int, int, int]]:
    """Rows of new items: control items are numbered through, others get their position in the queue."""
    counters = change.counters
    reals = [item for item in items if not item.control]
    if counters.placed:
        # Workers are on their way through the queue: shuffle what is new among itself, behind everything else.
        positions = [change.next_tail() for _ in reals]
        source.shuffle(positions)
    else:
        positions = [source.getrandbits(62) for _ in reals]
    counters.reals += len(reals)
    following = iter(positions)
    rows = []
    for number, item in zip(numbers, items, strict=True):
        if item.control:
            rows.append((number, change.run, item.key, 1, 0, counters.controls))
            counters.controls += 1
        else:
            rows.append((number, change.run, item.key, 0, item.wanted, next(following)))
    return rows


def open_after(db: sqlite3.Connection, run: int, worker: int, position: int, limit: int) -> list[OpenItem]:
    """The next open items in the queue that the worker has not seen."""
    rows = db.execute(
        """
        SELECT items.id, key, position, mirrored, inputs
        FROM items INDEXED BY open_items JOIN inputs ON inputs.item = items.id
        WHERE run = ? AND control = 0 AND held < wanted AND position > ?
          AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.item = items.id AND seen.worker = ?)
        ORDER BY position LIMIT ?
        """,
        (run, position, worker, limit),
    )
    return [OpenItem(*row) for row in rows]


def has_open(db: sqlite3.Connection, run: int, position: int) -> bool:
    """Whether any item behind the position is open."""
    row = db.execute(
        """
        SELECT 1 FROM items INDEXED BY open_items
        WHERE run = ? AND control = 0 AND held < wanted AND position > ? LIMIT 1
        """,
        (run, position),
    ).fetchone()
    return row is not None


def control_at(db: sqlite3.Connection, run: int, number: int) -> OpenItem:
    """The run's control item of that number."""
    row = db.execute(
        """
        SELECT items.id, key, position, mirrored, inputs
        FROM items INDEXED BY control_items JOIN inputs ON inputs.item = items.id
        WHERE run = ? AND control = 1 AND position = ?
        """,
        (run, number),
    ).fetchone()
    return OpenItem(*row)


def control_numbers(db: sqlite3.Connection, items: str) -> list[int]:
    """The numbers of the control items in a page's JSON list of ids."""
    rows = db.execute(
        """
        SELECT position FROM json_each(?) AS place CROSS JOIN items ON items.id = place.value WHERE control = 1
        """,
        (items,),
    )
    return [number for (number,) in rows]


def of_page(db: sqlite3.Connection, items: str) -> list[PlacedItem]:
    """The items of a page's JSON list of ids, in its order."""
    rows = db.execute(
        """
        SELECT items.id, items.key, control, inputs
        FROM json_each(?) AS place CROSS JOIN items ON items.id = place.value JOIN inputs ON inputs.item = items.id
        ORDER BY place.key
        """,
        (items,),
    )
    return [PlacedItem(*row) for row in rows]


def take_places(db: sqlite3.Connection, items: Sequence[int]) -> None:
    """Take one place of each item."""
    db.executemany("UPDATE items SET held = held + 1 WHERE id = ?", [(item,) for item in items])


def free_places(db: sqlite3.Connection, items: str) -> bool:
    """Whether every item of a page's JSON list of ids has a free place; control items always have."""
    row = db.execute(
        """
        SELECT 1 FROM json_each(?) AS place CROSS JOIN items ON items.id = place.value
        WHERE control = 0 AND held >= wanted LIMIT 1
        """,
        (items,),
    ).fetchone()
    return row is None


def count_submitted(db: sqlite3.Connection, items: Sequence[int]) -> None:
    """Count one more response of each item."""
    db.executemany("UPDATE items SET submitted = submitted + 1 WHERE id = ?", [(item,) for item in items])


def give_back(change: RunChange, items: Sequence[int], *, submitted: bool) -> None:
    """Give back one place of each item, and with `submitted` its response; the items go to the tail."""
    change.db.executemany(
        """
        UPDATE items SET held = held - 1, submitted = submitted - ?,
          position = CASE control WHEN 1 THEN position ELSE ? END
        WHERE id = ?
        """,
        [(int(submitted), change.next_tail(), item) for item in items],
    )


def want(change: RunChange, wanted: Mapping[str, int]) -> list[str]:
    """Set how many responses items should have; give the keys that the run does not know."""
    unknown = []
    for key, number in wanted.items():
        row = change.db.execute(
            "SELECT id, held, wanted, control, position FROM items WHERE run = ? AND key = ?", (change.run, key)
        ).fetchone()
        if row is None:
            unknown.append(key)
            continue
        item, held, before, control, position = row
        if control or number == before:
            continue
        opens = held >= before and held < number
        change.db.execute(
            "UPDATE items SET wanted = ?, position = ? WHERE id = ?",
            (number, change.next_tail() if opens else position, item),
        )
    return unknown


def set_mirrored(db: sqlite3.Connection, rows: Sequence[tuple[int, int]]) -> None:
    """Note per (mirrored, item) how the item is shown now."""
    db.executemany("UPDATE items SET mirrored = ? WHERE id = ?", rows)


assert FIRST_TAIL == 1 << 62, "positions are drawn with 62 bits"
