"""What cameras see of a scene: pixels of places, and the frames around cuboids. The pages reckon alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.geometry.cuboids import rotation

__all__ = ["corners", "framed", "pixels"]

Floats = NDArray[np.float64]

NEAREST, WIDEST = 0.1, 3.0
"""Nearer than this, in metres, and behind, nothing is seen; nor what is farther aside than so many times ahead."""
CORNERS = np.array(list(product((0.5, -0.5), repeat=3)))


def pixels(camera: Mapping[str, Sequence[float]], places: Floats) -> Floats:
    """Where a calibrated camera sees places `[n, 3]` of the cloud, `[n, 2]`; NaN where it does not."""
    extrinsic, intrinsic = (
        np.reshape(camera[name], (side, side)) for name, side in (("extrinsic", 4), ("intrinsic", 3))
    )
    right, down, ahead = (np.asarray(places, np.float64) @ extrinsic[:3, :3].T + extrinsic[:3, 3]).T
    there = (ahead >= NEAREST) & (np.abs(right) <= WIDEST * ahead) & (np.abs(down) <= WIDEST * ahead)
    depth = np.where(there, ahead, np.nan)
    x, y = _bent(right / depth, down / depth, camera.get("distortion", ()))
    return np.column_stack(
        [intrinsic[0, 0] * x + intrinsic[0, 1] * y + intrinsic[0, 2], intrinsic[1, 1] * y + intrinsic[1, 2]]
    )


def corners(cuboid: Mapping[str, Any]) -> Floats:
    """The eight corners of a cuboid in the frame of its cloud, `[8, 3]`."""
    turned = rotation(cuboid["heading"], *cuboid.get("tilt", (0.0, 0.0)))
    found: Floats = (CORNERS * np.asarray(cuboid["size"])) @ turned.T + np.asarray(cuboid["centre"])
    return found


def framed(
    camera: Mapping[str, Sequence[float]], cuboids: Sequence[Mapping[str, Any]], size: tuple[float, float]
) -> list[list[float] | None]:
    """What of a picture of this width and height each cuboid takes, `[left, top, right, bottom]`.

    None for one that is outside of the picture, or of which a corner is behind the camera.
    """
    frames = []
    for cuboid in cuboids:
        spots = pixels(camera, corners(cuboid))
        low, high = np.maximum(spots.min(axis=0), 0.0), np.minimum(spots.max(axis=0), size)
        frames.append([*low.tolist(), *high.tolist()] if (low < high).all() else None)
    return frames


def _bent(x: Floats, y: Floats, distortion: Sequence[float]) -> tuple[Floats, Floats]:
    """Where a lens bends straight rays to (Brown and Conrady)."""
    k1, k2, p1, p2, k3 = (*distortion, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
    far = x * x + y * y
    times = 1 + far * (k1 + far * (k2 + far * k3))
    return x * times + 2 * p1 * x * y + p2 * (far + 2 * x * x), y * times + p1 * (far + 2 * y * y) + 2 * p2 * x * y
