"""Which items of a pool people label next. Pure: candidates in, rows of them out, chance is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.records import Values

__all__ = ["SAMPLERS", "Candidates", "Sampler"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """What is chosen among: the items that nobody was asked about, a row each.

    `probabilities` are the model's, shape (n_items, n_labels). `features`, shape (n_items, width), and `known`, those
    of the items that are labelled, are arrays or sparse matrices, or None where there are none. `chance` is the source
    of whatever is drawn.
    """

    items: Sequence[Values]
    probabilities: Floats
    features: Any
    known: Any
    chance: np.random.Generator

    def __len__(self) -> int:
        return len(self.probabilities)


AT_ONCE = 64
"""To so many rows distances are reckoned at a time: of 100,000 items these are 50 MB, to all that are known many GB."""

Sampler = Callable[[Candidates, int], Sequence[int]]
"""Rows of the candidates, so many, each once."""


def _by_chance(among: Candidates, count: int) -> Sequence[int]:
    """Any of them."""
    return [int(row) for row in among.chance.permutation(len(among))[:count]]


def _least_margin(among: Candidates, count: int) -> Sequence[int]:
    """Those whose two likeliest labels are nearest to each other (Scheffer and others, 2001)."""
    return _first(_margins(among.probabilities), count, among.chance)


def _most_entropy(among: Candidates, count: int) -> Sequence[int]:
    """Those whose label is least known, all labels counted."""
    chances = among.probabilities
    entropy = -(chances * np.log(np.maximum(chances, 1e-12))).sum(axis=1)
    return _first(-entropy, count, among.chance)


def _most_change(among: Candidates, count: int) -> Sequence[int]:
    """Those that are expected to move a logistic regression most, whatever their label (Settles and others, 2008).

    The gradient for the label y is the outer product of p - e(y) and the features, so that its length is known before
    the label is.
    """
    chances = among.probabilities
    squared = (chances**2).sum(axis=1, keepdims=True) - 2 * chances + 1
    expected = (chances * np.sqrt(np.maximum(squared, 0.0))).sum(axis=1)
    return _first(-expected * np.sqrt(_squares(among.features)), count, among.chance)


def _farthest(among: Candidates, count: int) -> Sequence[int]:
    """Each the farthest from all that are labelled or chosen before (the core-set of Sener and Savarese, 2018)."""
    return _spread(_Distances(among.features), among, count, lambda away: int(np.argmax(away)))


def _spread_out(among: Candidates, count: int) -> Sequence[int]:
    """Drawn with odds that grow with the squared distance from all that are labelled or chosen (k-means++)."""
    return _spread(_Distances(among.features), among, count, _drawn(among.chance))


def _doubtful_and_spread(among: Candidates, count: int) -> Sequence[int]:
    """Drawn as by k-means++ among the gradients of the likeliest label: doubtful ones, and unlike each other (BADGE,
    Ash and others, 2020)."""
    gradients = _Distances(among.features, _residuals(among.probabilities))
    return _spread(gradients, among, count, _drawn(among.chance), from_known=False)


SAMPLERS: Mapping[str, Sampler] = {
    "random": _by_chance,
    "margin": _least_margin,
    "entropy": _most_entropy,
    "change": _most_change,
    "farthest": _farthest,
    "spread": _spread_out,
    "badge": _doubtful_and_spread,
}


# --- their parts ------------------------------------------------------------------------------------


def _margins(chances: Floats) -> Floats:
    """How far the likeliest label is ahead of the next one, shape (n_items,)."""
    if chances.shape[1] < 2:
        return np.ones(len(chances))
    two = np.partition(chances, -2, axis=1)[:, -2:]
    found: Floats = two[:, 1] - two[:, 0]
    return found


def _residuals(chances: Floats) -> Floats:
    """p - e(y) for the likeliest label y, shape (n_items, n_labels)."""
    found: Floats = chances.copy()
    found[np.arange(len(found)), found.argmax(axis=1)] -= 1.0
    return found


def _first(score: Floats, count: int, chance: np.random.Generator) -> list[int]:
    """Rows of the lowest scores; chance decides between equal ones."""
    return [int(row) for row in np.lexsort((chance.random(len(score)), score))[:count]]


def _squares(features: Any) -> Floats:
    """Squared lengths of the rows, shape (n_items,)."""
    squared = features.multiply(features) if hasattr(features, "multiply") else np.square(features)
    return np.asarray(squared.sum(axis=1), np.float64).ravel()


class _Distances:
    """Squared distances between rows of features; with `factor` between the outer products of both, never formed."""

    def __init__(self, features: Any, factor: Floats | None = None) -> None:
        self._features, self._factor = features, factor
        self._own = _squares(features)
        if factor is not None:
            self._own = self._own * (factor**2).sum(axis=1)

    @property
    def own(self) -> Floats:
        """Of each row from nothing, shape (n_items,)."""
        return self._own

    def to(self, row: int) -> Floats:
        """From one of the rows, shape (n_items,)."""
        product = _products(self._features, self._features[[row]])[:, 0]
        if self._factor is not None:
            product = product * (self._factor @ self._factor[row])
        found: Floats = np.maximum(self._own + self._own[row] - 2 * product, 0.0)
        return found

    def to_others(self, others: Any) -> Floats:
        """From the nearest row of other features, shape (n_items,)."""
        found: Floats = np.full(len(self._own), np.inf)
        for start in range(0, others.shape[0], AT_ONCE):
            part = others[start : start + AT_ONCE]
            gaps = self._own[:, None] + _squares(part)[None, :] - 2 * _products(self._features, part)
            found = np.minimum(found, gaps.min(axis=1))
        return np.maximum(found, 0.0)


def _products(one: Any, other: Any) -> Floats:
    found = one @ other.T
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found, np.float64)


def _drawn(chance: np.random.Generator) -> Callable[[Floats], int]:
    """Draws a row with odds that grow with what is given of it; any where that is nothing."""

    def draw(odds: Floats) -> int:
        total = odds.sum()
        return int(chance.choice(len(odds), p=odds / total if total > 0 else None))

    return draw


def _spread(
    distances: _Distances,
    among: Candidates,
    count: int,
    choose: Callable[[Floats], int],
    *,
    from_known: bool = True,
) -> list[int]:
    """Rows chosen one after the other by their squared distance from those that were chosen, or are known, before."""
    known = among.known is not None and among.known.shape[0] and from_known
    away = distances.to_others(among.known) if known else distances.own.copy()
    left: Flags = np.ones(len(among), bool)
    chosen: list[int] = []
    for _ in range(min(count, len(among))):
        rows: Places = np.flatnonzero(left)
        row = int(rows[choose(away[rows])])
        chosen.append(row)
        left[row] = False
        # The first has nothing before it, unless something is known.
        away = np.minimum(away, distances.to(row)) if known or len(chosen) > 1 else distances.to(row)
    return chosen
