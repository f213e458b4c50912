"""Colour: one of the hues of a wheel."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects import ObjectType, setting, shorten

__all__ = ["Colour"]

HUES = {
    "red": "красный",
    "orange": "оранжевый",
    "yellow": "жёлтый",
    "lime": "лаймовый",
    "green": "зелёный",
    "mint": "мятный",
    "cyan": "голубой",
    "azure": "лазурный",
    "blue": "синий",
    "violet": "фиолетовый",
    "magenta": "пурпурный",
    "rose": "розовый",
}


@dataclass(frozen=True, eq=False)
class Colour(ObjectType):
    """One of 3, 4, 6 or 12 hues, evenly spread over the wheel: `-> Colour()` or `-> Colour(6)`."""

    name: ClassVar[str] = "colour"
    answering_seconds: ClassVar[float] = 3.0
    widget: ClassVar[Path | None] = Path(__file__).with_name("colour.js")

    hues: int = 12

    def __post_init__(self) -> None:
        if self.hues not in (3, 4, 6, 12):
            raise SpecError(f"colour: hues must be 3, 4, 6 or 12, got {self.hues!r}")

    def settings(self) -> dict[str, Any]:
        """JSON settings: the `options`, from red round the wheel."""
        return {"options": [{"value": hue, "label": {"en": hue, "ru": HUES[hue]}} for hue in self.labels()]}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(len(setting(settings, "options", list)))

    def labels(self) -> tuple[str, ...]:
        """The hues: all possible answers."""
        return tuple(HUES)[:: len(HUES) // self.hues]

    def to_json(self, value: Any) -> str:
        """A hue of the user's data, as an input or a known answer."""
        if value not in self.labels():
            raise DataError(f"expected one of {', '.join(self.labels())}, got {shorten(value)}")
        return str(value)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """A hue from a worker: whatever their browser sends comes here first."""
        if value not in self.labels():
            raise AnswerError(f"expected one of {', '.join(self.labels())}, got {shorten(value)}")
        return str(value)

    def similarity(self, one: Any, other: Any) -> float:
        """1 for the same hue, falling evenly to 0 for the one opposite."""
        steps = abs(self.labels().index(one) - self.labels().index(other))
        return 1 - min(steps, self.hues - steps) / (self.hues / 2)
