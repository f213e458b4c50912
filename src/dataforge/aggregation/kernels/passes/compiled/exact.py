"""Exact sums, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.exact import CHUNKS
from dataforge.aggregation.kernels.passes.compiled.primitives import strict

__all__ = ["exact_sums"]

# A chunk holds so many additions of 32 bits before the carry has to go on.
ADDITIONS = 1 << 30


def exact_sums(*columns: Floats) -> Places:
    """The sum of each column as a long integer, shape (n_columns, CHUNKS); such sums can be added up."""
    sums = np.zeros((len(columns), CHUNKS), np.int64)
    for column, chunks in zip(columns, sums, strict=True):
        _add_up(column, chunks)
    return sums


@strict
def _carry(chunks):
    for i in range(len(chunks) - 2):
        over = chunks[i] >> 32
        chunks[i] -= over << 32
        chunks[i + 1] += over


@strict
def _add_up(terms, chunks):
    """Add terms to a long integer of chunks of 32 bits, of which the last counts terms that are no numbers."""
    bits = terms.view(np.int64)
    for first in range(0, len(bits), ADDITIONS):
        for i in range(first, min(first + ADDITIONS, len(bits))):
            word = bits[i]
            exponent = (word >> 52) & 0x7FF
            mantissa = word & ((np.int64(1) << 52) - 1)
            if exponent == 0x7FF:
                chunks[-1] += 1
                continue
            if exponent > 0:
                mantissa |= np.int64(1) << 52
                exponent -= 1
            shift = exponent & 31
            low = (mantissa & ((np.int64(1) << (32 - shift)) - 1)) << shift
            rest = mantissa >> (32 - shift)
            place = exponent >> 5
            sign = np.int64(-1) if word < 0 else np.int64(1)
            chunks[place] += sign * low
            chunks[place + 1] += sign * (rest & 0xFFFFFFFF)
            chunks[place + 2] += sign * (rest >> 32)
        _carry(chunks)
