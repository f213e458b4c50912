"""What issue asks of a store beside items and pages: what workers can do, are owed, have said and were taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from dataforge.issue.ledger import Balance, Entry, Sums
from dataforge.issue.rows import Appeal, CountedTime, PageRow, Skill, Trainee
from dataforge.records import Money

__all__ = ["Appeals", "Hours", "Ledger", "Skills", "Trainees"]


class Skills(Protocol):
    """What workers are good at, in all runs: each skill by its name, as it was given last."""

    def give(self, worker: int, name: str, value: float, by: str, now: float) -> None:
        """Give the worker a skill, 0 to 100, in place of the one of that name, if they had it."""
        ...

    def take(self, worker: int, name: str) -> None:
        """Take a skill from the worker, if they have it."""
        ...

    def learn(self, worker: int, name: str, run: int, right: int, total: int) -> tuple[int, int]:
        """Note how many control items of the run, that show this skill, the worker answered right, of so many in all.

        Gives the sums over all runs.
        """
        ...

    def of(self, worker: int) -> Mapping[str, Skill]:
        """The worker's skills by name, in the order of names."""
        ...


class Ledger(Protocol):
    """What happened to money."""

    def enter(self, entry: Entry) -> None:
        """Keep an entry; raises if there is one of its key."""
        ...

    def balance(self, worker: int, currency: str) -> Balance:
        """What the worker is owed in a currency and was paid; asked often, so it must cost little."""
        ...

    def by_key(self, key: str) -> Entry | None:
        """The entry of that key, if there is one."""
        ...

    def was_rejected(self, page: int) -> bool:
        """Whether the page was ever rejected, whatever became of it since."""
        ...

    def topped_up(self, page: int) -> Money:
        """What was paid on top for the page, because of the wage floor, less what went back."""
        ...

    def sums(self, run: int | None, worker: int, currency: str) -> Sums:
        """What the worker's entries of each kind sum to in a run, or with None outside of all runs."""
        ...


class Hours(Protocol):
    """The time of workers that wage floors count, over all runs."""

    def within(self, worker: int, stretch: CountedTime) -> Sequence[CountedTime]:
        """What counts of the worker's time that has any part of a stretch, in any order."""
        ...

    def count(self, page: PageRow, times: Sequence[CountedTime]) -> None:
        """Count these stretches for a page of the worker; none of them counts yet."""
        ...

    def give_up(self, page: PageRow) -> int:
        """Count what counted for the page no more; gives how many milliseconds that was."""
        ...


class Appeals(Protocol):
    """What workers say against rejections, once per page."""

    def of(self, page: PageRow) -> Appeal | None:
        """The appeal against the page's rejection, if there was one."""
        ...

    def save(self, page: PageRow, appeal: Appeal) -> None:
        """Keep a page's appeal, in place of what was kept of it before."""
        ...


class Trainees(Protocol):
    """Workers in the training of runs."""

    def load(self, run: int, worker: int) -> Trainee:
        """The worker in the run's training; one who has not begun if there is none yet."""
        ...

    def save(self, run: int, worker: int, trainee: Trainee) -> None:
        """Keep the trainee."""
        ...

    def of_worker(self, worker: int) -> Sequence[tuple[int, Trainee]]:
        """The worker in the training of each run in which they have begun, with the run, in any order."""
        ...
