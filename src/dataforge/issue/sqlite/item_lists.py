"""The requester's lists of items: by order, narrowed by what they show, what they are answered with and by whom.

A list is read along an index, so that a part of it stays fast in a run of a million items; a search looks at what an
index of texts gives. Without one it reads all items once, as they lie, until it has found more than anybody would
look through.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from dataforge.issue.sqlite.asked import (
    INDEXES,
    ORDERS,
    Asked,
    Order,
    Range,
    Source,
    along_index,
    along_range,
    in_order,
    stretches,
    within,
)
from dataforge.issue.sqlite.conditions import (
    SHOWN,
    WRITTEN,
    Clause,
    answered,
    any_of,
    each_word,
    has_piece,
    in_json,
    pattern,
    spellings,
    words,
)
from dataforge.issue.sqlite.text_index import TextIndex, TextIndexes
from dataforge.records import Flag, PageState

__all__ = ["ORDERS", "Asked", "Found", "ItemLists", "ItemRow", "Order", "Range", "ResponseRow"]


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
    notes: bytes | None
    draft: bytes | None
    grades: bytes | None


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


class Found(NamedTuple):
    """A part of the items that match, and how many do; `more` than that if they were not all counted."""

    total: int
    more: bool
    rows: list[ItemRow]


class _Sought(NamedTuple):
    """An index of texts, and what finds in it the items that may show a text."""

    texts: TextIndex
    question: str


COLUMNS = """
  items.id, items.key, inputs.inputs, items.control, items.wanted, items.held, items.submitted,
  quality.answer, quality.confidences, quality.overlap, quality.final, quality.flag, quality.reported,
  inputs.notes, inputs.draft, quality.grades
"""
# Whole numbers are less than texts to SQLite, and come in their own order.
BY_NUMBER = """
  CASE WHEN items.key = CAST(CAST(items.key AS INTEGER) AS TEXT) THEN CAST(items.key AS INTEGER) ELSE items.key END
"""
TABLES = {
    "items": ("items", "items.id"),
    "inputs": ("inputs", "inputs.item"),
    "quality": ("item_qualities AS quality", "quality.item"),
}
NUMBER = re.compile(r"0|-?[1-9][0-9]*")
# So many matches are sorted sooner than found along an index, and more of them are not counted.
FEW = 10_000

# By the index of control items, so that nothing else is read of an item.
OF_CONTROL = "(SELECT one.id FROM items AS one INDEXED BY control_items WHERE one.run = ? AND one.control = 1)"
OF_RUN = "EXISTS (SELECT 1 FROM items AS one WHERE one.id = inputs.item AND one.run = ?)"
IN_KEY = r"items.key LIKE ? ESCAPE '\'"
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
ANSWERED_BY = """
SELECT DISTINCT place.value
FROM workers CROSS JOIN pages INDEXED BY pages_by_worker ON pages.worker = workers.id
  CROSS JOIN json_each(pages.items) AS place
