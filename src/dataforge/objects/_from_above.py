"""Clouds of points as somebody sees them from above: x goes up and y to the left, as on a map that faces ahead."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError
from dataforge.media.point_clouds import read_cloud

__all__ = ["View", "seen_from_above"]

Places = NDArray[np.float64]

# Metres around what is marked, and the side of what is shown where nothing is.
MARGIN, NOWHERE = 5.0, 1.0
# Few points lie far away, and would make all others small.
MIDDLE = (0.01, 0.99)
FINEST = 600
# The darkest that a pixel with one point is, of 255: it is to be seen beside those with hundreds.
FAINTEST = 70


@dataclass(frozen=True)
class View:
    """A part of the ground: where its upper left corner is, how wide and high it is, and its points as a picture."""

    corner: Places
    size: tuple[float, float]
    picture: str
    told: str

    def places(self, ground: Places) -> list[list[float]]:
        """Places on the ground, x and y, as places on the picture, in metres from its upper left corner."""
        found: list[list[float]] = np.round((self.corner - ground)[:, ::-1], 2).tolist()
        return found


def seen_from_above(cloud: Any, marked: Places) -> View:
    """What lies around places on the ground, or where most points are if there are none."""
    points = _points(cloud)
    edges = np.array([marked.min(axis=0) - MARGIN, marked.max(axis=0) + MARGIN]) if len(marked) else _middle(points)
    low, high = edges
    size = (float(high[1] - low[1]), float(high[0] - low[0]))
    told = f"<div>from above, {size[1]:.0f} m ahead by {size[0]:.0f} m across</div>"
    return View(high, size, _picture(points, low, high), told)


def _points(cloud: Any) -> Places:
    """The points of a cloud on the ground; none where its file is not at hand."""
    if not isinstance(cloud, Mapping) or "file" not in cloud:
        return np.zeros((0, 2))
    try:
        return read_cloud(Path(cloud["file"])).points[:, :2]
    except (DataError, OSError):
        return np.zeros((0, 2))


def _middle(points: Places) -> Places:
    return np.quantile(points, MIDDLE, axis=0) if len(points) else np.array([[0.0, 0.0], [NOWHERE, NOWHERE]])


def _picture(points: Places, low: Places, high: Places) -> str:
    """The address of a picture of the points, the darker the more lie above one another; empty without any."""
    # Loaded where it is needed: a server that only takes answers in draws nothing.
    from PIL import Image

    scale = FINEST / max(float((high - low).max()), 1e-6)
    rows, columns = np.maximum(1, np.ceil((high - low) * scale)).astype(int)
    near = points[((points >= low) & (points <= high)).all(axis=1)]
    if not len(near):
        return ""
    down, right = np.minimum((high - near) * scale, [rows - 1, columns - 1]).astype(int).T
    counts = np.bincount(down * columns + right, minlength=rows * columns).reshape(rows, columns)
    dark = np.where(counts, FAINTEST + (255 - FAINTEST) * np.log1p(counts) / np.log1p(counts.max()), 0)
    grey = np.zeros((rows, columns, 2), np.uint8)
    grey[..., 1] = dark.astype(np.uint8)
    file = BytesIO()
    Image.fromarray(grey, "LA").save(file, "png")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
