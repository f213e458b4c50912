"""The ledger: what happened to money, entry by entry, and what each worker is owed."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

import msgspec

from dataforge.issue.ledger import FLOWS, Balance, Entry, Kind, Sums

__all__ = ["Difference", "Due", "Earner", "Ledger", "RunSums"]

FIELDS = Entry.__struct_fields__
assert FIELDS[-1] == "reason", "the one field that is JSON comes last"
COLUMNS = ", ".join(FIELDS)
INSERT = f"INSERT INTO ledger ({COLUMNS}) VALUES ({', '.join('?' * len(FIELDS))})"
ADD = """
INSERT INTO balances (worker, currency, due, paid) VALUES (?, ?, ?, ?)
ON CONFLICT (worker, currency) DO UPDATE SET due = due + excluded.due, paid = paid + excluded.paid
"""
# By how much an entry of each kind moves what is due and what was paid.
MOVES_BALANCE = {
    kind: ((getting == "due") - (giving == "due"), (getting == "paid") - (giving == "paid"))
    for kind, (giving, getting) in FLOWS.items()
    if {"due", "paid"} & {giving, getting}
}


class Difference(NamedTuple):
    """Where two books of the same money do not say the same: what was looked at, and what each says."""

    what: str
    ledger: int
    other: int


class Due(NamedTuple):
    """What a worker is owed in a currency, below 0 a debt; was paid; and what waits for a verdict."""

    worker: str
    name: str
    currency: str
    due: int
    paid: int
    pending: int


class Earner(NamedTuple):
    """What a worker got in a run: for pages, by bonuses, on top; what waits, and what an hour brought, if known."""

    worker: str
    name: str
    pages: int
    bonuses: int
    on_top: int
    pending: int
    hourly: int | None


class RunSums(NamedTuple):
    """What a run's entries of each kind sum to, the prices of pages that are out, and the seconds of work."""

    sums: dict[Kind, int]
    out: int
    seconds: float


