"""Video: a film by address or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects._media import Played
from dataforge.objects.base import ObjectType, setting
from dataforge.objects.upload import Upload

__all__ = ["Video"]


@named_entry
@dataclass(frozen=True, eq=False)
class Video(Played):
    """A film; with `play_to_end=True` a page can be sent only after it was played to its end."""

    name: ClassVar[str] = "video"
    kind = "video"
    reading_seconds: ClassVar[float] = 30.0
    extensions: ClassVar[tuple[str, ...]] = ("mp4", "m4v", "webm", "ogv", "mov")

    play_to_end: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.play_to_end, bool):
            raise SpecError(f"video: play_to_end must be True or False, got {self.play_to_end!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `play_to_end` where it is asked for."""
        return {"play_to_end": True} if self.play_to_end else {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(play_to_end=setting(settings, "play_to_end", bool, False))

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """A file that workers send."""
        return Upload("video")


PLUGIN = Video
