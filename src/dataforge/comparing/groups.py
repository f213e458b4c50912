"""Groups of items from answers that two are the same or different, how sure each is, and which pairs to ask next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.sums import tally
from dataforge.comparing.pairs import Pairs

__all__ = ["Grouping", "Judged", "group", "links_to_ask", "looked_at"]

# What is known of a worker before the first answer: as if four of five had been right.
RIGHT, WRONG = 4.0, 1.0
# The weight of one answer at most: nobody is right a hundred times in a row for certain.
MOST_WEIGHT = 4.0
ROUNDS = 5
SWEEPS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Answers: whether the items `one` and `two` are the `same`, as `worker` says; arrays of the shape (n_answers,)."""

    one: Codes
    two: Codes
    worker: Codes
    same: Flags
    n_items: int
    n_workers: int


@dataclass(frozen=True, eq=False)
class Grouping:
    """A partition: `label`, shape (n_items,), numbers groups from 0 by their first item.

    `right`, shape (n_workers,): how often each worker is. `odds`, shape (n_groups, n_groups): the logarithm of how much
    likelier two groups are one than not, of what was answered and of their sizes; `own`, shape (n_items,): how probably
    each item belongs to its group, if the others do.
    """

    label: Codes
    right: Floats
    odds: Floats
    own: Floats

    @cached_property
    def sizes(self) -> Floats:
        """How many items each group has."""
        return np.bincount(self.label, minlength=len(self.odds)).astype(np.float64)

    @cached_property
    def merge(self) -> Floats:
        """How probably the first of two groups is one with the second, shape (n_groups, n_groups); rows sum to less
        than 1, as a group is one with one other at most.
        """
        odds = np.where(np.eye(len(self.odds), dtype=bool), -np.inf, self.odds)
        top = np.maximum(odds.max(axis=1, initial=0.0), 0.0)[:, None]
        weight = np.exp(odds - top)
        found: Floats = weight / (np.exp(-top) + weight.sum(axis=1, keepdims=True))
        return found

    @cached_property
    def confidence(self) -> Floats:
        """How probably each item is with those that it belongs to, and with all of them, shape (n_items,)."""
        apart = np.maximum(1 - self.merge.sum(axis=1), 0.0)
        found: Floats = self.own * apart[self.label]
        return found


def group(judged: Judged) -> Grouping:
    """The likeliest partition that single moves and mergers lead to, with workers at their likeliest.

    An answer counts by how often its worker is right: that two are the same for the groups in which they are together,
    that they are different against it. The prior is that of a Chinese restaurant, with as many tables as there turn out
    to be. Contradictions are settled by weight.
    """
    right = np.full(judged.n_workers, RIGHT / (RIGHT + WRONG))
    found = None
    for _ in range(ROUNDS):
        evidence = _evidence(judged, right)
        label = _partition(evidence)
        found = _described(evidence, label, right)
        now = _accuracy(judged, found)
        if np.abs(now - right).max(initial=0.0) < 0.01:
            break
        right = now
    assert found is not None
    return found


def _evidence(judged: Judged, right: Floats) -> Floats:
    """How much likelier the answers to each pair are if both are the same, in logarithms, shape (n_items, n_items)."""
    weight = np.clip(np.log(right / (1 - right)), -MOST_WEIGHT, MOST_WEIGHT)[judged.worker]
    n = judged.n_items
    place = judged.one.astype(np.int64) * n + judged.two
    signed: Floats = np.where(judged.same, weight, -weight)
    found: Floats = np.bincount(place, signed, n * n).reshape(n, n).astype(np.float64, copy=False)
    return found + found.T


