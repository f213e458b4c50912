"""The levels of the queue of real items: first answers, and behind them what is asked again, by what that is worth.

A level is a range of positions, so that a store knows one queue in one order. Whatever opens or comes back goes to the
tail of its level, and a worker's cursor in each only moves forward. Behind them all, where nobody has a cursor, stand
items that are given once more to people of whom nothing is known.
"""

from __future__ import annotations

from dataforge.issue.rows import FIRST_TAIL, Counters, Member, StoredItem, Stretch

__all__ = [
    "CURSORS",
    "LEVELS",
    "RECHECKED",
    "WHOLE",
    "is_rechecked",
    "level_after",
    "level_at",
    "level_of",
    "levels_in_turn",
    "position_in",
    "stretch",
    "waits_for",
]

# So many positions behind the first tail belong to each level.
LEVEL = 1 << 59
# From these on an answer that raises an item's probability so much is worth the second level, and the third.
FAIR, DEAR = 0.03, 0.1
# Where a member has how far they are in each level.
CURSORS = ("position", "position_1", "position_2", "position_3")
RECHECKED = len(CURSORS)
LEVELS = range(RECHECKED + 1)
# Where each level begins, and where the next one does.
BOUNDS = [(FIRST_TAIL + level * LEVEL if level else 0, FIRST_TAIL + (level + 1) * LEVEL) for level in LEVELS]


def level_of(worth: float) -> int:
    """In which level an item waits for another answer that is worth so much; the dearest is the last one."""
    return 1 + (worth >= FAIR) + (worth >= DEAR)


def level_at(position: int) -> int:
    """The level of a position; first answers, and items of which nothing is wished, are in level 0."""
    return (position - FIRST_TAIL) // LEVEL if position > FIRST_TAIL else 0


def level_after(item: StoredItem) -> int:
    """In which level an item stands once a place of it comes back.

    One that waited for somebody unknown lacks an answer then that anybody may give.
    """
    level = 0 if item.control else level_at(item.position)
    return 0 if level == RECHECKED and not is_rechecked(item) else level


def is_rechecked(item: StoredItem) -> bool:
    """Whether somebody unknown has an item that has all the answers it should have."""
    return not item.control and level_at(item.position) == RECHECKED and item.held >= item.wanted


def position_in(level: int, tail: int) -> int:
    """The position in a level that stands behind all others where the run's tail has got so far."""
    return tail + level * LEVEL


def waits_for(position: int, tail: int) -> int:
    """How many positions were given since an item got this one, at the tail of its level."""
    return tail - (position - level_at(position) * LEVEL)


def levels_in_turn(counters: Counters) -> list[int]:
    """The levels in which a worker's items are sought: first answers, then what is dearest."""
    return [0, *range(counters.levels, 0, -1)] if counters.levels else [0]


def stretch(member: Member, level: int) -> Stretch:
    """What the worker has not passed yet of a level."""
    start, end = BOUNDS[level]
    passed = getattr(member, CURSORS[level]) if level < RECHECKED else -1
    return Stretch(max(passed, start - 1), end - 1)


# What there is of each level to somebody who has passed nothing.
WHOLE = [stretch(Member(), level) for level in LEVELS]
