"""Audio: a sound recording by address or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import SpecError
from dataforge.objects._media import Played
from dataforge.objects.base import ObjectType, setting
from dataforge.objects.recording import Recording

__all__ = ["Audio"]


@named_entry
@dataclass(frozen=True, eq=False)
class Audio(Played):
    """A sound recording; with `play_to_end=True` a page can be sent only after it was played to its end."""

    name: ClassVar[str] = "audio"
    kind = "audio"
    reading_seconds: ClassVar[float] = 20.0
    extensions: ClassVar[tuple[str, ...]] = ("mp3", "wav", "ogg", "oga", "opus", "m4a", "aac", "flac", "weba", "webm")

    play_to_end: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.play_to_end, bool):
            raise SpecError(f"audio: play_to_end must be True or False, got {self.play_to_end!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `play_to_end` where it is asked for."""
        return {"play_to_end": True} if self.play_to_end else {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(play_to_end=setting(settings, "play_to_end", bool, False))

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """A recording that workers make."""
        return Recording()


PLUGIN = Audio
