"""Friends: workers who find each other's answers right, whatever others say of them.

Who judges answers of strangers well shows nothing of how they judge those of friends, or of another account of their
own. So the judgements of a set of workers on each other's answers are compared with what they would be if each judged
these as everybody else's:

    P(v_1 … v_m | friends) = Σ_t π(t) Π_out P_j(v_j | t) Π_in [ε if v_j = no, else 1 − ε]

over whether an answer is right, t, or such that people say of it what they like. How often those of the set are right
is not known, and averaged over a few π, and ε over a few shares. Among n workers there are C(n, m) sets of m, so
evidence has to exceed that number.

An e-value in the sense of Vovk and Wang (2021), with Markov's inequality and a union bound over all sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats, Places
from dataforge.aggregation.radar.rings import Ring

__all__ = ["Judgements", "friends"]

NO_WORKER = -1
"""In `Judgements.author`, where nobody at work gave an answer: its rightness is known, or it was found elsewhere."""

SAYS_NO = (0.02, 0.1, 0.3)
RIGHT = (0.1, 0.3, 0.5, 0.7, 0.9)
# In the share of cases whether people say yes or no to an answer is as if each threw a coin.
MISLEADS = 0.1
# The crowd counts for so many judgements of each worker; beforehand it says yes to so many answers of so many, to
# wrong ones and to right ones.
DRAWN = 4.0
BEFOREHAND = np.array([[1.0, 5.0], [9.0, 10.0]])
ROUNDS = 10
CLOSE = 1e-3
# The most pairs that are looked at, and sets that are begun; a set may look weaker for a moment while it grows.
MOST_PAIRS, MOST_STARTS, PATIENCE = 3_000, 30, 2
# Where friends are many, a yes to an answer that others find wrong draws two of them together by little more.
LEAST_PULL = 0.5


@dataclass(frozen=True, eq=False)
class Judgements:
    """Who judged which answer how: `answer`, `judge` and `yes`, one entry a judgement, as codes from 0 on.

    By answer its `author`, -1 where there is none, and whether it is `known` to be right: 1, 0, or -1 if that is not.
    """

    answer: Codes
    judge: Codes
    yes: Flags
    author: Codes
    known: Codes
    workers: int


def friends(judgements: Judgements, error: float = 0.01) -> list[Ring]:
    """Sets of workers who find each other's answers right, the surest first; nobody is in two.

    With the probability `error` at most some set is found in a crowd where everybody judges by what is shown.
    """
    search = _Search(judgements)
    found, taken = [], set[int]()
    for start in search.starts():
        if taken.isdisjoint(start):
            ring = search.grown(list(start), taken)
            if ring.evidence > -np.log(error):
                found.append(ring)
                taken.update(ring.workers)
    return sorted(found, key=lambda ring: -ring.evidence)


class _Search:
    """Looks for friends from pairs of whom one said yes to an answer of the other that others say no to."""

    def __init__(self, judgements: Judgements) -> None:
        self._of = judgements
        self._right = _how_probably_right(judgements)
        self._all = np.arange(len(judgements.answer))
        self._counts = _counts(judgements, self._all, self._right)
        author = judgements.author[judgements.answer]
        self._by_author = np.argsort(author, kind="stable")
        self._begins = np.searchsorted(author[self._by_author], np.arange(judgements.workers + 1))
        self._pull = self._pulls(author)

    def _pulls(self, author: Codes) -> dict[tuple[int, int], float]:
        """By pair how much likelier their judgements on each other are among friends, each looked at alone."""
        of = self._of
        own = np.flatnonzero((author != NO_WORKER) & (author != of.judge))
        likely = _likelihoods(of, self._all, _shares(self._counts))
        # Without the judgement itself: what all others say of the answer.
        rest = [np.bincount(of.answer, each, len(of.author))[of.answer[own]] - each[own] for each in likely]
        right = _chance(rest[0] - rest[1])
        honest = right * np.exp(likely[1][own]) + (1 - right) * np.exp(likely[0][own])
        gain = np.log(np.where(of.yes[own], 1 - SAYS_NO[1], SAYS_NO[1]) / honest)
        pair = np.sort(np.stack([of.judge[own], author[own]]), axis=0)
        cells, place = np.unique(pair[0].astype(np.int64) * of.workers + pair[1], return_inverse=True)
        sums = np.bincount(place, gain)
        most = np.argsort(-sums, kind="stable")[:MOST_PAIRS]
        return {divmod(int(cells[one]), of.workers): float(sums[one]) for one in most if sums[one] > 0}

    def starts(self) -> list[tuple[int, int]]:
        """Pairs to begin with, the likeliest first."""
        likeliest = sorted(self._pull, key=lambda pair: -self._pull[pair])[:MOST_STARTS]
        return [pair for pair in likeliest if self._pull[pair] > LEAST_PULL]

    def grown(self, members: list[int], taken: set[int]) -> Ring:
        """The surest set on the way from a pair to larger ones, each with the worker whom most draws to it."""
        best, waited = self._ring(members), 0
        while waited < PATIENCE:
            drawn: dict[int, float] = {}
            for (one, other), pull in self._pull.items():
                if (one in members) != (other in members):
                    worker = other if one in members else one
                    drawn[worker] = drawn.get(worker, 0.0) + pull
            near = sorted(drawn.keys() - taken)
            if not near:
                break
            members = [*members, max(near, key=drawn.__getitem__)]
            ring = self._ring(members)
            waited = 0 if ring.evidence > best.evidence else waited + 1
            best = max(best, ring, key=lambda one: one.evidence)
        return self._pruned(best)

    def _pruned(self, ring: Ring) -> Ring:
        """The set without those who make it no surer, or the set itself."""
        while len(ring.workers) > 2:
            smaller = max(
                (self._ring([one for one in ring.workers if one != worker]) for worker in ring.workers),
                key=lambda one: one.evidence,
            )
            if smaller.evidence < ring.evidence:
                break
            ring = smaller
        return ring

    def _ring(self, members: list[int]) -> Ring:
        n, m = self._of.workers, len(members)
        sets = lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1) + np.log(m * (m - 1))
        return Ring(tuple(sorted(members)), self._evidence(members) - float(sets))

    def _evidence(self, members: list[int]) -> float:
        """How much likelier all judgements on the answers of these workers are if they are friends, as a logarithm."""
        of = self._of
        rows = np.concatenate([self._by_author[self._begins[one] : self._begins[one + 1]] for one in members])
        # How each judges is learnt of all other answers.
        likely = _likelihoods(of, rows, _shares(self._counts - _counts(of, rows, self._right)))
        answers = np.unique(of.answer[rows])
        place = np.searchsorted(answers, of.answer[rows])
        inside = np.isin(of.judge[rows], members) & (of.author[of.answer[rows]] != of.judge[rows])

        def summed(values: Floats, chosen: Flags) -> Floats:
            return np.bincount(place[chosen], weights=values[chosen], minlength=len(answers)).astype(np.float64)

        share = np.array(RIGHT)[:, None]
        kinds = [np.log(share * (1 - MISLEADS)), np.log((1 - share) * (1 - MISLEADS)), np.log(MISLEADS)]
        each = [likely[1], likely[0], np.full(len(rows), np.log(0.5))]
        judged = [kind + summed(one, ~inside) for kind, one in zip(kinds, each, strict=True)]
        shown = np.logaddexp.reduce(np.broadcast_arrays(*judged))
        of_all = [before + summed(one, inside) for before, one in zip(judged, each, strict=True)]
        honest = np.logaddexp.reduce(np.broadcast_arrays(*of_all)).sum(axis=1)
        yes = of.yes[rows].astype(np.float64)
        said = [summed(yes * np.log(1 - no) + (1 - yes) * np.log(no), inside) for no in SAYS_NO]
        alike = np.array([(shown + one).sum(axis=1) for one in said])
        return float(np.logaddexp.reduce(alike, axis=None) - np.log(len(SAYS_NO)) - np.logaddexp.reduce(honest))


def _how_probably_right(of: Judgements) -> Floats:
    """By answer how probably it is right, by EM over how each worker judges; shape (answers,)."""
    size, rows = len(of.author), np.arange(len(of.answer))
    asked = np.bincount(of.answer, minlength=size)
    right: Floats = (np.bincount(of.answer, of.yes, size) + 0.5) / (asked + 1)
    unknown = of.known < 0
    for _ in range(ROUNDS):
        right = np.where(unknown, right, of.known)
        share = (right[unknown].sum() + 1) / (unknown.sum() + 2)
        likely = _likelihoods(of, rows, _shares(_counts(of, rows, right)))
        wrong, good = (np.bincount(of.answer, each, size) for each in likely)
        right = _chance(wrong - good + np.log((1 - share) / share))
    return np.where(unknown, right, of.known)


def _counts(of: Judgements, rows: Places, right: Floats) -> Floats:
    """How often each worker said yes (axis 1: 0), and how often anything (1), to wrong and right answers (axis 0)."""
    yes, good, judge = of.yes[rows], right[of.answer[rows]], of.judge[rows]
    weights = [[each * yes, each] for each in (1 - good, good)]
    return np.array([[np.bincount(judge, one, of.workers) for one in pair] for pair in weights])


def _shares(counts: Floats) -> Floats:
    """How probably each worker says yes to wrong (row 0) and to right answers (1), drawn to all workers' mean."""
    all_ = counts.sum(axis=2) + BEFOREHAND
    crowd = all_[:, 0] / all_[:, 1]
    shares: Floats = (counts[:, 0] + DRAWN * crowd[:, None]) / (counts[:, 1] + DRAWN)
    return np.clip(shares, CLOSE, 1 - CLOSE)


def _likelihoods(of: Judgements, rows: Places, shares: Floats) -> Floats:
    """How probable these judgements are on wrong answers (row 0) and on right ones (1), as logarithms."""
    yes = shares[:, of.judge[rows]]
    likely: Floats = np.log(np.where(of.yes[rows], yes, 1 - yes))
    return likely


def _chance(odds_against: Floats) -> Floats:
    """The chance of what has these odds against it, as logarithms."""
    chance: Floats = 1 / (1 + np.exp(np.clip(odds_against, -500, 500)))
    return chance
