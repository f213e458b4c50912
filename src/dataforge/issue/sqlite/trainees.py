"""Workers in the training of runs: how far each is in a try, and how it went."""

from __future__ import annotations

import sqlite3

import msgspec

from dataforge.issue.rows import Trainee

__all__ = ["Trainees"]

decode = msgspec.json.Decoder(Trainee).decode


class Trainees:
    """The table `trainees`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def load(self, run: int, worker: int) -> Trainee:
        """The worker in the run's training; one who has not begun if there is none yet."""
        row = self.db.execute("SELECT trainee FROM trainees WHERE run = ? AND worker = ?", (run, worker)).fetchone()
        return Trainee() if row is None else decode(row[0])

    def of_worker(self, worker: int) -> list[tuple[int, Trainee]]:
        """The worker in the training of each run in which they have begun."""
        rows = self.db.execute("SELECT run, trainee FROM trainees WHERE worker = ?", (worker,))
        return [(run, decode(trainee)) for run, trainee in rows]

    def save(self, run: int, worker: int, trainee: Trainee) -> None:
        """Keep the trainee."""
        self.db.execute(
            "INSERT OR REPLACE INTO trainees (run, worker, trainee) VALUES (?, ?, ?)",
            (run, worker, msgspec.json.encode(trainee)),
        )
