"""Codes of short texts, in sorted order, by a hash table of places in a list of the texts themselves.

Arrow's dictionary encoding meets a cache miss for each row and another to compare; here a text of at most 15 bytes is
two machine words, and rows go by blocks: pack and hash a block, then look up its slots, then compare texts, each
step fetching what the next one reads. Packed with the first byte highest, words sort as texts do.
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

from dataforge.aggregation.kernels.passes.compiled.primitives import jit, prefetch

__all__ = ["LONGEST", "sorted_codes"]

LONGEST = 15
BLOCK = 128
FIRST_SLOTS = 1 << 12
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
LOW = np.uint64(0xFFFFFFFF)
BYTE = np.uint64(0xFF)
ONE = np.uint64(1)


@intrinsic
def _word(typing_context, data, place):
    """Eight bytes from any place of an array of bytes, the first one highest."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        word = ir.IntType(64)
        pointer = builder.bitcast(builder.gep(start, [arguments[1]]), word.as_pointer())
        return builder.bswap(builder.load(pointer, align=1))

    return types.uint64(data, types.intp), generate


@intrinsic
def _write(typing_context, data, place, word):
    """Put eight bytes, the highest first, at any place of an array of bytes."""

    def generate(context, builder, signature, arguments):
        start = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.bitcast(builder.gep(start, [arguments[1]]), ir.IntType(64).as_pointer())
        builder.store(builder.bswap(arguments[2]), pointer, align=1)
        return context.get_dummy_value()

    return types.void(data, types.intp, types.uint64), generate


@njit(inline="always")
def _cut(high, low, length):
    """The two words with zeros for the bytes past the text, and its length in the last byte."""
    first, second = np.uint64(8 * min(length, 8)), np.uint64(8 * max(length - 8, 0))
    # A shift by all 64 bits is undefined: each goes in two steps.
    high &= ~((ALL >> (first >> ONE)) >> (first - (first >> ONE)))
    low &= ~((ALL >> (second >> ONE)) >> (second - (second >> ONE)))
    return high, low | np.uint64(length)


@njit(inline="always")
def _mixed(high, low):
    mixed = high * np.uint64(0x9E3779B97F4A7C15) + low * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return mixed * np.uint64(0x9E3779B97F4A7C15)


# What a loop over rows touches comes as an argument: numba would count references to arrays made beside it, row by row.
@jit
def _pack(offsets, data, base, first, last, words, hashes):
    """Words and hashes of texts `first` up to `last`; `data` begins at byte `base`."""
    for i in range(last - first):
        at = offsets[first + i] - base
        high, low = _cut(_word(data, at), _word(data, at + 8), offsets[first + i + 1] - offsets[first + i])
        words[2 * i] = high
        words[2 * i + 1] = low
        hashes[i] = _mixed(high, low)


@jit
def _shift(n_slots):
    """What leaves of a hash the highest bits, as many as number the slots."""
    bits = 0
    while n_slots > 1 << bits:
        bits += 1
    return np.uint64(64 - bits)


@jit
def _look_up(words, hashes, count, slots, texts, distinct, guess, codes, first):
    """Codes of a block of texts, from `first` on, in order of appearance; returns how many distinct ones there are now.

    A slot holds half the hash and the number of the text, from 1 on, whose words are `texts[2 * number]` and the next.
    """
    mask = np.uint64(len(slots) - 1)
    shift = _shift(len(slots))
    for i in range(count):
        prefetch(slots, np.int64(hashes[i] >> shift))
    for i in range(count):
        place = hashes[i] >> shift
        slot = slots[place]
        while slot != 0 and (slot ^ (hashes[i] << np.uint64(32))) > LOW:
            place = (place + ONE) & mask
            slot = slots[place]
        guess[i] = slot & LOW
        prefetch(texts, np.int64(2 * guess[i]))
    for i in range(count):
        number = guess[i]
        high, low = words[2 * i], words[2 * i + 1]
        if number == 0 or texts[number + number] != high or texts[number + number + ONE] != low:
            place = hashes[i] >> shift
            while True:
                slot = slots[place]
                if slot == 0:
                    distinct += 1
                    number = np.uint64(distinct)
                    texts[number + number] = high
                    texts[number + number + ONE] = low
                    slots[place] = (hashes[i] << np.uint64(32)) | number
                    break
                number = slot & LOW
                if texts[number + number] == high and texts[number + number + ONE] == low:
                    break
                place = (place + ONE) & mask
        codes[first + i] = np.int32(number) - 1
    return distinct


