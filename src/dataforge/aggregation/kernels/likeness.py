"""How probably a merged set of objects is like the true one: the sets that may be true are drawn and compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["CHUNK", "DRAWS", "Sets", "Table", "likeness", "tables"]

DRAWS = 128
# Numbers for so many objects of an item; one that has more uses them again.
TABLE = 509
# Objects, and items, that are drawn together: their draws are some megabytes.
CHUNK = 1_000
Table = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """What is known of each cluster, sorted by item, and of each item.

    `kept` clusters are in the merged set. A cluster is an object with the probability `presence`, its label is right
    with `label`; the merged shape is then `exact` so probably, and as like the true one as 1 less a loss of this mean
    and standard deviation, else as 1 less `inexact`. `unseen` objects of each item are expected beside.
    """

    item: Places
    kept: Flags
    presence: Floats
    label: Floats
    loss: Floats
    loss_deviation: Floats
    exact: Floats
    inexact: Floats
    unseen: Floats


def likeness(sets: Sets, least: float) -> Floats:
    """By item, how probable it is that F1 of the merged and the true set, weighted by likeness, is `least` or more.

    An empty set is like an empty one. No probability is nearer to 0 or 1 than so many draws can show (Laplace's rule).
    """
    count = len(sets.unseen)
    right = sets.presence * sets.label * sets.kept
    exact = right * sets.exact
    alike, less_alike = (2 - 2 * np.minimum(loss, 1.0) for loss in (sets.loss, sets.inexact))
    # Most clusters are objects with their labels in all draws.
    sure = exact > 1 - 0.5 / DRAWS
    unsure = np.flatnonzero(~sure & (sets.kept | (sets.presence > 0.5 / DRAWS)))
    mean = tally(sets.item[sure], alike[sure] - least, count) - least * tally(sets.item, sets.kept, count)
    # How alike they are is normal in the sum, which needs no draws of its own for each.
    deviation = 2 * np.sqrt(tally(sets.item, exact * sets.loss_deviation**2, count))
    chances = _Unsure(*(of[unsure] for of in (sets.presence, right, exact, less_alike, alike - less_alike)))
    starts = np.searchsorted(sets.item[unsure], np.arange(count + 1))
    result = np.empty(count)
    first = 0
    while first < count:
        last = max(int(np.searchsorted(starts, starts[first] + CHUNK, side="right")) - 1, first + 1)
        last = min(last, first + CHUNK, count)
        margin = _sure(mean[first:last], deviation[first:last])
        margin -= np.float32(least) * _unseen(sets.unseen[first:last])
        _add_unsure(margin, chances, starts[first : last + 1], least)
        result[first:last] = (np.count_nonzero(margin >= -1e-5, axis=1) + 1) / (DRAWS + 2)
        first = last
    return result


class _Unsure(NamedTuple):
    """Clusters that are objects in some draws, have their labels in some, or are exact in some.

    With its label a cluster adds `alike`, and where it is exact `more`.
    """

    presence: Floats
    right: Floats
    exact: Floats
    alike: Floats
    more: Floats


@cache
def tables() -> tuple[Table, Table]:
    """Evenly spread uniform and normal numbers, mixed: the same for every item, so that none depends on others."""
    rng = np.random.default_rng(0)
    even = (np.arange(DRAWS) + 0.5) / DRAWS
    uniform, other = (np.stack([rng.permutation(even) for _ in range(TABLE)]).astype(np.float32) for _ in range(2))
    # Loaded where it is needed: scipy's special functions take longer than everything else here.
    from scipy.special import ndtri

    return uniform, ndtri(other).astype(np.float32)


def _sure(mean: Floats, deviation: Floats) -> Table:
    """What the sure clusters of each item add to twice what is alike, less `least` for each shape and each object."""
    margin: Table = deviation.astype(np.float32)[:, None] * tables()[1][-1]
    margin += mean.astype(np.float32)[:, None]
    return margin


def _add_unsure(margin: Table, chances: _Unsure, starts: Places, least: float) -> None:
    """Add what unsure clusters add in each draw; those of the n-th item are from `starts[n]` on."""
    rows = slice(int(starts[0]), int(starts[-1]))
    counts = np.diff(starts)
    item = np.repeat(np.arange(len(counts)), counts)
    turn = np.arange(rows.start, rows.stop) - starts[item]
    presence, right, exact, alike, more = (of[rows].astype(np.float32)[:, None] for of in chances)
    uniform = np.take(tables()[0], turn % (TABLE - 1), axis=0)
    gain = _where(uniform < right, alike)
    gain -= _where(uniform < presence, np.float32(least))
    gain += _where(uniform < exact, more)
    # The first of each item, then the second of each that has two, and so on.
    by_turn = np.argsort(turn, kind="stable")
    for of in np.split(by_turn, np.cumsum(np.bincount(turn))[:-1]):
        margin[item[of]] += gain[of]


def _where(chosen: Flags, value: Table | np.float32) -> Table:
    """The value of each row where it is chosen, else 0: by a product, in half the time of `np.where`."""
    found: Table = chosen.astype(np.float32)
    found *= value
    return found


def _unseen(expected: Floats) -> Table:
    """Poisson numbers up to 3, of these means, shape (n_items, DRAWS)."""
    uniform = tables()[0][-1]
    below = np.exp(-expected)
    term = below.copy()
    found = np.zeros((len(expected), DRAWS), np.float32)
    for count in range(1, 4):
        some = np.flatnonzero(below < uniform.max())
        if not len(some):
            break
        found[some] += uniform > below[some, None].astype(np.float32)
        term = term * expected / count
        below = below + term
    return found
