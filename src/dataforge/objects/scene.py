"""Scene: a point cloud and the pictures that cameras took of it, as a pipeline's function has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError
from dataforge.geometry.cameras import framed
from dataforge.objects._json_files import json_in
from dataforge.objects.base import ObjectType, listed, shorten
from dataforge.objects.calibration import Calibration
from dataforge.objects.image import Image
from dataforge.objects.point_cloud import PointCloud

__all__ = ["Scene", "View"]

CLOUD, CAMERAS = "cloud", "cameras"
MOST = 32
EXAMPLE = '{"cloud": "scan.pcd", "front": "front.jpg", …, "cameras": {"front": "front.json"}}'


class View(dict[str, Any]):
    """A scene in a pipeline's function: `scene.cloud`, each picture by its name, `scene.cameras`.

    The parts are what tasks take; `cameras` is None where none is calibrated.
    """

    def __getattr__(self, name: str) -> Any:
        """A part by its name."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the scene has no {name!r}; it has: {listed(self)}") from None

    def frames(
        self, picture: str, cuboids: Sequence[Mapping[str, Any]], size: tuple[float, float]
    ) -> list[list[float] | None]:
        """What of a picture of this width and height each cuboid takes, `[left, top, right, bottom]`.

        None for one that is outside of the picture, or partly behind its camera; for all where it is not calibrated.
        """
        camera = (self[CAMERAS] or {}).get(picture)
        return [None] * len(cuboids) if camera is None else framed(camera, cuboids, size)


@named_entry
@dataclass(frozen=True, eq=False)
class Scene(ObjectType):
    """A cloud and pictures of it, the input of a pipeline's function: `scene.cloud`, `scene.front`, `scene.cameras`.

    A value is `{"cloud": file, "front": picture, …, "cameras": calibration}`, the path of a JSON file that holds it, or
    stands in columns of a table: `scene.cloud`, `scene.front`, `scene.cameras`. You name the pictures; cameras may
    lack, or tell of some pictures only. Tasks are asked about the parts.
    """

    name: ClassVar[str] = "scene"
    media: ClassVar[bool] = True
    answerable: ClassVar[bool] = False
    in_columns: ClassVar[bool] = True
    in_tasks: ClassVar[bool] = False

    def __getattr__(self, name: str) -> Any:
        """A part, which only an item's scene has, in a pipeline's function."""
        raise AttributeError(name)

    def from_text(self, text: str) -> Any:
        """The scene that a cell holds as JSON, or the path of a file."""
        try:
            return json.loads(text)
        except ValueError:
            return text

    def located(self, value: Any, folder: Path) -> Any:
        """Relative paths set against `folder`; those in a JSON file against the file's folder."""
        value = self.from_text(value) if isinstance(value, str) else value
        if isinstance(value, str | Path):
            path = folder / Path(value).expanduser()
            return self.located(_opened(path), path.parent)
        if not isinstance(value, Mapping):
            return value
        return {name: _part_located(name, part, folder) for name, part in value.items()}

    def to_json(self, value: Any) -> dict[str, Any]:
        """The parts in JSON form."""
        if isinstance(value, str | Path):
            value = self.located(value, Path())
        if not isinstance(value, Mapping) or CLOUD not in value:
            raise DataError(
                f"expected a scene, {EXAMPLE}, or the path of a JSON file that holds one, got {shorten(value)}"
            )
        if len(value) > MOST + 2:
            raise DataError(f"expected at most {MOST} pictures, got {len(value) - 2}")
        parts = {name: _checked(name, part) for name, part in value.items() if name != CAMERAS}
        cameras = value.get(CAMERAS)
        if cameras is None:
            return parts
        known = _told(CAMERAS, Calibration().to_json, cameras)
        pictures = [name for name in parts if name != CLOUD]
        if strangers := [name for name in known if name not in pictures]:
            raise DataError(f"cameras: there is no picture of {listed(strangers)}; pictures are: {listed(pictures)}")
        return {**parts, CAMERAS: known}

    def check_input(self, value: Any) -> dict[str, Any]:
        """The parts, checked; a path alone means nothing here."""
        if not isinstance(value, Mapping):
            raise DataError(f"expected a scene, {EXAMPLE}, got {shorten(value)}")
        return self.to_json(value)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Refuse: workers cannot answer with scenes."""
        raise AnswerError(f"workers cannot answer with a {self.name}, got {shorten(value)}")

    def of_item(self, value: Any) -> View:
        """The scene as a pipeline's function has it."""
        parts = {name: _type_of(name).of_item(part) for name, part in value.items() if name != CAMERAS}
        return View(parts | {CAMERAS: value.get(CAMERAS)})


def _type_of(name: str) -> PointCloud | Image:
    return PointCloud() if name == CLOUD else Image()


def _checked(name: Any, part: Any) -> Any:
    """The cloud or a picture in JSON form; raises `DataError` that names it."""
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("_") or hasattr(View, name):
        raise DataError(
            f"expected the name of a picture, such as 'front', by which it is asked for, got {shorten(name)}"
        )
    if isinstance(part, Mapping) and part.keys() == {"file"}:
        part = part["file"]
    return _told(name, _type_of(name).to_json, part)


def _told(name: str, check: Callable[[Any], Any], part: Any) -> Any:
    try:
        return check(part)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def _part_located(name: Any, part: Any, folder: Path) -> Any:
    if name != CAMERAS:
        return _type_of(name).located(part, folder)
    if isinstance(part, str | Path):
        return str(folder / Path(part).expanduser())
    if isinstance(part, Mapping):
        return {
            camera: _part_located(CAMERAS, one, folder) if isinstance(one, str | Path) else one
            for camera, one in part.items()
        }
    return part


def _opened(path: Path) -> Any:
    """What a JSON file holds; raises `DataError`."""
    found = json_in(path, "scene")
    if not isinstance(found, Mapping):
        raise DataError(f"the file {str(path)[-200:]!r}: expected a scene, {EXAMPLE}, got {shorten(found)}")
    return found


PLUGIN = Scene
