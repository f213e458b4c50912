"""Some of the tasks, chosen by what was answered: neither their order nor the parts they lie in change which.

Tasks of one kind have the same answers, so any of them will do. Kinds have numbers that are as good as random and
follow from their answers; the lowest numbers of all parts are the lowest among those of each (Broder, 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Places
from dataforge.aggregation.kernels.engine import Engine, PerPart
from dataforge.aggregation.kernels.grouping import ordered
from dataforge.aggregation.kernels.parts import Part

__all__ = ["sample_of", "tasks_of"]

Hashes = NDArray[np.uint64]

# Odd numbers that mix the bits of a product (Steele, Lea and Flood, 2014).
MIXERS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
# So many kinds of each part are looked at.
MOST_KINDS = 200_000


class _Kinds(NamedTuple):
    """Kinds of tasks by their numbers, ascending: how many tasks there are of each, and how many answers each has."""

    number: Hashes
    tasks: Places
    size: Places


def sample_of(engine: Engine, most: int) -> Part:
    """Tasks with about `most` answers, of those with several answers; and all whose answer is known and given.

    They come as one part, in an order of their kinds, with codes for those workers alone who are there.
    """
    kinds = engine.each(_kinds)
    wanted = _wanted(kinds, most)
    # Tasks of a kind that lie in several parts are taken from the first ones.
    left, shares = wanted.tasks.copy(), []
    for one in kinds:
        place = np.flatnonzero(np.isin(wanted.number, one.number))
        there = one.tasks[np.searchsorted(one.number, wanted.number[place])]
        taken = np.minimum(left[place], there)
        left[place] -= taken
        shares.append(_Kinds(wanted.number[place], taken, wanted.size[place]))
    return _joined(engine.each(_taken, PerPart(shares)))


def tasks_of(part: Part, tasks: Places) -> Part:
    """These tasks alone, in this order."""
    counts = part.counts[tasks]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    starts = part.offsets[:-1][tasks] - part.offsets[0]
    places = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
    return replace(
        part,
        offsets=offsets,
        row=part.answers[places],
        known=None if part.known is None else part.known[tasks],
        allowed=None if part.allowed is None else part.allowed[tasks],
        once=None,
        compiled=False,
    )


# --- kinds ----------------------------------------------------------------------------------------


def _kinds(part: Part) -> _Kinds:
    """The kinds of the tasks that have several answers and no known one."""
    part = part.in_whole()
    tasks = np.flatnonzero(_showing(part))
    number, first, count = np.unique(_numbers(part)[tasks], return_index=True, return_counts=True)
    return _Kinds(number[:MOST_KINDS], count[:MOST_KINDS], part.counts[tasks[first]][:MOST_KINDS])


def _wanted(of_parts: Sequence[_Kinds], most: int) -> _Kinds:
    """How many tasks of each kind are looked at: its share of them, and by chance one more."""
    numbers, tasks, sizes = (np.concatenate(column) for column in zip(*of_parts, strict=True))
    number, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    total = np.bincount(place, tasks, len(number)).astype(np.int64)[:MOST_KINDS]
    number, size = number[:MOST_KINDS], sizes[first][:MOST_KINDS]
    answers = int(total @ size)
    if answers > most:
        chance = _mixed(number).astype(np.float64) / 2.0**64
        total = np.floor(total * (most / answers) + chance).astype(np.int64)
    kept = total > 0
    return _Kinds(number[kept], total[kept], size[kept])


def _taken(part: Part, wanted: _Kinds) -> Part:
    """So many tasks of each kind, and those whose answer is known."""
    part = part.in_whole()
    tasks = np.flatnonzero(_showing(part))
    numbers = _numbers(part)[tasks]
    order = np.argsort(numbers, kind="stable")
    tasks, numbers = tasks[order], numbers[order]
    within = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
    place = np.searchsorted(wanted.number, numbers)
    there = place < len(wanted.number)
    there[there] = wanted.number[place[there]] == numbers[there]
    there[there] = within[there] < wanted.tasks[place[there]]
    known = np.empty(0, np.int64) if part.known is None else np.flatnonzero((part.known >= 0) & (part.counts > 0))
    return tasks_of(part, np.concatenate([tasks[there], known]))


def _showing(part: Part) -> Flags:
    shows: Flags = part.counts > 1
    return shows if part.known is None else shows & (part.known < 0)


def _numbers(part: Part) -> Hashes:
    """A number for each task that follows from its answers, in whatever order they are, and from what is open to it."""
    answers = _mixed(part.answers.astype(np.uint64) + MIXERS[0])
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(answers, dtype=np.uint64)])
    starts = part.offsets - part.offsets[0]
    found: Hashes = sums[starts[1:]] - sums[starts[:-1]]
    if part.allowed is not None:
        found += part.allowed.astype(np.uint64) @ _mixed(np.arange(part.n_labels, dtype=np.uint64) + MIXERS[1])
    return _mixed(found)


def _mixed(numbers: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * MIXERS[1]
        numbers = (numbers ^ (numbers >> np.uint64(27))) * MIXERS[2]
    found: Hashes = numbers ^ (numbers >> np.uint64(31))
    return found


def _joined(parts: Sequence[Part]) -> Part:
    """All tasks as one part, in the order of their kinds, with codes for those workers alone who are there."""
    counts = np.concatenate([part.counts for part in parts])
    numbers = np.concatenate([_numbers(part) for part in parts])
    rows = np.concatenate([part.answers for part in parts])
    n_labels = parts[0].n_labels
    there, worker = np.unique(rows // n_labels, return_inverse=True)
    place = np.empty(len(numbers), np.int64)
    order = np.argsort(numbers, kind="stable")
    place[order] = np.arange(len(order))
    known = [part.known for part in parts if part.known is not None]
    allowed = [part.allowed for part in parts if part.allowed is not None]
    shape = len(numbers), len(there), n_labels
    return ordered(
        np.repeat(place, counts),
        worker,
        rows % n_labels,
        shape,
        known=np.concatenate(known)[order] if known else None,
        allowed=np.concatenate(allowed)[order] if allowed else None,
    )
