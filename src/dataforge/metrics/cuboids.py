"""How well cuboids were found: which of the true ones, how much of them, and how far their headings are off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.arguments import entry
from dataforge.errors import SpecError
from dataforge.geometry.cuboids import Cuboids, overlaps

__all__ = ["CuboidMatch", "match_cuboids"]


@dataclass(frozen=True)
class CuboidMatch:
    """Cuboids against true ones, matched one to one within a label.

    `recall` is the share of true cuboids that were found, `precision` that of those found which are true; of matched
    pairs `iou` is the mean 3D intersection over union, `distance` that of centres in metres, and `heading` the mean
    error in radians, 0 to π. NaN where there is nothing to take a mean of.
    """

    recall: float
    precision: float
    iou: float
    distance: float
    heading: float


@entry
def match_cuboids(
    found: Sequence[Mapping[str, Any]], true: Sequence[Mapping[str, Any]], least: float = 0.5
) -> CuboidMatch:
    """Match cuboids in the JSON form of `df.Cuboids` with true ones; a pair counts from an IoU of `least` on."""
    if not 0 < least <= 1:
        raise SpecError(f"least: expected an intersection over union above 0, up to 1, got {least!r}")
    ours, theirs = _rows(found), _rows(true)
    alike = np.array([one.get("label") for one in found])[:, None] == np.array([one.get("label") for one in true])
    first, second = np.indices((len(ours), len(theirs))).reshape(2, -1)
    table = overlaps(ours[first], theirs[second]).reshape(len(ours), len(theirs)) * alike
    # Loaded where it is needed, as in the similarity of cuboids.
    from scipy.optimize import linear_sum_assignment

    row, column = linear_sum_assignment(np.where(table >= least, table, 0.0), maximize=True)
    kept = table[row, column] >= least
    row, column = row[kept], column[kept]
    turned = np.abs((ours[row, 6] - theirs[column, 6] + np.pi) % (2 * np.pi) - np.pi)
    return CuboidMatch(
        recall=_mean(np.ones(len(row)), len(theirs)),
        precision=_mean(np.ones(len(row)), len(ours)),
        iou=_mean(table[row, column], len(row)),
        distance=_mean(np.linalg.norm(ours[row, :3] - theirs[column, :3], axis=1), len(row)),
        heading=_mean(turned, len(row)),
    )


def _rows(cuboids: Sequence[Mapping[str, Any]]) -> Cuboids:
    numbers = [[*one["centre"], *one["size"], one["heading"]] for one in cuboids]
    return np.array(numbers, np.float64).reshape(-1, 7)


def _mean(values: np.ndarray[Any, np.dtype[np.float64]], count: int) -> float:
    return float(values.sum() / count) if count else float("nan")
