"""The store in memory: dictionaries and lists, for the simulated platform and for tests.

It has one user at a time, so a transaction needs no beginning and no end, and it hands out its own items and counters:
only the functions of this room, which treat them as rows, may have them.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from dataforge.errors import Refused
from dataforge.issue.rows import (
    Counters,
    ItemContent,
    Member,
    NewItem,
    NewPage,
    PageRow,
    RunRow,
    StoredItem,
    WantedItem,
    Worker,
)
from dataforge.records import Answer, Event, PageState, Publication, Texts

__all__ = ["MemoryStore"]

# Events are thrown away in portions of this size.
FORGOTTEN_AT_ONCE = 10_000
# The queue's dead front is dropped in portions of at least this size.
DROPPED_AT_ONCE = 1_000


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

    def by_id(self, run: int) -> RunRow:
        """The run with that number."""
        return self.rows[run]

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


class _MemoryItem(StoredItem):
    """An item with its places."""

    control: bool
    wanted: int
    held: int
    queue: _Queue


class _Queue:
    """A run's real items by position.

    An entry is dead once its item has moved on, and as good as dead while the item has no free place: it gets one only
    by moving to the tail. So the front is passed over for ever as far as nothing there is open.
    """

    __slots__ = ("front", "in_order", "items", "positions")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.items: list[_MemoryItem] = []
        self.front = 0
        # So many entries stand in order, those behind them as they came.
        self.in_order = 0

    def put(self, item: _MemoryItem) -> None:
        """Enter an item at its position: mostly that is the tail."""
        last = len(self.items)
        if self.in_order == last and (not last or self.positions[-1] <= item.position):
            self.in_order += 1
        self.positions.append(item.position)
        self.items.append(item)

    def sort(self) -> None:
        """Bring items that were added out of order to their places, and touch none that stand before all of these."""
        items, positions = self.items, self.positions
        start = bisect_right(positions, min(positions[self.in_order :]), 0, self.in_order)
        behind = zip(items[start:], positions[start:], strict=True)
        items[start:] = sorted((item for item, at in behind if _is_open_at(item, at)), key=_position_of)
        positions[start:] = [item.position for item in items[start:]]
        self.front = min(self.front, start)
        self.in_order = len(items)

    def place_after(self, position: int) -> int:
        """Where the first entry behind a position is that may be open."""
        if self.in_order < len(self.items):
            self.sort()
        positions, items, front = self.positions, self.items, self.front
        while front < len(items) and not _is_open_at(items[front], positions[front]):
            front += 1
        if front > DROPPED_AT_ONCE and 2 * front > len(items):
            del positions[:front], items[:front]
            self.in_order, front = len(items), 0
        self.front = front
        return max(front, bisect_right(positions, position))


def _is_open_at(item: _MemoryItem, position: int) -> bool:
    return item.held < item.wanted and item.position == position


def _position_of(item: _MemoryItem) -> int:
    return item.position


class _Items:
    """Items by number, and per run by key and in their queue."""

    def __init__(self, seen: dict[int, set[int]]) -> None:
        self.rows: list[_MemoryItem] = []
        self.keys: dict[int, dict[str, _MemoryItem]] = {}
        self.queues: dict[int, _Queue] = {}
        self.controls: dict[int, list[_MemoryItem]] = {}
        self.seen = seen

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        """Add items whose keys are new to the run."""
        keys, controls = self.keys.setdefault(run, {}), self.controls.setdefault(run, [])
        queue = self.queues.setdefault(run, _Queue())
        for new in items:
            item = _MemoryItem(
                len(self.rows), new.key, new.position, None, new.inputs, new.control, new.wanted, 0, queue
            )
            self.rows.append(item)
            keys[new.key] = item
            if new.control:
                controls.append(item)
            else:
                queue.put(item)

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys that the run has items of."""
        there = self.keys.get(run, {})
        return {key for key in keys if key in there}

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        """What the run's items of these keys are."""
        there = self.keys.get(run, {})
        return {key: ItemContent(there[key].control, there[key].inputs) for key in keys if key in there}

    def open_after(self, run: int, worker: int, position: int, limit: int) -> list[StoredItem]:
        """The next open items that the worker has not seen."""
        queue = self.queues.get(run)
        found: list[StoredItem] = []
        if queue is None:
            return found
        seen = self.seen.get(worker, ())
        first = queue.place_after(position)
        items, positions = queue.items, queue.positions
        for place in range(first, len(items)):
            item = items[place]
            if item.held < item.wanted and item.position == positions[place] and item.id not in seen:
                found.append(item)
                if len(found) == limit:
                    break
        return found

    def has_open(self, run: int, position: int) -> bool:
        """Whether any item behind the position is open."""
        queue = self.queues.get(run)
        if queue is None:
            return False
        places = range(queue.place_after(position), len(queue.items))
        return any(_is_open_at(queue.items[place], queue.positions[place]) for place in places)

    def control_at(self, run: int, number: int) -> StoredItem:
        """The control item of that number."""
        return self.controls[run][number]

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
            row.queue.put(row)

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
        """Give back one place of each item; real items move to the tail."""
        for number, position in places:
            item = self.rows[number]
            item.held -= 1
            if not item.control:
                item.position = position
                item.queue.put(item)

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
        )
        seen = self.seen.setdefault(worker.id, set())
        if not seen.isdisjoint(page.items):
            raise RuntimeError(f"page {page.page.hex()}: {worker.worker!r} has seen items of it already")
        seen.update(page.items)
        self.hold(row)
        return row

    def hold(self, row: PageRow) -> None:
        self.rows[row.page] = row
        self.holding.setdefault((row.run, row.worker_id), {})[row.page] = row
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
        if state == "released":
            self.back.setdefault((page.run, page.worker_id), set()).add((page.id, page.page))

    def judge(self, page: PageRow, verdict: Literal["accepted", "rejected"], at: float, reason: Texts | None) -> None:
        """Move a submitted page to its verdict, once; what it was made of is of no more use."""
        if self.rows[page.page].state != "submitted":
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

    def load(self, run: int, worker: int) -> Member:
        """The worker in the run; a fresh member if there is none yet."""
        return self.rows.get((run, worker), NEWCOMER)

    def save(self, run: int, worker: int, member: Member) -> None:
        """Keep the member."""
        self.rows[run, worker] = member


