"""What types have in common whose values are JSON in cells of a table, and those whose answers are about one input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import msgspec

from dataforge.objects._labelled import one_input
from dataforge.objects.base import ObjectType

__all__ = ["InJson", "OfInput"]


class InJson(ObjectType):
    """The base of types whose values are lists and objects."""

    def from_text(self, text: str) -> Any:
        """What a cell holds as JSON; what is none stays text."""
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text


class OfInput(InJson):
    """The base of types whose answers are about one input: that of the type `about`, or the one that `of` names."""

    about: ClassVar[str]

    @property
    def of(self) -> str | None:
        """The input's name; None where it is the only one of its type. A field of each such type."""
        raise NotImplementedError

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that there is one such input."""
        one_input(self.of, self.about, inputs)

    def as_output(self, inputs: Mapping[str, ObjectType]) -> Self:
        """The same type with the name of that input."""
        return replace(self, of=one_input(self.of, self.about, inputs))  # type: ignore[type-var] # each is a dataclass
