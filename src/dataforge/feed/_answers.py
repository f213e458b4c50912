"""Answers to be judged as items of a feed: who gave them, and which there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import msgspec

from dataforge.data.items import Items
from dataforge.feed._batches import put_items

__all__ = ["KnownKeys", "authors_of", "not_entered", "note_entered", "put_answers"]


@dataclass
class KnownKeys:
    """The keys of the items of a run, those of the launch and of the `fed` first ones that were fed.

    Who adds answers again and again has them in memory: in the file the place of a key follows from nothing, and each
    that is entered costs two pages of it.
    """

    keys: set[str] = field(default_factory=set)
    fed: int = -1  # not even those of the launch

    def note(self, keys: Collection[str]) -> None:
        """Know the keys of the next items that were fed."""
        self.keys.update(keys)
        self.fed += len(keys)


def put_answers(db: sqlite3.Connection, items: Items, first: int, authors: Sequence[Sequence[str]]) -> None:
    """Put answers behind the `first` items that are there, each with its authors."""
    put_items(db, items, first)
    db.execute(
        "INSERT INTO answers (last, first, authors) VALUES (?, ?, ?)",
        (first + items.count, first + 1, msgspec.json.encode(authors)),
    )


def authors_of(db: sqlite3.Connection, places: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The authors of those of the items that are answers, by how many items were fed before."""
    found: dict[int, tuple[str, ...]] = {}
    for first, last, authors in db.execute(
        "SELECT first, last, authors FROM answers WHERE last > ? AND first <= ?", (min(places), max(places) + 1)
    ):
        found.update(zip(range(first - 1, last), msgspec.json.decode(authors, type=list[tuple[str, ...]]), strict=True))
    return {place: found[place] for place in places if place in found}


def not_entered(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """The answers that are not entered among all that the run knows: from so many fed items to so many."""
    return db.execute("SELECT first - 1, last FROM answers WHERE NOT entered ORDER BY last").fetchall()


def note_entered(db: sqlite3.Connection, last: int) -> bool:
    """Note that the batch of answers that ends with so many fed items is entered; whether it was not yet."""
    return db.execute("UPDATE answers SET entered = 1 WHERE last = ? AND NOT entered", (last,)).rowcount > 0
