"""Workers in memory."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from dataforge.issue.rows import (
    Worker,
)

__all__ = ["Accounts"]


class Accounts:
    """Workers by their public id."""

    def __init__(self) -> None:
        self.rows: dict[str, Worker] = {}
        self._names: list[str] = []

    def worker_by_name(self, worker: str) -> Worker | None:
        """The worker of that public id."""
        return self.rows.get(worker)

    def set_shut_out(self, worker: int, since: float | None) -> None:
        """Close the worker's account, or open it."""
        name = self._names[worker]
        self.rows[name] = replace(self.rows[name], shut_out=since)

    def set_known(self, worker: int) -> None:
        """Note that something is known of the worker."""
        name = self._names[worker]
        self.rows[name] = replace(self.rows[name], known=1)

    def set_first_run(self, worker: int, run: int) -> None:
        """Note the run that gave the worker, of whom nothing is known, a page."""
        name = self._names[worker]
        self.rows[name] = replace(self.rows[name], first_run=run)

    def tell(self, worker: str, **told: Any) -> Worker:
        """What the worker tells of themselves, by the fields of `Worker`."""
        row = self.rows[worker] = replace(self.rows[worker], **told)
        return row

    def enter(self, worker: str, name: str, language: str, origin: str = "", invitation: str = "") -> Worker:
        """The worker of that public id, made new or brought up to date."""
        known = self.rows.get(worker)
        if known is None:
            known = self.rows[worker] = Worker(len(self._names), worker, name, language, origin, invitation)
            self._names.append(worker)
        elif known.name != name or known.language != language:
            known = self.rows[worker] = replace(known, name=name, language=language)
        return known
