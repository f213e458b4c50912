"""PNG: a picture of masks for each picture, whose pixels have the numbers of their labels, as Pascal VOC keeps them.

Number 0 is what has no label. `labelmap.txt` has a line for each number, from 0 on: `name:red,green,blue::`.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dataforge.arguments import entry
from dataforge.errors import DataError
from dataforge.formats._files import files_in, text_of
from dataforge.formats._labels import LabelNames, question
from dataforge.formats._masks import codes_on
from dataforge.formats._pictures import UNNAMED, Picture, picture_rows, pictures, pictures_in
from dataforge.formats.base import Labels
from dataforge.geometry.pixel_runs import runs_of_pixels
from dataforge.geometry.pixel_runs import text_of as counts_text
from dataforge.tasks.task import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Png", "read_png"]

NAMES, FOLDER = "labelmap.txt", "SegmentationClass"
NOTHING = "background"
HEADER = "# label:color_rgb:parts:actions\n"
# What edges of objects have in VOC, which count neither as them nor as what is beside.
UNCLEAR = 255
UNSURE = "pictures with pixels of no label (255), which became background"

Codes = NDArray[np.uint8]
Colour = tuple[int, ...]


class Png:
    """Writes masks as pictures with a palette."""

    types: ClassVar[Sequence[str]] = ("mask",)
    ending: ClassVar[str] = ""
    several: ClassVar[bool] = False

    def write(self, labels: Labels, path: Path) -> None:
        """`SegmentationClass/<picture>.png` for each picture, and `labelmap.txt` with names and colours."""
        # Loaded where it is needed: most runs have no masks.
        from PIL import Image

        names = labels.values()
        palette = [_colour(number) for number in range(256)]
        for picture in pictures(labels, stems=True):
            file = (path / FOLDER / picture.name).with_suffix(".png")
            file.parent.mkdir(parents=True, exist_ok=True)
            codes = codes_on(picture.shapes, names or [None], picture.width, picture.height)
            image = Image.fromarray(codes, "P")
            image.putpalette([part for one in palette for part in one])
            image.save(file, optimize=True)
        named = enumerate([NOTHING, *(names or [UNNAMED])])
        lines = [f"{name}:{','.join(map(str, palette[number]))}::\n" for number, name in named]
        (path / NAMES).write_text(HEADER + "".join(lines), "utf-8")


def _colour(number: int) -> Colour:
    """The colour that VOC gives a number: its bits, dealt out to red, green and blue from their highest on."""
    return tuple(sum((number >> (3 * bit + part) & 1) << (7 - bit) for bit in range(3)) for part in range(3))


@entry
def read_png(
    task: Task,
    path: str | Path,
    *,
    folder: str | Path | None = None,
    names: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Masks in PNG files as rows for `launch(task, …)`: the picture, and the known answer.

    Args:
        task: has a mask on a picture as one of its outputs.
        path: the folder, with `SegmentationClass` in it, or with the files themselves.
        folder: the folder in which the pictures lie, each with the name of its masks; by default the folder `images`
            or `JPEGImages` beside the masks.
        names: what the numbers 1, 2, … of pixels mean, if `labelmap.txt` does not say it.
        labels: names in the file with the labels of the task that they mean; others are left out. By default they are
            the same.

    Pixels have numbers, with a palette or as grey values, or the colours that `labelmap.txt` tells. Raises `DataError`
    with the file that is wrong.
    """
    asked = question(task, Png.types, "PNG")
    path = Path(path).expanduser()
    there = path / FOLDER if (path / FOLDER).is_dir() else path
    found = pictures_in(_images(path), [path]) if folder is None else pictures_in(Path(folder).expanduser())
    reading = _Reading(
        _named(path) if names is None else _Named([NOTHING, *names], {}), asked.labels(labels, path.name)
    )
    drawn = []
    for name, file in files_in(there, ".png", named=[path]):
        if name not in found:
            raise DataError(f"{file}: there is no picture {name!r} to it; name their folder as folder=…")
        shown, picture = found[name]
        drawn.append((reading.picture(file, shown), picture))
    reading.finish(path.name)
    return picture_rows(asked, drawn, path.name)