WHERE {} AND pages.run = ? AND pages.state IN ('submitted', 'accepted', 'rejected')
"""
WITH_ID = "workers.worker = ?"
# Names have no index; a run's workers are few beside all that there ever were.
WITH_NAME = "(workers.name = ?1 OR workers.worker = ?1) AND workers.id IN (SELECT worker FROM members WHERE run = ?)"


class ItemLists:
    """Questions about items, over all tables; `texts`: what finds the texts of large runs, if anything does."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.texts: TextIndexes | None = None

    def items(self, run: int, asked: Asked) -> Found:
        """The part of the run's items that is asked for."""
        narrow = self._narrow(run, asked)
        if not (asked.search or asked.answer or asked.worker or asked.confidence or asked.overlap):
            return Found(self._count(run, asked, narrow), False, self._part(run, asked, narrow))
        found = self._matching(run, asked, narrow)
        total, more, end = min(len(found), FEW), len(found) > FEW, asked.offset + asked.limit
        if narrow is None and in_order(asked) and not asked.search and not (more and end > FEW):
            # They were found in order, and from the first one on.
            part = self._part_of(run, found[asked.offset : end], asked._replace(offset=0))
        elif more:
            part = self._part_of_many(run, asked, narrow)
        else:
            part = self._part_of(run, found, asked)
        return Found(total, more, part)

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

    def _narrow(self, run: int, asked: Asked) -> Source | None:
        """A source that has few items beside those asked for, if there is one."""
        if asked.worker:
            return _these(self._answered_by(WITH_ID, asked.worker, run))
        if asked.flag:
            index = "items_by_reports" if asked.flag == "reported" else "items_by_flag"
            return Source("quality.item", Clause(f"item_qualities AS quality INDEXED BY {index}"))
        if asked.control:
            where = Clause("items.run = ? AND items.control = 1", (run,))
            return Source("items.id", Clause("items INDEXED BY control_items"), (where,))
        return None

    def _conditions(self, run: int, asked: Asked, *, whole: bool = False) -> tuple[Clause, ...]:
        """What holds for the items asked for; `{0}` stands for the column of their number."""
        found = []
        if asked.flag == "reported":
            found.append(Clause("quality.run = ? AND quality.reported > 0", (run,)))
        elif asked.flag:
            found.append(Clause("quality.run = ? AND quality.flag = ? AND quality.flag <> ''", (run, asked.flag)))
        found += map(has_piece, asked.answer)
        found += within(asked)
        if asked.search:
            found.append(any_of(self._ways_to_match(run, asked)))
        # Last: nearly all items are of the kind that is asked for.
        if asked.control is not None and whole:
            found.append(Clause("items.control = ?", (int(asked.control),)))
        elif asked.control is not None:
            found.append(Clause(f"{{0}} {'' if asked.control else 'NOT'} IN {OF_CONTROL}", (run,)))
        return tuple(found)

    def _ways_to_match(self, run: int, asked: Asked) -> list[Clause]:
        """Where the text that is searched for may stand; the first one needs items alone, the second one inputs."""
        text = asked.search
        in_key = each_word(text, lambda one: Clause(IN_KEY, (pattern(one),)))
        in_inputs = [each_word(text, partial(in_json, column, SHOWN)) for column in ("inputs.inputs", "inputs.notes")]
        ways = [in_key, any_of(in_inputs), *itertools.starmap(answered, asked.named)]
        if asked.written:
            ways.append(each_word(text, partial(in_json, "quality.answer", WRITTEN)))
        by_name = self._answered_by(WITH_NAME, asked.search, run, run)
        return [*ways, Clause("{0} IN (SELECT value FROM json_each(?))", (_as_json(by_name),))] if by_name else ways

    def _answered_by(self, who: str, *parameters: str | int) -> list[int]:
        return [item for (item,) in self.db.execute(ANSWERED_BY.format(who), parameters)]

    def _count(self, run: int, asked: Asked, narrow: Source | None) -> int:
        if narrow is not None:
            return len(self._numbers(narrow, self._conditions(run, asked, whole=narrow.whole)))
        column = "reals" if asked.control is False else "reals + controls"
        row = self.db.execute(f"SELECT {column} FROM counters WHERE run = ?", (run,)).fetchone()
        return int(row[0])

    def _matching(self, run: int, asked: Asked, narrow: Source | None) -> list[int]:
        """Numbers of the items that match, read in the order in which they lie; one more than few if there are many."""
        ranged = along_range(run, asked) if narrow is None else None
        index = self._index(run, asked.search) if narrow is None and asked.search else None
        if narrow is None and (index or (ranged is None and not asked.answer)):
            return self._searched(run, asked, index)
        source = narrow or ranged or self._as_they_lie(run, "quality")
        order = ORDERS[asked.order] if source is ranged and in_order(asked) else ""
        return self._numbers(source, self._conditions(run, asked, whole=source.whole), FEW + 1, order)

    def _searched(self, run: int, asked: Asked, index: _Sought | None) -> list[int]:
        """The same for a text: what items show and answers are each read by themselves, without a look at others."""
        in_key, in_inputs, *others = self._ways_to_match(run, asked)
        kind = self._conditions(run, asked._replace(search=""))
        found: set[int] = set()
        if others:
            told = along_range(run, asked) or self._as_they_lie(run, "quality")
            found.update(self._numbers(told, (any_of(others), *kind), FEW + 1))
        for source, way in self._that_may_show(run, in_key, in_inputs, index):
            if len(found) > FEW:
                break
            found.update(self._numbers(source, (way, *kind), FEW + 1))
        return sorted(found)

    def _index(self, run: int, search: str) -> _Sought | None:
        there = self._first_and_last(run)
        index = None if self.texts is None or there is None else self.texts.of(run, *there)
        if index is None:
            return None
        # A word that many items show does not help to find those that show the others as well.
        asked = [question for word in words(search) if (question := index.question(spellings(word))) is not None]
        return _Sought(index, " AND ".join(f"({question})" for question in asked)) if asked else None

    def _that_may_show(
        self, run: int, in_key: Clause, in_inputs: Clause, sought: _Sought | None
    ) -> Iterator[tuple[Source, Clause]]:
        """Where items are that may show a text, and what holds for those that do."""
        if sought is None:
            # Keys come last: where many match, it is by what they show or are answered with.
            yield self._as_they_lie(run, "inputs"), in_inputs
            yield _by_key(run), in_key
            return
        # What is taken in while it is asked is looked at twice, rather than not at all.
        upto, shown = sought.texts.upto, any_of([in_key, in_inputs])
        for numbers in sought.texts.maybe(sought.question, FEW):
            yield _these(numbers), shown
        yield self._as_they_lie(run, "items", after=upto), shown

    def _first_and_last(self, run: int) -> tuple[int, int] | None:
        first, last = self.db.execute(FIRST_AND_LAST, {"run": run}).fetchone()
        return None if first is None else (first, last)

    def _as_they_lie(self, run: int, name: str, after: int = 0) -> Source:
        """All items of a run `after` one in the order of their numbers, out of one of the tables."""
        table, number = TABLES[name]
        first, last = self._first_and_last(run) or (0, -1)
        between = (max(first, after + 1), last)
        between_them, apart = Clause(f"{number} BETWEEN ? AND ?", between), name == "inputs"
        of_run = (Clause(OF_RUN if apart else f"{name}.run = ?", (run,)),)
        where = (between_them,) if apart else (between_them, *of_run)
        return Source(number, Clause(f"{table} NOT INDEXED"), where, name == "items", of_run if apart else ())

    def _along_order(self, run: int, asked: Asked, order: str) -> Source:
        if asked.order != "key":
            return along_index(run, INDEXES[asked.order])
        return self._as_they_lie(run, "items") if order == BY_NUMBER else _by_key(run)

    def _order(self, run: int, asked: Asked) -> str:
        """What items are sorted by; where the least key is a number, keys are sorted as numbers."""
        if asked.order != "key":
            return ORDERS[asked.order]
        (least,) = self.db.execute("SELECT MIN(key) FROM items WHERE run = ?", (run,)).fetchone()
        return BY_NUMBER if least is not None and NUMBER.fullmatch(least) else ORDERS["key"]

    def _numbers(
        self, source: Source, conditions: Iterable[Clause], limit: int = -1, order: str = "", offset: int = 0
    ) -> list[int]:
        asked = _question(source, conditions, order)
        ordered = f"ORDER BY {order}" if order else ""
        rows = self.db.execute(f"{asked.sql} {ordered} LIMIT ? OFFSET ?", (*asked.parameters, limit, offset))
        return [number for (number,) in rows]

    def _part(self, run: int, asked: Asked, narrow: Source | None) -> list[ItemRow]:
        # First the numbers of the part, out of indexes alone as far as that goes; then the rows of those few.
        order = self._order(run, asked)
        source = narrow or self._along_order(run, asked, order)
        numbers = _question(source, self._conditions(run, asked, whole=source.whole), order)
        rows = self.db.execute(
            f"""
            SELECT {COLUMNS} FROM ({numbers.sql} ORDER BY {order} LIMIT ? OFFSET ?) AS part
              CROSS JOIN items ON items.id = part.number
              JOIN inputs ON inputs.item = part.number JOIN item_qualities AS quality ON quality.item = part.number
            ORDER BY {order}
            """,
            (*numbers.parameters, asked.limit, asked.offset),
        )
        return [ItemRow(*row) for row in rows]

    def _part_of(self, run: int, numbers: Sequence[int], asked: Asked) -> list[ItemRow]:
        """The part that is asked for of these items."""
        return self._part(run, Asked(asked.order, offset=asked.offset, limit=asked.limit), _these(numbers))

    def _part_of_many(self, run: int, asked: Asked, narrow: Source | None) -> list[ItemRow]:
        """A part of many items is soon found along the order's index, or without one in its first stretch."""
        order = self._order(run, asked)
        if narrow is None and asked.order != "key":
            return self._part_of_stretches(run, asked, order)
        if narrow is not None or order != BY_NUMBER:
            return self._part(run, asked, narrow)
        line, conditions = self._along_order(run, asked, order), self._conditions(run, asked)
        found: list[int] = []
        for start in itertools.count(0, FEW):
            stretch = self._numbers(line, (), FEW, order, start)
            matching = set(self._numbers(_these(stretch), conditions))
            found += filter(matching.__contains__, stretch)
            if len(found) >= asked.offset + asked.limit or not stretch:
                break
        return self._part_of(run, found, asked)

    def _part_of_stretches(self, run: int, asked: Asked, order: str) -> list[ItemRow]:
        """The part out of the stretches that come one after another in an order, as few of them as will do."""
        conditions, wanted = self._conditions(run, asked), asked.offset + asked.limit
        found: list[int] = []
        for stretch in stretches(run, asked):
            found += self._numbers(stretch, conditions, wanted - len(found), order)
            if len(found) >= wanted:
                break
        return self._part_of(run, found, asked)


