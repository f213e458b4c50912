"""CVAT for images 1.1: one XML file with the shapes on each picture, edges as decimal numbers from 0.

https://docs.cvat.ai/docs/manual/advanced/xml_format/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._cvat_masks import mask_of, runs_in_mask
from dataforge.formats._files import number, text_in, xml_of
from dataforge.formats._labels import LabelNames, question
from dataforge.formats._pictures import UNNAMED, Picture, box_of, inside, located, opened, picture_rows, pictures
from dataforge.formats.base import Labels
from dataforge.geometry.pixel_runs import runs_within, text_of
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cvat", "read_cvat"]

TAGS = {"boxes": "box", "polygons": "polygon", "lines": "polyline", "points": "points", "mask": "mask"}
EDGES = ("xtl", "ytl", "xbr", "ybr")


class Cvat:
    """Writes shapes as CVAT has them."""

    types: ClassVar[Sequence[str]] = tuple(TAGS)
    ending: ClassVar[str] = ".xml"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One XML file, with the names of the labels in its head."""
        root = ElementTree.Element("annotations")
        text_in(root, "version", "1.1")
        found = pictures(labels)
        task = ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "task")
        for tag, value in {"name": labels.name, "size": len(found), "mode": "annotation"}.items():
            text_in(task, tag, value)
        named = ElementTree.SubElement(task, "labels")
        for name in labels.values() or [UNNAMED]:
            label = ElementTree.SubElement(named, "label")
            text_in(label, "name", name)
            ElementTree.SubElement(label, "attributes")
        for place, picture in enumerate(found):
            size = {"width": str(picture.width), "height": str(picture.height)}
            image = ElementTree.SubElement(root, "image", {"id": str(place), "name": picture.name, **size})
            for shape in picture.shapes:
                if labels.output.type.name != "mask":
                    ElementTree.SubElement(image, *_written(shape, labels.output.type.name))
                elif places := mask_of(shape, picture.width, picture.height):
                    ElementTree.SubElement(image, "mask", {**_told(shape), **places, "z_order": "0"})
        ElementTree.indent(root)
        ElementTree.ElementTree(root).write(path, "utf-8", xml_declaration=True)


def _written(shape: Mapping[str, Any], kind: str) -> tuple[str, dict[str, str]]:
    if kind == "boxes":
        places = {edge: repr(value) for edge, value in zip(EDGES, shape["box"], strict=True)}
    else:
        points = shape["points"] if "points" in shape else [shape["point"]]
        places = {"points": ";".join(f"{x!r},{y!r}" for x, y in points)}
    return TAGS[kind], {**_told(shape), **places, "z_order": "0"}


def _told(shape: Mapping[str, Any]) -> dict[str, str]:
    return {"label": shape.get("label", UNNAMED), "source": "manual", "occluded": "0"}


@entry
def read_cvat(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Shapes of a file of CVAT for images as rows for `launch(task, …)`: the picture, and the known answer.

    Args:
        task: has boxes, polygons, lines, points or a mask on a picture as one of its outputs; that says which are read.
            Polygons are read as masks, too.
        path: the XML file, as CVAT exports it by *CVAT for images 1.1*.
        folder: the folder in which the pictures lie; by default that of the file.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.

    Raises `DataError` with the picture and the shape that is wrong: a film's tracks, a turned box, a mask for polygons.
    """
    asked = question(task, Cvat.types, "CVAT")
    path = Path(path).expanduser()
    root = xml_of(path, "annotations")
    if root.find("track") is not None:
        raise DataError(f"{path.name}: is of a film, with tracks; export it as CVAT for images 1.1")
    names = asked.labels(labels, path.name)
    there = path.parent if folder is None else Path(folder).expanduser()
    drawn = _pictures(root, asked.output.type.name, names, path.name)
    found = list(located(drawn, there, path.name))
    names.check_used()
    return picture_rows(asked, found, path.name)


def _pictures(root: ElementTree.Element, kind: str, names: LabelNames, file: str) -> Iterator[Picture]:
    for image in root.iter("image"):
        name = image.get("name", "")
        try:
            width, height = (int(number(image.get(side), side)) for side in ("width", "height"))
        except DataError as error:
            raise DataError(f"{file}, picture {name!r}: {error}") from None
        shapes: list[dict[str, Any]] = []
        for place, element in enumerate(image, 1):
            try:
                shapes += _shapes(element, kind, names, (width, height))
            except DataError as error:
                raise DataError(f"{file}, picture {name!r}, <{element.tag}> {place}: {error}") from None
        yield Picture(name, width, height, shapes)


def _shapes(
    element: ElementTree.Element, kind: str, names: LabelNames, size: tuple[int, int]
) -> Iterator[dict[str, Any]]:
    """The shape of an element if it is of this kind; one of points is a shape for each."""
    mask = element.tag == "mask" and kind == "polygons"
    if element.tag != TAGS[kind] and not mask and (element.tag, kind) != ("polygon", "mask"):
        return
    label = names(element.get("label", ""))
    if label is None:
        return
    if mask:
        raise DataError("expected a polygon, got a mask, which has no corners; let CVAT convert masks to polygons")
    if number(element.get("rotation", "0"), "rotation"):
        raise DataError("expected an upright box, got one that is turned; draw it as a polygon")
    if kind == "boxes":
        left, top, right, bottom = (number(element.get(edge), edge) for edge in EDGES)
        yield {**label, "box": box_of(left, top, right, bottom, *size)}
        return
    if element.tag == "mask":
        yield {**label, "counts": text_of(runs_in_mask(element, *size), size[0] * size[1])}
        return
    points = inside([_point(written) for written in element.get("points", "").split(";")], *size)
    if kind == "mask":
        yield {**label, "counts": text_of(runs_within(points, *size), size[0] * size[1])}
    elif kind == "points":
        yield from ({**label, "point": point} for point in points)
    else:
        yield {**label, "points": opened(points) if kind == "polygons" else points}


def _point(written: str) -> list[float]:
    x, _, y = written.partition(",")
    return [number(x, "points"), number(y, "points")]


PLUGIN = Cvat()
