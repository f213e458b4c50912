"""Side by side: which of two inputs is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._options import Option, meant, option_to_json
from dataforge.objects.base import ObjectType, listed, setting, shorten

__all__ = ["SideBySide"]

LABELS = {
    "left": {"en": "Left", "ru": "Слева", "tr": "Sol", "kk": "Сол жақта", "uz": "Chapda", "es": "Izquierda"},
    "right": {"en": "Right", "ru": "Справа", "tr": "Sağ", "kk": "Оң жақта", "uz": "Oʻngda", "es": "Derecha"},
    "same": {"en": "The same", "ru": "Одинаково", "tr": "Aynı", "kk": "Бірдей", "uz": "Bir xil", "es": "Igual"},
}


@named_entry
@dataclass(frozen=True, eq=False)
class SideBySide(ObjectType):
    """The better of two inputs: `"left"`, `"right"`, and `"same"` if ties are allowed.

    `left` and `right` name the two inputs that are compared; they must be of the same type.
    """

    name: ClassVar[str] = "side_by_side"
    answering_seconds: ClassVar[float] = 5.0

    tie: bool = False
    left: str = "left"
    right: str = "right"

    def __post_init__(self) -> None:
        if not isinstance(self.tie, bool):
            raise SpecError(f"side by side: tie must be True or False, got {self.tie!r}")
        for side in (self.left, self.right):
            if not isinstance(side, str) or not side:
                raise SpecError(f"side by side: expected the name of an input, got {side!r}")
        if self.left == self.right:
            raise SpecError(f"side by side: left and right are the same input, {self.left!r}; name two")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `left`, `right` (names of inputs), `tie`, and the `options` as a choice has them."""
        options = [option_to_json(Option(label, LABELS[label])) for label in self.labels()]
        return {"left": self.left, "right": self.right, "tie": self.tie, "options": options}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            tie=setting(settings, "tie", bool, False),
            left=setting(settings, "left", str, "left"),
            right=setting(settings, "right", str, "right"),
        )

    def to_json(self, value: Any) -> str:
        """The side."""
        if not isinstance(value, str) or value not in self.labels():
            labels = {label: LABELS[label] for label in self.labels()}
            raise DataError(f"expected one of {listed(labels)}, got {shorten(value)}{meant(value, labels.items())}")
        return str(value)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The side."""
        if not isinstance(value, str) or value not in self.labels():
            raise AnswerError(f"expected one of {listed(self.labels())}, got {shorten(value)}")
        return value

    def labels(self) -> tuple[str, ...]:
        """`left`, `right`, and `same` if ties are allowed."""
        return ("left", "right", "same") if self.tie else ("left", "right")

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that both inputs exist and are of the same type."""
        for side in (self.left, self.right):
            if side not in inputs:
                raise SpecError(
                    f"it compares the input {side!r}, which does not exist; inputs are: {listed(inputs) or 'none'}; "
                    "name the two with SideBySide(left=…, right=…)"
                )
        one, other = inputs[self.left], inputs[self.right]
        if one != other:
            raise SpecError(
                f"it compares {self.left!r} of the type {one.name} with {self.right!r} of the type {other.name}; "
                "both must be of the same type with the same settings"
            )


PLUGIN = SideBySide
