"""YOLO: a text file for each picture, a line for each object, in shares of the picture's sides.

A box is `class x-centre y-centre width height`, a polygon `class x1 y1 x2 y2 …`, classes are numbered from 0, and an
empty file means that nothing is on the picture. https://docs.ultralytics.com/datasets/
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import files_in, text_of
from dataforge.formats._labels import LabelNames, question
from dataforge.formats._masks import runs_in, traced
from dataforge.formats._pictures import (
    UNNAMED,
    Picture,
    box_of,
    inside,
    opened,
    picture_rows,
    pictures,
    pictures_in,
    size_of,
)
from dataforge.formats.base import Labels
from dataforge.geometry.pixel_runs import runs_within
from dataforge.geometry.pixel_runs import text_of as counts_text
from dataforge.objects.base import shorten
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Yolo", "read_yolo"]

# Where names of classes are: a file of settings, or one with a name a line.
SETTINGS, LISTS = ("data.yaml", "data.yml", "dataset.yaml"), ("classes.txt", "obj.names", "classes.names")
# So many digits behind the point does a share of a side keep in other tools; here it keeps all.
DIGITS = 6
# What outlines do not tell of masks.
HOLES, SPECKS = "holes in masks filled", "specks of masks left out"


class Yolo:
    """Writes boxes, polygons and masks as folders of YOLO have them; masks by the outlines of their parts."""

    types: ClassVar[Sequence[str]] = ("boxes", "polygons", "mask")
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`labels/<picture>.txt` for each picture, and `data.yaml` with the names of the classes."""
        names = labels.values() or [UNNAMED]
        lost = Counter[str]()
        for picture in pictures(labels, stems=True):
            file = (path / "labels" / picture.name).with_suffix(".txt")
            file.parent.mkdir(parents=True, exist_ok=True)
            lines = [
                _line(places, names.index(shape.get("label", UNNAMED)), picture)
                for shape in picture.shapes
                for places in _places(shape, picture, lost)
            ]
            file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        for what, count in lost.items():
            warnings.warn(f"{path.name}: {what}: {count}", stacklevel=3)
        # What JSON writes is read as YAML, too.
        named = "".join(f"  {number}: {_quoted(name)}\n" for number, name in enumerate(names))
        (path / "data.yaml").write_text(f"path: .\ntrain: images\nval: images\nnames:\n{named}", "utf-8")


def _quoted(name: str) -> str:
    return msgspec.json.encode(name).decode()


def _places(shape: Mapping[str, Any], picture: Picture, lost: Counter[str]) -> Iterator[Sequence[Sequence[float]]]:
    """What stands in the lines of a shape, in pixels; a mask has one for each part."""
    if "counts" in shape:
        size = picture.width, picture.height
        parts, holes, specks = traced(runs_in(shape, *size), *size)
        lost.update(+Counter({HOLES: holes, SPECKS: specks}))
        yield from parts
    elif "box" in shape:
        left, top, right, bottom = shape["box"]
        yield [[(left + right) / 2, (top + bottom) / 2], [right - left, bottom - top]]
    else:
        yield shape["points"]


def _line(places: Sequence[Sequence[float]], number: int, picture: Picture) -> str:
    shares = [one for x, y in places for one in (x / picture.width, y / picture.height)]
    return " ".join([str(number), *map(repr, shares)])


