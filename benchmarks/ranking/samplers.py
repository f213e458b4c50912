"""Ways to choose the pairs: ours, by lot, and two of the literature, written as their papers have them.

A way is given a set, people to ask and how many pairs may be asked; it yields how many were asked and the scores then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import erfc, exp, pi, sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.special import betaln, digamma
from scipy.stats import norm
from sets import Ask, Known

from dataforge.aggregation import BradleyTerry
from dataforge.comparing.answers import LEFT, RIGHT, Compared
from dataforge.comparing.pairs import Pairs, choose
from dataforge.comparing.posterior import Posterior, posterior

Floats = NDArray[np.float64]
Asked = list[tuple[int, int, int, bool]]
"""Two items, who compared them, and whether the first won."""
Two = tuple[Any, Any]
"""A number or an array for each of two."""
Way = Callable[[Known, Ask, int, int], Iterator[tuple[int, Floats]]]


def _answered(asked: Asked, known: Known) -> Compared:
    one, two, worker, won = (np.array([row[place] for row in asked], np.int32) for place in range(4))
    return Compared(one, two, worker, np.where(won, LEFT, RIGHT), len(known.scores), known.workers)


def _lot(count: int, items: int, chance: np.random.Generator) -> Pairs:
    drawn = (chance.choice(items, 2, replace=False).tolist() for _ in range(count))
    return [(one, two) for one, two in drawn]


def by_lot(known: Known, ask: Ask, pairs: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """Pairs by lot, Bradley-Terry strengths (half a win and half a loss of each item against an imagined one)."""
    return _by_lot(known, ask, pairs, seed, lambda asked: _strengths(asked, len(known.scores)))


def by_lot_ours(known: Known, ask: Ask, pairs: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """The same pairs, scores as ours: what of the gain is due to the scores alone."""
    return _by_lot(known, ask, pairs, seed, lambda asked: posterior(_answered(asked, known)).mean)


def _by_lot(
    known: Known, ask: Ask, pairs: int, seed: int, scores: Callable[[Asked], Floats]
) -> Iterator[tuple[int, Floats]]:
    asked: Asked = []
    batch, chance = len(known.scores), np.random.default_rng(seed)
    while len(asked) < pairs:
        asked += [(one, two, *ask(one, two)) for one, two in _lot(batch, batch, chance)]
        yield len(asked), scores(asked)


def _strengths(asked: Asked, items: int) -> Floats:
    rows = [(one, two, one if won else two) for one, two, _, won in asked]
    fitted = BradleyTerry(1000, prior=0.5).fit(pd.DataFrame(rows, columns=["left", "right", "label"]))
    found: Floats = fitted.scores_.reindex(range(items)).fillna(0.0).to_numpy()
    return found


def ours(known: Known, ask: Ask, pairs: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """Half as many pairs at once as there are items, as `df.rank` has them out."""
    asked: Asked = []
    found: Posterior | None = None
    while len(asked) < pairs:
        found = posterior(_answered(asked, known), found)
        chosen = choose(found, len(known.scores) // 2, seed=seed + len(asked))
        asked += [(one, two, *ask(one, two)) for one, two in chosen]
        yield len(asked), posterior(_answered(asked, known), found).mean


# --- Crowd-BT (Chen, Bennett, Collins-Thompson and Horvitz, 2013) -----------------------------------


def crowd_bt(known: Known, ask: Ask, pairs: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """One pair after the other, by expected information on items and workers; online moments, workers Beta(10, 1).

    Who will answer is not known when the pair is chosen, so it is chosen for a worker nobody knows.
    """
    items, chance = len(known.scores), np.random.default_rng(seed)
    mean, variance = np.zeros(items), np.ones(items)
    alpha, beta = np.full(known.workers, 10.0), np.full(known.workers, 1.0)
    one, two = np.triu_indices(items, 1)
    for asked in range(1, pairs + 1):
        worth = _crowd_bt_worth(mean, variance, one, two)
        best = int(np.argmax(worth + 1e-9 * chance.random(len(one))))
        worker, won = ask(int(one[best]), int(two[best]))
        i, j = (one[best], two[best]) if won else (two[best], one[best])
        (mean[i], mean[j]), (variance[i], variance[j]), (alpha[worker], beta[worker]) = _crowd_bt_moved(
            (mean[i], mean[j]), (variance[i], variance[j]), (alpha[worker], beta[worker])
        )
        if asked % (items // 2) == 0:
            yield asked, mean.copy()


def _crowd_bt_moved(mean: Two, variance: Two, worker: Two) -> tuple[Two, Two, Two]:
    """Moments after the first of the two has won (equations 13 to 19 of the paper); arrays or numbers."""
    (mi, mj), (vi, vj), (a, b) = mean, variance, worker
    ei, ej = np.exp(mi), np.exp(mj)
    first = ei / (ei + ej) + 0.5 * (vi + vj) * ei * ej * (ej - ei) / (ei + ej) ** 3
    first = np.clip(first, 1e-6, 1 - 1e-6)
    other = 1 - first
    total = (first * a + other * b) / (a + b)
    eta = (first * (a + 1) * a + other * a * b) / (total * (a + b + 1) * (a + b))
    square = (first * (a + 2) * (a + 1) * a + other * (a + 1) * a * b) / (total * (a + b + 2) * (a + b + 1) * (a + b))
    scale = (eta - square) / (square - eta**2)
    pull = a * ei / (a * ei + b * ej) - ei / (ei + ej)
    bend = a * ei * b * ej / (a * ei + b * ej) ** 2 - ei * ej / (ei + ej) ** 2
    means = mi + vi * pull, mj - vj * pull
    variances = vi * np.maximum(1 + vi * bend, 1e-4), vj * np.maximum(1 + vj * bend, 1e-4)
    return means, variances, (eta * scale, (1 - eta) * scale)


def _crowd_bt_worth(mean: Floats, variance: Floats, one: NDArray, two: NDArray) -> Floats:
    """Expected information of each pair on its two items, and on the worker with the weight 1."""
    worth = np.zeros(len(one))
    prior = 10.0, 1.0
    for i, j in ((one, two), (two, one)):
        mi, mj, vi, vj = mean[i], mean[j], variance[i], variance[j]
        (ni, nj), (wi, wj), (a, b) = _crowd_bt_moved((mi, mj), (vi, vj), prior)
        ei, ej = np.exp(mi), np.exp(mj)
        wins = np.clip(ei / (ei + ej) + 0.5 * (vi + vj) * ei * ej * (ej - ei) / (ei + ej) ** 3, 1e-6, 1 - 1e-6)
        chance = (wins * prior[0] + (1 - wins) * prior[1]) / sum(prior)
        worth += chance * (_apart(ni, wi, mi, vi) + _apart(nj, wj, mj, vj) + _apart_betas(a, b, *prior))
    return worth


def _apart(mean: Floats, variance: Floats, old_mean: Floats, old_variance: Floats) -> Floats:
    """Kullback-Leibler divergence of two normal distributions."""
    return 0.5 * (np.log(old_variance / variance) + (variance + (mean - old_mean) ** 2) / old_variance - 1)


def _apart_betas(a: Floats, b: Floats, c: float, d: float) -> Floats:
    return betaln(c, d) - betaln(a, b) + (a - c) * digamma(a) + (b - d) * digamma(b) + (c - a + d - b) * digamma(a + b)


# --- ASAP (Mikhailiuk, Wilmot, Perez-Ortiz, Yue and Mantiuk, 2020) ----------------------------------

PRIOR, NOISE = 0.5, 0.5
"""Variance of a score, and of what is seen of it, as in the authors' programs."""


