"""What another answer to an item is worth: how much it is expected to raise the probability of the item's answer."""

from __future__ import annotations

from math import comb

import numpy as np

from dataforge.aggregation.arrays import Floats

__all__ = ["worth_of"]

# One answer alone may turn no item round, where two or three that agree would.
MOST_AHEAD = 3


def worth_of(probability: Floats, accuracy: float) -> Floats:
    """Per item the largest expected rise of its answer's probability by one, two or three answers, for each of them.

    `probability`, shape (n_items,), is that of its answer now, `accuracy` how often an answer is right. All other
    labels are taken for one: what they say against the answer counts the same.
    """
    best: Floats = np.zeros(len(probability))
    for ahead in range(1, MOST_AHEAD + 1):
        after = np.zeros(len(probability))
        for agree in range(ahead + 1):
            ways, right = comb(ahead, agree), accuracy**agree * (1 - accuracy) ** (ahead - agree)
            wrong = (1 - accuracy) ** agree * accuracy ** (ahead - agree)
            after += ways * np.maximum(probability * right, (1 - probability) * wrong)
        best = np.maximum(best, (after - probability) / ahead)
    return best
