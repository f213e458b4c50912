"""Pictures with shapes on them: what formats of shapes have in common.

Places are those of the decoded, upright picture, the edges of its pixels being the grid, as in answers.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dataforge.errors import DataError
from dataforge.formats._files import found_in, within
from dataforge.formats._labels import Question, frame_of_rows
from dataforge.formats._masks import apart
from dataforge.formats._outlines import simple_outlines
from dataforge.formats.base import Labels
from dataforge.media.files import seen_size
from dataforge.objects.image import Image as ImageType

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "UNNAMED",
    "Picture",
    "box_of",
    "drawn_in",
    "inside",
    "located",
    "names_of",
    "opened",
    "picture_rows",
    "pictures",
    "pictures_in",
    "size_of",
]

Shape = dict[str, Any]

UNNAMED = "object"
"""What shapes without labels are called where they must be called something."""

# What no name of a file, or no XML, can have.
STRANGE = re.compile(r"[\x00-\x1f\x7f:*?\"<>|\ud800-\udfff]")
# So far behind an edge a place is still meant to be on it: files in which pixels are counted otherwise, and rounding.
CLOSE = 1.0
PARTED = "outlines that meet themselves became a polygon for each part"
SHARED = "pictures on which objects of two labels share pixels, which the smaller one has"
# From here a warning has so many calls to the user's, past the reader and the check of its arguments.
STACK = 4


@dataclass(frozen=True)
class Picture:
    """A picture with its shapes: its name in files, its address if it has one, and its size as it is seen.

    A size of 0 is not known. `id` is that of its item.
    """

    name: str
    width: int
    height: int
    shapes: Sequence[Shape]
    url: str | None = None
    id: str = ""


# --- written --------------------------------------------------------------------------------------


def pictures(labels: Labels, *, stems: bool = False) -> list[Picture]:
    """The pictures of these answers, named by `names_of`; one that is shown in several items has the shapes of all."""
    names = names_of([row.value for row in labels.rows], stems=stems)
    found: dict[str, Picture] = {}
    for name, row in zip(names, labels.rows, strict=True):
        width, height = row.answer["width"], row.answer["height"]
        before = found.get(name)
        if before is not None and (before.width, before.height) != (width, height):
            raise DataError(
                f"item {row.id!r}: the picture {name!r} is {width} × {height}, and {before.width} × {before.height} in "
                f"item {before.id!r}; correct one of the answers"
            )
        shapes = [*(before.shapes if before is not None else ()), *drawn_in(row.answer)]
        found[name] = Picture(name, width, height, shapes, _address(row.value), row.id)
    return list(found.values())


def drawn_in(answer: Mapping[str, Any]) -> Sequence[Shape]:
    """The shapes of an answer, or its masks."""
    drawn: Sequence[Shape] = answer["masks"] if "masks" in answer else answer["shapes"]
    return drawn


def names_of(values: Sequence[Any], *, stems: bool = False) -> list[str]:
    """Short names of files by their paths or addresses: the same for the same one, and different for others.

    A name is the path from the folder that all of them lie in. With `stems` they differ without their endings, too.
    """
    parts = {str(value): _parts(str(value)) for value in values}
    shared = 0
    while len({path[shared] for path in parts.values() if len(path) > shared + 1}) == 1 and all(
        len(path) > shared + 1 for path in parts.values()
    ):
        shared += 1
    names: dict[str, str] = {}
    taken: set[str] = set()
    for value, path in parts.items():
        name = free = "/".join(path[shared:])
        number = 2
        whole = PurePosixPath(name)
        while (key := (str(PurePosixPath(free).with_suffix("")) if stems else free).casefold()) in taken:
            free, number = str(whole.with_name(f"{whole.stem}-{number}{whole.suffix}")), number + 1
        taken.add(key)
        names[value] = free
    return [names[str(value)] for value in values]


def _parts(value: str) -> list[str]:
    """The folders and the name of a path or an address, without what leads out of a folder."""
    path = unquote(urlsplit(value).path) if "://" in value else value
    parts = STRANGE.sub("_", path.replace("\\", "/")).split("/")
    return [part for part in parts if part not in ("", ".", "..")] or ["picture"]


def _address(value: Any) -> str | None:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


# --- read -----------------------------------------------------------------------------------------


def pictures_in(folder: Path, named: Collection[Path] = ()) -> dict[str, tuple[str, Path]]:
    """The pictures in a folder and those in it, by their names without the ending: the whole name, and the path.

    `named`: as `found_in` has it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder of pictures; name it, folder=…")
    endings = {f".{ending}" for ending in ImageType.extensions}
    there = ((path.relative_to(folder), path) for path in found_in(folder, endings, named))
    return {name.with_suffix("").as_posix(): (name.as_posix(), path) for name, path in there}


