"""What pieces of a line have in common, such as spans of a text and segments of a sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.clusters import Pairs, overlapping
from dataforge.aggregation.merging._sets import Drawn, Part

__all__ = ["Pieces", "distinct", "order_of"]

# Pieces may be of one thing if so much of both is in both: one word of three.
LEAST_OVERLAP = 0.3


class Pieces:
    """Answers of pieces: a list in the order of their starts."""

    def parts(self, value: Any) -> Sequence[Part]:
        """The pieces."""
        pieces: Sequence[Part] = value
        return pieces

    def numbers(self, parts: Sequence[Part]) -> Floats:
        """Start and end."""
        ends = chain.from_iterable([(part["start"], part["end"]) for part in parts])
        return np.fromiter(ends, np.float64, 2 * len(parts)).reshape(-1, 2)

    def pairs(self, drawn: Drawn) -> Pairs:
        """Pieces that overlap."""
        start, end = drawn.numbers.T
        frames = np.column_stack([start, np.zeros(len(start)), end, np.ones(len(start))])
        return overlapping(frames, drawn.item, drawn.answer, LEAST_OVERLAP)


def order_of(piece: Mapping[str, Any]) -> tuple[float, float, str]:
    """By what pieces are in order: where they start, and of those that start together where they end."""
    return piece["start"], piece["end"], piece.get("label", "")


def distinct(pieces: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces that are in order, without those that are there already."""
    return [one for place, one in enumerate(pieces) if not place or order_of(one) != order_of(pieces[place - 1])]
