"""What the requester's pages ask: items by order and search, an item's responses, a run's workers.

Every list is read along an index, so that a page of it stays fast in a run of a million items; a search reads all items
once, as they lie.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from dataforge.records import Flag, ItemQuality, PageState, WorkerQuality

__all__ = [
    "ORDERS",
    "WORKER_ORDERS",
    "ItemRow",
    "MemberRow",
    "Order",
    "ResponseRow",
    "Views",
    "WorkerOrder",
    "WorkersPart",
]

Order = Literal["key", "confidence", "responses"]
WorkerOrder = Literal["joined", "name", "responses", "control", "skill", "speed", "pages", "earned", "state"]


class ItemRow(NamedTuple):
    """An item with what the run has told of it; JSON as stored."""

    id: int
    key: str
    inputs: bytes
    control: int
    wanted: int
    held: int
    submitted: int
    answer: bytes | None
    confidences: bytes | None
    overlap: int
    final: int
    flag: Flag
    reported: int


class ResponseRow(NamedTuple):
    """One worker's place on an item; `answers` is the whole page's JSON."""

    worker: str
    name: str
    page: bytes
    place: int
    answers: bytes | None
    at: float
    state: PageState
    seconds: float | None


class MemberRow(NamedTuple):
    """A worker in a run."""

    worker: str
    name: str
    language: str
    joined: float
    active: float
    until: float
    reason: bytes | None
    responses: int
    pages_accepted: int
    pages_rejected: int
    earned: int
    pages_held: int
    shut_out: float | None
    quality: bytes | None


class WorkersPart(NamedTuple):
    """Which part of a run's workers is asked for; who has done nothing since `away` is away."""

    order: WorkerOrder
    down: bool
    offset: int
    limit: int
    now: float
    away: float


TOLD = "json_extract(CAST(quality AS TEXT), '$.{}')"
WORKER_ORDERS: dict[WorkerOrder, str] = {
    "joined": "members.joined",
    "name": "lower(name)",
    "responses": "responses",
    "control": f"(1.0 * {TOLD.format('control_correct')} / {TOLD.format('control_total')})",
    "skill": TOLD.format("skill"),
    "speed": TOLD.format("seconds_per_item"),
    "pages": "pages_accepted",
    "earned": "earned",
    "state": """(CASE WHEN shut_out IS NOT NULL THEN 3 WHEN until > :now THEN 2
      WHEN active < :away AND pages_held = 0 THEN 1 ELSE 0 END)""",
}

COLUMNS = """
  items.id, items.key, inputs.inputs, items.control, items.wanted, items.held, items.submitted,
  quality.answer, quality.confidences, quality.overlap, quality.final, quality.flag, quality.reported
"""
ORDERS: dict[Order, str] = {
    "key": "items.key",
    "confidence": "quality.confidence, quality.item",
    "responses": "quality.overlap, quality.item",
}
# So many matches are sorted sooner than found along an index.
FEW = 10_000
INDEXES: dict[Order, str] = {"confidence": "items_by_confidence", "responses": "items_by_overlap"}


Narrowed = tuple[str, str, str, tuple[int | str, ...]]
"""The column of the item's number, the tables, the conditions and their parameters."""


def _named(numbers: Sequence[int]) -> Narrowed:
    """Those items alone."""
    tables = "json_each(?) AS found CROSS JOIN items ON items.id = found.value"
    tables += " CROSS JOIN item_qualities AS quality ON quality.item = items.id"
    return "items.id", tables, "TRUE", (msgspec.json.encode(numbers).decode(),)


def _narrowed(run: int, order: Order, search: str, flag: str) -> Narrowed:
    """The items that match, from as few tables as will do."""
    parameters: tuple[int | str, ...]
    if flag:
        tables, where, parameters = _flagged(run, flag)
    elif order == "key":
        tables, where, parameters = "items", "items.run = ?", (run,)
    else:
        tables = f"item_qualities AS quality INDEXED BY {INDEXES[order]}"
        tables += " CROSS JOIN items ON items.id = quality.item" if search else ""
        where, parameters = "quality.run = ?", (run,)
    number = "items.id" if tables == "items" else "quality.item"
    if not search:
        return number, tables, where, parameters
    tables += f" CROSS JOIN inputs ON inputs.item = {number}"
    return number, tables, where + MATCHES, (*parameters, _pattern(search), *_patterns_of_inputs(search))


def _pattern(search: str) -> str:
    """The pattern of LIKE for a text that has this one in it; it ignores the case of Latin letters."""
    for sign in ("\\", "%", "_"):
        search = search.replace(sign, f"\\{sign}")
    return f"%{search}%"