def _images(folder: Path) -> Path:
    for name in ("images", "JPEGImages"):
        if (folder / name).is_dir():
            return folder / name
    raise DataError(f"{folder}: there is no folder of pictures (images, JPEGImages) in it; name it, folder=…")


class _Named:
    """What numbers and colours of pixels mean: names by their numbers, numbers by their colours."""

    def __init__(self, names: Sequence[str], numbers: Mapping[Colour, int]) -> None:
        self.names = names
        self.numbers = numbers


def _named(folder: Path) -> _Named:
    """What the file of names in the folder, or in that above it, tells."""
    file = next((place / NAMES for place in (folder, folder.absolute().parent) if (place / NAMES).is_file()), None)
    if file is None:
        raise DataError(f"{folder}: there is no {NAMES} that names the labels; give them as names=[…], from 1 on")
    lines = [line for line in text_of(file).splitlines() if line.strip() and not line.startswith("#")]
    names, numbers = [], {}
    for number, line in enumerate(lines):
        told = re.fullmatch(r"(.*):(\d+),(\d+),(\d+):[^:]*:[^:]*", line)
        if told is None:
            raise DataError(f"{file}: expected name:red,green,blue:parts:actions, got {line!r}")
        names.append(told[1])
        numbers[tuple(int(part) for part in told.groups()[1:])] = number
    return _Named(names, numbers)


class _Reading:
    """Pictures of masks as masks."""

    def __init__(self, named: _Named, labels: LabelNames) -> None:
        self._named = named
        self._labels = labels
        self._unsure = 0

    def picture(self, file: Path, name: str) -> Picture:
        """The picture with the masks that the file has; raises `DataError` with the file."""
        try:
            codes = self._codes(file)
            masks = [mask for code in np.unique(codes).tolist() if (mask := self._mask(codes, code)) is not None]
        except DataError as error:
            raise DataError(f"{file}: {error}") from None
        height, width = codes.shape
        return Picture(name, width, height, masks)

    def finish(self, name: str) -> None:
        """Warn of what was not kept as it was."""
        self._labels.check_used()
        if self._unsure:
            warnings.warn(f"{name}: {UNSURE}: {self._unsure}", stacklevel=4)

    def _mask(self, codes: Codes, code: int) -> dict[str, Any] | None:
        """The pixels with a number, None where they are left out."""
        names = self._named.names
        if code == UNCLEAR and code >= len(names):
            self._unsure += 1
            return None
        if code >= len(names):
            raise DataError(
                f"has pixels with the number {code}, and names are known for 0 to {len(names) - 1}; name all"
            )
        if not code or (label := self._labels(names[code])) is None:
            return None
        return {**label, "counts": counts_text(runs_of_pixels(codes == code), codes.size)}

    def _codes(self, file: Path) -> Codes:
        """The numbers of all pixels, shape (height, width)."""
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(file, formats=["PNG"]) as image:
                if image.mode in ("P", "L", "1"):
                    return np.asarray(image, np.uint8)
                if image.mode not in ("RGB", "RGBA"):
                    raise DataError(
                        f"expected numbers of labels with up to 8 bits, or colours, got the mode {image.mode}"
                    )
                return self._by_colour(np.asarray(image.convert("RGB")))
        except (OSError, SyntaxError, Image.DecompressionBombError, UnidentifiedImageError) as error:
            raise DataError(f"cannot be read as PNG ({error}); save it again") from None

    def _by_colour(self, colours: NDArray[np.uint8]) -> Codes:
        there = colours.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        found, place = np.unique(there, return_inverse=True)
        numbers = []
        for one in found.tolist():
            seen = (one >> 16, one >> 8 & 255, one & 255)
            if seen not in self._named.numbers:
                raise DataError(f"has the colour {seen}, which {NAMES} does not name; name it there")
            numbers.append(self._named.numbers[seen])
        return np.array(numbers, np.uint8)[place].reshape(there.shape)


PLUGIN = Png()
