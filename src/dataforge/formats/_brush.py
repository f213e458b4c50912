"""Masks as the brush of Label Studio has them: packed runs of the four bytes that each pixel of a layer has.

Packed are, bit by bit: 32 for how many bytes there are, 5 for how many bits a byte has, less 1, and four times 4 for
how long a length may be, less 1. Then come blocks: 1 bit that says whether a byte is repeated, 2 for which of the four,
the length less 1, and the byte, or as many bytes as the length says. Pixels are row by row, the last byte of each says
how much it is painted.

https://github.com/thi-ng/umbrella/tree/develop/packages/rle-pack
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError
from dataforge.geometry.pixel_runs import counts_of, pixels_of, runs_of, runs_of_pixels, text_of
from dataforge.objects.base import shorten

__all__ = ["counts_in", "packed"]

# Bytes of a pixel, bits of a byte, and how many bits lengths have.
LAYERS, WORD, SIZES = 4, 8, (3, 4, 8, 16)
HEAD = 32 + 5 + 4 * 4

Bits = NDArray[np.uint8]


def packed(counts: str, width: int, height: int) -> list[int]:
    """The bytes of the mask that the runs of an answer are."""
    rows = pixels_of(runs_of(counts_of(counts), width * height), width, height).ravel()
    edges = np.flatnonzero(np.diff(rows)) + 1
    lengths = np.diff(np.concatenate([[0], edges, [len(rows)]])) * LAYERS
    head = f"{len(rows) * LAYERS:032b}{WORD - 1:05b}" + "".join(f"{size - 1:04b}" for size in SIZES)
    bits = [head]
    for place, length in enumerate(lengths.tolist()):
        byte = f"{255 * int(rows[0] ^ place % 2):08b}"
        most = 1 << SIZES[-1]
        bits += [f"111{most - 1:016b}{byte}"] * ((length - 1) // most)
        rest = (length - 1) % most
        which = next(number for number, size in enumerate(SIZES) if rest < 1 << size)
        bits.append(f"1{which:02b}{rest:0{SIZES[which]}b}{byte}")
    whole = "".join(bits)
    whole += "0" * (-len(whole) % 8)
    return list(int(whole, 2).to_bytes(len(whole) // 8, "big"))


def counts_in(rle: Any, width: int, height: int) -> str:
    """The runs of a mask that is packed so, on a picture of this size; raises `DataError`."""
    try:
        bits = np.unpackbits(np.array(rle, np.uint8))
    except (OverflowError, TypeError, ValueError):
        raise DataError(f"rle: expected bytes, whole numbers from 0 to 255, got {shorten(rle)}") from None
    size = width * height * LAYERS
    if bits.ndim != 1 or len(bits) < HEAD or _number(bits[:32]) != size:
        raise DataError(f"rle: expected a mask of the picture's size, {width} × {height}, got another one")
    layers = _unpacked(bits, size).reshape(height, width, LAYERS)
    return text_of(runs_of_pixels(layers[:, :, -1] > 0), width * height)


def _number(bits: Bits) -> int:
    return int("".join(map(str, bits.tolist())) or "0", 2)


def _unpacked(bits: Bits, size: int) -> Bits:
    """The bytes that blocks tell, so many; raises `DataError` if they are more or fewer."""
    word = _number(bits[32:37]) + 1
    sizes = [_number(bits[start : start + 4]) + 1 for start in range(37, HEAD, 4)]
    if word != WORD:
        raise DataError(f"rle: expected bytes of {WORD} bits, got {word}")
    found, done, place = np.zeros(size, np.uint8), 0, HEAD
    while done < size:
        behind = place + 3 + sizes[_number(bits[place + 1 : place + 3])]
        count = _number(bits[place + 3 : behind]) + 1
        repeated = behind <= len(bits) and bits[place]
        place = behind + WORD * (1 if repeated else count)
        if place > len(bits) or done + count > size:
            raise DataError("rle: its blocks are not as long as the picture; export it again")
        found[done : done + count] = np.packbits(bits[behind:place])
        done += count
    return found