def _patterns_of_inputs(search: str) -> tuple[str, str]:
    """The patterns for inputs that show a text: of their JSON, to pass over most without reading it, and of a value."""
    return _pattern(msgspec.json.encode(search).decode()[1:-1]), _pattern(search)


IN_KEY = r"items.key LIKE ? ESCAPE '\'"
IN_INPUTS = r"""
  CAST(inputs.inputs AS TEXT) LIKE ? ESCAPE '\'
  AND EXISTS (SELECT 1 FROM json_tree(CAST(inputs.inputs AS TEXT)) WHERE atom LIKE ? ESCAPE '\')
"""
MATCHES = f" AND ({IN_KEY} OR ({IN_INPUTS}))"
KEYS_MATCHING = f"SELECT id FROM items INDEXED BY sqlite_autoindex_items_1 WHERE run = ? AND {IN_KEY}"
# All of a run's items lie between the first and the last, which are found by a jump to each overlap that there is.
FIRST_AND_LAST = """
WITH RECURSIVE overlaps (this) AS (
  SELECT MIN(overlap) FROM item_qualities WHERE run = :run
  UNION ALL
  SELECT (SELECT MIN(overlap) FROM item_qualities WHERE run = :run AND overlap > this) FROM overlaps
  WHERE this IS NOT NULL
)
SELECT
  MIN((SELECT MIN(item) FROM item_qualities WHERE run = :run AND overlap = this)),
  MAX((SELECT MAX(item) FROM item_qualities WHERE run = :run AND overlap = this))
FROM overlaps
"""
INPUTS_MATCHING = f"""
SELECT item FROM inputs CROSS JOIN items ON items.id = inputs.item
WHERE item BETWEEN ? AND ? AND {IN_INPUTS} AND items.run = ?
"""
OF_FLAG = "quality.run = ? AND quality.flag = ? AND quality.flag <> ''"
REPORTED = "quality.run = ? AND quality.reported > 0"
BY_INDEX = "item_qualities AS quality INDEXED BY {} CROSS JOIN items ON items.id = quality.item"


def _flagged(run: int, flag: str) -> tuple[str, str, tuple[int | str, ...]]:
    """The tables, the conditions and their parameters of items with a flag; `reported` are also those not taken out."""
    if flag == "reported":
        return BY_INDEX.format("items_by_reports"), REPORTED, (run,)
    return BY_INDEX.format("items_by_flag"), OF_FLAG, (run, flag)


