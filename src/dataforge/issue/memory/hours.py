"""The time that wage floors count, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from dataforge.issue.rows import CountedTime, PageRow

__all__ = ["Hours"]


class Hours:
    """The time of workers that wage floors count, over all runs, by worker and page."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, tuple[CountedTime, ...]]] = {}

    def within(self, worker: int, stretch: CountedTime) -> list[CountedTime]:
        """What counts of the worker's time that has any part of a stretch."""
        everything = (one for times in self.rows.get(worker, {}).values() for one in times)
        return [one for one in everything if one.begun < stretch.ended and stretch.begun < one.ended]

    def count(self, page: PageRow, times: Sequence[CountedTime]) -> None:
        """Count these stretches for a page of the worker."""
        self.rows.setdefault(page.worker_id, {})[page.id] = tuple(times)

    def give_up(self, page: PageRow) -> int:
        """Count what counted for the page no more; gives how many milliseconds that was."""
        times = self.rows.get(page.worker_id, {}).pop(page.id, ())
        return sum(ended - begun for begun, ended in times)
