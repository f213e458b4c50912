"""KITTI: a file of labels for each picture, with boxes on it, or with cuboids as its camera sees them.

`label_2/<name>.txt`, and for cuboids `calib/<name>.txt`; `_kitti` says what a line has.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dataforge.arguments import entry
from dataforge.errors import DataError, SpecError
from dataforge.formats._clouds import cloud_in, stems_of
from dataforge.formats._files import files_in, within
from dataforge.formats._kitti import FLAT, OCCLUDED, TRUNCATED, lines_of, meaning, tokens_of, told, written
from dataforge.formats._kitti_cameras import calibration_in, camera_of, cuboid_of, line_of, matrices
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._pictures import UNNAMED, Picture, box_of, picture_rows, pictures, pictures_in, size_of
from dataforge.formats.base import Labelled, Labels
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Kitti", "read_kitti"]

LABELS, CALIBRATIONS, CLOUDS, PICTURES = "label_2", "calib", "velodyne", "image_2"


class Kitti:
    """Writes boxes on pictures, and cuboids with the calibration of the camera that sees them."""

    types: ClassVar[Sequence[str]] = ("boxes", "cuboids")
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """A file for each picture or cloud, called as it is."""
        named = _solids(labels, path) if labels.output.type.name == "cuboids" else _boxes(labels)
        for name, lines in named:
            file = path / LABELS / f"{name}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(lines), "utf-8")


def _boxes(labels: Labels) -> Iterator[tuple[str, list[str]]]:
    tokens = tokens_of(labels)
    for picture in pictures(labels, stems=True):
        known = (TRUNCATED, OCCLUDED, -10)
        lines = [written(tokens[one.get("label", UNNAMED)], *known, *one["box"], *FLAT) for one in picture.shapes]
        yield str(Path(picture.name).with_suffix("")), lines


def _solids(labels: Labels, path: Path) -> Iterator[tuple[str, list[str]]]:
    tokens, unseen, lost = tokens_of(labels), 0, 0
    for stem, row in stems_of(labels):
        camera, size = _camera(labels, row)
        lines = []
        for cuboid in row.answer:
            line = line_of(camera, cuboid, size)
            unseen, lost = unseen + (line is None), lost + bool({"tilt", "track"} & cuboid.keys())
            if line is not None:
                lines.append(written(tokens[cuboid.get("label", UNNAMED)], *line))
        (path / CALIBRATIONS).mkdir(exist_ok=True)
        (path / CALIBRATIONS / f"{stem}.txt").write_text(calibration_in(camera), "utf-8")
        yield stem, lines
    for count, what in ((unseen, "cuboids that the picture does not show"), (lost, "tilts and tracks of cuboids")):
        if count:
            warnings.warn(f"KITTI has no room for {what}, which were left out: {count}", stacklevel=2)


def _camera(labels: Labels, row: Labelled) -> tuple[Mapping[str, Any], tuple[int, int]]:
    """The camera of the first picture of a cloud that is calibrated, and the picture's size."""
    cameras = {
        name: camera
        for slot in labels.inputs
        if slot.type.name == "calibration"
        for name, camera in (row.inputs.get(slot.name) or {}).items()
    }
    picture = next((slot.name for slot in labels.inputs if slot.type.name == "image" and slot.name in cameras), None)
    if picture is None:
        raise DataError(
            f"item {row.id!r}: KITTI tells where a camera sees cuboids, and no picture of this cloud is calibrated; "
            "write them as sustech"
        )
    camera = cameras[picture]
    if camera.get("distortion"):
        raise DataError(f"item {row.id!r}: KITTI's pictures are straight, and the lens of {picture!r} bends them")
    file = row.files.get(picture)
    if file is None:
        raise DataError(f"item {row.id!r}: its picture {picture!r} is not on this machine, and tells how large it is")
    return camera, size_of(file)


@entry
def read_kitti(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Labels of KITTI as rows for `launch(task, …)`: the picture or the cloud, and the known answer.

    Args:
        task: has boxes on a picture, or cuboids in a cloud, as one of its outputs.
        path: the folder with `label_2`, and for cuboids `calib` beside it.
        folder: where the pictures or clouds lie; by default `image_2` or `velodyne` in `path`.
        labels: types in the files with the labels of the task that they mean; others are left out. By default they are
            the same, but for spaces, which are `_` there.

    `DontCare` is left out. With cuboids come the calibration and the picture of `image_2`, where the task has one input
    for each. Raises `DataError` with the file and the line that is wrong.
    """
    asked = question(task, Kitti.types, "KITTI", ("image", "point_cloud"))
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    given = None if folder is None else Path(folder).expanduser()
    if asked.output.type.name == "cuboids":
        frame = _read_solids(asked, path, given, names)
    else:
        frame = _read_boxes(asked, path, given, names)
    names.check_used()
    return frame


def _read_boxes(asked: Question, path: Path, given: Path | None, names: LabelNames) -> pd.DataFrame:
    folder = given or path / PICTURES
    there, drawn = pictures_in(folder, [given or path]), []
    for name, file in files_in(path / LABELS, ".txt", named=[path]):
        if name not in there:
            raise DataError(f"{file}: there is no picture {name!r} in {str(folder)!r}; say where it lies, folder=…")
        whole, picture = there[name]
        width, height = size_of(picture)
        shapes: list[dict[str, Any]] = []
        for line in lines_of(file):
            try:
                label = meaning(names, line)
                if label is not None:
                    left, top, right, bottom = line.box
                    shapes.append({**label, "box": box_of(left, top, right, bottom, width, height)})
            except DataError as error:
                raise told(file, line, error) from None
        drawn.append((Picture(whole, width, height, shapes), picture))
    return picture_rows(asked, drawn, path.name)


def _read_solids(asked: Question, path: Path, given: Path | None, names: LabelNames) -> pd.DataFrame:
    if getattr(asked.output.type, "tracked", False):
        raise SpecError("KITTI's labels of clouds have no tracks; read them for Cuboids(…) without tracked=True")
    folder = given or within(path, CLOUDS)
    rows, cameras = [], []
    for name, file in files_in(path / LABELS, ".txt", named=[path]):
        extrinsic, seen = matrices(within(path, Path(CALIBRATIONS, f"{name}.txt")))
        cuboids: list[Any] = []
        for line in lines_of(file):
            try:
                label = meaning(names, line)
                if label is not None:
                    cuboids += asked.output.type.to_json([{**label, **cuboid_of(extrinsic, line.solid)}])
            except DataError as error:
                raise told(file, line, error) from None
        rows.append((name, cloud_in(folder, name), cuboids))
        cameras.append(camera_of(extrinsic, seen))
    return _with_cameras(asked, frame_of_rows(asked, rows), cameras, path / PICTURES, [path, folder])


def _with_cameras(
    asked: Question, frame: pd.DataFrame, cameras: Sequence[Any], folder: Path, named: Sequence[Path]
) -> pd.DataFrame:
    """The rows with the calibration and the picture, where the task asks for one of each."""
    import pandas as pd

    images, calibrations = (
        [slot.name for slot in asked.task.inputs if slot.type.name == kind] for kind in ("image", "calibration")
    )
    if len(images) == 1 and len(calibrations) == 1:
        frame[calibrations[0]] = pd.Series([{images[0]: camera} for camera in cameras], dtype=object)
    if len(images) == 1 and folder.is_dir():
        there = {name: str(path) for name, (_, path) in pictures_in(folder, named).items()}
        frame[images[0]] = [there.get(Path(cloud).stem) for cloud in frame[asked.of.name]]
    return frame


PLUGIN = Kitti()
