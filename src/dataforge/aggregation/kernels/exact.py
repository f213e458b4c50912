"""Sums that come out the same to the last bit, whatever the order and the grouping of their terms.

Two ways, because neither serves everywhere:

- Terms whose size is known beforehand are cut into a multiple of a coarse power of two and a multiple of a fine one.
  Sums of either kind need no rounding, so plain additions, in any order and on any machine, give the same bits. This
  serves tables, which have many sums: two numbers for each.
- Terms of any size are added up as one long integer (Neal, 2015). This serves single numbers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Floats, Places

__all__ = ["CHUNKS", "CHUNK_BITS", "Grid", "grid", "on_grid", "rounded"]

CHUNK_BITS = 32
# The mantissa of the greatest number reaches into the third chunk from its exponent's; one more counts infinities.
CHUNKS = (2046 >> 5) + 4
# Digits of a coarse or fine part: two bits of the 53 are kept for the sum's sign and for rounding.
DIGITS = 51
# Below this the fine step would leave the range of floats.
LEAST_BOUND = 2.0**-700


class Grid(NamedTuple):
    """Adding and taking away `coarse` rounds a number to the coarse step; `fine` does the same for what is left."""

    coarse: float
    fine: float


def grid(bound: float, count: int) -> Grid:
    """A grid for sums of at most `count` terms, none greater than `bound`."""
    room = math.frexp(max(count, 1))[1]
    step = math.frexp(max(bound, LEAST_BOUND))[1] + room - DIGITS
    finer = step - 1 + room - DIGITS
    return Grid(math.ldexp(1.5, step + 52), math.ldexp(1.5, finer + 52))


def on_grid(terms: Floats, steps: Grid) -> tuple[Floats, Floats]:
    """The coarse and the fine part of each term; what is left of it is less than half a fine step."""
    coarse = (terms + steps.coarse) - steps.coarse
    return coarse, ((terms - coarse) + steps.fine) - steps.fine


def rounded(chunks: Places) -> np.float64:
    """The number nearest to a sum; NaN if a term was infinite or none."""
    if chunks[-1]:
        return np.float64(np.nan)
    total = sum(int(chunks[i]) << (CHUNK_BITS * i) for i in np.flatnonzero(chunks).tolist())
    try:
        return np.float64(total / (1 << 1074))
    except OverflowError:
        return np.float64(math.copysign(math.inf, total))
