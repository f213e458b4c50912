"""Pages in memory, and the held ones by worker and by deadline."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from dataforge.issue.rows import (
    NewPage,
    PageRow,
    Worker,
)
from dataforge.records import Answer, PageState, Texts

__all__ = ["Pages"]


class Pages:
    """Pages by their public id, and the held ones by worker and by deadline."""

    def __init__(self, seen: dict[int, set[int]]) -> None:
        self.rows: dict[bytes, PageRow] = {}
        self.back: dict[tuple[int, int], set[tuple[int, bytes]]] = {}
        self.holding: dict[tuple[int, int], dict[bytes, PageRow]] = {}
        self.deadlines: list[tuple[float, int, bytes]] = []
        # Held pages of newcomers, by run, and who came from where.
        self.newcomers: dict[int, dict[bytes, PageRow]] = {}
        self.workers: dict[int, Worker] = {}
        self.seen = seen

    def add(self, page: NewPage) -> PageRow:
        """Give out a page and note that its worker has seen the items."""
        worker = page.worker
        row = PageRow(
            len(self.rows),
            page.page,
            page.run,
            worker.id,
            worker.worker,
            "held",
            page.price,
            page.items,
            page.mirrored,
            page.taken,
            page.lease,
            page.deadline,
            page.controls,
            page.newcomer,
            page.revision,
        )
        self.workers[worker.id] = worker
        seen = self.seen.setdefault(worker.id, set())
        if not seen.isdisjoint(page.items):
            raise RuntimeError(f"page {page.page.hex()}: {worker.worker!r} has seen items of it already")
        seen.update(page.items)
        self._hold(row)
        return row

    def _hold(self, row: PageRow) -> None:
        self.rows[row.page] = row
        self.holding.setdefault((row.run, row.worker_id), {})[row.page] = row
        if row.newcomer:
            self.newcomers.setdefault(row.run, {})[row.page] = row
        if row.deadline is not None:
            heapq.heappush(self.deadlines, (row.deadline, row.id, row.page))

    def by_page(self, page: bytes) -> PageRow | None:
        """The page of that public id."""
        return self.rows.get(page)

    def held(self, run: int, worker: int) -> Sequence[PageRow]:
        """The pages that the worker holds in the run, the one that waits behind the others."""
        held = self.holding.get((run, worker))
        return sorted(held.values(), key=lambda page: (page.deadline is None, page.id)) if held else ()

    def due(self, now: float, limit: int) -> list[PageRow]:
        """Held pages whose time has run out."""
        due: list[PageRow] = []
        if not self.deadlines or self.deadlines[0][0] > now:
            return due
        while len(due) < limit and (deadline := self.next_deadline()) is not None and deadline <= now:
            due.append(self.rows[heapq.heappop(self.deadlines)[2]])
        # They are still held until they are finished.
        for row in due:
            heapq.heappush(self.deadlines, (row.deadline or 0.0, row.id, row.page))
        return due

    def next_deadline(self) -> float | None:
        """When the next held page is due."""
        deadlines = self.deadlines
        while deadlines and self.rows[deadlines[0][2]].state != "held":
            heapq.heappop(deadlines)
        return deadlines[0][0] if deadlines else None

    def finish(
        self,
        page: PageRow,
        state: PageState,
        at: float,
        *,
        seconds: float | None = None,
        answers: Sequence[Answer] | None = None,
    ) -> None:
        """Move the page to a state; the answers are in the event, and nobody looks at them here."""
        took = page.seconds if seconds is None else seconds
        self.rows[page.page] = replace(page, state=state, seconds=took, finished=at)
        self.holding[page.run, page.worker_id].pop(page.page, None)
        self.newcomers.get(page.run, {}).pop(page.page, None)
        if state == "released":
            self.back.setdefault((page.run, page.worker_id), set()).add((page.id, page.page))

    def judge(
        self, page: PageRow, verdict: Literal["accepted", "rejected"], reason: Texts | None, counted: int = 0
    ) -> None:
        """Move a submitted page to its verdict, or a judged one to the other."""
        state = self.rows[page.page].state
        if state not in ("submitted", "accepted", "rejected") or state == verdict:
            raise RuntimeError(f"page {page.page.hex()} cannot become {verdict}: it is {state}")
        self.rows[page.page] = replace(self.rows[page.page], state=verdict, counted=counted)

    def counted(self, run: int, worker: int) -> list[PageRow]:
        """The worker's accepted pages in the run of which any time counts, the newest first."""
        whose = run, worker, "accepted"
        found = [row for row in self.rows.values() if (row.run, row.worker_id, row.state) == whose and row.counted]
        return sorted(found, key=lambda row: -row.id)

    def count(self, page: PageRow, counted: int) -> None:
        """Let so much of an accepted page's time count, in place of what did."""
        self.rows[page.page] = replace(self.rows[page.page], counted=counted)

    def give_reason(self, page: PageRow, reason: Texts) -> None:
        """Nobody reads reasons here."""

    def start_waiting(self, run: int, worker: int, now: float) -> None:
        """Start the lease of the page that waited behind the one just finished."""
        for row in self.held(run, worker):
            if row.deadline is None:
                self._hold(replace(row, deadline=now + row.lease))

    def released(self, run: int, worker: int) -> PageRow | None:
        """The newest page that the worker handed back."""
        back = self.back.get((run, worker))
        return self.rows[max(back)[1]] if back else None

    def newcomers_hold(self, run: int, origin: str, invitation: str) -> tuple[int, int]:
        """Places on held pages of newcomers of that origin, and of that invitation."""
        by_origin = by_invitation = 0
        for page in self.newcomers.get(run, {}).values():
            worker = self.workers[page.worker_id]
            by_origin += page.reals * (worker.origin == origin)
            by_invitation += page.reals * (worker.invitation == invitation)
        return by_origin, by_invitation

    def give_again(self, page: PageRow, taken: float, deadline: float | None) -> PageRow:
        """Give a released page out again."""
        self.back[page.run, page.worker_id].remove((page.id, page.page))
        row = replace(page, state="held", taken=taken, deadline=deadline)
        self._hold(row)
        return row
