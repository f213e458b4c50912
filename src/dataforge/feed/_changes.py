"""What a run is to ask, each time that it was changed, and how far its log has heard of that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from dataforge.records import Publication, Terms

__all__ = ["changes_in", "note_change", "open_no_more", "opens", "put_back", "terms_in", "waiting_in"]


def changes_in(db: sqlite3.Connection) -> Iterator[tuple[int, Terms]]:
    """What the run asked after each change, by the change's number, the oldest first."""
    for number, content in db.execute("SELECT number, terms FROM changes ORDER BY number").fetchall():
        yield number, msgspec.json.decode(content, type=Terms)


def terms_in(db: sqlite3.Connection) -> Terms | None:
    """What the run asks since it was changed last; None if it never was."""
    row = db.execute("SELECT terms FROM changes ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Terms)


def waiting_in(db: sqlite3.Connection) -> tuple[Terms | None, Terms] | None:
    """What the log has of what the run asks, and what it is to ask; None if that is the same."""
    rows = db.execute("SELECT terms, taken FROM changes ORDER BY number").fetchall()
    if not rows or rows[-1][1]:
        return None
    taken = [content for content, known in rows if known]
    had = msgspec.json.decode(taken[-1], type=Terms) if taken else None
    return had, msgspec.json.decode(rows[-1][0], type=Terms)


def opens(was: Terms | None, now: Terms) -> bool:
    """Whether a run that was stopped goes on with new terms."""
    return now.opened > (0 if was is None else was.opened)


def note_change(db: sqlite3.Connection, was: Terms | None, now: Terms) -> None:
    """Have the run ask something else: it takes items again, one that was stopped only if the change opens it."""
    db.execute("INSERT INTO changes (terms) VALUES (?)", (msgspec.json.encode(now),))
    stays = "" if opens(was, now) else " WHERE ended IS NOT 'stopped'"
    db.execute(f"UPDATE about SET ended = NULL{stays}")


def open_no_more(db: sqlite3.Connection) -> None:
    """Have changes that would open the run again, and that its log has not heard of, not open it."""
    if not ((waiting := waiting_in(db)) and opens(*waiting)):
        return
    opened = 0 if waiting[0] is None else waiting[0].opened
    for number, content in db.execute("SELECT number, terms FROM changes WHERE NOT taken").fetchall():
        _put(db, number, replace(msgspec.json.decode(content, type=Terms), opened=opened))


def put_back(db: sqlite3.Connection, refused: Publication, launched: Terms, number: int) -> Terms:
    """Put what was asked before in place of changes that cannot be published; what the so many-th asks then."""
    before = asked = launched
    for place, terms in changes_in(db):
        if terms.publication == refused:
            before = replace(before, opened=terms.opened)
            _put(db, place, before)
        else:
            before = terms
        asked = before if place <= number else asked
    return asked


def _put(db: sqlite3.Connection, number: int, terms: Terms) -> None:
    db.execute("UPDATE changes SET terms = ? WHERE number = ?", (msgspec.json.encode(terms), number))
