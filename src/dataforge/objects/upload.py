"""Upload: a picture, sound or film from the worker's device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects._files import EXTENSIONS, FileAnswer, Kind, made
from dataforge.objects._made_files import RATE, film, picture, sound
from dataforge.objects._media import Media
from dataforge.objects.base import FileRules, MadeFile, setting, shorten

__all__ = ["Upload"]

LARGEST: dict[Kind, int] = {"image": 50 << 20, "audio": 200 << 20, "video": 512 << 20}


@named_entry
@dataclass(frozen=True, eq=False)
class Upload(FileAnswer):
    """A file of the worker: `Upload(df.Image)`, `Upload(df.Video)` or `Upload(df.Audio)`.

    An answer is `{"media": "<sha256>.jpg"}`.
    """

    name: ClassVar[str] = "upload"
    answering_seconds: ClassVar[float] = 30.0

    of: type[Media] | Kind

    def __post_init__(self) -> None:
        kind = self.of if isinstance(self.of, str) else getattr(self.of, "name", None)
        if kind not in LARGEST:
            raise SpecError(f"upload: expected Image, Video or Audio, got {shorten(self.of)}; write Upload(df.Image)")
        object.__setattr__(self, "of", kind)

    def settings(self) -> dict[str, Any]:
        """JSON settings: `kind`, that is `image`, `video` or `audio`."""
        return {"kind": self.of}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        kind = setting(settings, "kind", str)
        if kind not in LARGEST:
            raise SpecError(f"setting 'kind': expected one of {', '.join(LARGEST)}, got {kind!r}")
        return cls(kind)

    def file_rules(self) -> FileRules:
        """Files of the kind, as large as such files usually are at most."""
        assert isinstance(self.of, str), "it was made one"
        return FileRules(EXTENSIONS[self.of], LARGEST[self.of])

    def make_file(self, rng: Random, *, good: bool = True) -> MadeFile:
        """Coloured areas, two tones, or a film of coloured areas; bad ones are black or silent."""
        if self.of == "audio":
            return made(sound(rng, rng.randint(RATE, 2 * RATE), good=good), "wav")
        if self.of == "video":
            return made(film(rng, good=good), "webm")
        extension, form = rng.choice((("png", "PNG"), ("jpg", "JPEG")))
        return made(picture(rng, form, good=good), extension)


PLUGIN = Upload
