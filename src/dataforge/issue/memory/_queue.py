"""The store in memory's queues: of a run's real items, and of its control items."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator

from dataforge.issue.rows import EVERY, Lot, StoredItem, Stretch

__all__ = ["Queue"]

# Dead entries are dropped from no fewer than this.
DROPPED_AT_ONCE = 500


class Queue:
    """A run's real items, or its control items, by position.

    An entry is dead once its item has moved on, and as good as dead while the item has no free place: it gets one only
    by moving to the tail. So the front is passed over for ever as far as nothing there is open, and of a queue that has
    become twice as long all dead entries are dropped: control items move again and again.
    """

    __slots__ = ("front", "full", "in_order", "items", "positions")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.items: list[StoredItem] = []
        self.front = 0
        # So many entries stand in order, those behind them as they came.
        self.in_order = 0
        # At so many entries the dead ones are dropped.
        self.full = DROPPED_AT_ONCE

    def put(self, item: StoredItem) -> None:
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

    def has_open(self, stretch: Stretch, withheld: Collection[int]) -> bool:
        """Whether any item of a stretch has a free place, and is not withheld."""
        positions, items = self.positions, self.items
        for place in range(self._place_after(stretch.after), self._place_behind(stretch.until)):
            # Mostly it is the first one, which a generator would take longer to ask about.
            if _is_open_at(items[place], positions[place]) and items[place].id not in withheld:
                return True
        return False

    def open_in(
        self, stretch: Stretch, lot: Lot, seen: Collection[int], withheld: Collection[int], limit: int
    ) -> list[StoredItem]:
        """So many items of a stretch, of those in the lot, with a free place, not seen and not withheld."""
        found: list[StoredItem] = []
        places, last = self._places_behind(stretch.after, lot), self._place_behind(stretch.until)
        positions, items = self.positions, self.items
        for place in places:
            if place >= last:
                break
            item = items[place]
            if item.held < item.wanted and item.position == positions[place] and item.id not in seen:
                if item.id in withheld:
                    continue
                found.append(item)
                if len(found) == limit:
                    break
        return found

    def controls_behind(
        self, position: int, lot: Lot, is_met: Callable[[StoredItem], bool], limit: int, *, fresh: bool
    ) -> list[StoredItem]:
        """So many control items behind a position, of those in the lot, that are still shown and not `is_met`."""
        positions, items = self.positions, self.items
        found: list[StoredItem] = []
        for place in self._places_behind(position, lot):
            item = items[place]
            if item.wanted > 0 and (item.held < item.wanted) is fresh and item.position == positions[place]:
                if is_met(item):
                    continue
                found.append(item)
                if len(found) == limit:
                    break
        return found

    def _places_behind(self, position: int, lot: Lot) -> Iterable[int]:
        place = self._place_after(position)
        return range(place, len(self.positions)) if lot == EVERY else self._places_in(lot, place)

    def _places_in(self, lot: Lot, place: int) -> Iterator[int]:
        """Where the entries of the lot are, from a place on.

        No two entries have the same position: so the next one in the lot is no farther away than its position.
        """
        positions, last, (one_in, remainder) = self.positions, len(self.positions), lot
        while place < last:
            at = positions[place]
            ahead = (remainder - at) % one_in
            if not ahead:
                yield place
                ahead = one_in
                # Mostly positions follow each other, so that nothing has to be sought.
                while place + one_in < last and positions[place + one_in] == at + one_in:
                    place, at = place + one_in, at + one_in
                    yield place
            place = bisect_left(positions, at + ahead, place + 1, min(place + ahead, last))

    def _place_behind(self, position: int) -> int:
        """Where the first entry behind a position is, once they are in order."""
        positions = self.positions
        return len(positions) if not positions or positions[-1] <= position else bisect_right(positions, position)

    def _drop_dead(self) -> None:
        there = zip(self.items, self.positions, strict=True)
        # In place: who looks through the queue holds both lists.
        self.items[:] = [item for item, at in there if _is_open_at(item, at)]
        self.positions[:] = [item.position for item in self.items]
        self.front, self.in_order = 0, len(self.items)
        self.full = max(DROPPED_AT_ONCE, 2 * len(self.items))

    def _place_after(self, position: int) -> int:
        """Where the first entry behind a position is that may be open."""
        if self.in_order < len(self.items):
            self.sort()
        if len(self.items) >= self.full:
            self._drop_dead()
        positions, front = self.positions, self.front
        if front < len(positions) and not _is_open_at(self.items[front], positions[front]):
            front = self._pass_over(front)
        # Mostly nobody looks behind a position that is itself behind the front.
        if front == len(positions) or positions[front] > position:
            return front
        return bisect_right(positions, position, front)

    def _pass_over(self, front: int) -> int:
        """Move the front on to the next entry that may be open, and drop what is before it once that is most."""
        positions, items, last = self.positions, self.items, len(self.items)
        while front < last and not _is_open_at(items[front], positions[front]):
            front += 1
        if front > DROPPED_AT_ONCE and 2 * front > last:
            del positions[:front], items[:front]
            self.in_order, front = len(items), 0
        self.front = front
        return front


def _is_open_at(item: StoredItem, position: int) -> bool:
    """Whether the item may be given to somebody by its entry of that position."""
    return item.position == position and (item.wanted > 0 if item.control else item.held < item.wanted)


def _position_of(item: StoredItem) -> int:
    return item.position
