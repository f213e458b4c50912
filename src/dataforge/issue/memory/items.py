"""Items in memory, and whom they were given to or are kept from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dataforge.issue import levels
from dataforge.issue.memory._queue import Queue
from dataforge.issue.rows import (
    ItemContent,
    Lot,
    NewItem,
    PageRow,
    StoredItem,
    Stretch,
    WantedItem,
    Worker,
)

__all__ = ["Items"]


class Items:
    """Items by number, and per run by key and in their queue."""

    def __init__(self, seen: dict[int, set[int]]) -> None:
        # No item holds a container, not even its queue: so the garbage collector passes them over.
        self.rows: list[StoredItem] = []
        self.queues_of: list[list[Queue]] = []
        self.keys: dict[int, dict[str, StoredItem]] = {}
        # A queue for each level.
        self.queues: dict[int, list[Queue]] = {}
        # One of those that are fresh, and one of the others: whoever looks for these would pass all of those each time.
        self.controls: dict[int, list[Queue]] = {}
        # Control items of all runs by what they look like.
        self.looks: dict[bytes, list[int]] = {}
        self.seen = seen
        # By worker.
        self.kept_from: dict[int, set[int]] = {}
        # By the invitation of the worker.
        self.kept_from_groups: dict[str, set[int]] = {}
        # By run and item.
        self.preferred: dict[int, dict[int, set[int]]] = {}
        self.runs: list[int] = []

    def add(self, run: int, items: Sequence[NewItem]) -> None:
        """Add items whose keys are new to the run."""
        keys = self.keys.setdefault(run, {})
        reals = self.queues.setdefault(run, [Queue() for _ in levels.LEVELS])
        controls = self.controls.setdefault(run, [Queue(), Queue()])
        for new in items:
            queues = controls if new.control else reals
            number, wanted = len(self.rows), new.wanted
            item = StoredItem(number, new.key, new.control, new.position, None, new.inputs, 0, wanted, new.draft)
            self.rows.append(item)
            self.queues_of.append(queues)
            self.runs.append(run)
            keys[new.key] = item
            self._put(item)
            if new.control:
                self.looks.setdefault(new.inputs, []).append(item.id)

    def known(self, run: int, keys: Sequence[str]) -> set[str]:
        """Those of the keys that the run has items of."""
        there = self.keys.get(run, {})
        return {key for key in keys if key in there}

    def contents(self, run: int, keys: Sequence[str]) -> dict[str, ItemContent]:
        """What the run's items of these keys are."""
        there = self.keys.get(run, {})
        found = {key: there[key] for key in keys if key in there}
        return {key: ItemContent(item.control, item.inputs, item.draft) for key, item in found.items()}

    def _put(self, item: StoredItem) -> None:
        queues = self.queues_of[item.id]
        queues[item.held >= item.wanted if item.control else levels.level_at(item.position)].put(item)

    def stand(self, run: int, key: str, held: int) -> None:
        """Have so many places of an item that was just added be taken."""
        item = self.keys[run][key]
        item.held = held
        if item.control:
            self._put(item)

    def open_in(
        self, run: int, worker: int, stretch: Stretch, limit: int, lot: Lot, group: str = ""
    ) -> list[StoredItem]:
        """The first open items of a stretch, of those in the lot, that the worker has not seen."""
        if run not in self.queues:
            return []
        queue = self.queues[run][levels.level_at(stretch.until)]
        return queue.open_in(stretch, lot, self.seen.get(worker, ()), self._kept_from(worker, group), limit)

    def has_open(self, run: int, stretch: Stretch, worker: int | None = None, group: str = "") -> bool:
        """Whether any item of the stretch is open, and not withheld from the worker or group, if one is named."""
        if run not in self.queues:
            return False
        return self.queues[run][levels.level_at(stretch.until)].has_open(stretch, self._kept_from(worker, group))

    def _kept_from(self, worker: int | None, group: str) -> Collection[int]:
        own = () if worker is None else self.kept_from.get(worker, ())
        theirs = self.kept_from_groups.get(group) if group else None
        return own if theirs is None else theirs.union(own)

    def controls_after(
        self, run: int, worker: int, position: int, limit: int, lot: Lot, *, fresh: bool
    ) -> list[StoredItem]:
        """The next control items, of those in the lot, that the worker has not seen in this run or in another."""
        queues = self.controls.get(run)
        if queues is None or not limit:
            return []
        seen, kept, looks = self.seen.get(worker, set()), self.kept_from.get(worker, ()), self.looks

        def is_met(item: StoredItem) -> bool:
            return item.id in kept or not seen.isdisjoint(looks[item.inputs])

        return queues[not fresh].controls_behind(position, lot, is_met, limit, fresh=fresh)

    def of_page(self, page: PageRow) -> list[StoredItem]:
        """The items of a page in the order shown."""
        return [self.rows[item] for item in page.items]

    def wanted(self, run: int, key: str) -> WantedItem | None:
        """How many responses the item of that key has places for."""
        item = self.keys.get(run, {}).get(key)
        return None if item is None else WantedItem(item.id, item.control, item.wanted, item.held, item.position)

    def want(self, item: int, wanted: int, position: int | None) -> None:
        """Set how many responses an item should have; with a position, move it there."""
        row = self.rows[item]
        row.wanted = wanted
        if position is not None:
            row.position = position
            self._put(row)

    def withhold(self, item: int, worker: Worker) -> None:
        """Never give the item to the worker."""
        self.kept_from.setdefault(worker.id, set()).add(item)
        self.kept_from_groups.setdefault(worker.invitation, set()).add(item)

    def withheld(self, items: Sequence[int], worker: int, group: str = "") -> bool:
        """Whether any of the items is withheld from the worker or the group."""
        return not set(self._kept_from(worker, group)).isdisjoint(items)

    def prefer(self, item: int, workers: Sequence[int]) -> None:
        """Have these workers, and no others, be those who should answer the item."""
        of_run = self.preferred.setdefault(self.runs[item], {})
        of_run.pop(item, None)
        if workers:
            of_run[item] = set(workers)

    def preferring(self, run: int, items: Sequence[int]) -> dict[int, set[int]]:
        """By item the workers who should answer it, of those of the run's items that some should."""
        of_run = self.preferred.get(run, {})
        return {item: of_run[item] for item in items if item in of_run}

    def any_preferring(self, run: int) -> bool:
        """Whether somebody should answer some item of the run."""
        return bool(self.preferred.get(run))

    def take_places(self, items: Sequence[int]) -> None:
        """Take one place of each item."""
        rows = self.rows
        for item in items:
            rows[item].held += 1

    def free_places(self, items: Sequence[int]) -> bool:
        """Whether every real item has a free place."""
        return all(row.control or row.held < row.wanted for row in [self.rows[item] for item in items])

    def count_submitted(self, items: Sequence[int], more: int = 1) -> None:
        """Nobody looks at the run, so nothing is counted."""

    def give_back(self, places: Sequence[tuple[int, int]], *, submitted: bool) -> None:
        """Give back one place of each real item; all move to the tail."""
        for number, position in places:
            item = self.rows[number]
            item.held -= not item.control
            item.position = position
            self._put(item)

    def set_mirrored(self, items: Iterable[tuple[int, int]]) -> None:
        """Note how items are shown now."""
        for number, side in items:
            self.rows[number].mirrored = side
