"""Skills of workers, which outlive the runs that they were learnt in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from dataforge.issue.rows import Skill

__all__ = ["Skills"]


class Skills:
    """The tables `skills` and `learnt`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def give(self, worker: int, name: str, value: float, by: str, now: float) -> None:
        """Give the worker a skill in place of the one of that name."""
        self.db.execute(
            "INSERT OR REPLACE INTO skills (worker, name, value, given_by, at) VALUES (?, ?, ?, ?, ?)",
            (worker, name, value, by, now),
        )

    def take(self, worker: int, name: str) -> None:
        """Take a skill from the worker, if they have it."""
        self.db.execute("DELETE FROM skills WHERE worker = ? AND name = ?", (worker, name))

    def learn(self, worker: int, name: str, run: int, right: int, total: int) -> tuple[int, int]:
        """Note what control items of a run show; gives the sums over all runs."""
        self.db.execute(
            "INSERT OR REPLACE INTO learnt (worker, name, run, correct, total) VALUES (?, ?, ?, ?, ?)",
            (worker, name, run, right, total),
        )
        sums: tuple[int, int] = self.db.execute(
            "SELECT SUM(correct), SUM(total) FROM learnt WHERE worker = ? AND name = ?", (worker, name)
        ).fetchone()
        return sums

    def of(self, worker: int) -> dict[str, Skill]:
        """The worker's skills by name."""
        rows = self.db.execute("SELECT name, value, given_by, at FROM skills WHERE worker = ? ORDER BY name", (worker,))
        return {name: Skill(*rest) for name, *rest in rows}

    def of_everybody(self, names: Sequence[str]) -> dict[int, dict[str, Skill]]:
        """The skills of these names, of all workers who have any of them."""
        found: dict[int, dict[str, Skill]] = {}
        rows = self.db.execute(
            "SELECT worker, name, value, given_by, at FROM skills WHERE name IN (SELECT value FROM json_each(?))",
            (msgspec.json.encode(names).decode(),),
        )
        for worker, name, *rest in rows:
            found.setdefault(worker, {})[name] = Skill(*rest)
        return found
