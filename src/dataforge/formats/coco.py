"""COCO: pictures, categories and annotations in one JSON file, boxes as [x, y, width, height] from 0.

https://cocodataset.org/#format-data
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import decoded
from dataforge.formats._labels import LabelNames, question
from dataforge.formats._masks import read_runs, runs_in, traced
from dataforge.formats._pictures import UNNAMED, Picture, box_of, inside, located, opened, picture_rows, pictures
from dataforge.formats.base import Labels
from dataforge.geometry.pixel_runs import bounds, runs_within, size_of, text_of, union
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Coco", "read_coco"]


# How a keypoint is marked: not at all, at a place where something hides it, or as it is seen.
UNMARKED, HIDDEN, SEEN = 0, 1, 2

# What is not kept as it is when a file is read.
CROWDS = "regions of many objects (iscrowd) left out"
PARTED = "objects of several parts became a polygon for each part"
MASKS = "masks (RLE) became outlines of their pixels"
HOLES = "holes in masks filled"
SPECKS = "specks of masks left out"
POINTED = "objects with several keypoints became a point for each"
COVERED = "hidden keypoints became points like others"
BARE = "objects without a keypoint left out"


class Coco:
    """Writes boxes, polygons, points and masks as COCO has them.

    A point is an object with one keypoint of its name, a mask one with all pixels of its label.
    """

    types: ClassVar[Sequence[str]] = ("boxes", "polygons", "points", "mask")
    ending: ClassVar[str] = ".json"
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """One JSON file; categories are numbered from 1 in the order of the labels."""
        names = labels.values() or [UNNAMED]
        numbers = {name: number for number, name in enumerate(names, 1)}
        with_points = labels.output.type.name == "points"
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number, picture in enumerate(pictures(labels), 1):
            image = {"id": number, "width": picture.width, "height": picture.height, "file_name": picture.name}
            images.append(image | ({} if picture.url is None else {"coco_url": picture.url}))
            for shape in picture.shapes:
                named = {"id": len(annotations) + 1, "image_id": number, "iscrowd": 0}
                annotations.append(
                    named | {"category_id": numbers[shape.get("label", UNNAMED)]} | _geometry(shape, picture)
                )
        whole = {
            "info": {"description": labels.name},
            "licenses": [],
            "images": images,
            "categories": [
                {"id": number, "name": name, "supercategory": ""}
                | ({"keypoints": [name], "skeleton": []} if with_points else {})
                for name, number in numbers.items()
            ],
            "annotations": annotations,
        }
        path.write_bytes(msgspec.json.encode(whole))


def _geometry(shape: Mapping[str, Any], picture: Picture) -> dict[str, Any]:
    if "counts" in shape:
        runs = runs_in(shape, picture.width, picture.height)
        left, top, right, bottom = bounds(runs, picture.height)
        mask = {"size": [picture.height, picture.width], "counts": shape["counts"]}
        return {"bbox": [left, top, right - left, bottom - top], "area": size_of(runs), "segmentation": mask}
    if "box" in shape:
        left, top, right, bottom = shape["box"]
        box = [left, top, right - left, bottom - top]
        return {"bbox": box, "area": box[2] * box[3], "segmentation": []}
    if "point" in shape:
        x, y = shape["point"]
        geometry = {"bbox": [x, y, 0, 0], "area": 0, "segmentation": []}
        return geometry | {"keypoints": [x, y, SEEN], "num_keypoints": 1}
    points = shape["points"]
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    right, bottom = (max(point[axis] for point in points) for axis in (0, 1))
    flat = [number for point in points for number in point]
    return {"bbox": [left, top, right - left, bottom - top], "area": _area(points), "segmentation": [flat]}


def _area(points: Sequence[Sequence[float]]) -> float:
    """The area of a polygon, by the shoelace formula."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * below - right * y for (x, y), (right, below) in pairs)) / 2


class _Image(msgspec.Struct):
    id: int | str
    width: int
    height: int
    file_name: str
    coco_url: str | None = None


