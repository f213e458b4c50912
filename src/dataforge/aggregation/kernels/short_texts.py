"""Codes of short texts, in sorted order, by a hash table whose entries are the texts themselves.

Arrow's dictionary encoding meets a cache miss for each row and another to compare; here a text of at most 15 bytes is
two machine words, compared where they lie, and the table's places are fetched a block ahead. Packed with the first
byte highest, words sort as texts do.
"""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from dataforge.aggregation.kernels.compiled import _prefetch, compiled

__all__ = ["LONGEST", "sorted_codes"]

LONGEST = 15
BLOCK = 64


@intrinsic
def _word(typing_context, data, place):
    """Eight bytes from any place of an array of bytes, the first one highest."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        word = ir.IntType(64)
        pointer = builder.bitcast(builder.gep(start, [arguments[1]]), word.as_pointer())
        return builder.bswap(builder.load(pointer, align=1))

    return types.uint64(data, types.intp), generate


@njit(inline="always")
def _packed(data, start, length):
    """A text as two words: its bytes, zeros, and its length in the last byte."""
    if start + 16 <= len(data):
        high, low = _word(data, start), _word(data, start + 8)
    else:
        high, low = np.uint64(0), np.uint64(0)
        for i in range(min(length, 8)):
            high |= np.uint64(data[start + i]) << np.uint64(56 - 8 * i)
        for i in range(8, length):
            low |= np.uint64(data[start + i]) << np.uint64(56 - 8 * (i - 8))
    full = ~np.uint64(0)
    if length < 8:
        high = high & ~(full >> np.uint64(8 * length)) if length > 0 else np.uint64(0)
        low = np.uint64(0)
    elif length == 8:
        low = np.uint64(0)
    else:
        low &= ~(full >> np.uint64(8 * (length - 8)))
    return high, low | np.uint64(length)


@njit(inline="always")
def _place(high, low, shift):
    mixed = (high ^ (low * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return np.int64((mixed * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(shift))


@compiled
def _grown(table, bits):
    """A table four times the size with the same entries."""
    larger = np.zeros((1 << bits) * 4, np.uint64)
    mask = (1 << bits) - 1
    for old in range(len(table) // 4):
        if table[4 * old + 2] == 0:
            continue
        p = _place(table[4 * old], table[4 * old + 1], 64 - bits)
        while larger[4 * p + 2] != 0:
            p = (p + 1) & mask
        for i in range(3):
            larger[4 * p + i] = table[4 * old + i]
    return larger


@compiled
def _codes(offsets, data, codes):
    """Codes in order of appearance into `codes`; returns the words and the first row of each distinct text."""
    n = len(offsets) - 1
    bits = 12
    table = np.zeros((1 << bits) * 4, np.uint64)  # entries of two words, code + 1, and one word unused
    highs = np.empty(1 << (bits - 1), np.uint64)
    lows = np.empty(1 << (bits - 1), np.uint64)
    firsts = np.empty(1 << (bits - 1), np.int64)
    distinct = 0
    words = np.empty((BLOCK, 2), np.uint64)
    places = np.empty(BLOCK, np.int64)
    for start in range(0, n, BLOCK):
        if (distinct + BLOCK) * 2 > (1 << bits):
            bits += 2
            table = _grown(table, bits)
            room = 1 << (bits - 1)
            highs = np.concatenate((highs, np.empty(room - len(highs), np.uint64)))
            lows = np.concatenate((lows, np.empty(room - len(lows), np.uint64)))
            firsts = np.concatenate((firsts, np.empty(room - len(firsts), np.int64)))
        mask = (1 << bits) - 1
        m = min(BLOCK, n - start)
        for i in range(m):
            at = offsets[start + i]
            high, low = _packed(data, at, offsets[start + i + 1] - at)
            words[i, 0] = high
            words[i, 1] = low
            places[i] = _place(high, low, 64 - bits)
            _prefetch(table, 4 * places[i])
        for i in range(m):
            high, low, p = words[i, 0], words[i, 1], places[i]
            while True:
                code = table[4 * p + 2]
                if code == 0:
                    table[4 * p] = high
                    table[4 * p + 1] = low
                    highs[distinct] = high
                    lows[distinct] = low
                    firsts[distinct] = start + i
                    distinct += 1
                    table[4 * p + 2] = np.uint64(distinct)
                    codes[start + i] = distinct - 1
                    break
                if table[4 * p] == high and table[4 * p + 1] == low:
                    codes[start + i] = np.int32(code) - 1
                    break
                p = (p + 1) & mask
    return highs[:distinct], lows[:distinct], firsts[:distinct]


@compiled
def _recoded(codes, rank):
    for i in range(len(codes)):
        codes[i] = rank[codes[i]]


def sorted_codes(offsets: NDArray[Any], data: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Code of each text in sorted order, and the row where each distinct text first stands.

    Text i is `data[offsets[i]:offsets[i + 1]]`, of at most LONGEST bytes.
    """
    codes = np.empty(len(offsets) - 1, np.int32)
    highs, lows, firsts = _codes(offsets, data, codes)
    order = _order(highs, lows)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    _recoded(codes, rank)
    return codes, firsts[order]


def _order(highs: NDArray[Any], lows: NDArray[Any]) -> NDArray[Any]:
    if len(highs) < 2:
        return np.arange(len(highs))
    alike = int(highs.min() ^ highs.max())
    shared = (64 - alike.bit_length()) // 8  # bytes that all texts begin with
    if 0 < shared < 8:
        rest = (highs << np.uint64(8 * shared)) | (lows >> np.uint64(64 - 8 * shared))
        order = np.argsort(rest)
        in_order = rest[order]
        if (in_order[1:] != in_order[:-1]).all():
            return order
    return np.lexsort((lows, highs))