def _partition(evidence: Floats) -> Codes:
    """Groups that merge as long as that makes them likelier, then items that move to where they are likelier."""
    n = len(evidence)
    between, sizes, alive = evidence.copy(), np.ones(n), np.ones(n, bool)
    np.fill_diagonal(between, 0.0)
    label = np.arange(n, dtype=np.int32)
    while alive.sum() > 1:
        # Nobody is put together with those that nobody has found the same as any of them.
        gain = np.where(between > 0, between + _larger(sizes), -np.inf)
        one, two = sorted(divmod(int(np.argmax(gain)), n))
        if gain[one, two] <= 0:
            break
        between[one] += between[two]
        between[:, one] += between[:, two]
        between[two], between[:, two], between[one, one] = 0.0, 0.0, 0.0
        sizes[one] += sizes[two]
        sizes[two], alive[two] = 1.0, False
        label[label == two] = one
    return _moved(evidence, _numbered(label))


def _moved(evidence: Floats, label: Codes) -> Codes:
    for _ in range(SWEEPS):
        changed = False
        for item in range(len(label)):
            score = _places_of(evidence, label, item)
            best = int(np.argmax(score))
            # The last place is that of an item alone.
            if score[best] > score[label[item]] + 1e-9:
                label[item] = best
                label = _numbered(label)
                changed = True
        if not changed:
            break
    return label


def _places_of(evidence: Floats, label: Codes, item: int) -> Floats:
    """How likely an item is in each group, in logarithms, and alone, shape (n_groups + 1,)."""
    others = np.arange(len(label)) != item
    n_groups = int(label.max()) + 1
    sizes = np.bincount(label[others], minlength=n_groups)
    linked = np.bincount(label[others], evidence[item, others], n_groups)
    with np.errstate(divide="ignore"):
        score = np.where(sizes > 0, np.log(sizes) + linked, -np.inf)
    own = label[item]
    # Only who was found the same as somebody there may move there.
    score[(linked <= 0) & (np.arange(n_groups) != own)] = -np.inf
    if sizes[own]:
        return np.append(score, 0.0)
    score[own] = 0.0
    return np.append(score, -np.inf)


def _numbered(label: Codes) -> Codes:
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[inverse]


def _tables(n_groups: int, n_items: int) -> float:
    """How readily an item is alone: the parameter by which so many groups of so many items are to be expected."""
    return max(1.0, n_groups / max(float(np.log(n_items)), 1.0))


def _described(evidence: Floats, label: Codes, right: Floats) -> Grouping:
    n, n_groups = len(label), int(label.max()) + 1
    member = np.zeros((n, n_groups))
    member[np.arange(n), label] = 1.0
    sizes = member.sum(axis=0)
    tables = _tables(n_groups, n)
    linked = evidence @ member
    with np.errstate(divide="ignore"):
        score = np.log(sizes - member) + linked
    alone = np.full((n, 1), np.log(tables))
    score = np.hstack([score, np.where(sizes[label][:, None] > 1, alone, -np.inf)])
    single = sizes[label] == 1
    score[single, label[single]] = np.log(tables)
    chance = np.exp(score - score.max(axis=1, keepdims=True))
    # Of one that is alone it is for its group, which is itself, to be one with another or not.
    own = np.where(single, 1.0, chance[np.arange(n), label] / chance.sum(axis=1))
    return Grouping(label, right, member.T @ linked + _larger(sizes) - np.log(tables), own)


def _larger(sizes: Floats) -> Floats:
    """What sizes say: a smaller group is one with a larger as an item of it would join that."""
    found: Floats = np.log(np.maximum.outer(sizes, sizes))
    return found


def _accuracy(judged: Judged, found: Grouping) -> Floats:
    """How often each worker is right, if the groups are as sure as they are."""
    one, two = found.label[judged.one], found.label[judged.two]
    together = np.where(one == two, found.own[judged.one] * found.own[judged.two], found.merge[one, two])
    agrees = np.where(judged.same, together, 1 - together)
    answers = np.bincount(judged.worker, minlength=judged.n_workers)
    return (tally(judged.worker, agrees, judged.n_workers) + RIGHT) / (answers + RIGHT + WRONG)


