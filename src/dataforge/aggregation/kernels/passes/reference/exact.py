"""Exact sums: terms of any size added up as one long integer."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.exact import CHUNK_BITS, CHUNKS

__all__ = ["exact_sums"]

# Chunks of so many numbers are exact even in sums of floats of 53 bits.
AT_ONCE = 1 << 20


def exact_sums(*columns: Floats) -> Places:
    """The sum of each column as a long integer, shape (n_columns, CHUNKS); such sums can be added up."""
    sums = np.zeros((len(columns), CHUNKS), np.int64)
    for first in range(0, len(columns[0]), AT_ONCE):
        _add_up(np.stack([column[first : first + AT_ONCE] for column in columns]), sums)
    return sums


def _add_up(terms: Floats, sums: Places) -> None:
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
