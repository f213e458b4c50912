"""Cuboids as KITTI's cameras see them: upright in the frame of the camera, told by the middle of their bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.errors import DataError
from dataforge.formats._files import number, text_of
from dataforge.formats._kitti import OCCLUDED
from dataforge.geometry.cameras import corners, framed, pixels
from dataforge.geometry.cuboids import wrapped

__all__ = ["calibration_in", "camera_of", "cuboid_of", "line_of", "matrices"]

Floats = NDArray[np.float64]

PICTURE = 2
"""The camera whose pictures are labelled, the left one in colour."""


def line_of(camera: Mapping[str, Any], cuboid: Mapping[str, Any], size: tuple[int, int]) -> list[float] | None:
    """What a line tells behind the type; None of what the picture does not show whole or in part."""
    [frame] = framed(camera, [cuboid], size)
    if frame is None:
        return None
    turn, middle = _turn(camera["extrinsic"]), _seen(camera["extrinsic"], cuboid["centre"])
    length, width, height = cuboid["size"]
    ahead = turn[:, :2] @ [np.cos(cuboid["heading"]), np.sin(cuboid["heading"])]
    about = float(np.arctan2(-ahead[2], ahead[0]))
    spots = pixels(camera, corners(cuboid))
    whole = np.prod(spots.max(axis=0) - spots.min(axis=0))
    cut = 1 - (frame[2] - frame[0]) * (frame[3] - frame[1]) / whole
    alpha = wrapped(about - float(np.arctan2(middle[0], middle[2])))
    bottom = [middle[0], middle[1] + height / 2, middle[2]]
    return [max(round(cut, 4), 0.0), OCCLUDED, alpha, *frame, height, width, length, *bottom, about]


def cuboid_of(extrinsic: Floats, solid: Sequence[float]) -> dict[str, Any]:
    """The cuboid in the frame of the cloud, from height, width, length, place and turn in that of a camera."""
    height, width, length, right, down, ahead, about = solid
    turn = extrinsic[:3, :3]
    centre = np.linalg.solve(turn, [right, down - height / 2, ahead] - extrinsic[:3, 3])
    # The heading whose front is seen in this direction, past how far up or down it is.
    along = np.linalg.solve(turn[[0, 2], :2], [np.cos(about), -np.sin(about)])
    heading = float(np.arctan2(along[1], along[0]))
    return {"centre": centre.tolist(), "size": [length, width, height], "heading": heading}


def calibration_in(camera: Mapping[str, Any]) -> str:
    """A file of calibration in which the frame of KITTI's labels is that of this camera."""
    extrinsic, intrinsic = (np.reshape(camera[name], (-1, side)) for name, side in (("extrinsic", 4), ("intrinsic", 3)))
    seen = np.column_stack([intrinsic, np.zeros(3)])
    rows = {f"P{number}": seen for number in range(4)} | {"R0_rect": np.eye(3), "Tr_velo_to_cam": extrinsic[:3]}
    return "".join(f"{name}: {' '.join(f'{one:.12g}' for one in matrix.ravel())}\n" for name, matrix in rows.items())


def matrices(file: Path) -> tuple[Floats, Floats]:
    """From the cloud to the frame of the labels, 4 by 4, and from there to pixels, 3 by 4; raises `DataError`."""
    found: dict[str, list[float]] = {}
    try:
        for line in text_of(file).splitlines():
            # Files of films write `R_rect` without a colon.
            name, *rest = line.replace(":", " ").split() or [""]
            found[name] = [number(part, name) for part in rest] if name else []
        straight, cloud, seen = (
            _matrix(found, names, shape)
            for names, shape in (
                (("R0_rect", "R_rect"), (3, 3)),
                (("Tr_velo_to_cam", "Tr_velo_cam"), (3, 4)),
                ((f"P{PICTURE}",), (3, 4)),
            )
        )
    except DataError as error:
        raise DataError(f"{file}: {error}") from None
    extrinsic = np.vstack([straight @ cloud, [0.0, 0.0, 0.0, 1.0]])
    return extrinsic, seen


def camera_of(extrinsic: Floats, seen: Floats) -> dict[str, list[float]]:
    """The camera as `df.Calibration` has it: where it stands beside that of the labels is in its extrinsic."""
    intrinsic = seen[:, :3] / seen[2, 2]
    moved = extrinsic.copy()
    moved[:3, 3] += np.linalg.solve(seen[:, :3], seen[:, 3])
    return {"extrinsic": moved.ravel().tolist(), "intrinsic": intrinsic.ravel().tolist()}


def _matrix(found: Mapping[str, Sequence[float]], names: Sequence[str], shape: tuple[int, int]) -> Floats:
    for name in names:
        if name in found:
            if len(found[name]) != shape[0] * shape[1]:
                raise DataError(f"{name}: expected {shape[0] * shape[1]} numbers, got {len(found[name])}")
            matrix = np.reshape(found[name], shape)
            if np.linalg.matrix_rank(matrix[:, :3]) < 3:
                raise DataError(f"{name}: expected a matrix of rank 3; mend it there")
            return matrix
    raise DataError(f"expected a line {' or '.join(names)}, got {', '.join(found)[:80] or 'nothing'}")


def _turn(extrinsic: Sequence[float]) -> Floats:
    return np.reshape(extrinsic, (4, 4))[:3, :3]


def _seen(extrinsic: Sequence[float], place: Sequence[float]) -> list[float]:
    matrix = np.reshape(extrinsic, (4, 4))
    middle: list[float] = (matrix[:3, :3] @ place + matrix[:3, 3]).tolist()
    return middle