class Ledger:
    """The tables `ledger` and `balances`; the second follows from the first and is kept to be quick."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def enter(self, entry: Entry) -> None:
        """Keep an entry; raises if there is one of its key."""
        # Field by field, because there is one with every page.
        kind, worker, amount, currency = entry.kind, entry.worker, entry.amount, entry.currency
        reason = None if entry.reason is None else msgspec.json.encode(entry.reason)
        self.db.execute(INSERT, (kind, worker, amount, currency, entry.at, entry.run, entry.page, entry.key, reason))
        if kind in MOVES_BALANCE:
            due, paid = MOVES_BALANCE[kind]
            self.db.execute(ADD, (worker, currency, due * amount, paid * amount))

    def balance(self, worker: int, currency: str) -> Balance:
        """What the worker is owed in a currency and was paid."""
        row = self.db.execute(
            "SELECT due, paid FROM balances WHERE worker = ? AND currency = ?", (worker, currency)
        ).fetchone()
        return Balance(*row) if row else Balance()

    def by_key(self, key: str) -> Entry | None:
        """The entry of that key, if there is one."""
        row = self.db.execute(f"SELECT {COLUMNS} FROM ledger WHERE key = ?", (key,)).fetchone()
        return _entry(row) if row else None

    def was_rejected(self, page: int) -> bool:
        """Whether the page was ever rejected."""
        row = self.db.execute(
            "SELECT 1 FROM ledger WHERE page = ? AND kind IN ('rejected', 'taken_back') LIMIT 1", (page,)
        ).fetchone()
        return row is not None

    def topped_up(self, page: int) -> int:
        """What was paid on top for the page, less what went back."""
        (amount,) = self.db.execute(
            """
            SELECT COALESCE(SUM(CASE kind WHEN 'top_up' THEN amount WHEN 'top_up_back' THEN -amount ELSE 0 END), 0)
            FROM ledger WHERE page = ?
            """,
            (page,),
        ).fetchone()
        return int(amount)

    def bonuses_since(self, worker: int, currency: str, since: float) -> int:
        """What bonuses have brought the worker since a time."""
        (amount,) = self.db.execute(
            """
            SELECT COALESCE(SUM(amount), 0) FROM ledger
            WHERE worker = ? AND page IS NULL AND kind = 'bonus' AND currency = ? AND at >= ?
            """,
            (worker, currency, since),
        ).fetchone()
        return int(amount)

    def sums(self, run: int | None, worker: int, currency: str) -> Sums:
        """What the worker's entries of each kind sum to in a run, or outside of all runs; walks through the ledger."""
        rows: list[tuple[Kind, int]] = self.db.execute(
            "SELECT kind, SUM(amount) FROM ledger WHERE run IS ? AND worker = ? AND currency = ? GROUP BY kind",
            (run, worker, currency),
        ).fetchall()
        return dict(rows)

    def of_run(self, run: int) -> RunSums:
        """What a run's money is made of; walks through the ledger."""
        sums = self.db.execute("SELECT kind, SUM(amount) FROM ledger WHERE run = ? GROUP BY kind", (run,)).fetchall()
        (out,) = self.db.execute(
            "SELECT COALESCE(SUM(price), 0) FROM pages INDEXED BY held_pages WHERE run = ? AND state = 'held'", (run,)
        ).fetchone()
        # Of pages whose time is not known as of the others.
        (seconds,) = self.db.execute(
            "SELECT SUM(1.0 * seconds * responses / timed) FROM worker_qualities WHERE run = ? AND timed > 0", (run,)
        ).fetchone()
        return RunSums(dict(sums), int(out), seconds or 0.0)

    def earners(self, run: int, offset: int, limit: int) -> tuple[int, list[Earner]]:
        """How many workers have earned in a run, or may yet, and a part of them, those who earned most first."""
        where = "run = ? AND (members.earned <> 0 OR bonus <> 0 OR pending <> 0)"
        (count,) = self.db.execute(f"SELECT COUNT(*) FROM members WHERE {where}", (run,)).fetchone()
        rows = self.db.execute(
            f"""
            SELECT workers.worker, name, members.earned, bonus - topped_up, topped_up, pending,
              json_extract(CAST(quality AS TEXT), '$.hourly')
            FROM members JOIN workers ON workers.id = members.worker
              LEFT JOIN worker_qualities USING (run, worker)
            WHERE {where.replace("run", "members.run", 1)}
            ORDER BY members.earned + bonus DESC, workers.id LIMIT ? OFFSET ?
            """,
            (run, limit, offset),
        )
        return int(count), [Earner(*row) for row in rows]

    def due(self, offset: int, limit: int, *, everybody: bool) -> tuple[list[Due], dict[str, int], int]:
        """A part of what workers are owed, by name; what may be paid of all, by currency; and how many they are.

        With `everybody` also those whose balance is even, else without them.
        """
        which = "" if everybody else "WHERE due <> 0"
        rows = self.db.execute(
            f"""
            SELECT workers.worker, name, currency, due, paid,
              (SELECT COALESCE(SUM(pending), 0) FROM members JOIN counters USING (run) JOIN runs ON runs.id = run
               WHERE members.worker = balances.worker
                 AND COALESCE(json_extract(CAST(publication AS TEXT), '$.currency'), 'USD') = balances.currency)
            FROM balances JOIN workers ON workers.id = balances.worker {which}
            ORDER BY name = '', name, workers.worker, currency LIMIT ? OFFSET ?
            """,
            (limit, offset),
        ).fetchall()
        sums = dict(self.db.execute("SELECT currency, SUM(MAX(due, 0)) FROM balances GROUP BY currency").fetchall())
        (count,) = self.db.execute(f"SELECT COUNT(*) FROM balances {which}").fetchone()
        return [Due(*row) for row in rows], {code: amount for code, amount in sums.items() if amount}, int(count)

    def balances_of(self, worker: int) -> dict[str, Balance]:
        """What the worker is owed and was paid, by currency."""
        rows = self.db.execute("SELECT currency, due, paid FROM balances WHERE worker = ? ORDER BY currency", (worker,))
        return {currency: Balance(due, paid) for currency, due, paid in rows}

    def receipts(self, worker: int, limit: int) -> list[tuple[int, Entry]]:
        """The worker's bonuses and pay-outs, each numbered from 1 among the worker's own, the newest first."""
        rows = self.db.execute(
            f"""
            SELECT ROW_NUMBER() OVER (PARTITION BY kind ORDER BY id), {COLUMNS} FROM ledger
            WHERE worker = ? AND page IS NULL AND kind IN ('bonus', 'paid_out') ORDER BY id DESC LIMIT ?
            """,
            (worker, limit),
        )
        return [(number, _entry(tuple(row))) for number, *row in rows]

    def differences(self) -> list[Difference]:
        """Where quick sums, of workers in runs and of runs, are not what the ledger says; walks through all of it."""
        return [
            Difference(f"{what} of {who}", booked, shown)
            for what, question in QUESTIONS.items()
            for who, booked, shown in self.db.execute(question)
        ]


