"""Pixels of a mask as runs, as COCO has them: lengths, column by column, of pixels outside and inside in turns.

The first run is outside. Written they are a list of numbers, or a string in which each is made of characters of 5 bits.
Here runs are an array of the shape (n, 2): where each run inside begins and ends, in their order, with pixels outside
between any two. Pixel `[row, column]` of a picture of the height H has the place `column * H + row`.

https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError

__all__ = [
    "Runs",
    "bounds",
    "codes_of",
    "common",
    "counts_of",
    "pixels_of",
    "places_of",
    "runs_of",
    "runs_of_pixels",
    "runs_within",
    "size_of",
    "text_of",
    "union",
]

Runs = NDArray[np.int64]

# Characters of a string: 48 and up; 32 says that another follows, and 16 in the last one that the number is negative.
FIRST, BITS, MORE, NEGATIVE = 48, 5, 32, 16
# No number of a picture has more characters.
LONGEST = 7


def counts_of(text: str) -> Runs:
    """The lengths of runs that a string has, from the fourth on each less the one two before; raises `DataError`."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64) - FIRST
    strange = np.flatnonzero((codes < 0) | (codes >= 2 * MORE))
    if len(strange):
        raise DataError(f"counts: expected characters from '0' to 'o', got {text[strange[0]]!r}")
    last = codes < MORE
    if not len(codes) or not last[-1]:
        raise DataError("counts: expected lengths of runs, got a string that ends within a number")
    first = np.append(0, np.flatnonzero(last)[:-1] + 1)
    length = np.diff(np.append(first, len(codes)))
    if length.max() > LONGEST:
        raise DataError(f"counts: expected at most {LONGEST} characters a number, got {length.max()}")
    place = np.arange(len(codes)) - np.repeat(first, length)
    numbers = np.add.reduceat((codes & (MORE - 1)) << (BITS * place), first)
    numbers -= np.where(codes[last] & NEGATIVE, np.int64(1) << (BITS * length), 0)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def text_of(runs: Runs, pixels: int) -> str:
    """The string of runs on a picture of so many pixels."""
    counts = _counts(runs, pixels)
    numbers = counts.copy()
    numbers[3:] -= counts[1:-2]
    written = np.zeros((len(numbers), LONGEST), np.uint8)
    open_ = np.ones(len(numbers), bool)
    for place in range(LONGEST):
        low = numbers & (MORE - 1)
        numbers >>= BITS
        more = np.where(low & NEGATIVE, numbers != -1, numbers != 0)
        written[:, place] = np.where(open_, low + np.where(more, MORE, 0) + FIRST, 0)
        open_ &= more
    return written[written > 0].tobytes().decode("ascii")


def _counts(runs: Runs, pixels: int) -> Runs:
    edges = np.append(0, runs.ravel())
    counts = np.diff(edges)
    behind = pixels - int(edges[-1])
    return np.append(counts, behind) if behind or not len(counts) else counts


def runs_of(counts: Sequence[int] | Runs, pixels: int) -> Runs:
    """The runs that lengths tell, on a picture of so many pixels; raises `DataError` if they are of another."""
    for one in counts if isinstance(counts, list) else ():
        if type(one) is not int or not 0 <= one <= pixels:
            raise DataError(f"counts: expected lengths of runs, whole numbers from 0 to {pixels:,}, got {one!r:.40}")
    lengths = np.asarray(counts, np.int64)
    if len(lengths) and (lengths.min() < 0 or lengths.max() > pixels):
        raise DataError(f"counts: expected lengths from 0 to {pixels:,}, got {lengths.min()}..{lengths.max()}")
    if (total := int(lengths.sum())) != pixels:
        raise DataError(f"counts: expected runs of {pixels:,} pixels in all, got {total:,}")
    edges = np.cumsum(lengths)
    inside = np.stack([edges[:-1:2], edges[1::2]], axis=1) if len(edges) > 1 else np.zeros((0, 2), np.int64)
    return _joined(inside[inside[:, 1] > inside[:, 0]])


def _joined(runs: Runs) -> Runs:
    """Runs in the order of their beginnings, those with nothing between them made one."""
    if len(runs) < 2:
        return runs
    ends = np.maximum.accumulate(runs[:, 1])
    parted = runs[1:, 0] > ends[:-1]
    return np.stack([runs[np.append(True, parted), 0], ends[np.append(parted, True)]], axis=1)


