"""Video: a film by address or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects._media import Played
from dataforge.objects._stills import FILMS, Film
from dataforge.objects.base import ObjectType, setting
from dataforge.objects.image import Image
from dataforge.objects.upload import Upload

__all__ = ["Video"]


@named_entry
@dataclass(frozen=True, eq=False)
class Video(Played):
    """A film; with `play_to_end=True` a page can be sent only after it was played to its end."""

    name: ClassVar[str] = "video"
    kind = "video"
    reading_seconds: ClassVar[float] = 30.0
    extensions: ClassVar[tuple[str, ...]] = FILMS

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

    def frame(self, number: int) -> Image:
        """A frame of an item's film, in a pipeline's function: a picture, the same one for everybody.

        Its number counts from 0, as the key frames of a track have it.
        """
        raise SpecError("video: frame(number) is asked of an item's film, in the function of a pipeline")

    def of_item(self, value: Any) -> Any:
        """The film as a pipeline's function has it."""
        return Film(value.get("file") or value["url"]) if value.keys() <= {"file", "url"} else value

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """A file that workers send."""
        return Upload("video")


PLUGIN = Video