class _Category(msgspec.Struct):
    id: int
    name: str
    keypoints: list[str] = []


class _Annotation(msgspec.Struct):
    image_id: int | str
    category_id: int
    id: int | str | None = None
    bbox: list[float] | None = None
    segmentation: Any = None
    keypoints: list[float] | None = None
    iscrowd: int | bool = 0


class _File(msgspec.Struct):
    images: list[_Image]
    categories: list[_Category]
    annotations: list[_Annotation]


@entry
def read_coco(
    task: Task, path: str | Path, *, folder: str | Path | None = None, labels: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Boxes, polygons, keypoints or masks of a COCO file as rows for `launch(task, …)`, with the known answers.

    Args:
        task: has boxes, polygons, points or a mask on a picture as an output; that says what is read.
        path: the JSON file.
        folder: the folder in which the pictures lie; by default that of the file. What is not there is taken from its
            `coco_url`.
        labels: names of categories, for points those of keypoints, with the labels of the task that they mean;
            others are left out. By default they are the same.

    Regions of many objects (`iscrowd`) are left out, an object of several parts becomes a polygon for each, a mask the
    outlines of its pixels without holes, and an object with several keypoints a point for each. A task for masks takes
    all of them, polygons by the pixels whose middles they have; where two labels share pixels the smaller object has
    them. Warnings say how many.
    Raises `DataError` with the annotation that is wrong.
    """
    asked = question(task, Coco.types, "COCO")
    path = Path(path).expanduser()
    file = decoded(path, _File)
    reading = _Reading(file, asked.labels(labels, path.name), path.name, asked.output.type.name)
    there = path.parent if folder is None else Path(folder).expanduser()
    rows = picture_rows(asked, located(reading.pictures(), there, path.name), path.name)
    reading.finish()
    return rows


class _Reading:
    """The annotations of a file as shapes, and what of them could not be kept."""

    def __init__(self, file: _File, labels: LabelNames, name: str, kind: str) -> None:
        self._file = file
        self._labels = labels
        self._name = name
        self._kind = kind
        self._lost: Counter[str] = Counter()

    def pictures(self) -> Iterator[Picture]:
        """The pictures in their order, each with the shapes on it."""
        self._refuse_same(Counter(image.id for image in self._file.images), "images")
        self._refuse_same(Counter(category.id for category in self._file.categories), "categories")
        categories = {category.id: category for category in self._file.categories}
        drawn: dict[int | str, list[_Annotation]] = {image.id: [] for image in self._file.images}
        for annotation in self._file.annotations:
            for what, known in ((annotation.image_id, drawn), (annotation.category_id, categories)):
                if what not in known:
                    kind = "image" if known is drawn else "category"
                    raise DataError(f"{self._called(annotation)}: there is no {kind} {what!r}; mend its {kind}_id")
            drawn[annotation.image_id].append(annotation)
        for image in self._file.images:
            shapes = [shape for one in drawn[image.id] for shape in self._shapes(one, categories, image)]
            yield Picture(image.file_name, image.width, image.height, shapes, image.coco_url)

    def finish(self) -> None:
        """Warn of what was not kept as it was."""
        self._labels.check_used()
        for what, count in self._lost.items():
            warnings.warn(f"{self._name}: {what}: {count}", stacklevel=4)

    def _shapes(
        self, annotation: _Annotation, categories: Mapping[int, _Category], image: _Image
    ) -> Iterator[dict[str, Any]]:
        category = categories[annotation.category_id]
        try:
            if self._kind == "points":
                yield from self._points(annotation, category, image)
                return
            label = self._labels(category.name)
            if label is None:
                return
            if self._kind == "mask":
                yield {**label, "counts": _counts(annotation.segmentation, image)}
            elif annotation.iscrowd:
                self._lost[CROWDS] += 1
            elif self._kind == "boxes":
                yield {**label, "box": _box(annotation.bbox, image)}
            else:
                for part in self._parts(annotation.segmentation, image):
                    yield {**label, "points": inside(part, image.width, image.height)}
        except DataError as error:
            raise DataError(f"{self._called(annotation)}: {error}") from None

    def _parts(self, written: Any, image: _Image) -> Sequence[list[list[float]]]:
        """The outlines of an object."""
        size = image.width, image.height
        if not isinstance(written, Mapping):
            parts = _outlines(written)
        else:
            parts, holes, specks = traced(read_runs(written, *size), *size)
            self._lost += Counter({MASKS: 1, HOLES: holes, SPECKS: specks})
        self._lost += Counter({PARTED: int(len(parts) > 1)})
        return parts

    def _points(self, annotation: _Annotation, category: _Category, image: _Image) -> Iterator[dict[str, Any]]:
        """The keypoints of an object that are marked."""
        if annotation.iscrowd:
            self._lost[CROWDS] += 1
            return
        marked = [point for point in _keypoints(annotation.keypoints, category) if point[-1] != UNMARKED]
        self._lost += Counter({BARE: int(not marked), POINTED: int(len(marked) > 1)})
        for name, x, y, seen in marked:
            label = self._labels(name)
            if label is not None:
                self._lost += Counter({COVERED: int(seen == HIDDEN)})
                yield {**label, "point": inside([[x, y]], image.width, image.height)[0]}

    def _called(self, annotation: _Annotation) -> str:
        place = self._file.annotations.index(annotation)
        return f"{self._name}, annotation {place if annotation.id is None else annotation.id!r}"

    def _refuse_same(self, ids: Counter[Any], what: str) -> None:
        twice = [one for one, count in ids.items() if count > 1]
        if twice:
            raise DataError(f"{self._name}: two {what} have the id {twice[0]!r}; ids are to be told apart")


def _box(written: list[float] | None, image: _Image) -> list[float]:
    if written is None or len(written) != 4:
        raise DataError(f"bbox: expected [x, y, width, height], got {written!r}")
    left, top, width, height = written
    return box_of(left, top, left + width, top + height, image.width, image.height)


def _counts(written: Any, image: _Image) -> str:
    """The pixels of an object."""
    size = image.width, image.height
    if isinstance(written, Mapping):
        runs = read_runs(written, *size)
    else:
        runs = union(runs_within(inside(part, *size), *size) for part in _outlines(written))
    return text_of(runs, image.width * image.height)


def _outlines(written: Any) -> list[list[list[float]]]:
    """The outlines that are written; a flat list is one outline, which some tools write."""
    if isinstance(written, list) and written and not isinstance(written[0], list):
        written = [written]
    if not isinstance(written, list) or not written:
        raise DataError("segmentation: expected polygons or a mask, got none; is it a file of boxes?")
    return [_outline(part) for part in written]


def _keypoints(written: list[float] | None, category: _Category) -> list[tuple[str, float, float, float]]:
    """Name, place and mark of each keypoint of an object; none where it has none."""
    names, numbers = category.keypoints, written or []
    if numbers and len(numbers) != 3 * len(names):
        raise DataError(
            f"keypoints: expected x, y and a mark of each keypoint of the category {category.name!r}, {len(names)} of "
            f"them, got {len(numbers)} numbers"
        )
    marks = numbers[2::3]
    if strange := [mark for mark in marks if mark not in (UNMARKED, HIDDEN, SEEN)]:
        raise DataError(f"keypoints: expected 0, 1 or 2 as mark of a keypoint, got {strange[0]:g}")
    return list(zip(names, numbers[::3], numbers[1::3], marks, strict=False))


def _outline(flat: Any) -> list[list[float]]:
    numbers = isinstance(flat, list) and all(isinstance(one, int | float) for one in flat)
    if not numbers or len(flat) % 2 or len(flat) < 6:
        raise DataError(f"segmentation: expected [x1, y1, x2, y2, …] of at least three corners, got {shorten(flat)}")
    points = [[flat[place], flat[place + 1]] for place in range(0, len(flat), 2)]
    return opened(points)


PLUGIN = Coco()
