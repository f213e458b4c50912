"""What a feed knows of all items of its run: their keys, what they say, and where they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dataforge.data.contents import Content
from dataforge.errors import DataError

__all__ = ["enter", "enter_launched", "known", "refuse_known_answers", "repeated", "withheld_from", "withhold"]

ASKED_AT_ONCE = 500
COLUMNS = "INTO known (key, digest, number, inputs, control) VALUES (?, ?, ?, ?, ?)"


def enter(db: sqlite3.Connection, rows: Iterable[Content], first: int) -> None:
    """Enter new items, numbered from `first` on in the order they come."""
    db.executemany(f"INSERT {COLUMNS}", (row.entry(number) for number, row in enumerate(rows, first)))


def enter_launched(db: sqlite3.Connection, rows: Iterable[Content]) -> None:
    """Enter items of the launch, numbered by their places there; another process may have done it meanwhile."""
    db.executemany(f"INSERT OR IGNORE {COLUMNS}", (row.entry(row.place) for row in rows))


def withhold(db: sqlite3.Connection, withheld: Mapping[str, Sequence[str]]) -> None:
    """Note from which workers items are withheld, by key."""
    pairs = ((key, worker) for key, workers in withheld.items() for worker in workers)
    db.executemany("INSERT OR IGNORE INTO withheld (key, worker) VALUES (?, ?)", pairs)


def withheld_from(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The workers from whom those of the items are withheld that are from anybody, by key."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        asked = keys[start : start + ASKED_AT_ONCE]
        marks = ", ".join("?" * len(asked))
        rows = db.execute(f"SELECT key, worker FROM withheld WHERE key IN ({marks}) ORDER BY worker", asked)
        for key, worker in rows:
            found[key] = (*found.get(key, ()), worker)
    return found


def known(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, tuple[bytes, int]]:
    """Digest and number of those of the keys that the run knows."""
    found: dict[str, tuple[bytes, int]] = {}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        asked = keys[start : start + ASKED_AT_ONCE]
        marks = ", ".join("?" * len(asked))
        for key, digest, number in db.execute(f"SELECT key, digest, number FROM known WHERE key IN ({marks})", asked):
            found[key] = digest, number
    return found


def refuse_known_answers(db: sqlite3.Connection, name: str, rows: Sequence[Content]) -> None:
    """Raise `DataError` if an item to ask and a control item, one new and one known, have the same inputs."""
    for control in (False, True):
        new = {row.inputs: row.key for row in rows if row.control is control}
        for there, inputs in _with_inputs(db, list(new), control=not control):
            asked, known = (there, new[inputs]) if control else (new[inputs], there)
            raise DataError(
                f"{name}: the item {asked!r} has the same inputs as the control item {known!r}; an item whose answer "
                "is known need not be asked; nothing of this was added"
            )


def repeated(db: sqlite3.Connection, rows: Sequence[Content]) -> int:
    """How many new items to ask say what a known one says."""
    asked = [row.inputs for row in rows if not row.control]
    return len({inputs for _, inputs in _with_inputs(db, asked, control=False)})


def _with_inputs(db: sqlite3.Connection, inputs: Sequence[bytes], *, control: bool) -> Iterator[tuple[str, bytes]]:
    """Keys of known items that have one of these inputs, with them."""
    for start in range(0, len(inputs), ASKED_AT_ONCE):
        asked = inputs[start : start + ASKED_AT_ONCE]
        marks = ", ".join("?" * len(asked))
        yield from db.execute(
            f"SELECT key, inputs FROM known WHERE control = ? AND inputs IN ({marks})", [control, *asked]
        )