def looked_at(judged: Judged, found: Grouping) -> bool:
    """Whether answers of one worker show anything of another's.

    They do where two workers answered of the same two groups, or in one group more often than its items need to be
    linked: there one could have contradicted the other.
    """
    one, two = found.label[judged.one], found.label[judged.two]
    place = np.minimum(one, two).astype(np.int64) * len(found.odds) + np.maximum(one, two)
    for where in np.unique(place).tolist():
        here = place == where
        first, second = divmod(where, len(found.odds))
        spare = first != second or here.sum() >= found.sizes[first]
        if spare and len(np.unique(judged.worker[here])) > 1:
            return True
    return False


# --- which pairs ------------------------------------------------------------------------------------


def links_to_ask(
    found: Grouping,
    judged: Judged,
    count: int,
    *,
    waiting: Collection[tuple[int, int]] = (),
    never: Collection[tuple[int, int]] = (),
    seed: int = 0,
) -> Pairs:
    """The pairs to ask next, at most `count`; none twice, none that is `waiting` or `never` to be asked.

    Two groups of which nobody knows whether they are one are asked by one pair of their members, once at a time; what
    was answered of any two members counts for all. An item that may not belong to its group is asked beside a sure one.
    """
    chance = np.random.default_rng(seed)
    asked = np.zeros((judged.n_items, judged.n_items), np.int32)
    np.add.at(asked, (judged.one, judged.two), 1)
    asked += asked.T
    taken = {(min(pair), max(pair)) for pair in (*waiting, *never)}
    # Groups do not wait for a pair that nobody will answer.
    out = {tuple(sorted((int(found.label[one]), int(found.label[two])))) for one, two in waiting}
    busy = (
        np.bincount([int(place) for pair in out for place in pair], minlength=len(found.odds))
        if out
        else np.zeros(len(found.odds), np.int64)
    )
    chosen: Pairs = []
    for _, one, two in _questions(found, chance):
        if len(chosen) == count:
            break
        key = tuple(sorted((one, two)))
        small = one if found.sizes[one] <= found.sizes[two] else two
        # A group that is asked about waits for the answer: it is one with one other at most.
        if key in out or (one != two and busy[small]):
            continue
        pair = _members(found, asked, taken, one, two)
        if pair is None:
            continue
        chosen.append(pair)
        taken.add(pair)
        out.add(key)
        busy[small] += 1
    return chosen


def _questions(found: Grouping, chance: np.random.Generator) -> list[tuple[float, int, int]]:
    """Pairs of groups, and groups with a doubtful member, by how much there is to be learnt of them; the most first."""
    n_groups = len(found.odds)
    doubt = _entropy(found.merge) * np.minimum.outer(found.sizes, found.sizes)
    one, two = np.triu_indices(n_groups, 1)
    worth = np.maximum(doubt, doubt.T)[one, two]
    inside = np.zeros(n_groups)
    np.maximum.at(inside, found.label, _entropy(found.own))
    worth = np.concatenate([worth, inside])
    one, two = np.concatenate([one, np.arange(n_groups)]), np.concatenate([two, np.arange(n_groups)])
    order = np.lexsort((chance.random(len(worth)), -worth))
    return [(float(worth[place]), int(one[place]), int(two[place])) for place in order if worth[place] > 1e-9]


def _entropy(chance: Floats) -> Floats:
    clear = np.clip(chance, 1e-12, 1 - 1e-12)
    found: Floats = -clear * np.log(clear) - (1 - clear) * np.log(1 - clear)
    return found


def _members(found: Grouping, asked: Codes, taken: set[tuple[int, int]], one: int, two: int) -> tuple[int, int] | None:
    """The pair of members to ask: the surest two of two groups, the most doubtful and the surest of one; those that
    were asked least, and none that is waiting.
    """
    first, second = (np.flatnonzero(found.label == place) for place in (one, two))
    order = found.own[first] if one == two else -found.own[first]
    first = first[np.argsort(order, kind="stable")]
    second = second[np.argsort(-found.own[second], kind="stable")]
    if one == two:
        first = first[:1]
    best: tuple[int, int] | None = None
    for item in first[:10].tolist():
        for other in second[:10].tolist():
            pair = min(item, other), max(item, other)
            if item != other and pair not in taken and (best is None or asked[pair] < asked[best]):
                best = pair
    return best
