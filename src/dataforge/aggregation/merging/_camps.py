"""How sure a merged set can be at most where the answers to its item fall into camps that contradict each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.merging._sets import Clustered, same_pairs
from dataforge.aggregation.merging.base import Answers

__all__ = ["between_camps"]

# Two sets contradict each other if the larger one has more than so many times the parts that both have,
MOST_PER_SHARED = 3
# and so many parts at least: fewer are soon missed, or taken for something.
LEAST_CONTRADICTION = 3
# Who stands alone may have been careless, and is no camp.
LEAST_CAMP = 2


class _Camps(NamedTuple):
    """By camp its item, how many answers it has, and whether the merged set is its own."""

    item: Places
    size: Places
    own: Flags


def between_camps(answers: Answers, clustered: Clustered, kept: Flags, sober: Flags) -> Floats:
    """How sure the set of each item can be at most, where one voice more or less would give another one.

    Of those who agree with each other in their parts, and with nobody else, nobody can tell whether they are several
    people, nor by answers alone which camp is right. Where the camp whose set it is, of s answers, is no more than one
    voice ahead of another one, of c, it is right with the probability (s + 1) / (s + c + 2). A set that took in what
    two camps drew is held to be that of the smaller one.
    """
    camps = _camps(answers, clustered, kept, sober)
    mine = _smallest_own(camps, answers.item_count)
    stands = mine >= 0
    against = np.ones(len(camps.size), bool)
    against[mine[stands]] = False
    contra = np.zeros(answers.item_count, np.int64)
    np.maximum.at(contra, camps.item[against], camps.size[against])
    speak = np.where(stands, camps.size[mine], 0) if len(camps.size) else contra
    held = stands & (contra >= LEAST_CAMP) & (contra >= speak - 1)
    most: Floats = np.where(held, (speak + 1) / (speak + contra + 2), 1.0)
    return most


def _smallest_own(camps: _Camps, count: int) -> Places:
    """By item, the smallest of the camps whose set it is, -1 if it is that of none."""
    found = np.full(count, -1)
    own = np.flatnonzero(camps.own)
    largest_first = own[np.argsort(-camps.size[own], kind="stable")]
    found[camps.item[largest_first]] = largest_first
    return found


def _camps(answers: Answers, clustered: Clustered, kept: Flags, sober: Flags) -> _Camps:
    count = len(answers.values)
    drew = np.bincount(clustered.drawn.answer, minlength=count)[:count]
    first, second = _agreeing(answers, clustered, drew, sober)
    number, of = _connected(first, second, count)
    item = np.zeros(number, np.int64)
    item[of] = answers.items
    size = np.bincount(of, minlength=number)
    shared = np.bincount(clustered.drawn.answer, kept[clustered.cluster], count)[:count]
    there = np.bincount(clustered.item, kept, answers.item_count)
    # Most of what it drew is in the set, and no few parts of the set are its own.
    drawn, both = np.bincount(of, drew, number), np.bincount(of, shared, number)
    own = (2 * both >= drawn) & (MOST_PER_SHARED * both >= there[item] * size)
    return _Camps(item, size, own)


def _connected(first: Places, second: Places, count: int) -> tuple[int, Places]:
    """How many connected parts a graph of so many nodes has, and which part each node is of.

    Each node takes the lowest node that it is known to be connected with, until nothing is left to take: some rounds,
    as the answers to an item are few. A sparse matrix takes longer to make.
    """
    lowest = np.arange(count)
    while (open_ := np.flatnonzero(lowest[first] != lowest[second])).size:
        first, second = first[open_], second[open_]
        one, other = lowest[first], lowest[second]
        np.minimum.at(lowest, np.maximum(one, other), np.minimum(one, other))
        while ((above := lowest[lowest]) != lowest).any():
            lowest = above
    is_lowest = lowest == np.arange(count)
    return int(np.count_nonzero(is_lowest)), (np.cumsum(is_lowest) - 1)[lowest]


def _agreeing(answers: Answers, clustered: Clustered, drew: Places, sober: Flags) -> tuple[Places, Places]:
    """Pairs of answers to one item that do not contradict each other; floods have parts in common by chance."""
    by_worker = clustered.drawn.answer < len(drew)
    answer, cluster = clustered.drawn.answer[by_worker], clustered.cluster[by_worker]
    pairs = same_pairs(cluster)
    cells, shared = np.unique(answer[pairs[0]] * len(drew) + answer[pairs[1]], return_counts=True)
    first, second = np.divmod(cells, max(len(drew), 1))
    agree = MOST_PER_SHARED * shared >= np.maximum(drew[first], drew[second])
    agree &= sober[first] | sober[second]
    # All that are too small to contradict each other are one camp.
    small = np.flatnonzero(drew < LEAST_CONTRADICTION)
    one = np.zeros(answers.item_count, np.int64)
    one[answers.items[small]] = small
    return np.append(first[agree], small), np.append(second[agree], one[answers.items[small]])