def asap(known: Known, ask: Ask, pairs: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """Batches that are a minimum spanning tree over the inverse of the expected information; all workers alike.

    The posterior is that of all answers so far, by passing messages; what a pair is expected to tell is computed by one
    update of its two items (the paper's approximation of what the others learn by it).
    """
    items, chance = len(known.scores), np.random.default_rng(seed)
    asked: list[tuple[int, int]] = []
    messages = np.zeros((0, 2, 2))
    mean, variance = np.zeros(items), np.full(items, PRIOR)
    one, two = np.triu_indices(items, 1)
    while len(asked) < pairs:
        worth = _asap_worth(mean, variance, one, two) * (1 + 1e-6 * chance.random(len(one)))
        tree = minimum_spanning_tree(coo_array((1 / worth, (one, two)), (items, items)).tocsr()).tocoo()
        for i, j in zip(tree.row.tolist(), tree.col.tolist(), strict=True):
            asked.append((i, j) if ask(i, j)[1] else (j, i))
        messages = np.concatenate([messages, np.zeros((len(asked) - len(messages), 2, 2))])
        mean, variance = _passed(np.array(asked), messages, items)
        yield len(asked), mean


def _passed(asked: NDArray, messages: NDArray, items: int, rounds: int = 4) -> tuple[Floats, Floats]:
    """Means and variances by expectation propagation; `asked` has the winner of each pair first.

    `messages` holds, for each pair and each of its items, a precision and a precision times mean; it is kept up.
    """
    precision, shift = np.full(items, 1 / PRIOR), np.zeros(items)
    np.add.at(precision, asked, messages[:, :, 0])
    np.add.at(shift, asked, messages[:, :, 1])
    for _ in range(rounds):
        for number, (i, j) in enumerate(asked.tolist()):
            pair = [i, j]
            cavity = precision[pair] - messages[number, :, 0]
            mean, variance = (shift[pair] - messages[number, :, 1]) / cavity, 1 / cavity
            new_mean, new_variance = _won(mean, variance)
            new = np.stack([1 / new_variance - cavity, new_mean / new_variance - mean * cavity], axis=1)
            precision[pair] += new[:, 0] - messages[number, :, 0]
            shift[pair] += new[:, 1] - messages[number, :, 1]
            messages[number] = new
    return shift / precision, 1 / precision


def _won(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Moments of two scores, on the first axis, after the first has won: Thurstone's model, as in TrueSkill."""
    total = variance[0] + variance[1] + 2 * NOISE
    gap = (mean[0] - mean[1]) / np.sqrt(total)
    slope = np.exp(norm.logpdf(gap) - norm.logcdf(gap)) if np.ndim(gap) else _slope(float(gap))
    bend = slope * (slope + gap)
    sign = np.array([1.0, -1.0]).reshape(2, *[1] * (np.ndim(mean) - 1))
    return mean + sign * variance / np.sqrt(total) * slope, variance * (1 - variance / total * bend)


def _slope(gap: float) -> float:
    return exp(-gap * gap / 2) / sqrt(2 * pi) / max(erfc(-gap / sqrt(2)) / 2, 1e-12)


def _asap_worth(mean: Floats, variance: Floats, one: NDArray, two: NDArray) -> Floats:
    worth = np.zeros(len(one))
    for i, j in ((one, two), (two, one)):
        old_mean, old = np.stack([mean[i], mean[j]]), np.stack([variance[i], variance[j]])
        new_mean, new = _won(old_mean, old)
        chance = norm.cdf((mean[i] - mean[j]) / np.sqrt(variance[i] + variance[j] + 2 * NOISE))
        worth += chance * _apart(new_mean, new, old_mean, old).sum(axis=0)
    return np.maximum(worth, 1e-12)


WAYS: dict[str, Way] = {
    "by lot": by_lot,
    "by lot, our scores": by_lot_ours,
    "Crowd-BT": crowd_bt,
    "ASAP": asap,
    "df.rank": ours,
}
