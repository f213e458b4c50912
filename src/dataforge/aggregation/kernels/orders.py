"""Orders of rows, several times as fast as a stable sort where few keys are the same."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers, Places

__all__ = ["in_order", "item_keys"]


def in_order(keys: Floats) -> Places:
    """The rows by their keys, those of the same key in the order they came: the same on every machine."""
    order = np.argsort(keys)
    ranked = np.take(keys, order)
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.append(same, False) | np.append(False, same)
        rows = order[tied]
        order[tied] = rows[np.lexsort((rows, keys[rows]))]
    return order


def item_keys(item: Integers, value: Floats, low: float, high: float) -> Floats:
    """Numbers that are in order of the items, and of values from `low` to `high` within an item."""
    keys: Floats = item * (high - low + 1.0) + (value - low)
    return keys
