"""Which items somebody trusted should judge, so that what can be promised of all grows fastest.

Items are parted by how sure their answers are. Of the parts each further item goes to the one where it takes most off
the variance of the share of right answers: the exact optimal allocation (Wright, 2012, "The equivalence of Neyman
optimum allocation for sampling and equal proportions for apportioning the U.S. House of Representatives"), where the
spread in a part follows from its mean confidence. In a part the items with the smallest random numbers are taken; each
item keeps its number (permanent random numbers: Ohlsson, 1995), so that a later draw goes on where the one before
ended.
"""

from __future__ import annotations

import hashlib
import heapq
import math

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.runs.core.columns import Places

__all__ = ["draw", "lots", "parts_of"]

# Confidences from one of these to the next are one part; answers without a confidence are the last part.
EDGES = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
# Whatever is claimed, so much doubt is left: a part in which none is would never be looked at twice.
LEAST_DOUBT = 0.02


def lots(seed: str, count: int) -> Floats:
    """The random number of each item of a run, which it keeps when items come later; shape (count,)."""
    digest = hashlib.blake2b(seed.encode(), digest_size=8, person=b"to judge").digest()
    return np.random.default_rng(int.from_bytes(digest)).random(count)


def parts_of(confidence: Floats) -> Codes:
    """The part of each of these confidences; NaN: nothing was claimed."""
    found: Codes = np.searchsorted(EDGES, confidence, side="right").astype(np.int32)
    return np.where(np.isnan(confidence), len(EDGES) + 1, found).astype(np.int32)


def draw(confidence: Floats, drawn: Flags, lot: Floats, count: int) -> tuple[Places, Floats]:
    """The places of up to `count` items to judge beside those `drawn`, and for each item how probably it is drawn now.

    `confidence` has that of each item that may be judged, NaN where none is claimed; `lot` their random numbers. The
    probability is the share of an item's part that is drawn, these and those before.
    """
    part = parts_of(confidence)
    size, taken = np.bincount(part), np.bincount(part[drawn], minlength=len(np.bincount(part)))
    spread = [float(size[one]) * _deviation(confidence[part == one]) for one in range(len(size))]
    free = [_by_lot(np.flatnonzero((part == one) & ~drawn), lot) for one in range(len(size))]
    left = [len(places) for places in free]
    worth = [_worth(spread[one], int(taken[one]), one) for one in range(len(size)) if left[one]]
    heapq.heapify(worth)
    while worth and count > 0:
        one = heapq.heappop(worth)[-1]
        taken[one], left[one], count = taken[one] + 1, left[one] - 1, count - 1
        if left[one]:
            heapq.heappush(worth, _worth(spread[one], int(taken[one]), one))
    chosen = [places[: len(places) - rest] for places, rest in zip(free, left, strict=True)]
    return np.concatenate([np.empty(0, np.int64), *chosen]), (taken / np.maximum(size, 1))[part]


def _deviation(confidence: Floats) -> float:
    """How far rightness spreads in a part: one coin for each item."""
    stated = confidence[~np.isnan(confidence)]
    mean = float(stated.mean()) if len(stated) else 0.5
    mean = min(max(mean, LEAST_DOUBT), 1 - LEAST_DOUBT)
    return math.sqrt(mean * (1 - mean))


def _by_lot(places: Places, lot: Floats) -> Places:
    found: Places = places[np.argsort(lot[places], kind="stable")]
    return found


def _worth(spread: float, taken: int, part: int) -> tuple[float, float, int]:
    """What the next item of a part takes off the variance, the most first; of one that nobody has looked at all."""
    gain = math.inf if taken == 0 else spread / math.sqrt(taken * (taken + 1))
    return -gain, -spread, part
