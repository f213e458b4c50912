"""Items with known answers as if nobody knew them: answer by answer, until a real item would get no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.consensus.base import Aggregator, Consensus, best
from dataforge.aggregation.kernels.ceiling import lowered
from dataforge.runs.core.columns import Places
from dataforge.runs.core.quality import Tries
from dataforge.runs.quality._doubt import Coded, fitted, probabilities_of

__all__ = ["as_unknown"]

# What workers are like is learnt without the known answers of so large a part of the items at a time: who is held to be
# right because of an item would be believed too well there.
PARTS = 5

Believed = Callable[[Coded], Floats]


def as_unknown(aggregator: Aggregator, coded: Coded, fit: Consensus, error: float, aims: Floats, most: int) -> Tries:
    """Each item whose answer is known, as if it were not, under the ceiling that `error` sets.

    A try takes the answers to an item in the order in which they came, until one label is as sure as `aims` has it or
    there are `most`; the next one begins there. A try that ran out of answers counts only if the item has no other.
    """
    known, tried = coded.answers.known, coded.tried
    nothing = np.empty(0, np.int64)
    found = [Tries(nothing, np.empty(0), np.empty(0, bool), np.empty(0), label=nothing)]
    if known is None:
        return found[0]
    there = np.unique(coded.answers.item[tried]).astype(np.int64)
    for first in range(min(PARTS, len(there))):
        part = there[first::PARTS]
        hidden = known.copy()
        hidden[part] = -1
        others = fitted(aggregator, coded._replace(answers=replace(coded.answers, known=hidden)), fit)

        def believed(some: Coded, others: Consensus = others) -> Floats:
            found = probabilities_of(aggregator, some, others)
            return lowered(found, error, some.answers.allowed, ordered=some.answers.ordered)

        tries = [*_tries(coded, part, believed, aims, most)]
        item, sure, label, whole = (np.concatenate(column) for column in zip(*tries, strict=True))
        found.append(_counted(item, sure, label == known[item], whole, label))
    columns = zip(*((*one[:4], one.label) for one in found), strict=True)
    item, claimed, right, weight, label = (np.concatenate(column) for column in columns)
    return Tries(item, claimed, right, weight, label=label)


def _tries(
    coded: Coded, items: Places, believed: Believed, aims: Floats, most: int
) -> Iterator[tuple[Places, Floats, Codes, Flags]]:
    """Item, confidence, label, and whether no more answers were wanted, of tries that end with the same answer."""
    rows = coded.tried
    rows = rows[np.isin(coded.answers.item[rows], items)]
    rows = rows[np.argsort(coded.answers.item[rows], kind="stable")]
    of = coded.answers.item[rows]
    start, end = np.searchsorted(of, items), np.searchsorted(of, items, side="right")
    size = np.ones(len(items), np.int64)
    while len(items):
        probabilities = believed(_of(coded, items, rows, start, size))
        top = best(probabilities)
        sure = probabilities[np.arange(len(top)), top]
        done, out = (sure >= aims[top]) | (size == most), start + size == end
        over = done | out
        yield items[over], sure[over], top[over], done[over]
        start, size = np.where(done, start + size, start), np.where(done, 1, size + 1)
        items, start, size, end = items[~out], start[~out], size[~out], end[~out]


def _of(coded: Coded, items: Places, rows: Places, start: Places, size: Places) -> Coded:
    """So many answers of each item, from `start` on among its `rows`; nothing is known of it."""
    number = np.repeat(np.arange(len(start)), size)
    used = rows[np.repeat(start - (size.cumsum() - size), size) + np.arange(int(size.sum()))]
    return coded.as_unknown(used, number, items)


def _counted(item: Places, sure: Floats, right: Flags, whole: Flags, label: Codes) -> Tries:
    """The tries that count, and what each does."""
    wholes = np.bincount(item, whole)
    kept = whole | (wholes[item] == 0)
    item = item[kept]
    return Tries(item, sure[kept], right[kept], 1 / np.bincount(item)[item], label=label[kept].astype(np.int64))
