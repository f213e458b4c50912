"""Workers in the runs of memory."""

from __future__ import annotations

from dataforge.issue.memory.accounts import Accounts
from dataforge.issue.rows import Member, MiddlePaces, Pace, Span

__all__ = ["Members"]

NEWCOMER = Member()


class Members:
    """Workers in runs."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.rows: dict[tuple[int, int], Member] = {}
        self.runs: dict[int, set[int]] = {}

    def load(self, run: int, worker: int) -> Member:
        """The worker in the run; a fresh member if there is none yet."""
        return self.rows.get((run, worker), NEWCOMER)

    def save(self, run: int, worker: int, member: Member) -> None:
        """Keep the member."""
        self.rows[run, worker] = member
        self.runs.setdefault(worker, set()).add(run)

    def worked_elsewhere(self, run: int, worker: int, after: float) -> list[Span]:
        """In each other run when the worker worked last, where that ends after a moment."""
        others = [self.rows[other, worker] for other in self.runs.get(worker, ()) if other != run]
        return [Span(other.worked_from, other.worked_until) for other in others if other.worked_until > after]

    def middle_paces(self, run: int) -> MiddlePaces:
        """The middle of how long workers took for an item of their accepted pages."""
        everybody = (self.load(run, account.id).pace for account in self.accounts.rows.values())
        paces = sorted(pace for pace in everybody if pace is not None)
        return MiddlePaces(len(paces), 0, paces)

    def paces(self, run: int) -> list[Pace]:
        """How long each worker took for the items of their accepted pages, as far as that counts."""
        found = [(account.id, account.worker, self.load(run, account.id)) for account in self.accounts.rows.values()]
        return [Pace(number, name, one.paced, one.timed) for number, name, one in found if one.timed]

    def runs_of(self, worker: int) -> list[int]:
        """The runs in which the worker has had a page."""
        return [run for run in sorted(self.runs.get(worker, ())) if self.rows[run, worker].joined is not None]
