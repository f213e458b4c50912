"""SUSTechPOINTS: a JSON file for each cloud, with position, scale and rotation of every box.

https://github.com/naurril/SUSTechPOINTS. A rotation is roll, pitch and yaw, turned in this order, as cuboids are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._clouds import cloud_in, stems_of
from dataforge.formats._files import decoded, files_in, within
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._pictures import UNNAMED
from dataforge.formats.base import Labels
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sustech", "read_sustech"]


class _Vector(msgspec.Struct):
    x: float
    y: float
    z: float


class _Psr(msgspec.Struct):
    position: _Vector
    scale: _Vector
    rotation: _Vector


class _Box(msgspec.Struct):
    psr: _Psr
    obj_type: str
    obj_id: str = ""


class Sustech:
    """Writes cuboids as SUSTechPOINTS has them."""

    types: ClassVar[Sequence[str]] = ("cuboids",)
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<cloud>.json` for each cloud."""
        for stem, row in stems_of(labels):
            boxes = [_box(cuboid, number) for number, cuboid in enumerate(row.answer, 1)]
            (path / f"{stem}.json").write_bytes(msgspec.json.format(msgspec.json.encode(boxes), indent=1))


def _box(cuboid: Mapping[str, Any], number: int) -> _Box:
    roll, pitch = cuboid.get("tilt", (0.0, 0.0))
    rotation = _Vector(roll, pitch, cuboid["heading"])
    psr = _Psr(_Vector(*cuboid["centre"]), _Vector(*cuboid["size"]), rotation)
    return _Box(psr, cuboid.get("label", UNNAMED), cuboid.get("track", str(number)))


@entry
def read_sustech(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Boxes of a folder of SUSTechPOINTS as rows for `launch(task, …)`: the cloud, and the known answer.

    Args:
        task: has cuboids in a cloud as one of its outputs.
        path: the folder of JSON files, `label`.
        folder: the folder in which the clouds lie; by default `lidar` beside it, else the folder itself.
        labels: names in the files with the labels of the task that they mean; others are left out. By default they
            are the same.

    Raises `DataError` with the file and the box that is wrong.
    """
    asked = question(task, Sustech.types, "SUSTechPOINTS", ("point_cloud",))
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    beside = within(path.absolute().parent, "lidar")
    there = Path(folder).expanduser() if folder is not None else beside if beside.is_dir() else path
    rows = [(name, cloud_in(there, name), _cuboids(file, asked, names)) for name, file in files_in(path, ".json")]
    names.check_used()
    return frame_of_rows(asked, rows)


def _cuboids(file: Path, asked: Question, names: LabelNames) -> list[dict[str, Any]]:
    found = []
    for number, box in enumerate(decoded(file, list[_Box]), 1):
        try:
            label = names(box.obj_type)
            if label is not None:
                found += asked.output.type.to_json(
                    [_cuboid(box, label, tracked=bool(getattr(asked.output.type, "tracked", 0)))]
                )
        except DataError as error:
            raise DataError(f"{file}, box {number}: {error}") from None
    try:
        cuboids: list[dict[str, Any]] = asked.output.type.to_json(found)
    except DataError as error:
        raise DataError(f"{file}: {error}") from None
    return cuboids


def _cuboid(box: _Box, label: Mapping[str, str], *, tracked: bool) -> dict[str, Any]:
    position, scale, rotation = box.psr.position, box.psr.scale, box.psr.rotation
    placed = {
        "centre": [position.x, position.y, position.z],
        "size": [scale.x, scale.y, scale.z],
        "heading": rotation.z,
        "tilt": [rotation.x, rotation.y],
    }
    return {**label, **placed} | ({"track": box.obj_id} if tracked else {})


PLUGIN = Sustech()
