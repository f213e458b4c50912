"""What the items of a run show, by every three letters that follow one another, for searches in large runs.

One or two letters are sought as all the threes that begin with them, for after each text stand two ends of lines.

An index belongs to the process that serves: it is made aside when a run is first searched, from then on each search has
it take in what was added since, and a run that nobody searches has none. Its file has no name, so that it goes with
the process however that ends, and no copy or backup of a workspace has it. It gives items that may match; whether one
does is looked at in the database, and so are items that it does not have yet.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dataforge.issue.sqlite.conditions import SHOWN, SHOWN_AT_ALL

__all__ = ["TextIndex", "TextIndexes"]

log = logging.getLogger("dataforge.server")

LETTERS = 3
# After every letter that there is.
LAST = "\U0010ffff"
# Three letters that no text has.
NOTHING = f'"{3 * LAST}"'
# So many items are read through in five milliseconds.
FEWEST = 20_000
# What is taken in at once: a search that comes meanwhile waits for it.
PART = 2_000
MOST_INDEXES = 8
# Of a long text these tell enough, for what an index gives is looked at once more.
MOST_PIECES = 24
# Of a short one there may be so many in all texts; of more, or where so large a part of the items has them, as many as
# anybody looks through are soon found by reading.
MOST_BEGINNINGS, FREQUENT = 400, 0.05
# What an item shows is joined by lines. Pieces that lie across two of them find too much, never too little.
OF_JSON = f"""COALESCE((
  SELECT group_concat(atom, char(10)) FROM json_tree(CAST({{}} AS TEXT)) WHERE {SHOWN} AND {SHOWN_AT_ALL}
), '')"""
PARTS = ("items.key", OF_JSON.format("inputs.inputs"), OF_JSON.format("inputs.notes"), "char(10)")
SHOWN_BY_ITEM = " || char(10) || ".join(PARTS)
TABLE = "CREATE VIRTUAL TABLE texts USING fts5 (shown, tokenize = 'trigram', content = '', detail = none)"
VOCABULARY = "CREATE VIRTUAL TABLE temp.pieces USING fts5vocab (main, texts, row)"
BEGINNINGS = "SELECT term, doc FROM pieces WHERE term >= ? AND term < ?"
TAKE_IN = f"""
INSERT INTO texts (rowid, shown)
SELECT items.id, {SHOWN_BY_ITEM}
FROM base.items NOT INDEXED CROSS JOIN base.inputs ON inputs.item = items.id
WHERE items.id BETWEEN ? AND ? AND items.run = ?
"""


class TextIndex:
    """One run's index: `upto` is the last number of an item that was looked at, `made` whether it was made once."""

    def __init__(self, database: Path, run: int, first: int) -> None:
        self.run, self.first, self.upto = run, first, first - 1
        self.made = self.growing = False
        # One connection for all threads; whoever uses it has this.
        self.lock = threading.Lock()
        self.db = _nameless(database.parent)
        weakref.finalize(self, self.db.close)
        self.db.execute(TABLE)
        self.db.execute(VOCABULARY)
        self.db.execute("ATTACH ? AS base", (str(database),))

    def grow(self, last: int, stopped: threading.Event) -> None:
        """Take in the run's items up to a number, part by part."""
        while self.upto < last and not stopped.is_set():
            end = min(self.upto + PART, last)
            with self.lock:
                self.db.execute(TAKE_IN, (self.upto + 1, end, self.run))
                self.upto = end
        self.made |= self.upto >= last

    def question(self, texts: Sequence[str]) -> str | None:
        """What finds the items that may show one of the texts; None where reading through finds them as soon."""
        whole = [_pieces(text) for text in texts if len(text) >= LETTERS]
        parts = self._beginnings({text.lower() for text in texts if len(text) < LETTERS})
        return None if parts is None else " OR ".join([*whole, *parts]) or NOTHING

    def _beginnings(self, texts: Iterable[str]) -> list[str] | None:
        """All threes that begin with one of these; None where they are many, or many items have them."""
        found: list[str] = []
        with self.lock:
            left = FREQUENT * (self.upto - self.first)
            for text in texts:
                # It is read no further than to where it is known.
                for term, items in self.db.execute(BEGINNINGS, (text, text + LAST)):
                    found.append(_quoted(term))
                    left -= items
                    if left < 0 or len(found) > MOST_BEGINNINGS:
                        return None
        return found

    def maybe(self, question: str, most: int) -> Iterator[list[int]]:
        """The numbers of items that a question finds, in order, so many at a time."""
        last = 0
        while True:
            with self.lock:
                rows = self.db.execute(
                    "SELECT rowid FROM texts WHERE texts MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?",
                    (question, last, most),
                ).fetchall()
            if rows:
                yield [number for (number,) in rows]
            if len(rows) < most:
                return
            last = rows[-1][0]


class TextIndexes:
    """The indexes of the runs that were searched last, for the readers of one process."""

    def __init__(self, database: Path, fewest: int = FEWEST) -> None:
        self.database, self.fewest = database, fewest
        self.lock = threading.Lock()
        self.indexes: dict[int, TextIndex] = {}
        self.unusable = False
        self.stopped = threading.Event()
        self.thread = ThreadPoolExecutor(1, "texts")

    def of(self, run: int, first: int, last: int) -> TextIndex | None:
        """The index of a run with items of these numbers; None where they must be read through.

        It is begun, or told to take in what it lacks, and not waited for.
        """
        if last - first < self.fewest:
            return None
        with self.lock:
            if self.unusable or self.stopped.is_set():
                return None
            try:
                # The last one that was asked for is the last to go.
                index = self.indexes.pop(run, None) or TextIndex(self.database, run, first)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
                return None
            self.indexes[run] = index
            for gone in list(self.indexes)[:-MOST_INDEXES]:
                del self.indexes[gone]
            if index.upto < last and not index.growing:
                index.growing = True
                self.thread.submit(self._grow, index, last)
        return index if index.made else None

    def forget(self, run: int) -> None:
        """Let go of what a run showed that is deleted."""
        with self.lock:
            self.indexes.pop(run, None)

    def stop(self) -> None:
        """Let the thread end, wherever it is."""
        self.stopped.set()
        self.thread.shutdown()
        self.indexes.clear()

    def _grow(self, index: TextIndex, last: int) -> None:
        try:
            index.grow(last, self.stopped)
        except (sqlite3.Error, OSError) as error:
            with self.lock:
                self._give_up(error)
        finally:
            index.growing = False

    def _give_up(self, error: Exception) -> None:
        """Do without indexes until the server starts anew: a disk is full, or this SQLite has no index of letters."""
        log.warning("searches read all items of a run, for their index cannot be made: %s", error)
        self.unusable = True
        self.indexes.clear()


def _nameless(folder: Path) -> sqlite3.Connection:
    """A database in a file that is gone as soon as it is closed."""
    handle, name = tempfile.mkstemp(prefix=".search-", dir=folder)
    os.close(handle)
    try:
        db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -16384"):
            db.execute(f"PRAGMA {pragma}").close()
        # The file is opened by the first look into it.
        db.execute("SELECT COUNT(*) FROM sqlite_schema").close()
    finally:
        os.unlink(name)
    return db


def _pieces(text: str) -> str:
    """The question for texts with these letters in them."""
    found = list(dict.fromkeys(text[at : at + LETTERS] for at in range(len(text) - LETTERS + 1)))
    chosen = found[:: -(-len(found) // MOST_PIECES)]
    return "(" + " AND ".join(map(_quoted, chosen)) + ")"


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'