def _entry(row: tuple[Any, ...]) -> Entry:
    entry = Entry(*row[:-1])
    return entry if row[-1] is None else msgspec.structs.replace(entry, reason=msgspec.json.decode(row[-1]))


def _moved(*accounts: str) -> str:
    """SQL for what the ledger's entries bring to accounts, taken together."""
    signed = {
        kind: sum((account == getting) - (account == giving) for account in accounts)
        for kind, (giving, getting) in FLOWS.items()
    }
    cases = " ".join(f"WHEN '{kind}' THEN {sign:+d} * amount" for kind, sign in signed.items() if sign)
    return f"COALESCE(SUM(CASE kind {cases} ELSE 0 END), 0)"


BY_MEMBER = """
SELECT 'worker ' || members.worker || ' in run ' || members.run AS who, COALESCE(booked.amount, 0) AS amount, {quick}
FROM members JOIN counters USING (run)
  LEFT JOIN (SELECT run, worker, {moved} AS amount FROM ledger GROUP BY run, worker) AS booked USING (run, worker)
WHERE COALESCE(booked.amount, 0) <> {quick}
"""
QUESTIONS = {
    "what waits": BY_MEMBER.format(quick="members.pending", moved=_moved("pending")),
    "what was earned": BY_MEMBER.format(quick="members.earned + members.bonus", moved=_moved("due", "paid")),
    "the balance": f"""
        WITH booked AS (
          SELECT worker, currency, {_moved("due")} AS due, {_moved("paid")} AS paid FROM ledger
          GROUP BY worker, currency
        )
        SELECT 'worker ' || booked.worker || ' in ' || booked.currency, booked.due, COALESCE(balances.due, 0)
        FROM booked LEFT JOIN balances USING (worker, currency)
        WHERE booked.due <> COALESCE(balances.due, 0) OR booked.paid <> COALESCE(balances.paid, 0)
        UNION ALL
        SELECT 'worker ' || worker || ' in ' || currency, 0, due FROM balances
        WHERE (due <> 0 OR paid <> 0) AND (worker, currency) NOT IN (SELECT worker, currency FROM booked)
    """,
    "what is spent and held": f"""
        WITH booked AS (SELECT run, {_moved("pending", "due")} AS amount FROM ledger GROUP BY run),
          out AS (SELECT run, SUM(price) AS amount FROM pages WHERE state = 'held' GROUP BY run)
        SELECT 'run ' || run, COALESCE(booked.amount, 0) + COALESCE(out.amount, 0), spent
        FROM counters LEFT JOIN booked USING (run) LEFT JOIN out USING (run)
        WHERE COALESCE(booked.amount, 0) + COALESCE(out.amount, 0) <> spent
    """,
}
