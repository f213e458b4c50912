"""The tie rule: which of labels with all but equal scores wins.

Scores are equal where they differ by less than a billionth of the greater. Sums in another order differ in their last
digits, and so do products and powers of them, in proportion to their size. So the rule is relative: the votes for
labels, their shares and their logarithms' exponentials all have the same winner, whatever they are scaled by. A fixed
distance would call the least probable of many labels equal, and two great sums different.

What is no score has a distance of its own, in its own unit: how far a number is from the middle between two levels of a
scale (`numeric`), which ratios of M-MSR are one value (`common_tasks`).
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats

__all__ = ["TIE", "highest", "not_less", "winners"]

TIE = 1e-9


def not_less(one: Floats, other: Floats) -> Flags:
    """Where the one score is greater than the other or equals it."""
    found: Flags = one >= other - TIE * np.abs(other)
    return found


def highest(scores: Floats) -> Flags:
    """Which scores equal the highest of their row, shape (n_rows, n_labels)."""
    top = scores.max(axis=1, keepdims=True)
    equal: Flags = scores >= top - TIE * np.abs(top)
    return equal


def winners(scores: Floats) -> Codes:
    """The label with the highest score of each row: the lowest code of equals, -1 where there are no labels."""
    n_rows, n_labels = scores.shape
    found: Codes = np.full(n_rows, -1, np.int32)
    if n_labels == 0:
        return found
    if n_rows <= n_labels:
        found[:] = np.argmax(highest(scores), axis=1)
        return found
    # Label by label, as numpy takes rows of a few numbers one at a time: the code is how many come before the first.
    by_label = np.ascontiguousarray(scores.T)
    top = by_label.max(axis=0)
    least = top - TIE * np.abs(top)
    before = np.ones(n_rows, np.bool_)
    found[:] = 0
    for numbers in by_label[:-1]:
        before &= numbers < least
        found += before
    return found
