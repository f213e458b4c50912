"""What types have in common whose answers are drawn on an image input: labels, which image, and its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.media.files import seen_size
from dataforge.objects._labelled import labels_from_json, labels_of, labels_to_json
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import setting, shorten
from dataforge.objects.choice import Choice

__all__ = ["LONGEST_SIDE", "OnPicture", "side_of"]

LONGEST_SIDE = 1_000_000


@dataclass(frozen=True, eq=False)
class OnPicture(OfInput):
    """The base of such types: `parts` is the key of what is drawn, beside `width` and `height`."""

    about: ClassVar[str] = "image"
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.75
    exact: ClassVar[bool] = False
    marks: ClassVar[bool] = True
    parts: ClassVar[str]

    label: type[Choice] | Sequence[Option] | None = None
    of: str | None = None
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.of is not None and not isinstance(self.of, str):
            raise SpecError(f"{self.name}: of must be the name of an input, got {self.of!r}")
        object.__setattr__(self, "_options", labels_of(self.label, self.name))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, and `of`; what is not given is left out."""
        return labels_to_json(self._options) | ({} if self.of is None else {"of": self.of})

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(labels_from_json(settings), of=setting(settings, "of", str, None))

    def timed_inputs(self) -> tuple[str, ...]:
        """The image, whose width and height an answer tells."""
        return () if self.of is None else (self.of,)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON form, of which the size of the picture is a part."""
        try:
            checked: dict[str, Any] = self.to_json(value)
        except DataError as error:
            raise AnswerError(str(error)) from None
        if "width" not in checked:
            raise AnswerError(f"expected the picture's width and height beside the {self.parts}, got {shorten(value)}")
        self._check_size(checked, inputs)
        return checked

    def check_known(self, value: Any, inputs: Mapping[str, Any]) -> None:
        """Check the size, if one is told: without it shapes are compared as well."""
        self._check_size(value, inputs)

    def _check_size(self, value: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Raise `AnswerError` if the picture's size is known here, and another is told."""
        seen = self._seen_size(inputs)
        if seen is not None and "width" in value and seen != (value["width"], value["height"]):
            told = f"{value['width']} × {value['height']}"
            raise AnswerError(
                f"expected width and height as the picture is seen, {seen[0]} × {seen[1]}, got {told}; give the places "
                "on this picture"
            )

    def _seen_size(self, inputs: Mapping[str, Any]) -> tuple[int, int] | None:
        """Width and height of the picture as it is seen; None where they are not known."""
        return _seen(inputs.get(self.of or ""))

    def _address(self, inputs: Mapping[str, Any]) -> str:
        """Where the picture is seen; empty where that is not known."""
        under = inputs.get(self.of or "")
        return str(under.get("url", "")) if isinstance(under, Mapping) else ""


def _seen(picture: Any) -> tuple[int, int] | None:
    """Width and height of a picture as it is seen, which a platform tells of what it has stored; None: not known."""
    if not isinstance(picture, Mapping):
        return None
    if "width" in picture:
        return picture["width"], picture["height"]
    try:
        return seen_size(Path(picture["file"])) if "file" in picture else None
    except (DataError, OSError):
        return None  # the launch says what cannot be read


def side_of(value: Mapping[str, Any], side: str) -> int:
    """The picture's width or height in whole pixels; raises `DataError`."""
    length = value.get(side)
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= LONGEST_SIDE:
        raise DataError(f"expected the picture's {side} in whole pixels, got {shorten(length)}")
    return length
