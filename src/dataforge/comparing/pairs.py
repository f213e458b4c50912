"""Which pairs to ask next: those whose answers are expected to tell most, many at once, and none twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.comparing.answers import Model, chances, slopes
from dataforge.comparing.posterior import Posterior

__all__ = ["Pairs", "choose", "information"]

Pairs = list[tuple[int, int]]
"""Codes of two items each, the lesser first."""

# Each item is weighed against so many of those that follow it in the order so far: what lies further apart tells less.
NEAR = 50
# Points at which a normal distribution is looked at, and their weights.
_POINTS, _AREAS = np.polynomial.hermite_e.hermegauss(9)
_SHARES = _AREAS / _AREAS.sum()


def information(gap: Floats, variance: Floats, model: Model, outcomes: int) -> Floats:
    """What an answer of a worker nobody knows is expected to tell of the scores, in nats, shape (n_pairs,).

    The gap of the two scores is normal. It is the mutual information of answer and gap, which is that of the answer and
    all scores, as the answer depends on them through the gap only.
    """
    gaps = gap[:, None] + np.sqrt(np.maximum(variance, 0.0))[:, None] * _POINTS
    answered = model.looks * chances(gaps, model.tie_rate, outcomes) + (1 - model.looks) / outcomes
    mean = np.einsum("ijk,j->ik", answered, _SHARES)
    told: Floats = _entropy(mean) - _entropy(answered) @ _SHARES
    return told


def _entropy(chance: Floats) -> Floats:
    found: Floats = -(chance * np.log(np.maximum(chance, 1e-300))).sum(axis=-1)
    return found


def choose(
    known: Posterior,
    count: int,
    *,
    outcomes: int = 2,
    waiting: Collection[tuple[int, int]] = (),
    never: Collection[tuple[int, int]] = (),
    worth: Floats | None = None,
    seed: int = 0,
) -> Pairs:
    """The pairs to ask next, at most `count`, the most telling first; none twice, none that is `waiting` or
    `never` to be asked.

    Whoever answers one of them does not wait for the others, so each is chosen as if those before it, and those that
    are waiting, had been answered as expected: the scores stay, and how unsure they are shrinks. `worth` says for each
    item how much its place matters (1 for all by default). Of equals chance decides, by `seed`.
    """
    one, two = _near(known.mean, np.random.default_rng(seed))
    gap = known.mean[one] - known.mean[two]
    weight = np.ones(len(gap)) if worth is None else (worth[one] + worth[two]) / 2
    expected = _Expected(known, outcomes)
    for pair in waiting:
        expected.answered(*pair)
    # What is worth less now will not be worth more later, so that a value which is still the largest need not be
    # compared with any other that was computed before.
    values = weight * information(gap, expected.variances(one, two), known.model, outcomes)
    heap = [(-value, place) for place, value in enumerate(values.tolist())]
    heapify(heap)
    taken = {tuple(sorted(pair)) for pair in (*waiting, *never)}
    chosen: Pairs = []
    while heap and len(chosen) < count:
        _, place = heappop(heap)
        first, second = sorted((int(one[place]), int(two[place])))
        if (first, second) in taken:
            continue
        at = slice(place, place + 1)
        variance = expected.variances(one[at], two[at])
        value = float((weight[at] * information(gap[at], variance, known.model, outcomes))[0])
        if heap and -heap[0][0] > value:
            heappush(heap, (-value, place))
            continue
        chosen.append((first, second))
        taken.add((first, second))
        expected.answered(first, second)
    return chosen


def _near(mean: Floats, chance: np.random.Generator) -> tuple[Places, Places]:
    """Pairs of items that are near each other in the order so far, of equals in a random order; mixed."""
    n = len(mean)
    order = np.lexsort((chance.random(n), mean))
    apart = [(order[:-step], order[step:]) for step in range(1, min(n - 1, NEAR) + 1)]
    one, two = (np.concatenate([pair[side] for pair in apart]) for side in (0, 1))
    mixed = chance.permutation(len(one))
    return one[mixed], two[mixed]


@dataclass(slots=True)
class _Expected:
    """The covariance as it is expected to be when some pairs are answered: `known` less the squares of `lost`."""

    known: Posterior
    outcomes: int
    lost: list[Floats] = field(default_factory=list)

    def variances(self, one: Places, two: Places) -> Floats:
        """How unsure the gaps of these pairs are."""
        covariance = self.known.covariance
        found: Floats = covariance[one, one] + covariance[two, two] - 2 * covariance[one, two]
        if self.lost:
            lost = np.array(self.lost)
            found = found - ((lost[:, one] - lost[:, two]) ** 2).sum(axis=0)
        return np.maximum(found, 0.0)

    def answered(self, one: int, two: int) -> None:
        """Count with an answer to this pair: it tells of the gap what Fisher's information says."""
        chance = chances(
            np.array(self.known.mean[one] - self.known.mean[two]), self.known.model.tie_rate, self.outcomes
        )
        looked = self.known.model.looks * chance
        answered = looked + (1 - self.known.model.looks) / self.outcomes
        weight = float(((looked * slopes(chance)) ** 2 / answered).sum())
        variance = float(self.variances(np.array([one]), np.array([two]))[0])
        row = self.known.covariance[one] - self.known.covariance[two]
        for lost in self.lost:
            row = row - lost * (lost[one] - lost[two])
        self.lost.append(row * np.sqrt(weight / (1 + weight * variance)))
