"""Workers in training, in memory."""

from __future__ import annotations

from dataforge.issue.rows import Trainee

__all__ = ["Trainees"]

NOT_BEGUN = Trainee()


class Trainees:
    """Workers in the training of runs."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, int], Trainee] = {}

    def load(self, run: int, worker: int) -> Trainee:
        """The worker in the run's training; one who has not begun if there is none yet."""
        return self.rows.get((run, worker), NOT_BEGUN)

    def save(self, run: int, worker: int, trainee: Trainee) -> None:
        """Keep the trainee."""
        self.rows[run, worker] = trainee

    def of_worker(self, worker: int) -> list[tuple[int, Trainee]]:
        """The worker in the training of each run in which they have begun."""
        return [(run, trainee) for (run, of), trainee in self.rows.items() if of == worker]