def _these(numbers: Sequence[int]) -> Source:
    return Source(
        "items.id", Clause("json_each(?) AS found CROSS JOIN items ON items.id = found.value", (_as_json(numbers),))
    )


def _by_key(run: int) -> Source:
    return Source("items.id", Clause("items INDEXED BY sqlite_autoindex_items_1"), (Clause("items.run = ?", (run,)),))


def _question(source: Source, conditions: Iterable[Clause], order: str = "") -> Clause:
    """The statement that gives the numbers of items, from as few tables as will do."""
    clauses = [
        *source.where,
        *(Clause(clause.sql.replace("{0}", source.number), clause.parameters) for clause in conditions),
        *source.last,
    ]
    where = " AND ".join(f"({clause.sql})" for clause in clauses) or "TRUE"
    tables = source.table.sql
    for name, (table, number) in TABLES.items():
        if f"{name}." in where + order and not re.search(rf"\b{name}\b", tables):
            tables += f" CROSS JOIN {table} ON {number} = {source.number}"
    parameters = (one for clause in (source.table, *clauses) for one in clause.parameters)
    return Clause(f"SELECT {source.number} AS number FROM {tables} WHERE {where}", tuple(parameters))


def _as_json(numbers: Sequence[int]) -> str:
    return msgspec.json.encode(numbers).decode()
