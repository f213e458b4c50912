"""Label Studio: a JSON list of its tasks, with places on pictures in hundredths of their sides.

https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import decoded, within
from dataforge.formats._films import check_boxes, check_film, keys_of
from dataforge.formats._labels import LabelNames, Question, frame_of_rows, question
from dataforge.formats._pictures import Picture, picture_rows
from dataforge.formats._regions import KINDS, Region, is_of, label_in, part_of, regions_of, tracks_written, words_of
from dataforge.formats._sequences import keys_in
from dataforge.formats._spans import marked
from dataforge.formats.base import Labelled, Labels
from dataforge.media.films import film_of
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LabelStudio", "read_label_studio"]

# Under this name a task's data have the id that the item had here.
ITEM = "item"


class LabelStudio:
    """Writes what is drawn, followed, marked and heard as tasks of Label Studio with their annotations."""

    types: ClassVar[Sequence[str]] = tuple(KINDS)
    ending: ClassVar[str] = ".json"
    several: ClassVar[bool] = True

    def write(self, labels: Labels, path: Path) -> None:
        """One JSON file: a task for each item, with an annotation for each of its answers."""
        assert labels.of is not None, "parts are those of an input"
        kind, output, of = labels.output.type.name, labels.output.name, labels.of.name
        tasks: dict[str, dict[str, Any]] = {}
        for row in labels.rows:
            data = {ITEM: row.id, of: str(row.value)}
            task = tasks.setdefault(row.id, {"id": len(tasks) + 1, "data": data, "annotations": []})
            written = _tracks(row, output) if kind == "track" else regions_of(row.answer, kind, output)
            result = [{**region, "to_name": of} for region in written]
            task["annotations"].append({"result": result, "was_cancelled": False})
        path.write_bytes(msgspec.json.format(msgspec.json.encode(list(tasks.values())), indent=1))
        hidden = sum(key.get("hidden", False) for row in labels.rows if kind == "track" for key in keys_of(row.answer))
        if hidden:
            warnings.warn(f"Label Studio cannot say that a box is guessed, which is lost: {hidden}", stacklevel=2)


def _tracks(row: Labelled, output: str) -> Iterator[dict[str, Any]]:
    check_film(row)
    return tracks_written(row.answer, output)


class _Annotation(msgspec.Struct):
    result: list[Region]
    was_cancelled: bool = False
    ground_truth: bool = False


class _Task(msgspec.Struct):
    data: dict[str, Any]
    id: int | str | None = None
    annotations: list[_Annotation] = []

    @property
    def name(self) -> str:
        """What the item is called: as it was when it was written, else as Label Studio numbers it."""
        return str(self.data.get(ITEM, self.id))

    @property
    def meant(self) -> list[_Annotation]:
        """The annotations that were not cancelled; those that are the ground truth if any is."""
        there = [one for one in self.annotations if not one.was_cancelled]
        return [one for one in there if one.ground_truth] or there


@entry
def read_label_studio(
    task: Task,
    path: str | Path,
    *,
    folder: str | Path | None = None,
    labels: Mapping[str, str] | None = None,
    field: str | None = None,
) -> pd.DataFrame:
    """Annotations of a JSON export of Label Studio as rows for `launch(task, …)`: the input, and the known answer.

    Args:
        task: has boxes, polygons, points, a mask, tracks of boxes, spans or segments as one of its outputs; that says
            which regions are read.
        path: the JSON file, as Label Studio exports it by *JSON*.
        folder: the folder in which the pictures, films or sounds lie; by default that of the file. What is not there is
            taken from its address, if it has one.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.
        field: what the input is called in the file; by default as in the task, or what it is called if there is one.

    What has no annotation is left out. Of several the one that is marked as ground truth is taken. Raises `DataError`
    with the task and the region that is wrong: a turned box, several annotations.
    """
    asked = question(task, LabelStudio.types, "Label Studio")
    if asked.output.type.name == "track":
        check_boxes(asked.output, "Label Studio")
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    reading = _Reading(asked, names, path.parent if folder is None else Path(folder).expanduser(), field)
    found = []
    for one in decoded(path, list[_Task]):
        try:
            if one.meant:
                found.append(reading.read(one))
        except DataError as error:
            raise DataError(f"{path.name}, task {one.id!r}: {error}") from None
    names.check_used()
    if asked.of.type.name == "image":
        return picture_rows(asked, [(item.picture(), item.path) for item in found], path.name)
    return frame_of_rows(asked, [(item.name, item.value, item.parts) for item in found])


@dataclass(frozen=True)
class _Read:
    """An item that was read: its input, with the answer, or with the shapes of which one is to be made.

    A picture lies at `path`, if it is here, and has the `size` that its regions tell.
    """

    name: str
    value: str
    parts: Any
    path: Path = Path()
    size: tuple[int, int] = (0, 0)

    def picture(self) -> Picture:
        """The item as a picture with shapes."""
        url = self.value if self.value != str(self.path) else None
        return Picture(self.path.name, *self.size, self.parts, url, self.name)


class _Reading:
    """Tasks of a file as items with answers."""

    def __init__(self, asked: Question, names: LabelNames, folder: Path, field: str | None) -> None:
        self._asked = asked
        self._kind = asked.output.type.name
        self._names = names
        self._folder = folder
        self._field = field

    def read(self, task: _Task) -> _Read:
        """The item of a task, with the answer that its annotation is; raises `DataError` with the region."""
        if len(task.meant) != 1:
            raise DataError(f"has {len(task.meant)} annotations; mark the one that is right as ground truth")
        [annotation] = task.meant
        value, regions = self._input(task), [one for one in annotation.result if is_of(one, self._kind)]
        words = words_of(annotation.result) if self._asked.output.type.settings().get("text") else None
        drawn = () if self._kind == "track" else regions
        parts = [part for region in drawn if (part := self._part(region, words)) is not None]
        if self._kind == "spans":
            return _Read(task.name, value, marked(self._asked, parts, value))
        path, url = self._located(value)
        lies = str(path) if url is None or path.exists() else url
        if self._kind == "track":
            return _Read(task.name, lies, self._followed(regions, path))
        if self._kind == "segments":
            return _Read(task.name, lies, self._asked.output.type.to_json(parts))
        size = next(((one.original_width, one.original_height) for one in regions), (0, 0))
        return _Read(task.name, lies, parts, path, size)

    def _followed(self, regions: Sequence[Region], path: Path) -> Any:
        """Tracks through a film, which has to be here: it tells how large its pictures are."""
        if not path.exists():
            raise DataError(f"there is no film {str(path)!r}; name their folder as folder=…")
        film, tracks = film_of(path), []
        for place, region in enumerate(regions, 1):
            try:
                label = label_in(region, self._names)
                if label is not None:
                    number = int(region.id) if str(region.id).isdecimal() else place
                    tracks.append({"id": number, **label, "keys": keys_in(region.value.get("sequence"), film)})
            except DataError as error:
                raise DataError(f"region {region.id!r}: {error}") from None
        whole = {"width": film.width, "height": film.height, "frames": film.count, "tracks": tracks}
        return self._asked.output.type.to_json(whole)

    def _part(self, region: Region, words: Mapping[str | int, str] | None) -> dict[str, Any] | None:
        try:
            part = part_of(region, self._kind, self._names)
        except DataError as error:
            raise DataError(f"region {region.id!r}: {error}") from None
        return part if part is None or words is None else {**part, "text": words.get(region.id, "")}

    def _input(self, task: _Task) -> str:
        field = self._field or self._asked.of.name
        texts = {name: value for name, value in task.data.items() if isinstance(value, str) and name != ITEM}
        if field in texts:
            return str(texts[field])
        if self._field is None and len(texts) == 1:
            return str(next(iter(texts.values())))
        raise DataError(f"expected {field!r} among its data, got {shorten(list(task.data))}; say what it is, field=…")

    def _located(self, value: str) -> tuple[Path, str | None]:
        """Where a picture or a sound lies on this machine, and its address if it has one."""
        parts = urlsplit(value)
        name = parts.path.rpartition("/")[2]
        if parts.scheme in ("http", "https"):
            return within(self._folder, name), value
        # Where its own server looks for local files, and for those that were uploaded to it.
        local = parse_qs(parts.query).get("d", [value if not parts.scheme else name])[0]
        beside = within(self._folder, Path(local).name)
        try:
            path = within(self._folder, local)
        except DataError:
            # A path on its server says nothing here but the file's name.
            if beside.exists() or not (self._folder / local).exists():
                return beside, None
            raise
        return path if path.exists() else beside, None


PLUGIN = LabelStudio()
