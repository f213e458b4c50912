"""Image: a picture by address or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from dataforge.arguments import named_entry
from dataforge.objects._media import Media
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

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """A file that workers send."""
        return Upload("image")


PLUGIN = Image
