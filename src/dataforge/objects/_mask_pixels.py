"""What is done with the pixels of masks: edges compared, masks moved, grown and shrunk."""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Pixels", "edges_alike", "grown", "moved", "unsteady"]

Pixels = NDArray[np.bool_]
Codes = NDArray[np.uint8]

# How far off people are, as shares of a mask's size for each share of skill that they lack: its place, and its edge.
OFF, WIDE = 0.25, 0.125


def edges_alike(one: Pixels, other: Pixels, near: float) -> float:
    """F1 of the edges of two masks, which match as near as so many pixels (Csurka and others, 2013)."""
    if not one.any() or not other.any():
        return float(one.any() == other.any())
    window = _window(one | other, int(near) + 2)
    first, second = (_edge(mask[window]) for mask in (one, other))
    hits = [float((_distance(~second)[first] <= near).mean()), float((_distance(~first)[second] <= near).mean())]
    return 2 * hits[0] * hits[1] / sum(hits) if sum(hits) else 0.0


def _edge(mask: Pixels) -> Pixels:
    """The pixels of a mask beside one outside; those at the border of the picture too."""
    inner = np.pad(mask, 1)
    within: Pixels = inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    return mask & ~within


def moved(mask: Pixels, right: int, down: int) -> Pixels:
    """The mask moved by so many pixels; what leaves the picture is lost."""
    height, width = mask.shape
    found = np.zeros_like(mask)
    found[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = mask[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return found


def grown(mask: Pixels, by: float) -> Pixels:
    """The mask with its edge moved outwards by so many pixels, or inwards."""
    if abs(by) < 1 or not mask.any():
        return mask
    found = np.zeros_like(mask)
    window = _window(mask, int(abs(by)) + 2)
    part = mask[window]
    found[window] = _distance(~part) <= by if by > 0 else _distance(part) > -by
    return found


def unsteady(mask: Pixels, error: float, rng: Random) -> Pixels:
    """The mask as somebody draws it who is off by about this share of its size; as it is if nothing would be left."""
    size = float(mask.sum()) ** 0.5
    right, down = (round(rng.gauss(0, OFF * error) * size) for _ in range(2))
    found = moved(grown(mask, rng.gauss(0, WIDE * error) * size), right, down)
    return found if found.any() else mask


def _distance(mask: Pixels) -> NDArray[np.float64]:
    """How far each pixel is from the next one that is not in the mask; far where there is none."""
    # Loaded where it is needed: a server that only takes answers in never does.
    from scipy.ndimage import distance_transform_edt

    if mask.all():
        return np.full(mask.shape, np.inf)
    found: NDArray[np.float64] = distance_transform_edt(mask)
    return found


def _window(mask: Pixels, margin: int) -> tuple[slice, slice]:
    """The part of the picture that has all of a mask, and so many pixels around."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )
