"""Pascal VOC: an XML file for each picture. Pixels are counted from 1, and the last one of a box is a part of it.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

from dataforge.arguments import entry
from dataforge.errors import DataError, SpecError
from dataforge.formats._files import child, files_in, number_of, text_in, within, xml_of
from dataforge.formats._labels import LabelNames, question
from dataforge.formats._pictures import UNNAMED, Picture, box_of, picture_rows, pictures, size_of
from dataforge.formats.base import Labels
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Voc", "read_voc"]

EDGES = ("xmin", "ymin", "xmax", "ymax")


class Voc:
    """Writes boxes as Pascal VOC has them: whole pixels, from 1, the last one included."""

    types: ClassVar[Sequence[str]] = ("boxes",)
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`<picture>.xml` for each picture."""
        for picture in pictures(labels, stems=True):
            file = (path / picture.name).with_suffix(".xml")
            file.parent.mkdir(parents=True, exist_ok=True)
            root = _annotation(picture)
            ElementTree.indent(root)
            ElementTree.ElementTree(root).write(file, "utf-8")


def _annotation(picture: Picture) -> ElementTree.Element:
    root = ElementTree.Element("annotation")
    folder, _, name = picture.name.rpartition("/")
    text_in(root, "folder", folder)
    text_in(root, "filename", name)
    size = ElementTree.SubElement(root, "size")
    for side, length in (("width", picture.width), ("height", picture.height), ("depth", 3)):
        text_in(size, side, length)
    text_in(root, "segmented", 0)
    for shape in picture.shapes:
        thing = ElementTree.SubElement(root, "object")
        told = {"name": shape.get("label", UNNAMED), "pose": "Unspecified", "truncated": 0, "difficult": 0}
        for tag, value in told.items():
            text_in(thing, tag, value)
        box = ElementTree.SubElement(thing, "bndbox")
        for edge, pixel in zip(EDGES, _pixels(shape["box"], picture), strict=True):
            text_in(box, edge, pixel)
    return root


def _pixels(box: Sequence[float], picture: Picture) -> list[int]:
    """The first and the last pixel of a box in both directions; one that is thinner than a pixel has one."""
    left, top, right, bottom = (math.floor(edge + 0.5) for edge in box)
    first = [min(left + 1, picture.width), min(top + 1, picture.height)]
    return [*first, max(right, first[0]), max(bottom, first[1])]


@entry
def read_voc(
    task: Task,
    path: str | Path,
    *,
    folder: str | Path | None = None,
    labels: Mapping[str, str] | None = None,
    first: int = 1,
) -> pd.DataFrame:
    """Boxes of a folder of Pascal VOC as rows for `launch(task, …)`: the picture, and the known answer.

    Args:
        task: has boxes on a picture as one of its outputs.
        path: the folder of XML files.
        folder: the folder in which the pictures lie; by default `JPEGImages` beside it, else the folder itself.
        labels: names in the files with the labels of the task that they mean; others are left out. By default they
            are the same.
        first: what the files call the first pixel: 1 as Pascal VOC has it, 0 where a tool counts otherwise.

    Raises `DataError` with the file and the object that is wrong.
    """
    if first not in (0, 1):
        raise SpecError(f"first: expected 1, or 0 where pixels are counted from 0, got {first!r}")
    asked = question(task, Voc.types, "Pascal VOC")
    path = Path(path).expanduser()
    names = asked.labels(labels, path.name)
    there = _images(path) if folder is None else Path(folder).expanduser()
    drawn = []
    for name, file in files_in(path, ".xml"):
        picture = _picture(file, Path(name).parent, there, names, first)
        drawn.append((picture, within(there, picture.name)))
    names.check_used()
    return picture_rows(asked, drawn, path.name)


def _images(folder: Path) -> Path:
    beside = within(folder.absolute().parent, "JPEGImages")
    return beside if beside.is_dir() else folder


def _picture(file: Path, inside: Path, images: Path, names: LabelNames, first: int) -> Picture:
    root = xml_of(file, "annotation")
    try:
        name = child(root, "filename").text or ""
        # The file may lie in the folder in which its text does, or in that of all pictures.
        nested = (inside / name).as_posix()
        shown = nested if within(images, nested).exists() else name
        lies = within(images, shown)
        size = root.find("size")
        told = [0, 0] if size is None else [int(number_of(size, side)) for side in ("width", "height")]
        # Some tools write a size of 0 where they do not look.
        width, height = told if min(told) > 0 else size_of(lies)
    except DataError as error:
        raise DataError(f"{file}: {error}") from None
    shapes: list[dict[str, Any]] = []
    for number, thing in enumerate(root.iter("object"), 1):
        try:
            label = names((child(thing, "name").text or "").strip())
            if label is not None:
                shapes.append({**label, "box": _box(child(thing, "bndbox"), width, height, first)})
        except DataError as error:
            raise DataError(f"{file}, object {number}: {error}") from None
    return Picture(shown, width, height, shapes)


def _box(written: ElementTree.Element, width: int, height: int, first: int) -> list[float]:
    left, top, right, bottom = (number_of(written, edge) for edge in EDGES)
    if min(left, top) < first:
        raise DataError(
            f"expected pixels from {first}, got {min(left, top):g}; if the files count them from 0, read with first=0"
        )
    return box_of(left - first, top - first, right + 1 - first, bottom + 1 - first, width, height)


PLUGIN = Voc()
