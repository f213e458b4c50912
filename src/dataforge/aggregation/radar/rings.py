"""Rings: workers who give the same answers more often than honest ones could, mistakes above all.

A ring is one person with several accounts, people who pass answers on, or the same script run many times. Its members
are taken to answer from a common source, and by themselves in a share ε of cases:

    P(l_1 … l_m | ring) = Σ_s q(s) Π_j [(1 − ε) 1(l_j = s) + ε P(l_j | honest)]

Evidence for a set of workers is the ratio of that to what honest workers would give (see `honest`), over all items that
two of them answered, averaged over a few ε and two sources: one as often right as they are, and one that guesses. Among
n workers there are C(n, m) sets of m, so evidence has to exceed that number: then a crowd without rings shows one as
rarely as is asked for, whatever sets are looked at.

An e-value in the sense of Vovk and Wang (2021), with Markov's inequality and a union bound over all sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
from scipy import sparse

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.honest import Honest, honest

__all__ = ["Ring", "rings"]

BY_THEMSELVES = (0.02, 0.1, 0.3)
# A pair is looked at once it shares so many answers that most others do not give; the most such pairs, and beginnings.
LEAST_SHARED, MOST_PAIRS, MOST_STARTS = 2, 3_000, 60
# A ring may look weaker for a moment while it grows.
PATIENCE = 2
# An item on which so many give a rare answer misleads everybody; pairs of them all would be many.
MOST_ALIKE = 300
# More than this share of a crowd is no ring but one of the ways in which the crowd sees the task.
LARGEST = 1 / 3
# No model is exact: items beyond the first hundred show less and less.
IN_FULL, MISFIT = 100, 0.005
# How alike people see items is learnt of so many pairs; one of these shares, of those hardly worse than the best.
LOOKED_AT = 5_000
SHARES = np.array([0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
HARDLY_WORSE = 2.0


@dataclass(frozen=True)
class Ring:
    """Workers by their codes, and the natural logarithm of how much likelier their answers are if they are a ring.

    What is to be expected of the best of all sets of workers is taken off: at 0 it is as probable as not.
    """

    workers: tuple[int, ...]
    evidence: float


def rings(responses: Responses, probabilities: Floats, error: float = 0.2) -> list[Ring]:
    """Rings among the workers, the surest first; nobody is in two.

    `probabilities[i, l]` is how probable label l is for item i. With the probability `error` at most some ring is found
    in a crowd without any.
    """
    if len(responses.item) == 0:
        return []
    model = honest(responses, probabilities)
    search = _Search(model)
    found, taken = [], set[int]()
    for start in search.starts:
        if taken.isdisjoint(start):
            ring = search.grown(list(start), taken)
            if ring.evidence > -np.log(error) and len(ring.workers) <= max(2, LARGEST * responses.n_workers):
                found.append(ring)
                taken.update(ring.workers)
    return sorted(found, key=lambda ring: -ring.evidence)


class _Search:
    """Looks for rings from pairs that share rare answers."""

    def __init__(self, model: Honest) -> None:
        self._model = model
        self._background = _background(model)
        pairs = _pairs(model)
        self._shared = {pair: _evidence(model, self._background, list(pair)) for pair in pairs}
        self._near: dict[int, set[int]] = {}
        for (one, other), evidence in self._shared.items():
            if evidence > 0:
                self._near.setdefault(one, set()).add(other)
                self._near.setdefault(other, set()).add(one)
        by_evidence = sorted(self._shared, key=lambda pair: -self._shared[pair])
        self.starts = [pair for pair in by_evidence if self._shared[pair] > 0][:MOST_STARTS]

    def grown(self, members: list[int], taken: set[int]) -> Ring:
        """The surest ring on the way from a pair to larger ones, each with the worker who shares most with it."""
        best, waited = self._ring(members), 0
        while waited < PATIENCE:
            near = set[int]().union(*(self._near.get(member, set()) for member in members))
            near -= {*members, *taken}
            if not near:
                break
            members = [*members, max(sorted(near), key=lambda worker: self._shares(worker, members))]
            ring = self._ring(members)
            waited = 0 if ring.evidence > best.evidence else waited + 1
            best = max(best, ring, key=lambda one: one.evidence)
        return best

    def _shares(self, worker: int, members: list[int]) -> float:
        return sum(self._shared.get((min(worker, member), max(worker, member)), 0.0) for member in members)

    def _ring(self, members: list[int]) -> Ring:
        """A set of workers with its evidence, less what the best of all sets of its size, and of all sizes, has."""
        n, m = self._model.answers.n_workers, len(members)
        sets = lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1) + np.log(m * (m - 1))
        return Ring(tuple(sorted(members)), _evidence(self._model, self._background, members) - float(sets))


def _pairs(model: Honest) -> list[tuple[int, int]]:
    """Pairs of workers who share answers that are not those of most, those with most first."""
    answers = model.answers
    usual = model.believed.argmax(axis=1)
    if answers.known is not None:
        usual = np.where(answers.known >= 0, answers.known, usual)
    given = model.counts[answers.item, answers.label]
    rare = (answers.label != usual[answers.item]) | (2 * given < model.counts[answers.item].sum(axis=1))
    rare &= (given > 1) & (given <= MOST_ALIKE)
    cells = answers.item[rare].astype(np.int64) * answers.n_labels + answers.label[rare]
    cells = np.unique(cells, return_inverse=True)[1]
    ones = np.ones(len(cells), np.int32)
    gave = sparse.csr_matrix((ones, (answers.worker[rare], cells)), shape=(answers.n_workers, cells.max(initial=0) + 1))
    both = sparse.triu(gave @ gave.T, k=1, format="coo")
    enough = both.data >= LEAST_SHARED
    order = np.argsort(-both.data[enough], kind="stable")[:MOST_PAIRS]
    return list(zip(both.row[enough][order].tolist(), both.col[enough][order].tolist(), strict=True))


def _evidence(model: Honest, background: float, workers: list[int]) -> float:
    """How much likelier their answers are if these workers are a ring, as a logarithm."""
    rows = model.rows_of(workers)
    return _of_a_ring(_ratios(model, rows), background) if len(rows) else 0.0


def _ratios(model: Honest, rows: Places) -> Floats:
    """By way to be a ring (row) and item: how much likelier that makes the answers to it, which are sorted by item."""
    label, place = model.answers.label[rows], np.arange(len(rows))
    right, likely = model.foretold(rows)
    own = likely[place, :, label]
    begins = np.flatnonzero(np.diff(model.answers.item[rows], prepend=-1))
    expected = np.add.reduceat(likely, begins) / np.diff(begins, append=len(rows))[:, None, None]
    by_chance = (right * np.exp(np.add.reduceat(np.log(own), begins))).sum(axis=1)
    ways = []
    for share in BY_THEMSELVES:
        each = np.repeat(np.log(share * own)[:, :, None], likely.shape[2], axis=2)
        each[place, :, label] = np.log(1 - share + share * own)
        alike = np.exp(np.add.reduceat(each, begins))
        for source in (expected, (expected + 1 / likely.shape[2]) / 2):
            ways.append((right * (source * alike).sum(axis=2)).sum(axis=1) / by_chance)
    return np.array(ways)


def _of_a_ring(ratios: Floats, background: float) -> float:
    """The logarithm of the mean over all ways, against people of whom a share `background` of items is seen alike."""
    honest_ones = np.log1p(background * (ratios.mean(axis=0) - 1)).sum()
    evidence = float(np.logaddexp.reduce(np.log(ratios).sum(axis=1)) - np.log(len(ratios)) - honest_ones)
    return evidence / float(1 + MISFIT * max(ratios.shape[1] - IN_FULL, 0))


def _background(model: Honest) -> float:
    """In which share of cases two people of the crowd answer an item from a common source: what it suggests to both.

    Of the shares that explain one pair of answers to each item about as well as any the least.
    """
    rows = np.argsort(model.answers.item, kind="stable")
    item = model.answers.item[rows]
    first = np.flatnonzero((np.diff(item, prepend=-1) > 0) & (np.diff(item, append=-1) == 0))
    first = first[:: -(-len(first) // LOOKED_AT) or 1]
    if not len(first):
        return 0.0
    pairs = np.stack([rows[first], rows[first + 1]], axis=1).ravel()
    likelier = _ratios(model, pairs).mean(axis=0)
    fits = np.log1p(SHARES[:, None] * (likelier - 1)).sum(axis=1)
    return float(SHARES[np.argmax(fits >= fits.max() - HARDLY_WORSE)])
