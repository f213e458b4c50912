"""A run in memory as it stood elsewhere: who has which items, how many answers they have, what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dataforge.issue import levels
from dataforge.issue.memory.store import MemoryStore
from dataforge.issue.rows import FIRST_TAIL, Member, NewItem
from dataforge.records import Money

__all__ = ["Resumed", "StoodItem", "resume"]


class StoodItem(NamedTuple):
    """An item as it stood: `wanted` places of which `held` are taken; `asked_again` of what is no first answer."""

    key: str
    control: bool
    wanted: int
    held: int
    inputs: bytes
    asked_again: bool = False


class Resumed(NamedTuple):
    """A run as it stood: items in the order of their queue, the workers in it, the items that each has had, by key."""

    items: Sequence[StoodItem]
    members: Mapping[str, Member]
    seen: Mapping[str, Sequence[str]]
    spent: Money


def resume(store: MemoryStore, run: int, stood: Resumed) -> None:
    """Put a run that was published in memory and has nothing yet where it stood; its workers have accounts."""
    counters = store.runs.counters(run)
    counters.placed = int(bool(stood.seen))
    counters.spent, counters.workers = stood.spent, len(stood.seen)
    rows = []
    for place, item in enumerate(stood.items):
        position = place
        if item.asked_again:
            counters.tail, counters.levels = counters.tail + 1, 1
            position = levels.position_in(1, max(counters.tail, FIRST_TAIL))
        rows.append(NewItem(item.key, item.control, item.wanted, position, item.inputs))
        free = max(item.wanted - item.held, 0)
        if item.control:
            counters.controls, counters.fresh = counters.controls + 1, counters.fresh + free
        else:
            counters.reals, counters.free = counters.reals + 1, counters.free + free
    store.items.add(run, rows)
    there = store.items.keys.get(run, {})
    for item in stood.items:
        store.items.stand(run, item.key, item.held)
    for worker, member in stood.members.items():
        account = store.accounts.rows[worker]
        store.members.save(run, account.id, member)
        store.items.seen.setdefault(account.id, set()).update(
            there[key].id for key in stood.seen.get(worker, ()) if key in there
        )