@entry
def read_yolo(
    task: Task,
    path: str | Path,
    *,
    folder: str | Path | None = None,
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Boxes, polygons or masks of a folder of YOLO as rows for `launch(task, …)`: the picture, and the known answer.

    Args:
        task: has boxes, polygons or a mask on a picture as one of its outputs; that says what is read. A mask has the
            pixels whose middles its polygons have.
        path: the folder, with `labels` and `images` in it, or with text files beside the pictures.
        folder: the folder in which the pictures lie, if it is another one. Their sizes are needed.
        names: the names of the classes in their order, if neither `data.yaml` nor `classes.txt` has them.
        labels: names of classes with the labels of the task that they mean; others are left out. By default they are
            the same.

    A picture without a text file was not marked, and is left out; one with an empty file has nothing on it. Raises
    `DataError` with the line that is wrong.
    """
    asked = question(task, Yolo.types, "YOLO")
    path = Path(path).expanduser()
    there = path / "labels" if (path / "labels").is_dir() else path
    found = pictures_in(_images(path), [path]) if folder is None else pictures_in(Path(folder).expanduser())
    reading = _Reading(_names(path) if names is None else names, asked.labels(labels, path.name))
    drawn = []
    for name, file in files_in(there, ".txt", named=[path]):
        if file.name in LISTS:
            continue
        if name not in found:
            raise DataError(f"{file}: there is no picture {name!r} to it; name their folder as folder=…")
        shown, picture = found[name]
        drawn.append((reading.picture(file, shown, picture, asked.output.type.name), picture))
    reading.labels.check_used()
    return picture_rows(asked, drawn, path.name)


def _images(folder: Path) -> Path:
    return folder / "images" if (folder / "images").is_dir() else folder


class _Reading:
    """Lines of text files as shapes."""

    def __init__(self, names: Sequence[str], labels: LabelNames) -> None:
        self._names = names
        self.labels = labels

    def picture(self, file: Path, name: str, picture: Path, kind: str) -> Picture:
        """The picture with the shapes that its text file has."""
        width, height = size_of(picture)
        shapes = []
        for number, line in enumerate(text_of(file).splitlines(), 1):
            try:
                if line.strip() and (shape := self._shape(line.split(), kind, width, height)) is not None:
                    shapes.append(shape)
            except DataError as error:
                raise DataError(f"{file}, line {number}: {error}") from None
        return Picture(name, width, height, shapes)

    def _shape(self, words: Sequence[str], kind: str, width: int, height: int) -> dict[str, Any] | None:
        try:
            number, shares = int(words[0]), [float(word) for word in words[1:]]
        except ValueError:
            raise DataError(f"expected the number of a class and shares of the sides, got {shorten(words)}") from None
        if not 0 <= number < len(self._names):
            raise DataError(f"expected a class from 0 to {len(self._names) - 1}, got {number}; name all, names=[…]")
        label = self.labels(self._names[number])
        if label is None:
            return None
        points = [
            [round(x * width, DIGITS), round(y * height, DIGITS)]
            for x, y in zip(shares[::2], shares[1::2], strict=False)
        ]
        if kind == "boxes":
            if len(shares) != 4:
                raise DataError(f"expected a class and four shares of a box, got {len(shares)}; is it of polygons?")
            (x, y), (wide, high) = points
            return {**label, "box": box_of(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, width, height)}
        if len(shares) < 6 or len(shares) % 2:
            raise DataError(f"expected a class and three corners at least, got {len(shares)} shares; is it of boxes?")
        points = inside(points, width, height)
        if kind == "mask":
            return {**label, "counts": counts_text(runs_within(points, width, height), width * height)}
        return {**label, "points": opened(points)}


# --- names of classes -----------------------------------------------------------------------------


def _names(folder: Path) -> list[str]:
    """The names of classes that a file in the folder, or in that above it, tells."""
    for place in (folder, folder.absolute().parent):
        for file in (place / name for name in (*SETTINGS, *LISTS)):
            if file.is_file():
                text = text_of(file)
                # One without a name keeps its number, which those behind it count from.
                names = _in_settings(text, file) if file.name in SETTINGS else text.rstrip().split("\n")
                return [name.strip() for name in names]
    wanted = " or ".join((SETTINGS[0], LISTS[0]))
    raise DataError(f"{folder}: there is no {wanted} that names the classes; give them as names=[…]")


def _in_settings(text: str, file: Path) -> list[str]:
    """The value of `names` in YAML: a list in brackets, one with dashes, or numbers with names."""
    found = re.search(r"^names:[ \t]*(.*(?:\n(?:[ \t]+.*|-.*|[ \t]*))*)", text, re.MULTILINE)
    written = found[1].strip() if found is not None else ""
    if written.startswith(("[", "{")):
        entries = re.findall(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^,'\"])+", written.strip("[]{} \n"))
    else:
        entries = [line for line in written.split("\n") if line.strip() and not line.strip().startswith("#")]
    told = [re.fullmatch(r"\s*(?:-\s+|(\d+)\s*:\s*)?(.*)", entry, re.DOTALL) for entry in entries]
    # Those that tell their numbers may stand in any order.
    names = {int(one[1] or place): _unquoted(one[2]) for place, one in enumerate(told) if one is not None}
    if not names:
        raise DataError(f"{file.name}: names no classes that can be read; give them as names=[…]")
    if sorted(names) != list(range(len(names))):
        raise DataError(f"{file.name}: names the classes {sorted(names)}, not all from 0 on; give all as names=[…]")
    return [names[number] for number in range(len(names))]


def _unquoted(written: str) -> str:
    written = written.strip()
    if written.startswith('"'):
        return str(msgspec.json.decode(written[: written.rindex('"') + 1]))
    if written.startswith("'"):
        return written[1 : written.rindex("'")].replace("''", "'")
    return re.sub(r"\s+#.*", "", written)


PLUGIN = Yolo()
