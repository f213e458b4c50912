"""nuScenes, its form of results: one JSON file with the cuboids of each cloud, sizes as width, length, height.

Rotations are quaternions w, x, y, z; places are those of the cloud's own frame, which an ego pose leads to the world's.
https://github.com/nutonomy/nuscenes-devkit/blob/master/python-sdk/nuscenes/eval/detection/README.md
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._clouds import cloud_in, stems_of
from dataforge.formats._files import decoded
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._pictures import UNNAMED
from dataforge.formats.base import Labelled, Labels
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NuScenes", "read_nuscenes"]

DIGITS = 12
# A quaternion this far from the length 1 is none of a rotation.
OFF = 0.01

Quaternion = tuple[float, float, float, float]


class _Box(msgspec.Struct):
    translation: tuple[float, float, float]
    size: tuple[float, float, float]
    rotation: Quaternion
    detection_name: str = ""
    tracking_name: str = ""
    tracking_id: str | int = ""

    @property
    def name(self) -> str:
        return self.detection_name or self.tracking_name


class _File(msgspec.Struct):
    results: dict[str, list[_Box]]


class NuScenes:
    """Writes cuboids as results of nuScenes have them."""

    types: ClassVar[Sequence[str]] = ("cuboids",)
    ending: ClassVar[str] = ".json"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One JSON file, clouds by their names."""
        used = {f"use_{name}": name == "lidar" for name in ("camera", "lidar", "radar", "map", "external")}
        results = {stem: [_written(cuboid, stem, row) for cuboid in row.answer] for stem, row in stems_of(labels)}
        whole = {"meta": used, "results": results}
        path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1))


def _written(cuboid: Mapping[str, Any], stem: str, row: Labelled) -> dict[str, Any]:
    length, width, height = cuboid["size"]
    sure = 1.0 if row.confidence is None else row.confidence
    name, task = cuboid.get("label", UNNAMED), "tracking" if "track" in cuboid else "detection"
    told = {
        "sample_token": stem,
        "translation": list(map(float, cuboid["centre"])),
        "size": [float(width), float(length), float(height)],
        "rotation": _quaternion(cuboid["heading"], *cuboid.get("tilt", (0.0, 0.0))),
        "velocity": [0.0, 0.0],
    }
    named = {f"{task}_name": name, f"{task}_score": sure}
    return told | named | ({"tracking_id": cuboid["track"]} if "track" in cuboid else {"attribute_name": ""})


def _quaternion(heading: float, roll: float, pitch: float) -> Quaternion:
    """The rotation by roll about x, then by pitch about y, then by the heading about z."""
    (a, b), (c, d), (e, f) = ((math.cos(angle / 2), math.sin(angle / 2)) for angle in (roll, pitch, heading))
    return a * c * e + b * d * f, b * c * e - a * d * f, a * d * e + b * c * f, a * c * f - b * d * e


@entry
def read_nuscenes(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Results in the form of nuScenes as rows for `launch(task, …)`: the cloud, and the known answer.

    Args:
        task: has cuboids in a cloud as one of its outputs.
        path: the JSON file, `{"results": {cloud: [{"translation", "size", "rotation", "detection_name"}, …]}}`.
        folder: the folder in which the clouds lie, called as they are in the file; by default that of the file.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.

    Places are taken for those of the cloud's own frame. Raises `DataError` with the cloud and the box that is wrong.
    """
    asked = question(task, NuScenes.types, "nuScenes", ("point_cloud",))
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    there = path.parent if folder is None else Path(folder).expanduser()
    rows = []
    for name, boxes in decoded(path, _File).results.items():
        try:
            rows.append((name, cloud_in(there, Path(name).name), _cuboids(boxes, asked, names)))
        except DataError as error:
            raise DataError(f"{path.name}, {name!r}: {error}") from None
    names.check_used()
    return frame_of_rows(asked, rows)


def _cuboids(boxes: Sequence[_Box], asked: Question, names: LabelNames) -> Any:
    kind, found = asked.output.type, []
    tracked = bool(getattr(kind, "tracked", False))
    for number, box in enumerate(boxes, 1):
        try:
            label = names(box.name)
            if label is not None:
                track = {"track": str(box.tracking_id)} if tracked else {}
                found += kind.to_json([{**label, **_placed(box), **track}])
        except DataError as error:
            raise DataError(f"box {number}: {error}") from None
    return kind.to_json(found)


def _placed(box: _Box) -> dict[str, Any]:
    w, x, y, z = box.rotation
    if abs(math.hypot(w, x, y, z) - 1) > OFF:
        raise DataError(f"rotation: expected a quaternion w, x, y, z of the length 1, got {list(box.rotation)}")
    width, length, height = box.size
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    heading = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    tilt = [round(roll, DIGITS), round(pitch, DIGITS)]
    return {
        "centre": list(box.translation),
        "size": [length, width, height],
        "heading": round(heading, DIGITS),
        "tilt": tilt,
    }


PLUGIN = NuScenes()
