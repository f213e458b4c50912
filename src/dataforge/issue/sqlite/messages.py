"""Messages: what workers write to their requester, and what they are answered."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

__all__ = ["MessageRow", "Messages", "NewMessage"]


class NewMessage(NamedTuple):
    """A message about to be kept; `page` is the number of the page that it is about, `place` of the item there."""

    worker: int
    run: int
    page: int | None
    place: int | None
    text: str
    at: float
    key: str


class MessageRow(NamedTuple):
    """A message; `item` is the key of the item that it is about, `page` the page's public id."""

    id: int
    run: int
    worker: str
    name: str
    language: str
    page: bytes | None
    place: int | None
    item: str | None
    text: str
    at: float
    reply: str | None
    replied: float | None
    seen: int


# Runs that were deleted have no counters.
SELECT = """
SELECT messages.id, messages.run, workers.worker, workers.name, workers.language, pages.page, messages.place, items.key,
  text, at, reply, replied, messages.seen
FROM messages {} JOIN workers ON workers.id = messages.worker JOIN counters ON counters.run = messages.run
  LEFT JOIN pages ON pages.id = messages.page
  LEFT JOIN items ON items.id = json_extract(pages.items, '$[' || messages.place || ']')
"""


class Messages:
    """The table `messages`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def add(self, message: NewMessage) -> int:
        """Keep a message; give its number."""
        number = self.db.execute(
            f"INSERT INTO messages ({', '.join(NewMessage._fields)}) VALUES (?, ?, ?, ?, ?, ?, ?)", message
        ).lastrowid
        assert number is not None
        return number

    def by_key(self, worker: int, key: str) -> MessageRow | None:
        """The worker's message of that key, if there is one."""
        return self._one("messages.worker = ? AND messages.key = ?", (worker, key))

    def by_number(self, number: int) -> MessageRow | None:
        """The message of that number, if there is one."""
        return self._one("messages.id = ?", (number,))

    def _one(self, where: str, given: tuple[object, ...]) -> MessageRow | None:
        row = self.db.execute(f"{SELECT.format('')} WHERE {where}", given).fetchone()
        return MessageRow(*row) if row else None

    def written_since(self, worker: int, since: float) -> int:
        """How many messages the worker wrote after a time."""
        (count,) = self.db.execute(
            "SELECT COUNT(*) FROM messages INDEXED BY messages_of_workers WHERE worker = ? AND at > ?", (worker, since)
        ).fetchone()
        return int(count)

    def of_worker(self, worker: int, limit: int) -> list[MessageRow]:
        """The worker's messages, the newest first."""
        rows = self.db.execute(
            f"{SELECT.format('INDEXED BY messages_of_workers')} WHERE messages.worker = ? "
            "ORDER BY at DESC, messages.id DESC LIMIT ?",
            (worker, limit),
        )
        return [MessageRow(*row) for row in rows]

    def unseen(self, worker: int) -> int:
        """How many answers the worker has not read yet."""
        (count,) = self.db.execute(
            "SELECT COUNT(*) FROM messages INDEXED BY unseen_replies "
            "WHERE worker = ? AND reply IS NOT NULL AND seen = 0",
            (worker,),
        ).fetchone()
        return int(count)

    def note_seen(self, worker: int, until: float) -> None:
        """Note that the worker has read what they were answered up to a time."""
        self.db.execute(
            "UPDATE messages SET seen = 1 WHERE worker = ? AND reply IS NOT NULL AND seen = 0 AND replied <= ?",
            (worker, until),
        )

    def reply(self, number: int, text: str, at: float) -> None:
        """Answer a message."""
        self.db.execute("UPDATE messages SET reply = ?, replied = ?, seen = 0 WHERE id = ?", (text, at, number))

    def listed(self, run: int | None, answered: bool, offset: int, limit: int) -> list[MessageRow]:
        """A part of the messages: those that wait for an answer by age, or those that have one, the newest first."""
        index = "messages_of_runs" if run is not None else "" if answered else "unanswered_messages"
        where = f"reply IS {'NOT ' if answered else ''}NULL" + ("" if run is None else " AND messages.run = ?")
        rows = self.db.execute(
            f"{SELECT.format(f'INDEXED BY {index}' if index else '')} WHERE {where} "
            f"ORDER BY at {'DESC' if answered else 'ASC'}, messages.id LIMIT ? OFFSET ?",
            (*(() if run is None else (run,)), limit, offset),
        )
        return [MessageRow(*row) for row in rows]

    def waiting(self) -> int:
        """How many messages wait for an answer."""
        (count,) = self.db.execute(
            """
            SELECT COUNT(*) FROM messages INDEXED BY unanswered_messages JOIN counters USING (run)
            WHERE reply IS NULL
            """
        ).fetchone()
        return int(count)

    def counts(self, run: int | None) -> tuple[int, int]:
        """How many messages wait for an answer, and how many have one, in a run or in all."""
        where = "" if run is None else "AND counters.run = ?"
        waiting, answered = (
            self.db.execute(
                f"""
                SELECT COUNT(*) FROM counters CROSS JOIN messages INDEXED BY {index} USING (run)
                WHERE reply IS {null} {where}
                """,
                () if run is None else (run,),
            ).fetchone()[0]
            for index, null in (("waiting_of_runs", "NULL"), ("answered_of_runs", "NOT NULL"))
        )
        return waiting, answered
