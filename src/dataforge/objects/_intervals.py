"""Pieces of a line, such as spans of a text or segments of a sound: how alike two sets of them are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["agreement", "first_overlap", "matched"]

Parts = Sequence[Mapping[str, Any]]
# Start, end, and the place among all pieces of the answer.
Piece = tuple[float, float, int]
# So many pairs fit into memory; where more overlap at one place, pieces are matched in their order.
MOST_PAIRS = 4_000_000


def agreement(one: Parts, other: Parts) -> float:
    """F1 of two sets of pieces, 0..1: pairs of one label count by their intersection over union; none and none is 1.

    Pairs are matched one to one, so that their sum is the highest there is.
    """
    if not one and not other:
        return 1.0
    return 2 * sum(alike for _, _, alike in matched(one, other)) / (len(one) + len(other))


def matched(one: Parts, other: Parts, tolerance: float = 0.0) -> Iterator[tuple[int, int, float]]:
    """Pairs of pieces of one label that overlap, matched one to one: their places, and how alike they are, 0..1.

    That is their intersection over union, where an end that is off by no more than `tolerance` counts as right, and by
    more as off by what is more. The sum over all pairs is the highest there is.
    """
    first, second = _by_label(one), _by_label(other)
    for label in first.keys() & second.keys():
        for some, rest in _together(first[label], second[label]):
            yield from _assigned(some, rest, tolerance)


def first_overlap(pieces: Parts) -> tuple[int, int] | None:
    """The places of the first two pieces that overlap, of pieces in the order of their starts."""
    last = 0
    for place in range(1, len(pieces)):
        if pieces[place]["start"] < pieces[last]["end"]:
            return last, place
        last = place
    return None


def _by_label(pieces: Parts) -> dict[Any, list[Piece]]:
    found: dict[Any, list[Piece]] = {}
    for place, piece in enumerate(pieces):
        found.setdefault(piece.get("label"), []).append((piece["start"], piece["end"], place))
    return {label: sorted(those) for label, those in found.items()}


def _together(one: list[Piece], other: list[Piece]) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Both lists in parts that do not overlap each other; parts with pieces of one list only are left out."""
    groups: tuple[list[Piece], list[Piece]] = ([], [])
    end = -np.inf
    for piece, side in sorted([(piece, 0) for piece in one] + [(piece, 1) for piece in other]):
        if piece[0] >= end:
            if groups[0] and groups[1]:
                yield groups
            groups = ([], [])
        groups[side].append(piece)
        end = max(end, piece[1])
    if groups[0] and groups[1]:
        yield groups


def _assigned(some: list[Piece], rest: list[Piece], tolerance: float) -> Iterator[tuple[int, int, float]]:
    """The pairs of a part, as places and likeness."""
    one, other = np.array(some, float)[:, :2], np.array(rest, float)[:, :2]
    if len(one) * len(other) > MOST_PAIRS:
        rows = columns = np.arange(min(len(one), len(other)))
        alike = _alike(one[rows], other[rows], tolerance)
    elif len(one) * len(other) == 1:
        rows = columns = np.zeros(1, int)
        alike = _alike(one, other, tolerance)
    else:
        # Loaded where it is needed: most answers differ in nothing or in one piece at a place.
        from scipy.optimize import linear_sum_assignment

        pairs = _alike(one[:, None], other[None, :], tolerance)
        rows, columns = linear_sum_assignment(pairs, maximize=True)
        alike = pairs[rows, columns]
    for row, column, likeness in zip(rows, columns, alike.tolist(), strict=True):
        if likeness > 0:
            yield some[row][2], rest[column][2], likeness


def _alike(one: NDArray[np.float64], other: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """Intersection over union of pieces whose last axis is (start, end), ends within the tolerance being the same."""
    shared = np.minimum(one[..., 1], other[..., 1]) - np.maximum(one[..., 0], other[..., 0])
    whole = np.maximum(one[..., 1], other[..., 1]) - np.minimum(one[..., 0], other[..., 0])
    off = np.clip(np.abs(one - other) - tolerance, 0.0, None).sum(axis=-1)
    return np.asarray(np.where(shared > 0, 1.0 - off / whole, 0.0))
