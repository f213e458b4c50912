"""Calibration: where the cameras beside a point cloud stand, and how they see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError
from dataforge.objects._drawn import written
from dataforge.objects._json_files import json_in
from dataforge.objects.base import ObjectType, is_number, listed, plain, shorten

__all__ = ["Calibration"]

MOST = 32
LONGEST_NAME = 100
# How far a rotation may be from one, as files round their digits.
OFF = 0.01
DISTORTIONS = (0, 4, 5)
EXAMPLE = '{"front": {"extrinsic": 16 numbers, "intrinsic": 9 numbers}, …}'


@named_entry
@dataclass(frozen=True, eq=False)
class Calibration(ObjectType):
    """How the cameras of a scene see: by the name of the image input that each has taken, two matrices row by row.

    `extrinsic`, 4 by 4, leads from the frame of the cloud to that of the camera (x right, y down, z ahead), and
    `intrinsic`, 3 by 3, from there to pixels. `distortion`, where pictures are not straightened, is k1, k2, p1, p2, k3
    of Brown and Conrady. A value may be the path of a JSON file, and so may that of each camera.
    """

    name: ClassVar[str] = "calibration"
    answerable: ClassVar[bool] = False
    reading_seconds: ClassVar[float] = 0.0

    def from_text(self, text: str) -> Any:
        """The calibration that a cell holds as JSON, or the path of a file."""
        try:
            return json.loads(text)
        except ValueError:
            return text

    def to_json(self, value: Any) -> dict[str, Any]:
        """Matrices as flat lists, by camera."""
        value = _opened(value)
        if not isinstance(value, Mapping) or not value or not all(isinstance(name, str) for name in value):
            raise DataError(f"expected cameras by name, {EXAMPLE}, got {shorten(value)}")
        if len(value) > MOST:
            raise DataError(f"expected at most {MOST} cameras, got {len(value)}")
        return {name: self._camera(name, camera) for name, camera in value.items()}

    def check_input(self, value: Any) -> dict[str, Any]:
        """Matrices as they came, checked; paths of somebody else's machine mean nothing here."""
        if not isinstance(value, Mapping) or any(isinstance(camera, str) for camera in value.values()):
            raise DataError(f"expected cameras by name, {EXAMPLE}, got {shorten(value)}")
        return self.to_json(value)

    def check_beside(self, value: Any, inputs: Mapping[str, ObjectType]) -> None:
        """Check that one camera at least is that of an image of the task; the others have nothing to be drawn into."""
        images = [name for name, kind in inputs.items() if kind.name == "image"]
        if not set(images) & set(value):
            raise DataError(
                f"expected cameras named as the image inputs are, {listed(images) or 'of which there is none'}, got "
                f"{listed(value)}; rename them"
            )

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Refuse: workers cannot answer with a calibration."""
        raise AnswerError(f"workers cannot answer with {self.name}, got {shorten(value)}")

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The names of the cameras."""
        return written(f"cameras: {', '.join(value)}")

    def _camera(self, name: str, camera: Any) -> dict[str, list[float]]:
        camera = _opened(camera)
        if len(name) > LONGEST_NAME:
            raise DataError(f"expected the name of an image input, got {shorten(name)}")
        if not isinstance(camera, Mapping) or not {"extrinsic", "intrinsic"} <= camera.keys():
            raise DataError(f'camera {name!r}: expected "extrinsic" and "intrinsic", got {shorten(camera)}')
        try:
            extrinsic = _extrinsic(camera["extrinsic"])
            intrinsic = _intrinsic(camera["intrinsic"])
            distortion = _numbers(camera.get("distortion", ()), "distortion", DISTORTIONS)
        except DataError as error:
            raise DataError(f"camera {name!r}: {error}") from None
        return {"extrinsic": extrinsic, "intrinsic": intrinsic} | (
            {"distortion": distortion} if any(distortion) else {}
        )


def _extrinsic(given: Any) -> list[float]:
    numbers = _numbers(given, "extrinsic", (16,))
    matrix = np.array(numbers).reshape(4, 4)
    turn = matrix[:3, :3]
    if np.abs(matrix[3] - [0, 0, 0, 1]).max() > 1e-6:
        raise DataError(
            f"extrinsic: expected 0, 0, 0, 1 as its last row, got {listed(numbers[12:])}; give it row by row"
        )
    if np.abs(turn @ turn.T - np.eye(3)).max() > OFF or np.linalg.det(turn) < 0:
        raise DataError(
            "extrinsic: expected a rotation in its first three rows and columns; give the matrix that leads from the "
            "frame of the cloud to that of the camera, without a change of scale"
        )
    return numbers


def _intrinsic(given: Any) -> list[float]:
    numbers = _numbers(given, "intrinsic", (9,))
    if min(numbers[0], numbers[4]) <= 0 or np.abs(np.array(numbers[6:]) - [0, 0, 1]).max() > 1e-6:
        raise DataError(
            f"intrinsic: expected fx, 0, cx, 0, fy, cy, 0, 0, 1 row by row, got {listed(numbers)}; give focal "
            "lengths and the middle in pixels of the picture"
        )
    return numbers


def _numbers(given: Any, what: str, counts: tuple[int, ...]) -> list[float]:
    """The numbers of a list, or of a list of rows."""
    given = given.tolist() if hasattr(given, "tolist") else given
    rows = given if isinstance(given, list | tuple) else [given]
    numbers = [plain(one) for row in rows for one in (row if isinstance(row, list | tuple) else [row])]
    if len(numbers) in counts and all(is_number(one) for one in numbers):
        return [float(one) for one in numbers]
    raise DataError(f"{what}: expected {' or '.join(map(str, counts))} numbers, got {shorten(given)}")


def _opened(value: Any) -> Any:
    """What a file holds whose path it is; other values as they are."""
    if not isinstance(value, str | Path) or not str(value).endswith(".json"):
        return value
    return json_in(Path(value).expanduser(), "calibration")


PLUGIN = Calibration