def located(drawn: Iterable[Picture], folder: Path, file: str) -> Iterator[tuple[Picture, Path]]:
    """Each picture with where it lies in the folder; raises `DataError` with the one whose name leads out of it."""
    for picture in drawn:
        try:
            path = within(folder, picture.name)
        except DataError as error:
            raise DataError(f"{file}, picture {picture.name!r}: {error}") from None
        yield picture, path


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture as it is seen, turned as its EXIF tag says; raises `DataError`."""
    try:
        return seen_size(path)
    except FileNotFoundError:
        raise DataError(f"there is no picture {str(path)!r}; name their folder as folder=…") from None


def inside(points: Sequence[Sequence[float]], width: int, height: int) -> list[list[float]]:
    """Places `[x, y]` on the picture; those up to a pixel beside it are set on its edge; raises `DataError`."""
    for x, y in points:
        if not (-CLOSE <= x <= width + CLOSE and -CLOSE <= y <= height + CLOSE):
            raise DataError(f"expected places on the picture, x 0..{width} and y 0..{height}, got [{x:g}, {y:g}]")
    return [[min(max(x, 0), width), min(max(y, 0), height)] for x, y in points]


def opened(outline: list[list[float]]) -> list[list[float]]:
    """An outline without its first corner repeated at the end."""
    return outline[:-1] if len(outline) > 1 and outline[0] == outline[-1] else outline


def box_of(left: float, top: float, right: float, bottom: float, width: int, height: int) -> list[float]:
    """A box on the picture, as `inside` has its corners; raises `DataError` if it has no size."""
    (left, top), (right, bottom) = inside([[left, top], [right, bottom]], width, height)
    if left >= right or top >= bottom:
        raise DataError(f"expected a box with a size, got {right - left:g} × {bottom - top:g}")
    return [left, top, right, bottom]


def picture_rows(asked: Question, found: Iterable[tuple[Picture, Path]], file: str) -> pd.DataFrame:
    """Rows for `launch`: the pictures by their names, where they are, and the shapes as known answers.

    Outlines that cross or touch themselves are taken apart where they do; masks become one for each label. A picture
    with shapes that are right in the file and cannot be drawn here is left out. A warning says how many. Raises
    `DataError` with the picture if it has another size than is told.
    """
    rows, refused, changed = [], [], Counter[str]()
    for picture, path in found:
        there = path.exists()
        try:
            _check_size(picture, path if there else None)
        except DataError as error:
            raise DataError(f"{file}, picture {picture.name!r}: {error}") from None
        try:
            answer, changes = _answer(asked, picture if picture.width else _measured(picture, path))
        except DataError as error:
            refused.append(f"{picture.name!r}: {error}")
            continue
        changed += changes
        rows.append((picture.id or picture.name, str(path) if there or picture.url is None else picture.url, answer))
    for what, count in changed.items():
        warnings.warn(f"{file}: {what}: {count}", stacklevel=STACK)
    if refused:
        what = f"pictures with shapes that cannot be drawn here were left out: {len(refused)}"
        warnings.warn(f"{file}: {what}, the first {refused[0]}", stacklevel=STACK)
    return frame_of_rows(asked, rows)


def _answer(asked: Question, picture: Picture) -> tuple[Any, Counter[str]]:
    """The shapes as an answer, and what had to be changed for it; raises `DataError`."""
    kind, size = asked.output.type, {"width": picture.width, "height": picture.height}
    if kind.name == "mask":
        masks, shared = apart(picture.shapes, **size)
        return kind.to_json({**size, "masks": masks}), +Counter({SHARED: int(shared)})
    try:
        return kind.to_json({**size, "shapes": list(picture.shapes)}), Counter()
    except DataError:
        if kind.name != "polygons":
            raise
    parts = [(shape, simple_outlines(shape["points"])) for shape in picture.shapes]
    shapes = [{**shape, "points": outline} for shape, outlines in parts for outline in outlines]
    return kind.to_json({**size, "shapes": shapes}), Counter({PARTED: sum(len(outlines) != 1 for _, outlines in parts)})


def _measured(picture: Picture, path: Path) -> Picture:
    width, height = size_of(path)
    return replace(picture, width=width, height=height)


def _check_size(picture: Picture, path: Path | None) -> None:
    if path is None or not picture.width or (seen := size_of(path)) == (picture.width, picture.height):
        return
    turned = seen == (picture.height, picture.width)
    mend = "turn its pixels and remove its EXIF tag" if turned else "give the picture that was marked"
    raise DataError(
        f"its size is told as {picture.width} × {picture.height}, and it is seen as {seen[0]} × {seen[1]}; {mend}"
    )
