"""Pairwise comparisons: integer codes and floats only.

Comparisons of the same two items are added up once (`count_pairs`), so that an iteration costs the number of distinct
pairs, and memory is linear in the data: nothing here is items times items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.passes.choice import Work, compiled_pays, passes
from dataforge.aggregation.kernels.sums import tally

__all__ = [
    "Balance",
    "Noisy",
    "PairCounts",
    "added_pairs",
    "balance",
    "components",
    "count_pairs",
    "elo_ratings",
    "log_sigmoid",
    "noisy_objective",
    "win_rates",
]

# Numbers that a pass over the pairs adds up for each, and iterations of which there are some hundreds.
BALANCE_TERMS = 2_000.0
# The same of finding connected parts, for twenty pairs.
LINK_TERMS = 600.0
# The same of one pass over comparisons one by one, which numpy cannot take at once.
ELO_TERMS = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class PairCounts:
    """Comparisons added up by unordered pair: `first < second` are item codes, sorted by (first, second).

    `first_wins`, `second_wins` and `ties` count the outcomes of each pair; all arrays have the shape (n_pairs,).
    """

    first: Codes
    second: Codes
    first_wins: Floats
    second_wins: Floats
    ties: Floats
    n_items: int

    @property
    def total(self) -> Floats:
        """Number of comparisons of each pair, shape (n_pairs,)."""
        return self.first_wins + self.second_wins + self.ties

    def wins(self) -> Floats:
        """Number of comparisons that each item won, ties not counted, shape (n_items,)."""
        won = tally(self.first, self.first_wins, self.n_items)
        won += tally(self.second, self.second_wins, self.n_items)
        return won

    def tied(self) -> Floats:
        """Number of comparisons of each item that ended in a tie, shape (n_items,)."""
        tied = tally(self.first, self.ties, self.n_items)
        tied += tally(self.second, self.ties, self.n_items)
        return tied


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """Pulls upwards and downwards on each item, shape (n_items,), and `sum_ij n_ij sqrt(p_i p_j) / D_ij`."""

    up: Floats
    down: Floats
    tie_sum: float


@dataclass(frozen=True, slots=True, eq=False)
class Noisy:
    """One evaluation of the noisy Bradley-Terry objective: its value and its gradient by each group of parameters."""

    value: float
    by_score: Floats
    by_bias: Floats
    by_skill: Floats


def count_pairs(left: Codes, right: Codes, outcome: Floats, n_items: int) -> PairCounts:
    """Add comparisons up by unordered pair; `outcome` is 1 where left won, 0 where right won, 0.5 for a tie."""
    first, second = np.minimum(left, right), np.maximum(left, right)
    won_by_first = np.where(left < right, outcome, 1.0 - outcome)
    # The outcome rides in the two lowest bits of the key: one sort counts the pairs and their outcomes.
    key = (first.astype(np.int64) * n_items + second) * 4 + np.rint(2 * won_by_first).astype(np.int64)
    key.sort()
    if len(key) == 0:
        nothing = np.zeros(0)
        return PairCounts(first, second, nothing, nothing, nothing, n_items)
    pair = key >> 2
    starts = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
    kind = key & 3
    totals = np.diff(np.append(starts, len(key))).astype(np.float64)
    wins = np.add.reduceat((kind == 2).astype(np.int64), starts).astype(np.float64)
    ties = np.add.reduceat((kind == 1).astype(np.int64), starts).astype(np.float64)
    pair = pair[starts]
    return PairCounts(
        first=(pair // n_items).astype(np.int32),
        second=(pair % n_items).astype(np.int32),
        first_wins=wins,
        second_wins=totals - wins - ties,
        ties=ties,
        n_items=n_items,
    )


def added_pairs(parts: Sequence[tuple[PairCounts, Places]], n_items: int) -> PairCounts:
    """Counts of several sets of comparisons added up; each comes with the new codes of its items."""
    keys, won_by_lower, won_by_higher = [], [], []
    for counts, codes in parts:
        one, two = codes[counts.first], codes[counts.second]
        keys.append(np.minimum(one, two) * n_items + np.maximum(one, two))
        won_by_lower.append(np.where(one < two, counts.first_wins, counts.second_wins))
        won_by_higher.append(np.where(one < two, counts.second_wins, counts.first_wins))
    pair, place = np.unique(np.concatenate(keys), return_inverse=True)
    first_wins, second_wins, ties = (
        tally(place, np.concatenate(columns), len(pair))
        for columns in (won_by_lower, won_by_higher, [counts.ties for counts, _ in parts])
    )
    first, second = (pair // max(n_items, 1)).astype(np.int32), (pair % max(n_items, 1)).astype(np.int32)
    return PairCounts(first, second, first_wins, second_wins, ties, n_items)


def balance(
    pairs: PairCounts,
    first_points: Floats,
    second_points: Floats,
    strength: Floats,
    tie_rate: float,
    compiled: bool | None = None,
) -> Balance:
    """What pulls each item up and down at these strengths (Newman, 2023), which balance at the optimum.

    With `a_ij` the points that i took from j and `D_ij = p_i + p_j + tie_rate sqrt(p_i p_j)`, item i gets
    `up = sum_j a_ij (p_j + tie_rate / 2 sqrt(p_i p_j)) / D_ij` and
    `down = sum_j a_ji (1 + tie_rate / 2 sqrt(p_j / p_i)) / D_ij`.
    """
    chosen = passes(compiled_pays(Work(len(first_points), BALANCE_TERMS)) if compiled is None else compiled)
    return Balance(*chosen.balance(pairs.first, pairs.second, first_points, second_points, strength, float(tie_rate)))


def components(first: Codes, second: Codes, n_items: int, compiled: bool | None = None) -> Codes:
    """Number of each item's connected part, shape (n_items,); parts are numbered by their lowest item."""
    if compiled is None:  # scipy takes a tenth of a second for a million, compiling five
        compiled = compiled_pays(Work(len(first) // 20, LINK_TERMS))
    root = passes(compiled).roots(first, second, n_items)
    _, where, inverse = np.unique(root, return_index=True, return_inverse=True)
    order = np.empty(len(where), np.int32)
    order[np.argsort(where)] = np.arange(len(where), dtype=np.int32)
    return order[inverse]


def win_rates(pairs: PairCounts) -> Floats:
    """Mean over an item's opponents of its share of points against them, a tie being half a point, shape (n_items,).

    An item that was never compared gets NaN.
    """
    total = pairs.total
    share = (pairs.first_wins + pairs.ties / 2) / np.maximum(total, 1.0)
    sums = tally(pairs.first, share, pairs.n_items) + tally(pairs.second, 1 - share, pairs.n_items)
    opponents = np.bincount(pairs.first, minlength=pairs.n_items) + np.bincount(pairs.second, minlength=pairs.n_items)
    rates: Floats = np.divide(sums, opponents, out=np.full(pairs.n_items, np.nan), where=opponents > 0)
    return rates


def elo_ratings(
    left: Codes,
    right: Codes,
    outcome: Floats,
    ratings: Floats,
    step: float,
    scale: float,
    compiled: bool | None = None,
) -> Floats:
    """Elo ratings after the comparisons in the order given, starting from `ratings`, shape (n_items,).

    The expected outcome is `1 / (1 + 10 ** ((right - left) / scale))`; both ratings move by `step` times the surprise.
    """
    chosen = passes(compiled_pays(Work(len(left), ELO_TERMS)) if compiled is None else compiled)
    return chosen.elo_ratings(left, right, outcome, ratings, float(step), float(scale))


def log_sigmoid(x: Floats) -> Floats:
    """Logarithm of the logistic function, without overflow."""
    return -np.logaddexp(0.0, -x)


def noisy_objective(
    left: Codes,
    right: Codes,
    worker: Codes,
    sign: Floats,
    scores: Floats,
    biases: Floats,
    skills: Floats,
    penalty: float,
    worker_prior: tuple[float, float] = (0.0, 0.0),
) -> Noisy:
    """Penalised negative log-likelihood of comparisons by workers who sometimes answer by side, and its gradient.

    `sign` is 1 where left won, -1 where right won. The probability of an answer is
    `sigmoid(skill) sigmoid(sign (left - right)) + (1 - sigmoid(skill)) sigmoid(sign bias)`. The penalty is
    `-penalty sum(log sigmoid(score) + log sigmoid(-score))`, which draws the scores to 0. `worker_prior` counts for so
    many answers of each worker with and without a look at the items.
    """
    gap = sign * (scores[left] - scores[right])
    lean = sign * biases[worker]
    honest = log_sigmoid(skills)[worker] + log_sigmoid(gap)
    by_side = log_sigmoid(-skills)[worker] + log_sigmoid(lean)
    likelihood = np.logaddexp(honest, by_side)
    # Posterior probability that the worker looked at the items; all three gradients are made of it.
    looked = np.exp(honest - likelihood)
    pull = looked * sign * np.exp(log_sigmoid(-gap))
    by_score = tally(left, pull, len(scores)) - tally(right, pull, len(scores))
    by_bias = tally(worker, (1 - looked) * sign * np.exp(log_sigmoid(-lean)), len(biases))
    with_look, answers = worker_prior[0], sum(worker_prior) + np.bincount(worker, minlength=len(skills))
    by_skill = tally(worker, looked, len(skills)) + with_look - answers * np.exp(log_sigmoid(skills))
    inertia = penalty * np.sum(log_sigmoid(scores) + log_sigmoid(-scores))
    inertia += np.sum(worker_prior[0] * log_sigmoid(skills) + worker_prior[1] * log_sigmoid(-skills))
    return Noisy(
        value=float(-likelihood.sum() - inertia),
        by_score=penalty * np.tanh(scores / 2) - by_score,
        by_bias=-by_bias,
        by_skill=-by_skill,
    )
