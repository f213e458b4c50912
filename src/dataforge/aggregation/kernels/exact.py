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
from numpy.typing import NDArray

from dataforge.aggregation.kernels._dispatch import compiled
from dataforge.aggregation.kernels.parts import Floats

__all__ = ["CHUNKS", "CHUNK_BITS", "Grid", "Integers", "exact_sums", "grid", "on_grid", "rounded"]

Integers = NDArray[np.int64]

CHUNK_BITS = 32
# The mantissa of the greatest number reaches into the third chunk from its exponent's; one more counts infinities.
CHUNKS = (2046 >> 5) + 4
# Chunks of so many numbers are exact even in sums of floats of 53 bits.
EXACT_AT_ONCE = 1 << 20
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


def exact_sums(*columns: Floats, fast: bool = False) -> Integers:
    """The sum of each column as a long integer, shape (n_columns, CHUNKS); such sums can be added up."""
    sums = np.zeros((len(columns), CHUNKS), np.int64)
    if fast:
        for column, chunks in zip(columns, sums, strict=True):
            compiled("exact").add_up(column, chunks)
        return sums
    for first in range(0, len(columns[0]), EXACT_AT_ONCE):
        _add_up(np.stack([column[first : first + EXACT_AT_ONCE] for column in columns]), sums)
    return sums


def rounded(chunks: Integers) -> np.float64:
    """The number nearest to a sum; NaN if a term was infinite or none."""
    if chunks[-1]:
        return np.float64(np.nan)
    total = sum(int(chunks[i]) << (CHUNK_BITS * i) for i in np.flatnonzero(chunks).tolist())
    try:
        return np.float64(total / (1 << 1074))
    except OverflowError:
        return np.float64(math.copysign(math.inf, total))


def _add_up(terms: Floats, sums: Integers) -> None:
    """Add rows of terms to rows of chunks, of which the last counts terms that are no numbers."""
    bits = terms.view(np.int64)
    exponent = (bits >> 52) & 0x7FF
    mantissa = (bits & ((1 << 52) - 1)) | (np.minimum(exponent, 1) << 52)
    beyond = exponent == 0x7FF
    if beyond.any():
        sums[:, -1] += np.count_nonzero(beyond, axis=1)
        mantissa[beyond] = 0
    place = np.maximum(exponent - 1, 0)
    shift = place & (CHUNK_BITS - 1)
    rest = mantissa >> (CHUNK_BITS - shift)
    low = (mantissa & ((np.int64(1) << (CHUNK_BITS - shift)) - 1)) << shift
    sign = np.where(bits < 0, -1.0, 1.0)
    cell = (place >> 5) + CHUNKS * np.arange(len(terms))[:, None]
    for i, digits in enumerate((low, rest & 0xFFFFFFFF, rest >> CHUNK_BITS)):
        found = np.bincount((cell + i).ravel(), weights=(sign * digits).ravel(), minlength=sums.size)
        sums += found.astype(np.int64).reshape(sums.shape)
    # The carry goes on, so that sums of many sums fit.
    over = sums[:, :-2] >> CHUNK_BITS
    sums[:, :-2] -= over << CHUNK_BITS
    sums[:, 1:-1] += over