class Views:
    """Questions over all tables."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def items(
        self, run: int, order: Order, search: str, flag: str, offset: int, limit: int
    ) -> tuple[int, list[ItemRow]]:
        """How many of the run's items match, and a part of them: the least sure or least answered first, or by key."""
        if not search:
            return self._count(run, flag), self._part(order, _narrowed(run, order, "", flag), offset, limit)
        found = self._matching(run, search, flag)
        if len(found) > FEW:
            # Where many match, a part of them is soon found along the order's index.
            return len(found), self._part(order, _narrowed(run, order, search, flag), offset, limit)
        return len(found), self._part(order, _named(found), offset, limit)

    def _part(self, order: Order, narrowed: Narrowed, offset: int, limit: int) -> list[ItemRow]:
        # First the numbers of the part, out of indexes alone as far as that goes; then the rows of those few.
        number, tables, where, parameters = narrowed
        rows = self.db.execute(
            f"""
            SELECT {COLUMNS}
            FROM (SELECT {number} AS number FROM {tables} WHERE {where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?)
              CROSS JOIN items ON items.id = number
              JOIN inputs ON inputs.item = number JOIN item_qualities AS quality ON quality.item = number
            ORDER BY {ORDERS[order]}
            """,
            (*parameters, limit, offset),
        )
        return [ItemRow(*row) for row in rows]

    def _count(self, run: int, flag: str) -> int:
        if flag:
            tables, where, parameters = _flagged(run, flag)
            rows = self.db.execute(f"SELECT COUNT(*) FROM {tables} WHERE {where}", parameters)
        else:
            rows = self.db.execute("SELECT reals + controls FROM counters WHERE run = ?", (run,))
        return int(rows.fetchone()[0])

    def _matching(self, run: int, search: str, flag: str) -> list[int]:
        """Numbers of the items that match, read in the order in which they lie."""
        if flag:
            number, tables, where, parameters = _narrowed(run, "responses", search, flag)
            return [found for (found,) in self.db.execute(f"SELECT {number} FROM {tables} WHERE {where}", parameters)]
        # Keys lie in an index and inputs in a table of their own: each is read by itself, without a look at the other.
        named = self.db.execute(KEYS_MATCHING, (run, _pattern(search)))
        first, last = self.db.execute(FIRST_AND_LAST, {"run": run}).fetchone()
        shown = self.db.execute(INPUTS_MATCHING, (first, last, *_patterns_of_inputs(search), run))
        return sorted({item for (item,) in (*named, *shown)})

    def item(self, run: int, key: str) -> ItemRow | None:
        """One item by its key."""
        row = self.db.execute(
            f"""
            SELECT {COLUMNS} FROM items JOIN inputs ON inputs.item = items.id
              JOIN item_qualities AS quality ON quality.item = items.id
            WHERE items.run = ? AND items.key = ?
            """,
            (run, key),
        ).fetchone()
        return ItemRow(*row) if row else None

    def responses(self, item: int) -> list[ResponseRow]:
        """Who was shown the item and what they answered, the first one first."""
        rows = self.db.execute(
            """
            SELECT workers.worker, workers.name, pages.page, seen.place, pages.answers,
              COALESCE(pages.finished, pages.taken), pages.state, pages.seconds
            FROM seen JOIN pages ON pages.id = seen.page JOIN workers ON workers.id = seen.worker
            WHERE seen.item = ? ORDER BY pages.id
            """,
            (item,),
        )
        return [ResponseRow(*row) for row in rows]

    def workers(self, run: int, part: WorkersPart) -> tuple[int, list[MemberRow]]:
        """How many workers the run has, and a part of them; those of whom the column knows nothing come last."""
        by = WORKER_ORDERS[part.order]
        rows = self.db.execute(
            f"""
            SELECT workers.worker, name, language, members.joined, active, until, reason, responses, pages_accepted,
              pages_rejected, earned,
              (SELECT COUNT(*) FROM pages INDEXED BY held_pages
               WHERE pages.worker = members.worker AND pages.run = members.run AND state = 'held') AS pages_held,
              shut_out, quality
            FROM members JOIN workers ON workers.id = members.worker
              LEFT JOIN worker_qualities ON worker_qualities.run = members.run
                AND worker_qualities.worker = members.worker
            WHERE members.run = :run AND members.joined IS NOT NULL
            ORDER BY {by} IS NULL, {by} {"DESC" if part.down else "ASC"}, workers.id LIMIT :limit OFFSET :offset
            """,
            {"run": run, "now": part.now, "away": part.away, "limit": part.limit, "offset": part.offset},
        )
        (total,) = self.db.execute(
            "SELECT COUNT(*) FROM members WHERE run = ? AND joined IS NOT NULL", (run,)
        ).fetchone()
        return int(total), [MemberRow(*row) for row in rows]

    def active_workers(self, run: int, since: float) -> int:
        """How many workers did something in the run since a time, without those who were shut out."""
        (count,) = self.db.execute(
            """
            SELECT COUNT(*) FROM members JOIN workers ON workers.id = members.worker
            WHERE run = ? AND active >= ? AND shut_out IS NULL
            """,
            (run, since),
        ).fetchone()
        return int(count)

    def sample(self, run: int, limit: int) -> list[bytes]:
        """The inputs of some items, as a page would show them: nothing is taken."""
        rows = self.db.execute(
            """
            SELECT inputs FROM items INDEXED BY sqlite_autoindex_items_1 JOIN inputs ON inputs.item = items.id
            WHERE run = ? ORDER BY key LIMIT ?
            """,
            (run, limit),
        )
        return [inputs for (inputs,) in rows]

    def save_item_qualities(self, run: int, rows: Sequence[tuple[ItemQuality, float, bytes, bytes]]) -> None:
        """Keep what the run tells of items: each with its lowest confidence, its answer and confidences as JSON."""
        self.db.executemany(
            """
            UPDATE item_qualities
            SET confidence = ?, overlap = ?, reported = ?, final = ?, flag = ?, answer = ?, confidences = ?
            WHERE item = (SELECT id FROM items WHERE run = ? AND key = ?)
            """,
            (
                (least, told.overlap, told.reported, int(told.final), told.flag, answer, confidences, run, told.key)
                for told, least, answer, confidences in rows
            ),
        )

    def save_worker_qualities(self, run: int, rows: Sequence[tuple[WorkerQuality, bytes]]) -> None:
        """Keep what the run tells of workers, as JSON."""
        self.db.executemany(
            """
            INSERT OR REPLACE INTO worker_qualities (run, worker, quality)
            SELECT ?, id, ? FROM workers WHERE worker = ?
            """,
            ((run, encoded, quality.worker) for quality, encoded in rows),
        )
