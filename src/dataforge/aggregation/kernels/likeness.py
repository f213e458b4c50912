"""How probably a merged set of objects is like the true one: the sets that may be true are drawn and compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places

__all__ = ["Sets", "likeness"]

DRAWS = 128
# Uniform numbers for so many objects of an item; one that has more uses them again.
TABLE = 509
CHUNK = 50_000
Table = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """What is known of each cluster, sorted by item, and of each item.

    `kept` clusters are in the merged set. A cluster is an object with the probability `presence`, its label is right
    with `label`; the merged shape is then as like the true one as 1 less a loss of this mean and standard deviation.
    `unseen` objects of each item are expected beside.
    """

    item: Places
    kept: Flags
    presence: Floats
    label: Floats
    loss: Floats
    loss_deviation: Floats
    unseen: Floats


def likeness(sets: Sets, least: float) -> Floats:
    """By item, how probable it is that F1 of the merged and the true set, weighted by likeness, is `least` or more.

    An empty set is like an empty one. No probability is nearer to 0 or 1 than so many draws can show (Laplace's rule).
    """
    starts = np.searchsorted(sets.item, np.arange(len(sets.unseen) + 1))
    chances = _tables()
    result = np.empty(len(sets.unseen))
    first = 0
    while first < len(result):
        last = max(int(np.searchsorted(starts, starts[first] + CHUNK, side="right")) - 1, first + 1)
        last = min(last, first + CHUNK, len(result))
        result[first:last] = _of_items(sets, starts, first, last, least, chances)
        first = last
    return result


def _tables() -> tuple[Table, Table]:
    """Evenly spread uniform and normal numbers, mixed: the same for every item, so that none depends on others."""
    rng = np.random.default_rng(0)
    even = (np.arange(DRAWS) + 0.5) / DRAWS
    uniform, other = (np.stack([rng.permutation(even) for _ in range(TABLE)]).astype(np.float32) for _ in range(2))
    # Loaded where it is needed: scipy's special functions take longer than everything else here.
    from scipy.special import ndtri

    return uniform, ndtri(other).astype(np.float32)


def _of_items(sets: Sets, starts: Places, first: int, last: int, least: float, chances: tuple[Table, Table]) -> Floats:
    """How probably each of these items is like enough, by the draws in which it is."""
    rows = slice(int(starts[first]), int(starts[last]))
    of = sets.item[rows]
    row = (np.arange(rows.start, rows.stop) - starts[of]) % TABLE
    uniform, normal = chances[0][row], chances[1][row]
    kept = sets.kept[rows]
    presence = sets.presence[rows].astype(np.float32)
    there = uniform < presence[:, None]
    right = uniform < (presence * sets.label[rows].astype(np.float32) * kept)[:, None]
    loss = sets.loss[rows].astype(np.float32)[:, None]
    like = 1 - loss - sets.loss_deviation[rows].astype(np.float32)[:, None] * normal
    gain = 2 * np.clip(like, 0, 1) * right - np.float32(least) * there - np.float32(least) * kept[:, None]
    counts = np.diff(starts[first : last + 1])
    margin = np.zeros((last - first, DRAWS), np.float32)
    filled = counts > 0
    if filled.any():
        margin[filled] = np.add.reduceat(gain, starts[first:last][filled] - starts[first], axis=0)
    margin -= least * _unseen(sets.unseen[first:last], chances[0][-1])
    return np.asarray(((margin >= -1e-5).sum(axis=1) + 1) / (DRAWS + 2), np.float64)


def _unseen(expected: Floats, uniform: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Floats:
    """Poisson numbers up to 3, of these means, shape (n_items, DRAWS)."""
    below = np.exp(-expected)
    term = below.copy()
    found = np.zeros((len(expected), DRAWS))
    for count in range(1, 4):
        found += uniform[None, :] > below[:, None]
        term = term * expected / count
        below = below + term
    return found