NEWCOMER = Member()


class _Draws:
    """Slots of sparse shuffles."""

    def __init__(self) -> None:
        self.slots: dict[tuple[int, int, int], int] = {}

    def at(self, run: int, worker: int, slot: int) -> int:
        """What the slot holds."""
        return self.slots.get((run, worker, slot), slot)

    def put(self, run: int, worker: int, slot: int, control: int) -> None:
        """Put the number of a control item into the slot."""
        self.slots[run, worker, slot] = control

    def drop(self, run: int, worker: int, slot: int) -> None:
        """Empty the slot."""
        self.slots.pop((run, worker, slot), None)


class _Accounts:
    """Workers by their public id."""

    def __init__(self) -> None:
        self.rows: dict[str, Worker] = {}

    def worker_by_name(self, worker: str) -> Worker | None:
        """The worker of that public id."""
        return self.rows.get(worker)

    def enter(self, worker: str, name: str, language: str) -> Worker:
        """The worker of that public id, made new or brought up to date."""
        known = self.rows.get(worker)
        if known is None or known.name != name or known.language != language:
            number = len(self.rows) if known is None else known.id
            known = self.rows[worker] = Worker(number, worker, name, language)
        return known


class MemoryStore:
    """A `Store` that lasts as long as the process."""

    def __init__(self) -> None:
        seen: dict[int, set[int]] = {}
        self.runs = _Runs()
        self.items = _Items(seen)
        self.pages = _Pages(seen)
        self.members = _Members()
        self.draws = _Draws()
        self.accounts = _Accounts()