@jit
def _fill(slots, texts, distinct):
    """Empty slots filled with texts 1 up to `distinct`."""
    mask = np.uint64(len(slots) - 1)
    shift = _shift(len(slots))
    for number in range(1, distinct + 1):
        mixed = _mixed(texts[2 * number], texts[2 * number + 1])
        place = mixed >> shift
        while slots[place] != 0:
            place = (place + ONE) & mask
        slots[place] = (mixed << np.uint64(32)) | np.uint64(number)


@jit
def _codes(offsets, data, base, first, last, slots, texts, distinct, codes):
    """Codes of texts `first` up to `last`; `data` begins at byte `base` and has 16 bytes from each text's start on.

    Ends early where the slots are half full; returns the text to go on from, and how many distinct ones there are.
    """
    words = np.empty(2 * BLOCK, np.uint64)
    hashes = np.empty(BLOCK, np.uint64)
    guess = np.empty(BLOCK, np.uint64)
    while first < last and (distinct + BLOCK) * 2 <= len(slots):
        count = min(BLOCK, last - first)
        _pack(offsets, data, base, first, first + count, words, hashes)
        distinct = _look_up(words, hashes, count, slots, texts, distinct, guess, codes, first)
        first += count
    return first, distinct


def sorted_codes(offsets: NDArray[Any], data: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Code of each text in sorted order; the distinct texts in that order: their offsets, from 0 on, and their bytes.

    Text i is `data[offsets[i]:offsets[i + 1]]`, of at most LONGEST bytes.
    """
    offsets = offsets.astype(np.int64, copy=False)
    codes = np.empty(len(offsets) - 1, np.int32)
    words = _coded(offsets, data, codes)
    order = _order(words[::2], words[1::2])
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[codes], *_unpacked(words, order)


def _coded(offsets: NDArray[Any], data: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    """Fill the codes in order of appearance; give the words of each distinct text, two after two."""
    n = len(codes)
    # Words are read whole, past the end of a text: texts near the end are read from a copy with bytes to spare.
    near_end = int(np.searchsorted(offsets[:-1], len(data) - 16, side="right"))
    base = int(offsets[near_end])
    tail = np.append(data[base:], np.zeros(16, np.uint8))
    tail.setflags(write=data.flags.writeable)  # else there would be a second compiled version
    slots, texts = _room(FIRST_SLOTS)
    distinct = 0
    for bytes_, start, first, last in ((data, 0, 0, near_end), (tail, base, near_end, n)):
        while True:
            first, distinct = _codes(offsets, bytes_, start, first, last, slots, texts, distinct, codes)
            if first == last:
                break
            earlier = texts
            slots, texts = _room(2 * len(slots))
            texts[: 2 * distinct + 2] = earlier[: 2 * distinct + 2]
            _fill(slots, texts, distinct)
    return texts[2 : 2 * distinct + 2]


def _room(n_slots: int) -> tuple[NDArray[Any], NDArray[Any]]:
    return np.zeros(n_slots, np.uint64), np.empty(n_slots + 2, np.uint64)


@jit
def _unpacked(words, order):
    """Offsets and bytes of the packed texts in this order."""
    offsets = np.zeros(len(order) + 1, np.int64)
    for i in range(len(order)):
        offsets[i + 1] = offsets[i] + np.int64(words[2 * order[i] + 1] & BYTE)
    data = np.empty(offsets[len(order)] + 16, np.uint8)
    for i in range(len(order)):  # whole words: what is too much, the next text overwrites
        _write(data, offsets[i], words[2 * order[i]])
        _write(data, offsets[i] + 8, words[2 * order[i] + 1])
    return offsets, data[: offsets[len(order)]]


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
