"""How sure an order of items is, as a whole and item by item."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats, Places
from dataforge.aggregation.kernels.comparisons import components
from dataforge.comparing.answers import Compared
from dataforge.comparing.posterior import Posterior, by_chance, evidence, posterior

__all__ = ["Certainty", "certainty", "intervals", "linked", "order_of", "shown", "worth_of"]

DRAWS = 400
# Of an item that is almost surely inside or outside the top still so much is of interest.
LEAST_WORTH = 0.02
SPREADS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""How much scores may differ, beside not at all: of two usual ones the better is chosen by half, or by nearly all."""


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """How sure an order is: `share` of what matters that is expected to be right, and of each item how probably it is
    among the best (`top`, shape (n_items,), None where all places matter alike).

    Without a top `share` is that of the pairs that stand in the right order; with one, that of those which are put
    among the best and are.
    """

    share: float
    top: Floats | None = None


def order_of(mean: Floats) -> Places:
    """Items from the best to the worst; of equals the first comes first."""
    found: Places = np.argsort(-mean, kind="stable")
    return found


def certainty(known: Posterior, top: int | None = None, seed: int = 0) -> Certainty:
    """How sure the order by the mean scores is; with `top`, only who is among the best so many."""
    n = len(known.mean)
    if n < 2 or (top is not None and top >= n):
        return Certainty(1.0, None if top is None else np.ones(n))
    if top is None:
        return Certainty(_pairs_right(known, order_of(known.mean)))
    drawn = known.mean + np.random.default_rng(seed).standard_normal((DRAWS, n)) @ _root(known.covariance).T
    among = np.zeros((DRAWS, n))
    np.put_along_axis(among, np.argpartition(-drawn, top - 1, axis=1)[:, :top], 1.0, axis=1)
    chance: Floats = among.mean(axis=0)
    return Certainty(float(chance[order_of(known.mean)[:top]].mean()), chance)


def shown(compared: Compared, known: Posterior, top: int | None = None) -> Certainty:
    """How sure the order by the mean scores is by what the answers show, however much scores differ.

    `certainty` takes the spread of the scores for the likeliest one. Here it may be any of `SPREADS`, or none at all,
    as where everybody clicks by chance, all equally probable before the first answer: an order of what is left of
    chance is right half of the time.
    """
    n = len(known.mean)
    if n < 2 or (top is not None and top >= n):
        return certainty(known, top)
    order = order_of(known.mean)
    each = [posterior(compared, known, spread=spread) for spread in SPREADS]
    told = np.array([by_chance(compared), *(evidence(compared, one) for one in each)])
    weight = np.exp(told - told.max())
    weight /= weight.sum()
    if top is None:
        right = [0.5, *(_pairs_right(one, order) for one in each)]
        return Certainty(float(weight @ right))
    chances = [np.full(n, top / n), *(certainty(one, top).top for one in each)]
    chance: Floats = np.sum([part * one for part, one in zip(weight, chances, strict=True) if one is not None], axis=0)
    return Certainty(float(chance[order[:top]].mean()), chance)


def _pairs_right(known: Posterior, order: Places) -> float:
    """The share of pairs that are expected to stand right in this order, which need not be that by the mean."""
    from scipy.special import ndtr

    one, two = np.triu_indices(len(order), 1)
    covariance, mean = known.covariance[np.ix_(order, order)], known.mean[order]
    own = np.diag(covariance)
    variance = own[one] + own[two] - 2 * covariance[one, two]
    return float(ndtr((mean[one] - mean[two]) / np.sqrt(np.maximum(variance, 1e-12))).mean())


def _root(covariance: Floats) -> Floats:
    return np.linalg.cholesky(covariance + 1e-9 * np.eye(len(covariance))).astype(np.float64, copy=False)


def worth_of(found: Certainty) -> Floats | None:
    """How much the place of each item matters for what is asked: most where it is least known who is among the best."""
    if found.top is None:
        return None
    worth: Floats = np.maximum(4 * found.top * (1 - found.top), LEAST_WORTH)
    return worth


def intervals(known: Posterior, level: float = 0.95) -> tuple[Floats, Floats]:
    """Limits that hold each item's score, measured from the mean of all, with this probability."""
    # Only differences of scores are known; how unsure their common level is does not matter to anybody.
    n = len(known.mean)
    rows = known.covariance.mean(axis=1)
    variance = np.diag(known.covariance) - 2 * rows + rows.sum() / n
    reach = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(np.maximum(variance, 0.0))
    centred = known.mean - known.mean.mean()
    return centred - reach, centred + reach


def linked(one: Codes, two: Codes, n_items: int) -> Flags:
    """Whether each item is linked by a chain of comparisons with the most others that are linked."""
    part = components(one, two, n_items)
    found: Flags = part == np.bincount(part).argmax()
    return found
