"""Skills in memory."""

from __future__ import annotations

from dataforge.issue.rows import Skill

__all__ = ["Skills"]


class Skills:
    """Skills of workers, by name."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Skill]] = {}
        self.learnt: dict[tuple[int, str], dict[int, tuple[int, int]]] = {}

    def give(self, worker: int, name: str, value: float, by: str, now: float) -> None:
        """Give the worker a skill in place of the one of that name."""
        self.rows.setdefault(worker, {})[name] = Skill(value, by, now)

    def take(self, worker: int, name: str) -> None:
        """Take a skill from the worker, if they have it."""
        self.rows.get(worker, {}).pop(name, None)

    def learn(self, worker: int, name: str, run: int, right: int, total: int) -> tuple[int, int]:
        """Note what control items of a run show; gives the sums over all runs."""
        runs = self.learnt.setdefault((worker, name), {})
        runs[run] = (right, total)
        return sum(one for one, _ in runs.values()), sum(other for _, other in runs.values())

    def of(self, worker: int) -> dict[str, Skill]:
        """The worker's skills by name."""
        return dict(sorted(self.rows.get(worker, {}).items()))
