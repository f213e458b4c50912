"""Measures of cuboids that stand upright and are turned about the vertical.

A cuboid is seven numbers: the centre x, y, z, the length along its heading, the width, the height, and the heading in
radians, counter-clockwise as seen from above from the x axis. Functions of pairs take them row by row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cuboids", "facing", "footprints", "overlaps", "rotation", "wrapped"]

Cuboids = NDArray[np.float64]

# The corners of a footprint counter-clockwise from the left of its front, as shares of length and width.
CORNERS = np.array([[0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]])
# So many pairs are measured at a time, which keeps the numbers in memory few.
ROWS = 50_000
# A place this much outside of an edge is on it, in sizes.
HAIR = 1e-9


def wrapped(angle: float) -> float:
    """The same direction from above -π to π."""
    turned = float(np.pi - (np.pi - angle) % (2 * np.pi))
    return float(np.pi) if turned <= -np.pi else turned


def rotation(heading: float, roll: float = 0.0, pitch: float = 0.0) -> NDArray[np.float64]:
    """The matrix that turns a cuboid: first by roll about x, then by pitch about y, then by its heading about z."""
    (a, b), (c, d), (e, f) = ((np.cos(angle), np.sin(angle)) for angle in (roll, pitch, heading))
    about_x = np.array([[1, 0, 0], [0, a, -b], [0, b, a]])
    about_y = np.array([[c, 0, d], [0, 1, 0], [-d, 0, c]])
    about_z = np.array([[e, -f, 0], [f, e, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def footprints(cuboids: Cuboids) -> NDArray[np.float64]:
    """The corners of each on the ground, `[n, 4, 2]`: left and right are seen along the heading.

    They are front left, rear left, rear right, front right.
    """
    along, across = (CORNERS[:, axis] * cuboids[:, 3 + axis, None] for axis in (0, 1))
    cos, sin = np.cos(cuboids[:, 6, None]), np.sin(cuboids[:, 6, None])
    x, y = along * cos - across * sin, along * sin + across * cos
    return np.stack([x + cuboids[:, 0, None], y + cuboids[:, 1, None]], axis=-1)


def facing(one: NDArray[np.float64], other: NDArray[np.float64], fronts: bool) -> NDArray[np.float64]:
    """How alike two headings are, 0..1: (1 + cos) / 2 of what is between them (Geiger et al., 2012).

    Without fronts things that are turned around are the same.
    """
    return np.asarray((1 + np.cos((other - one) * (1 if fronts else 2))) / 2)


def overlaps(one: Cuboids, other: Cuboids) -> NDArray[np.float64]:
    """Intersection over union of the volumes of each pair, exact but for rounding."""
    pieces = [_overlaps(one[start : start + ROWS], other[start : start + ROWS]) for start in range(0, len(one), ROWS)]
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _overlaps(one: Cuboids, other: Cuboids) -> NDArray[np.float64]:
    low = np.maximum(one[:, 2] - one[:, 5] / 2, other[:, 2] - other[:, 5] / 2)
    high = np.minimum(one[:, 2] + one[:, 5] / 2, other[:, 2] + other[:, 5] / 2)
    reach = np.hypot(one[:, 3], one[:, 4]) + np.hypot(other[:, 3], other[:, 4])
    near = (high > low) & (2 * np.hypot(*(one[:, :2] - other[:, :2]).T) < reach)
    common = np.zeros(len(one))
    common[near] = _shared_ground(one[near], other[near]) * (high - low)[near]
    union = one[:, 3:6].prod(axis=1) + other[:, 3:6].prod(axis=1) - common
    return np.asarray((common / union).clip(0.0, 1.0))


def _shared_ground(one: Cuboids, other: Cuboids) -> NDArray[np.float64]:
    """The area that both footprints have in common.

    Its corners are corners of one inside of the other, and places where edges cross; around their middle they are
    in the order of their angles, because footprints have no notches.
    """
    # From the centre of the first one, so that far from the origin no digits are lost.
    other = np.concatenate([other[:, :3] - one[:, :3], other[:, 3:]], axis=1)
    one = np.concatenate([np.zeros((len(one), 3)), one[:, 3:]], axis=1)
    first, second = footprints(one), footprints(other)
    crossings, crossed = _crossings(first, second)
    places = np.concatenate([first, second, crossings], axis=1)
    there = np.concatenate([_inside(first, other), _inside(second, one), crossed], axis=1)
    count = there.sum(axis=1)
    middle = (places * there[..., None]).sum(axis=1) / np.maximum(count, 1)[:, None]
    around = places - middle[:, None]
    angle = np.where(there, np.arctan2(around[..., 1], around[..., 0]), np.inf)
    order = np.argsort(angle, axis=1)
    ranked = np.take_along_axis(around, order[..., None], axis=1)
    # Those that are none stand behind the last one, and are taken for the first, which encloses nothing.
    ranked = np.where((np.arange(places.shape[1]) < count[:, None])[..., None], ranked, ranked[:, :1])
    x, y = ranked[..., 0], ranked[..., 1]
    area = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    return np.asarray(np.where(count >= 3, area, 0.0))


def _inside(places: NDArray[np.float64], cuboids: Cuboids) -> NDArray[np.bool_]:
    """Which places, `[n, 4, 2]`, lie in the footprint of the cuboid of their row."""
    away = places - cuboids[:, None, :2]
    cos, sin = np.cos(cuboids[:, 6, None]), np.sin(cuboids[:, 6, None])
    along, across = away[..., 0] * cos + away[..., 1] * sin, away[..., 1] * cos - away[..., 0] * sin
    length, width = cuboids[:, 3, None] * (0.5 + HAIR), cuboids[:, 4, None] * (0.5 + HAIR)
    return np.asarray((np.abs(along) <= length) & (np.abs(across) <= width))


def _crossings(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Where each edge of one crosses each of the other, `[n, 16, 2]`, and whether it does."""
    starts, ways = one[:, :, None], (np.roll(one, -1, axis=1) - one)[:, :, None]
    others, along = other[:, None], (np.roll(other, -1, axis=1) - other)[:, None]
    turn = ways[..., 0] * along[..., 1] - ways[..., 1] * along[..., 0]
    # Edges of one direction cross nowhere: rounding alone would say where.
    lengths = np.linalg.norm(ways, axis=-1) * np.linalg.norm(along, axis=-1)
    aslant = np.abs(turn) > HAIR * lengths
    between = others - starts
    with np.errstate(divide="ignore", invalid="ignore"):
        here = (between[..., 0] * along[..., 1] - between[..., 1] * along[..., 0]) / turn
        there = (between[..., 0] * ways[..., 1] - between[..., 1] * ways[..., 0]) / turn
    crossed = aslant & (here >= 0) & (here <= 1) & (there >= 0) & (there <= 1)
    places = starts + np.where(crossed, here, 0.0)[..., None] * ways
    count = len(one)
    return places.reshape(count, 16, 2), crossed.reshape(count, 16)
