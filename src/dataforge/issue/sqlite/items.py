"""Items and their queue, kept by a partial index over the open ones."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from dataforge.issue.rows import ItemContent, Lot, NewItem, PageRow, StoredItem, Stretch, WantedItem, Worker

__all__ = ["Items"]

COLUMNS = "items.id, key, control, position, mirrored, inputs, held, wanted, draft"

ABOVE_ALL = 2.0
"""A confidence for control items, of which none is told: where the least sure come first, they come last."""

# Of an item: it is withheld from a worker, or from somebody of a group, those who came by one invitation.
WITHHELD = """EXISTS (
  SELECT 1 FROM withheld JOIN workers ON workers.id = withheld.worker
  WHERE withheld.item = items.id AND (withheld.worker = ? OR workers.invitation = NULLIF(?, ''))
)"""


class Items:
    """The tables `items`, `inputs`, `control_looks`, `withheld`, `preferred` and `item_qualities`, a row an item."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        """Add items whose keys are new to the run."""
        (last,) = self.db.execute("SELECT COALESCE(MAX(id), 0) FROM items").fetchone()
        numbered = list(enumerate(items, start=last + 1))
        self.db.executemany(
            "INSERT INTO items (id, run, key, control, wanted, position) VALUES (?, ?, ?, ?, ?, ?)",
            [(number, run, item.key, int(item.control), item.wanted, item.position) for number, item in numbered],
        )
        self.db.executemany(
            "INSERT INTO inputs (item, inputs, notes, draft) VALUES (?, ?, ?, ?)",
            ((number, item.inputs, item.notes, item.draft) for number, item in numbered),
        )
        self.db.executemany(
            "INSERT INTO control_looks (look, item) VALUES (?, ?)",
            ((_look(item.inputs), number) for number, item in numbered if item.control),
        )
        self.db.executemany(
            "INSERT INTO item_qualities (item, run, confidence) VALUES (?, ?, ?)",
            ((number, run, ABOVE_ALL if item.control else 0) for number, item in numbered),
        )

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys that the run has items of."""
        rows = self.db.execute(
            "SELECT key FROM items WHERE run = ? AND key IN (SELECT value FROM json_each(?))", (run, _as_json(keys))
        )
        return {key for (key,) in rows}

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        """What the run's items of these keys are."""
        rows = self.db.execute(
            """
            SELECT key, control, inputs, draft FROM items JOIN inputs ON inputs.item = items.id
            WHERE run = ? AND key IN (SELECT value FROM json_each(?))
            """,
            (run, _as_json(keys)),
        )
        return {key: ItemContent(bool(control), inputs, draft) for key, control, inputs, draft in rows}

    def open_in(
        self, run: int, worker: int, stretch: Stretch, limit: int, lot: Lot, group: str = ""
    ) -> list[StoredItem]:
        """The first open items of a stretch of the queue, of those in the lot, that the worker has not seen."""
        rows = self.db.execute(
            f"""
            SELECT {COLUMNS}
            FROM items INDEXED BY open_items JOIN inputs ON inputs.item = items.id
            WHERE run = ? AND control = 0 AND held < wanted AND position > ? AND position <= ?
              AND position % ? = ?
              AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.item = items.id AND seen.worker = ?)
              AND NOT {WITHHELD}
            ORDER BY position LIMIT ?
            """,
            (run, *stretch, *lot, worker, worker, group, limit),
        )
        return [_stored(*row) for row in rows]

    def has_open(self, run: int, stretch: Stretch, worker: int | None = None, group: str = "") -> bool:
        """Whether any item of the stretch is open, and not withheld from the worker or group, if one is named."""
        row = self.db.execute(
            f"""
            SELECT 1 FROM items INDEXED BY open_items
            WHERE run = ? AND control = 0 AND held < wanted AND position > ? AND position <= ? AND NOT {WITHHELD}
            LIMIT 1
            """,
            (run, *stretch, worker, group),
        ).fetchone()
        return row is not None

    def controls_after(
        self, run: int, worker: int, position: int, limit: int, lot: Lot, *, fresh: bool
    ) -> list[StoredItem]:
        """The next control items, of those in the lot, that the worker has not seen in this run or in another."""
        index, there = (
            ("fresh_control_items", "held < wanted") if fresh else ("control_items", "held >= wanted AND wanted > 0")
        )
        rows = self.db.execute(
            f"""
            SELECT {COLUMNS}
            FROM items INDEXED BY {index} JOIN inputs ON inputs.item = items.id
            WHERE run = ? AND control = 1 AND {there} AND position > ? AND position % ? = ? AND NOT EXISTS (
              SELECT 1 FROM control_looks AS this JOIN control_looks AS same ON same.look = this.look
              JOIN seen ON seen.item = same.item AND seen.worker = ?
              WHERE this.item = items.id
            ) AND NOT EXISTS (SELECT 1 FROM withheld WHERE withheld.item = items.id AND withheld.worker = ?)
            ORDER BY position LIMIT ?
            """,
            (run, position, *lot, worker, worker, limit),
        )
        return [_stored(*row) for row in rows]

    def of_page(self, page: PageRow) -> list[StoredItem]:
        """The items of a page in the order shown."""
        rows = self.db.execute(
            f"""
            SELECT {COLUMNS.replace("key", "items.key")}
            FROM json_each(?) AS place CROSS JOIN items ON items.id = place.value JOIN inputs ON inputs.item = items.id
            ORDER BY place.key
            """,
            (_as_json(page.items),),
        )
        return [_stored(*row) for row in rows]

    def wanted(self, run: int, key: str) -> WantedItem | None:
        """How many responses the item of that key has places for, if there is one."""
        row = self.db.execute(
            "SELECT id, control, wanted, held, position FROM items WHERE run = ? AND key = ?", (run, key)
        ).fetchone()
        return WantedItem(row[0], bool(row[1]), *row[2:]) if row else None

    def want(self, item: int, wanted: int, position: int | None) -> None:
        """Set how many responses an item should have; with a position, move it there."""
        self.db.execute(
            "UPDATE items SET wanted = ?, position = COALESCE(?, position) WHERE id = ?", (wanted, position, item)
        )

    def withhold(self, item: int, worker: Worker) -> None:
        """Never give the item to the worker."""
        self.db.execute("INSERT OR IGNORE INTO withheld (item, worker) VALUES (?, ?)", (item, worker.id))

    def withheld(self, items: Sequence[int], worker: int, group: str = "") -> bool:
        """Whether any of the items is withheld from the worker or the group."""
        row = self.db.execute(
            f"SELECT 1 FROM items WHERE id IN (SELECT value FROM json_each(?)) AND {WITHHELD} LIMIT 1",
            (_as_json(items), worker, group),
        ).fetchone()
        return row is not None

    def prefer(self, item: int, workers: Sequence[int]) -> None:
        """Have these workers, and no others, be those who should answer the item."""
        self.db.execute("DELETE FROM preferred WHERE item = ?", (item,))
        self.db.executemany(
            "INSERT INTO preferred (item, worker, run) SELECT id, ?, run FROM items WHERE id = ?",
            [(worker, item) for worker in workers],
        )

    def preferring(self, run: int, items: Sequence[int]) -> dict[int, set[int]]:
        """By item the workers who should answer it, of those of the run's items that some should."""
        found: dict[int, set[int]] = {}
        for item, worker in self.db.execute(
            "SELECT item, worker FROM preferred WHERE item IN (SELECT value FROM json_each(?)) AND run = ?",
            (_as_json(items), run),
        ):
            found.setdefault(item, set()).add(worker)
        return found

    def any_preferring(self, run: int) -> bool:
        """Whether somebody should answer some item of the run."""
        return self.db.execute("SELECT 1 FROM preferred WHERE run = ? LIMIT 1", (run,)).fetchone() is not None

    def take_places(self, items: Sequence[int]) -> None:
        """Take one place of each item."""
        self.db.executemany("UPDATE items SET held = held + 1 WHERE id = ?", [(item,) for item in items])

    def free_places(self, items: Sequence[int]) -> bool:
        """Whether every item has a free place; control items always have."""
        row = self.db.execute(
            """
            SELECT 1 FROM json_each(?) AS place CROSS JOIN items ON items.id = place.value
            WHERE control = 0 AND held >= wanted LIMIT 1
            """,
            (_as_json(items),),
        ).fetchone()
        return row is None

    def count_submitted(self, items: Sequence[int], more: int = 1) -> None:
        """Count one more response of each item, or one less."""
        self.db.executemany("UPDATE items SET submitted = submitted + ? WHERE id = ?", [(more, item) for item in items])

    def give_back(self, places: Sequence[tuple[int, int]], *, submitted: bool) -> None:
        """Give back a place of each real item, with `submitted` a response of all; all move to their positions."""
        self.db.executemany(
            "UPDATE items SET held = held - (1 - control), submitted = submitted - ?, position = ? WHERE id = ?",
            [(int(submitted), position, item) for item, position in places],
        )

    def set_mirrored(self, items: Iterable[tuple[int, int]]) -> None:
        """Note per (item, side) how the item is shown now."""
        self.db.executemany("UPDATE items SET mirrored = ? WHERE id = ?", [(side, item) for item, side in items])


def _stored(
    number: int,
    key: str,
    control: int,
    position: int,
    mirrored: int | None,
    inputs: bytes,
    held: int,
    wanted: int,
    draft: bytes | None,
) -> StoredItem:
    return StoredItem(number, key, control == 1, position, mirrored, inputs, held, wanted, draft)


def _look(inputs: bytes) -> bytes:
    return hashlib.blake2b(inputs, digest_size=16).digest()


def _as_json(values: Sequence[int] | Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()
