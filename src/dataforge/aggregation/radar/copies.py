"""Workers whose written answers share words that the item does not explain: they copy, or are one person.

Honest people write the same where the item says so. What most of an item's answers lack, a misspelling or a turn of
phrase, two of them seldom share. So each item that two workers answered shows one number: of the words and pairs of
words that either has and most answers (or the known one) have not, which share both have. Its mean over all pairs, by
how many answers the item has, is what chance and the item explain; evidence for a pair is what somebody wins who bets
that theirs is above a half more than that:

    E = mean over c of Π_i (1 + c (s_i - q_i) / q_i)

For who writes by themselves its mean is one at most, however the numbers are distributed (Waudby-Smith and Ramdas,
2024). There are n (n - 1) / 2 pairs, so evidence has to exceed that number. Pairs that have a member in common are one
set.

Of what people draw, two of them share no shape to the last digit, unless what they draw on makes it so, as a coarse
grid does. There all that is shared counts, also what most answers have, and where the mean over all pairs explains it
nobody is named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import combinations, pairwise
from typing import TypeVar

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.radar.rings import Ring

__all__ = ["copied_drawings", "copies"]

T = TypeVar("T")
# Of two workers and an item both answered: how many answers it has, and the share of what either has that both have.
Pair = tuple[int, int, int, float]

STAKES = np.array([0.2, 0.5, 0.8])
# Chance explains so much more than the mean, for some pairs write alike; and never less than this.
MARGIN, LEAST_EXPLAINED = 1.5, 0.02
# Of texts it never explains all.
MOST_EXPLAINED = 0.95
# A pair is looked at once it shares so many items; no more items than these are looked at, and answers of each.
LEAST_SHARED, MOST_ITEMS, MOST_ANSWERS = 3, 20_000, 30
# The mean over pairs is drawn to this, worth so many pairs.
BEFORE, WORTH = 0.1, 10.0


def copies(
    item: Codes, worker: Codes, text: Sequence[str], known: Sequence[str | None] = (), error: float = 0.2
) -> list[Ring]:
    """Sets of workers who share words, the surest first; nobody is in two.

    `known[i]` is the known text of item i, where there is one. With the probability `error` at most some set is found
    where everybody writes by themselves.
    """
    return _rings(list(_shared_words(item, worker, text, known)), len(np.unique(worker)), MOST_EXPLAINED, error)


def copied_drawings(item: Codes, worker: Codes, drawn: Sequence[Set[bytes]], error: float = 0.2) -> list[Ring]:
    """Sets of workers who draw what others drew to the last digit, the surest first; nobody is in two.

    `drawn` has the shapes of each answer as they are written, those left out that nobody drew.
    """
    found = [
        (one, other, len(given), share)
        for _, given in _by_item(item, worker, drawn)
        for one, other, share in _of_pairs(given)
    ]
    return _rings(found, len(np.unique(worker)), np.inf, error)


def _rings(shared: list[Pair], n: int, most: float, error: float) -> list[Ring]:
    """Sets of the n workers who share more than chance explains, at `most` so much."""
    explained = _explained(shared, most)
    by_pair: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for one, other, answers, share in shared:
        by_pair[one, other].append((share, explained[answers]))
    price = np.log(max(n * (n - 1) / 2, 1))
    pairs = {pair: _evidence(np.array(seen)) - price for pair, seen in by_pair.items() if len(seen) >= LEAST_SHARED}
    return _joined({pair: evidence for pair, evidence in pairs.items() if evidence > -np.log(error)})


def _evidence(seen: Floats) -> float:
    """The logarithm of what is won, from rows of what is shared and what chance explains of it."""
    share, explained = seen.T
    won = np.log1p(STAKES[:, None] * (share - explained) / explained).sum(axis=1)
    return float(np.logaddexp.reduce(won) - np.log(len(STAKES)))


def _by_item(item: Codes, worker: Codes, given: Sequence[T]) -> Iterator[tuple[int, dict[int, T]]]:
    """By item, of as many as are looked at, what its workers gave."""
    order = np.argsort(item, kind="stable")
    starts = np.flatnonzero(np.diff(item[order], prepend=-1))
    for rows in np.split(order, starts[1:])[:MOST_ITEMS]:
        looked_at = reversed(rows[:MOST_ANSWERS].tolist())
        if len(rows):
            yield int(item[rows[0]]), {int(worker[row]): given[row] for row in looked_at}


def _shared_words(item: Codes, worker: Codes, text: Sequence[str], known: Sequence[str | None]) -> Iterator[Pair]:
    """The shares of unusual words that two workers wrote of the same item."""
    for place, texts in _by_item(item, worker, text):
        given = {one: _words(written) for one, written in texts.items()}
        right = known[place] if len(known) else None
        if len(given) >= (3 if right is None else 2):
            answers = len(given) if right is None else 0
            for one, other, share in _of_pairs(_unusual(given, right)):
                yield one, other, answers, share


def _unusual(given: dict[int, set[str]], known: str | None) -> dict[int, set[str]]:
    """Of the words that each worker wrote those that most answers lack, or the known one."""
    if known is not None:
        right = _words(known)
        return {worker: words - right for worker, words in given.items()}
    counts = Counter(word for words in given.values() for word in words)
    most = max(2, len(given) // 2)
    return {worker: {word for word in words if counts[word] <= most} for worker, words in given.items()}


def _of_pairs(given: Mapping[int, Set[T]]) -> Iterator[tuple[int, int, float]]:
    """Of each two workers the share of what either gave that both gave."""
    for one, other in combinations(sorted(given), 2):
        if either := given[one] | given[other]:
            yield one, other, len(given[one] & given[other]) / len(either)


def _words(text: str) -> set[str]:
    """The words of a text, whatever their case and what stands around them, and each two that follow one another."""
    words = [bare for word in text.casefold().split() if (bare := word.strip(".,;:!?\"'()[]«»“”—–-…"))]
    return {*words, *(" ".join(pair) for pair in pairwise(words))}


def _explained(shared: list[Pair], most: float) -> dict[int, float]:
    """By the number of an item's answers, which share of these two workers have in common by chance."""
    sums, pairs = defaultdict[int, float](float), Counter[int]()
    for _, _, answers, share in shared:
        sums[answers] += share
        pairs[answers] += 1
    means = {answers: (sums[answers] + BEFORE * WORTH) / (count + WORTH) for answers, count in pairs.items()}
    return {answers: min(max(MARGIN * mean, LEAST_EXPLAINED), most) for answers, mean in means.items()}


def _joined(pairs: dict[tuple[int, int], float]) -> list[Ring]:
    """Sets of the workers whom pairs join, with the evidence of the surest pair."""
    sets: list[tuple[set[int], float]] = []
    for pair, evidence in sorted(pairs.items(), key=lambda one: -one[1]):
        touched = [one for one in sets if one[0] & set(pair)]
        sets = [one for one in sets if one not in touched]
        members = set(pair).union(*(one[0] for one in touched))
        sets.append((members, max([evidence, *(one[1] for one in touched)])))
    rings = [Ring(tuple(sorted(members)), evidence) for members, evidence in sets]
    return sorted(rings, key=lambda ring: -ring.evidence)
