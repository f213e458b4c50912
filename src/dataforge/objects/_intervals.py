"""Pieces of a line, such as spans of a text or segments of a sound: how alike two sets of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["agreement", "first_overlap"]

Piece = tuple[float, float]
# So many pairs fit into memory; where more overlap at one place, pieces are matched in their order.
MOST_PAIRS = 4_000_000


def agreement(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> float:
    """F1 of two sets of pieces, 0..1: pairs of one label count by their intersection over union; none and none is 1.

    Pairs are matched one to one, so that their sum is the highest there is.
    """
    if not one and not other:
        return 1.0
    first, second = _by_label(one), _by_label(other)
    shared = sum(_matched(first[label], second[label]) for label in first.keys() & second.keys())
    return float(2 * shared / (len(one) + len(other)))


def first_overlap(pieces: Sequence[Mapping[str, Any]]) -> tuple[int, int] | None:
    """The places of the first two pieces that overlap, of pieces in the order of their starts."""
    last = 0
    for place in range(1, len(pieces)):
        if pieces[place]["start"] < pieces[last]["end"]:
            return last, place
        last = place
    return None


def _by_label(pieces: Sequence[Mapping[str, Any]]) -> dict[Any, list[Piece]]:
    found: dict[Any, list[Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.get("label"), []).append((piece["start"], piece["end"]))
    return {label: sorted(those) for label, those in found.items()}


def _matched(one: list[Piece], other: list[Piece]) -> float:
    """The highest sum of intersections over unions of pieces matched one to one."""
    return sum(_assigned(np.array(some), np.array(rest)) for some, rest in _together(one, other))


def _together(one: list[Piece], other: list[Piece]) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Both lists in parts that do not overlap each other; parts with pieces of one list only are left out."""
    groups: tuple[list[Piece], list[Piece]] = ([], [])
    end = -np.inf
    for (start, stop), side in sorted([(piece, 0) for piece in one] + [(piece, 1) for piece in other]):
        if start >= end:
            if groups[0] and groups[1]:
                yield groups
            groups = ([], [])
        groups[side].append((start, stop))
        end = max(end, stop)
    if groups[0] and groups[1]:
        yield groups


def _assigned(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if len(one) * len(other) > MOST_PAIRS:
        count = min(len(one), len(other))
        return float(_overlap(one[:count], other[:count]).sum())
    pairs = _overlap(one[:, None], other[None, :])
    if pairs.size == 1:
        return float(pairs[0, 0])
    # Loaded where it is needed: most answers differ in nothing or in one piece at a place.
    from scipy.optimize import linear_sum_assignment

    return float(pairs[linear_sum_assignment(pairs, maximize=True)].sum())


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of pieces whose last axis is (start, end)."""
    shared = np.minimum(one[..., 1], other[..., 1]) - np.maximum(one[..., 0], other[..., 0])
    whole = np.maximum(one[..., 1], other[..., 1]) - np.minimum(one[..., 0], other[..., 0])
    return np.asarray(np.clip(shared, 0.0, None) / whole)
