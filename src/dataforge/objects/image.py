"""Image: a picture by address or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects._media import Media
from dataforge.objects._pieces import Picture, checked_crop
from dataforge.objects._stills import checked_still, is_still, still_of
from dataforge.objects.base import ObjectType
from dataforge.objects.upload import Upload

__all__ = ["Image"]


@named_entry
@dataclass(frozen=True, eq=False)
class Image(Media):
    """A picture; workers can enlarge it. Vector images are left out: they can carry scripts."""

    name: ClassVar[str] = "image"
    kind = "image"
    reading_seconds: ClassVar[float] = 5.0
    extensions: ClassVar[tuple[str, ...]] = ("jpg", "jpeg", "png", "gif", "webp", "avif", "bmp")
    signatures: ClassVar[tuple[bytes, ...]] = (
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF8",
        b"RIFF????WEBP",
        b"????ftypavi",
        b"????ftypmif1",
        b"BM",
    )

    part = "crop"

    def crop(self, box: Any) -> Image:
        """A part of the picture of an item, in a pipeline's function: `[left, top, right, bottom]`, or a drawn shape.

        People see it framed, in its surroundings.
        """
        raise SpecError("image: crop(box) is asked of an item's picture, in the function of a pipeline")

    def to_json(self, value: Any) -> dict[str, Any]:
        """As files have it; also of the frame of a film."""
        if is_still(value):
            return still_of(value)
        return super().to_json(value)

    def check_input(self, value: Any) -> dict[str, Any]:
        """As files have it; also of the frame of a film."""
        return checked_still(value) if is_still(value) else super().check_input(value)

    def of_item(self, value: Any) -> Any:
        """The picture as a pipeline's function has it."""
        return Picture(value.get("file") or value["url"]) if value.keys() <= {"file", "url"} else value

    def _part(self, part: Any, path: Path | None) -> list[float]:
        return checked_crop(part, None if path is None else _size(path))

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """A file that workers send."""
        return Upload("image")


def _size(path: Path) -> tuple[int, int]:
    """How large a picture is seen."""
    # Here, because nothing else that is written in a task needs to look into pictures.
    from dataforge.media.files import seen_size

    return seen_size(path)


PLUGIN = Image
