"""Two camps: workers who agree among themselves, and with the others hardly more than by chance.

People who answer by themselves agree in so far as both are able: beyond chance, worker j with worker k in s_j s_k of
the cases, whatever their abilities are. So whoever agrees much with each other, where the others do as well, agrees
with those, too. Two who know the known answers and send the same guesses to all else do not:

    c_jk = s_j s_k within a camp,    ρ s_j s_k between two

by least squares over all pairs, an answer's variance taken as large as it can be. Of the ways to divide n workers in
two there are 2^(n−1), so what the best of them explains has to exceed that number. Which of the camps is right this
does not show.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.consensus.base import Responses

__all__ = ["Camps", "camps", "camps_of_pairs", "probably_right"]

# Of so many workers, those with most answers; each has given so many, and so many items tell it.
MOST_WORKERS, LEAST_ANSWERS, MOST_ITEMS = 24, 10, 50_000
# Camps agree with each other in less than this share of what both show among themselves.
APART = 0.5
# A worker is of the one camp if the other would explain their answers so much worse, as a logarithm.
SHOWN = 2.0
STEPS, STARTS = 25, 4
LEAST_ABLE, LITTLE = 0.01, 1e-9
# From so many times the voices of the other on a camp is believed.
OUTWEIGHS = 2.0


@dataclass(frozen=True)
class Camps:
    """Workers of two camps, by their codes; `between`: how far they agree, of what both show among themselves."""

    one: Places
    other: Places
    between: float


def camps(answers: Responses, error: float = 0.05) -> Camps | None:
    """Two camps among these workers, of two at least each, as answers to items show of which nothing is known.

    With the probability `error` at most some are found where everybody answers by themselves.
    """
    unknown = np.arange(len(answers.item))
    if answers.known is not None:
        unknown = np.flatnonzero(answers.known[answers.item] < 0)
    many = np.bincount(answers.worker[unknown], minlength=answers.n_workers)
    who = np.sort(np.argsort(-many, kind="stable")[:MOST_WORKERS])
    who = who[many[who] >= LEAST_ANSWERS]
    if len(who) < 4:
        return None
    return _found(_Pairs.of(answers, unknown, who), who, error)


def camps_of_pairs(same: Floats, met: Floats, often: float, error: float = 0.05) -> Camps | None:
    """The same where it is known how often each worker met each other one, and how often both answered the same, which
    nobody does by chance; `often`: how many answers an item has.
    """
    many = met.sum(axis=1)
    who = np.sort(np.argsort(-many, kind="stable")[:MOST_WORKERS])
    who = who[many[who] >= LEAST_ANSWERS]
    if len(who) < 4:
        return None
    chosen = np.ix_(who, who)
    return _found(_Pairs.counted(same[chosen], met[chosen], np.ones((len(who), len(who))), often), who, error)


def probably_right(voices: Floats) -> float | None:
    """How probably the larger of two camps is right; None where it has so many more voices that it is believed."""
    more, fewer = voices.tolist()
    return (more + 1) / (more + fewer + 2) if more < OUTWEIGHS * fewer else None


def _found(pairs: _Pairs, who: Places, error: float) -> Camps | None:
    needed = 2 * ((len(who) - 1) * log(2) - log(error))
    parts, gain = pairs.divided(needed)
    if gain <= needed:
        return None
    sure, between = pairs.placed(parts), pairs.explained(parts)[1]
    one, other = who[sure & ~parts], who[sure & parts]
    return Camps(one, other, max(between, 0.0)) if min(len(one), len(other)) > 1 and between < APART else None


@dataclass(frozen=True, eq=False)
class _Pairs:
    """By pair of workers how far they agree beyond chance, and how much that shows; nothing of one with themselves."""

    agreed: Floats
    weight: Floats

    @classmethod
    def of(cls, answers: Responses, rows: Places, who: Places) -> _Pairs:
        """Those of some workers, by these answers."""
        place = np.full(answers.n_workers, -1)
        place[who] = np.arange(len(who))
        rows = rows[(place[answers.worker[rows]] >= 0) & (answers.item[rows] < MOST_ITEMS)]
        said = np.full((min(answers.n_items, MOST_ITEMS), len(who)), -1, np.int32)
        said[answers.item[rows], place[answers.worker[rows]]] = answers.label[rows]
        asked = said >= 0
        met = np.array([(asked & one[:, None]).sum(axis=0) for one in asked.T], float)
        same = np.array([((said == one[:, None]) & asked).sum(axis=0) for one in said.T], float)
        cells = place[answers.worker[rows]] * answers.n_labels + answers.label[rows]
        shares = np.bincount(cells, minlength=len(who) * answers.n_labels).reshape(len(who), -1).astype(float)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
        times = asked.sum(axis=1)
        often = max(float((times * (times - 1)).sum() / max((times[times > 1] - 1).sum(), 1)), 2.0)
        return cls.counted(same, met, 1 - shares @ shares.T, often)

    @classmethod
    def counted(cls, same: Floats, met: Floats, left: Floats, often: float) -> _Pairs:
        """Those who met so often and said the same so often, of which chance leaves so much."""
        beyond = np.divide(same, met, out=np.zeros_like(met), where=met > 0) - (1 - left)
        # Of m answers to an item there are m(m−1)/2 pairs, which show no more than the m answers do.
        weight = 4 * left**2 * met * 2 / often
        np.fill_diagonal(weight, 0.0)
        return cls(np.divide(beyond, left, out=np.zeros_like(left), where=left > 1e-6), weight)

    def explained(self, parts: Flags) -> tuple[float, float]:
        """How badly two camps explain these pairs, and how far they agree then; with one camp alone that is 1."""
        apart, between = parts[:, None] != parts[None], 1.0
        usual = _mean(self.agreed[~apart], self.weight[~apart])
        able = np.full(len(parts), np.sqrt(max(usual, LEAST_ABLE)))
        for _ in range(STEPS):
            share = np.where(apart, between, 1.0)
            top = (self.weight * share * self.agreed) @ able
            found = np.clip(top / np.maximum((self.weight * share**2) @ able**2, LITTLE), 0.0, 1.0)
            able = (able + found) / 2
            both = np.outer(able, able)
            if apart.any():
                between = _mean((self.agreed * both)[apart], self.weight[apart], (both**2)[apart])
                between = min(max(between, -1.0), 1.0)
        expected = np.where(apart, between, 1.0) * np.outer(able, able)
        return float((self.weight * (self.agreed - expected) ** 2).sum() / 2), between

    def divided(self, needed: float) -> tuple[Flags, float]:
        """The two camps that explain most, and how much better they do than one; none where it cannot be `needed`."""
        alone = self.explained(np.zeros(len(self.agreed), bool))[0]
        best, least = np.zeros(len(self.agreed), bool), alone
        # None explain more than all that one camp leaves: where people seldom meet there is nothing to seek.
        if alone <= needed:
            return best, 0.0
        for start in self._starts():
            parts, bad = start, self.explained(start)[0]
            while True:
                moves = [parts ^ one for one in np.eye(len(parts), dtype=bool)]
                after = [self.explained(move)[0] for move in moves]
                if min(after) >= bad - 1e-9:
                    break
                parts, bad = moves[int(np.argmin(after))], min(after)
            if bad < least:
                best, least = parts, bad
        return best, alone - least

    def _starts(self) -> list[Flags]:
        """Camps to begin with, those that explain most: by all that divides them, by who agrees with one of them more
        than others do, and pairs who agree much more than with the others.
        """
        weighed = np.sqrt(self.weight) * self.agreed
        usual = self.agreed.mean(axis=1)
        more = np.triu(np.sqrt(self.weight) * (self.agreed - usual[:, None] - usual[None]), 1)
        found = [*(np.linalg.eigh(weighed)[1].T > 0), *(self.agreed > usual[:, None])]
        for flat in np.argsort(-more, axis=None)[: STARTS - 1]:
            found.append(np.isin(np.arange(len(usual)), np.unravel_index(flat, more.shape)))
        # Which of the two has which number is all the same.
        ways = np.unique([parts ^ parts[0] for parts in found], axis=0)
        bad = [self.explained(parts)[0] for parts in ways]
        return [ways[place] for place in np.argsort(bad, kind="stable")[:STARTS]]

    def placed(self, parts: Flags) -> Flags:
        """Which workers are shown to be of their camp."""
        bad = self.explained(parts)[0]
        return np.array([self.explained(parts ^ one)[0] - bad > 2 * SHOWN for one in np.eye(len(parts), dtype=bool)])


def _mean(values: Floats, weight: Floats, of: Floats | float = 1.0) -> float:
    """The weighted sum of values, of what it is of; 0 where nothing has any weight."""
    return float((weight * values).sum() / max(float((weight * of).sum()), LITTLE))
