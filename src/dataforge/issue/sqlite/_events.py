"""A run's events. What happened to a page is told from the page itself, so that its answers are kept once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from dataforge.records import (
    Answer,
    Event,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSkipped,
    PageState,
    PageSubmitted,
    PageTaken,
)

__all__ = ["Events", "span_of"]

# An event's key is the run's number and the event's cursor.
CURSOR_BITS = 40
INSERT = """
INSERT INTO events (id, event, at, state, page) VALUES (?, ?, ?, ?, (SELECT id FROM pages WHERE page = ?))
"""
SELECT = """
SELECT events.id, event, at, events.state, pages.page, workers.worker, price, seconds, answers,
  CASE WHEN events.state IN ('held', 'submitted') THEN (
    SELECT json_group_array(key) FROM (
      SELECT items.key FROM json_each(pages.items) AS place CROSS JOIN items ON items.id = place.value
      ORDER BY place.key
    )
  ) END
FROM events LEFT JOIN pages ON pages.id = events.page LEFT JOIN workers ON workers.id = pages.worker
"""
LEFT_AS: dict[type, PageState] = {
    PageTaken: "held",
    PageSubmitted: "submitted",
    PageExpired: "expired",
    PageSkipped: "skipped",
    PageReleased: "released",
}
keys_of = msgspec.json.Decoder(tuple[str, ...]).decode
answers_of = msgspec.json.Decoder(tuple[Answer, ...]).decode
event_of: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Events:
    """The table `events`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, run: int, events: Sequence[Event]) -> None:
        """Put events behind the others of a run; the pages that they are about are in the store by then."""
        first = run << CURSOR_BITS
        self.db.executemany(INSERT, [(first + event.cursor, *_kept(event)) for event in events])

    def after(self, run: int, cursor: int, limit: int) -> list[Event]:
        """The run's events with a larger cursor, oldest first."""
        first = run << CURSOR_BITS
        rows = self.db.execute(
            f"{SELECT} WHERE events.id > ? AND events.id < ? ORDER BY events.id LIMIT ?",
            (first + max(cursor, 0), first + (1 << CURSOR_BITS), limit),
        )
        return [_told(row) for row in rows]

    def at(self, run: int, cursor: int) -> float | None:
        """When the event of that cursor happened; None if there is none."""
        row = self.db.execute(f"{SELECT} WHERE events.id = ?", ((run << CURSOR_BITS) + cursor,)).fetchone()
        return None if row is None else _told(row).at


def span_of(run: int) -> tuple[int, int]:
    """Between which two keys, without them, a run's events lie."""
    return run << CURSOR_BITS, (run + 1) << CURSOR_BITS


def _kept(event: Event) -> tuple[bytes | None, float | None, PageState | None, bytes | None]:
    """The columns `event`, `at` and `state`, and the public id of the page."""
    match event:
        # What was taken back does not follow from the page.
        case PageJudged() if event.amount >= 0:
            state: PageState = "accepted" if event.accepted else "rejected"
        case PageTaken() | PageSubmitted() | PageExpired() | PageSkipped() | PageReleased():
            state = LEFT_AS[type(event)]
        case _:
            return msgspec.json.encode(event), None, None, None
    return None, event.at, state, bytes.fromhex(event.page)


def _told(row: tuple[Any, ...]) -> Event:
    number, event, at, state, page, worker, price, seconds, answers, keys = row
    if event is not None:
        return event_of.decode(event)
    about = number & ((1 << CURSOR_BITS) - 1), at, page.hex(), worker
    match state:
        case "held":
            return PageTaken(*about, keys_of(keys))
        case "submitted":
            return PageSubmitted(
                *about, keys_of(keys), answers_of(answers), None if seconds is None else round(seconds, 3)
            )
        case "accepted" | "rejected":
            accepted = state == "accepted"
            return PageJudged(*about, accepted, price if accepted else 0)
        case "expired":
            return PageExpired(*about)
        case "skipped":
            return PageSkipped(*about)
        case _:
            return PageReleased(*about)