def union(several: Iterable[Runs]) -> Runs:
    """The pixels that are in any of several masks."""
    runs = np.concatenate([np.zeros((0, 2), np.int64), *several])
    return _joined(runs[np.argsort(runs[:, 0], kind="stable")])


def runs_within(outline: Sequence[Sequence[float]], width: int, height: int) -> Runs:
    """The pixels whose middles lie within an outline, `[[x, y], …]`; what it goes around twice is outside."""
    x, y = np.array(outline, float).T
    along, down = np.roll(x, -1) - x, np.roll(y, -1) - y
    # The columns whose middles each edge crosses, and where.
    first, last = (np.clip(np.ceil(side - 0.5), 0, width).astype(np.int64) for side in _sorted(x, x + along))
    edge = np.repeat(np.arange(len(x)), last - first)
    column = np.arange(len(edge)) + np.repeat(first - np.cumsum(last - first) + (last - first), last - first)
    crossed = y[edge] + (column + 0.5 - x[edge]) / along[edge] * down[edge]
    row = np.clip(np.ceil(crossed - 0.5), 0, height).astype(np.int64)
    runs = np.sort(column * height + row).reshape(-1, 2)
    return _joined(runs[runs[:, 1] > runs[:, 0]])


def _sorted(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.minimum(one, other), np.maximum(one, other)


def runs_of_pixels(mask: NDArray[np.bool_]) -> Runs:
    """The runs of a mask, shape (height, width)."""
    flat = np.ascontiguousarray(mask.T).ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    return edges.astype(np.int64).reshape(-1, 2)


def pixels_of(runs: Runs, width: int, height: int) -> NDArray[np.bool_]:
    """The mask that runs make, shape (height, width)."""
    return codes_of([runs], width, height) > 0


def codes_of(several: Iterable[Runs], width: int, height: int) -> NDArray[np.uint8]:
    """Which of several masks, from 1 on, each pixel is in, 0: none; shape (height, width). They share no pixel."""
    numbered = [(runs, code) for code, runs in enumerate(several, 1) if len(runs)]
    pixels = width * height
    if not numbered:
        return np.zeros((height, width), np.uint8)
    runs = np.concatenate([one for one, _ in numbered])
    code = np.concatenate([np.full(len(one), code, np.uint8) for one, code in numbered])
    order = np.argsort(runs[:, 0])
    runs, code = runs[order], code[order]
    codes = np.zeros(2 * len(runs) + 1, np.uint8)
    codes[1::2] = code
    lengths = np.diff(np.concatenate([[0], runs.ravel(), [pixels]]))
    return np.repeat(codes, lengths).reshape(width, height).T


def places_of(runs: Runs) -> Runs:
    """The places of all pixels of runs."""
    lengths = runs[:, 1] - runs[:, 0]
    places: Runs = np.arange(lengths.sum()) + np.repeat(runs[:, 0] - np.cumsum(lengths) + lengths, lengths)
    return places


def bounds(runs: Runs, height: int) -> tuple[int, int, int, int]:
    """The edges of what runs cover on a picture of this height: left, top, right and bottom; all 0 for none."""
    if not len(runs):
        return 0, 0, 0, 0
    left, right = runs[:, 0] // height, (runs[:, 1] - 1) // height + 1
    whole = right - left > 1  # a run over an edge of columns covers that of the picture
    top, bottom = np.where(whole, 0, runs[:, 0] % height), np.where(whole, height, (runs[:, 1] - 1) % height + 1)
    return int(left.min()), int(top.min()), int(right.max()), int(bottom.max())


def size_of(runs: Runs) -> int:
    """How many pixels runs have."""
    return int((runs[:, 1] - runs[:, 0]).sum())


def common(one: Runs, other: Runs) -> int:
    """How many pixels two masks share."""
    if not len(one) or not len(other):
        return 0
    before = np.append(0, np.cumsum(other[:, 1] - other[:, 0]))

    def covered(place: Runs) -> Runs:
        """How many pixels of the other lie before each place."""
        run = np.searchsorted(other[:, 0], place, "right") - 1
        inside = np.minimum(place, other[run, 1]) - other[run, 0]
        found: Runs = np.where(run < 0, 0, before[run] + inside)
        return found

    return int((covered(one[:, 1]) - covered(one[:, 0])).sum())
