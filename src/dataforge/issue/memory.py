"""The store in memory: dictionaries and lists, for the simulated platform and for tests.

It has one user at a time, so a transaction needs no beginning and no end, and it hands out its own items and counters:
only the functions of this room, which treat them as rows, may have them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from dataforge.errors import Refused
from dataforge.issue._queue import Queue
from dataforge.issue.rows import (
    Counters,
    ItemContent,
    Lot,
    Member,
    NewItem,
    NewPage,
    PageRow,
    RunRow,
    Span,
    StoredItem,
    WantedItem,
    Worker,
)
from dataforge.records import Answer, Event, PageState, Publication, Texts

__all__ = ["MemoryStore"]

# Events are thrown away in portions of this size.
FORGOTTEN_AT_ONCE = 10_000


class _Runs:
    """Runs, their counters, events and commands."""

    def __init__(self) -> None:
        self.rows: list[RunRow] = []
        self.counted: list[Counters] = []
        self.done: list[set[str]] = []
        self.events: list[list[Event]] = []
        self.forgotten: list[int] = []

    def add(self, publication: Publication, now: float) -> int:
        """Add a run; numbers count from 0."""
        run = len(self.rows)
        self.rows.append(RunRow(run, publication.name, publication, now))
        self.counted.append(Counters())
        self.done.append(set())
        self.events.append([])
        self.forgotten.append(0)
        return run

    def by_name(self, name: str) -> RunRow | None:
        """The run of that name."""
        return next((row for row in self.rows if row.name == name), None)

    def number(self, name: str) -> int | None:
        """The number of the run of that name."""
        row = self.by_name(name)
        return None if row is None else row.id

    def by_id(self, run: int) -> RunRow:
        """The run with that number."""
        return self.rows[run]

    def revision(self, run: int) -> int:
        """How often the run was published anew."""
        return self.rows[run].revision

    def republish(self, run: int, publication: Publication) -> None:
        """Put a publication in place of the run's."""
        row = self.rows[run]
        self.rows[run] = replace(row, publication=publication, revision=row.revision + 1)

    def rename(self, run: int, publication: Publication) -> None:
        """Call the run as the publication does."""
        self.rows[run] = replace(self.rows[run], name=publication.name, publication=publication)

    def delete(self, run: int) -> None:
        """Keep nothing of the run but its number."""
        self.rows[run] = replace(self.rows[run], name="")
        self.done[run], self.events[run] = set(), []

    def counters(self, run: int) -> Counters:
        """The run's own counters, not a copy."""
        return self.counted[run]

    def save(self, run: int, counters: Counters, events: Sequence[Event]) -> None:
        """Put events behind the others."""
        self.counted[run] = counters
        self.events[run].extend(events)

    def events_after(self, run: int, after: int, limit: int) -> list[Event]:
        """Events after a cursor; raises `Refused` 410 if they were forgotten."""
        start = after - self.forgotten[run]
        if start < 0:
            raise Refused(
                f"events before {self.forgotten[run]} are no longer kept, {after} was asked for; "
                "keep_events=True keeps all",
                status=410,
                code="events_gone",
            )
        return self.events[run][start : start + limit]

    def forget_events(self, run: int, until: int) -> None:
        """Throw events up to a cursor away, once there are many of them."""
        count = until - self.forgotten[run]
        if count > FORGOTTEN_AT_ONCE:
            del self.events[run][:count]
            self.forgotten[run] = until

    def known_commands(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose commands were carried out."""
        return self.done[run].intersection(keys)

    def remember_commands(self, run: int, keys: Sequence[str]) -> None:
        """Note that the commands of these keys are carried out."""
        self.done[run].update(keys)


class _Items:
    """Items by number, and per run by key and in their queue."""

    def __init__(self, seen: dict[int, set[int]]) -> None:
        # No item holds a container, not even its queue: so the garbage collector passes them over.
        self.rows: list[StoredItem] = []
        self.queue_of: list[Queue] = []
        self.keys: dict[int, dict[str, StoredItem]] = {}
        self.queues: dict[int, Queue] = {}
        self.controls: dict[int, Queue] = {}
        # Control items of all runs by what they look like.
        self.looks: dict[bytes, list[int]] = {}
        self.seen = seen
        # By worker.
        self.kept_from: dict[int, set[int]] = {}

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        """Add items whose keys are new to the run."""
        keys = self.keys.setdefault(run, {})
        reals, controls = self.queues.setdefault(run, Queue()), self.controls.setdefault(run, Queue())
        for new in items:
            queue = controls if new.control else reals
            item = StoredItem(len(self.rows), new.key, new.control, new.position, None, new.inputs, 0, new.wanted)
            self.rows.append(item)
            self.queue_of.append(queue)
            keys[new.key] = item
            queue.put(item)
            if new.control:
                self.looks.setdefault(new.inputs, []).append(item.id)

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys that the run has items of."""
        there = self.keys.get(run, {})
        return {key for key in keys if key in there}

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        """What the run's items of these keys are."""
        there = self.keys.get(run, {})
        return {key: ItemContent(there[key].control, there[key].inputs) for key in keys if key in there}

    def open_after(self, run: int, worker: int, position: int, limit: int, lot: Lot) -> list[StoredItem]:
        """The next open items, of those in the lot, that the worker has not seen."""
        queue = self.queues.get(run)
        if queue is None:
            return []
        return queue.open_behind(position, lot, self.seen.get(worker, ()), self.kept_from.get(worker, ()), limit)

    def has_open(self, run: int, position: int, worker: int | None = None) -> bool:
        """Whether any item behind the position is open, and not withheld from the worker, if one is named."""
        queue = self.queues.get(run)
        withheld = () if worker is None else self.kept_from.get(worker, ())
        return queue is not None and queue.has_open(position, withheld)

    def controls_after(
        self, run: int, worker: int, position: int, limit: int, lot: Lot, *, fresh: bool
    ) -> list[StoredItem]:
        """The next control items, of those in the lot, that the worker has not seen in this run or in another."""
        queue, found = self.controls.get(run), list[StoredItem]()
        if queue is None or not limit:
            return found
        seen, kept = self.seen.get(worker, set()), self.kept_from.get(worker, ())
        for item in queue.behind(position, lot):
            if item.id in kept:
                continue
            if item.wanted > 0 and (item.held < item.wanted) is fresh and seen.isdisjoint(self.looks[item.inputs]):
                found.append(item)
                if len(found) == limit:
                    break
        return found

    def of_page(self, page: PageRow) -> list[StoredItem]:
        """The items of a page in the order shown."""
        return [self.rows[item] for item in page.items]

    def wanted(self, run: int, key: str) -> WantedItem | None:
        """How many responses the item of that key has places for."""
        item = self.keys.get(run, {}).get(key)
        return None if item is None else WantedItem(item.id, item.control, item.wanted, item.held)

    def want(self, item: int, wanted: int, position: int | None) -> None:
        """Set how many responses an item should have; with a position, move it there."""
        row = self.rows[item]
        row.wanted = wanted
        if position is not None:
            row.position = position
            self.queue_of[item].put(row)

    def withhold(self, item: int, worker: int) -> None:
        """Never give the item to the worker."""
        self.kept_from.setdefault(worker, set()).add(item)

    def withheld(self, items: Sequence[int], worker: int) -> bool:
        """Whether any of the items is withheld from the worker."""
        return not self.kept_from.get(worker, set()).isdisjoint(items)

    def take_places(self, items: Sequence[int]) -> None:
        """Take one place of each item."""
        rows = self.rows
        for item in items:
            rows[item].held += 1

    def free_places(self, items: Sequence[int]) -> bool:
        """Whether every real item has a free place."""
        return all(row.control or row.held < row.wanted for row in [self.rows[item] for item in items])

    def count_submitted(self, items: Sequence[int]) -> None:
        """Nobody looks at the run, so nothing is counted."""

    def give_back(self, places: Sequence[tuple[int, int]], *, submitted: bool) -> None:
        """Give back one place of each real item; all move to the tail."""
        for number, position in places:
            item = self.rows[number]
            item.held -= not item.control
            item.position = position
            self.queue_of[number].put(item)

    def set_mirrored(self, items: Iterable[tuple[int, int]]) -> None:
        """Note how items are shown now."""
        for number, side in items:
            self.rows[number].mirrored = side


class _Pages:
    """Pages by their public id, and the held ones by worker and by deadline."""

    def __init__(self, seen: dict[int, set[int]]) -> None:
        self.rows: dict[bytes, PageRow] = {}
        self.back: dict[tuple[int, int], set[tuple[int, bytes]]] = {}
        self.holding: dict[tuple[int, int], dict[bytes, PageRow]] = {}
        self.deadlines: list[tuple[float, int, bytes]] = []
        self.paid: dict[int, int] = {}
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
        self.hold(row)
        return row

    def hold(self, row: PageRow) -> None:
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
        self.rows[page.page] = replace(page, state=state)
        self.holding[page.run, page.worker_id].pop(page.page, None)
        self.newcomers.get(page.run, {}).pop(page.page, None)
        if state == "released":
            self.back.setdefault((page.run, page.worker_id), set()).add((page.id, page.page))

    def judge(self, page: PageRow, verdict: Literal["accepted", "rejected"], at: float, reason: Texts | None) -> None:
        """Move a submitted page to its verdict, once; what it was made of is of no more use."""
        if self.rows[page.page].state not in ("submitted", "rejected"):
            raise RuntimeError(f"page {page.page.hex()} waits for no verdict: it is {self.rows[page.page].state}")
        self.rows[page.page] = replace(page, state=verdict, items=(), mirrored=None)
        if verdict == "accepted":
            self.paid[page.run] = self.paid.get(page.run, 0) + page.price

    def start_waiting(self, run: int, worker: int, now: float) -> None:
        """Start the lease of the page that waited behind the one just finished."""
        for row in self.held(run, worker):
            if row.deadline is None:
                self.hold(replace(row, deadline=now + row.lease))

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
        self.hold(row)
        return row


class _Members:
    """Workers in runs."""

    def __init__(self) -> None:
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

    def runs_of(self, worker: int) -> list[int]:
        """The runs in which the worker has had a page."""
        return [run for run in sorted(self.runs.get(worker, ())) if self.rows[run, worker].joined is not None]


NEWCOMER = Member()


class _Accounts:
    """Workers by their public id."""

    def __init__(self) -> None:
        self.rows: dict[str, Worker] = {}

    def worker_by_name(self, worker: str) -> Worker | None:
        """The worker of that public id."""
        return self.rows.get(worker)

    def set_shut_out(self, worker: int, since: float | None) -> None:
        """Close the worker's account, or open it."""
        row = next(row for row in self.rows.values() if row.id == worker)
        self.rows[row.worker] = replace(row, shut_out=since)

    def enter(self, worker: str, name: str, language: str, origin: str = "", invitation: str = "") -> Worker:
        """The worker of that public id, made new or brought up to date."""
        known = self.rows.get(worker)
        if known is None:
            known = self.rows[worker] = Worker(len(self.rows), worker, name, language, origin, invitation)
        elif known.name != name or known.language != language:
            known = self.rows[worker] = replace(known, name=name, language=language)
        return known


class MemoryStore:
    """A `Store` that lasts as long as the process."""

    def __init__(self) -> None:
        seen: dict[int, set[int]] = {}
        self.runs = _Runs()
        self.items = _Items(seen)
        self.pages = _Pages(seen)
        self.members = _Members()
        self.accounts = _Accounts()
