"""Text: plain or Markdown, with limits and patterns that tell the worker what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import ObjectType, setting, shorten
from dataforge.records import Texts
from dataforge.texts import pick, texts

__all__ = ["Text"]

LONGEST = 1_000_000


@named_entry
@dataclass(frozen=True, eq=False)
class Text(ObjectType):
    """A text. `Text(markdown=True)` shows it formatted; `pattern` (a regular expression for the whole text) and its
    `hint` bind what workers may write.
    """

    name: ClassVar[str] = "text"
    reading_seconds: ClassVar[float] = 5.0
    answering_seconds: ClassVar[float] = 30.0
    quality: ClassVar[str] = "check"

    markdown: bool = False
    max_length: int = LONGEST
    pattern: str | None = None
    hint: str | Mapping[str, str] | None = None
    _hint: Texts | None = field(init=False, repr=False)
    _compiled: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.markdown, bool):
            raise SpecError(f"text: markdown must be True or False, got {self.markdown!r}")
        if isinstance(self.max_length, bool) or not isinstance(self.max_length, int) or self.max_length < 1:
            raise SpecError(f"text: max_length must be a whole number of at least 1, got {self.max_length!r}")
        try:
            compiled = re.compile(self.pattern) if self.pattern is not None else None
        except (re.error, TypeError) as error:
            raise SpecError(f"text: pattern {self.pattern!r} is not a regular expression: {error}") from None
        object.__setattr__(self, "_hint", texts(self.hint, "text: hint") if self.hint is not None else None)
        object.__setattr__(self, "_compiled", compiled)

    def settings(self) -> dict[str, Any]:
        """JSON settings: `markdown`, `max_length`, `pattern`, `hint`; those at their default are left out."""
        max_length = self.max_length if self.max_length != LONGEST else None
        named = {"markdown": self.markdown or None, "max_length": max_length, "pattern": self.pattern}
        return {name: value for name, value in (named | {"hint": self._hint}).items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            markdown=setting(settings, "markdown", bool, False),
            max_length=setting(settings, "max_length", int, LONGEST),
            pattern=setting(settings, "pattern", str, None),
            hint=setting(settings, "hint", (str, Mapping), None),
        )

    def to_json(self, value: Any) -> str:
        """The text itself, if it is one and not too long."""
        if not isinstance(value, str):
            raise DataError(
                f"expected text, got {shorten(value)} of type {type(value).__name__}; convert it with str()"
            )
        if len(value) > self.max_length:
            raise DataError(self._too_long(value))
        if not value.isascii() and (broken := _broken(value)):
            raise DataError(broken)
        return str(value)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The text itself, if it is one, not too long, and matches the pattern."""
        if not isinstance(value, str):
            raise AnswerError(f"expected text, got {shorten(value)}")
        if len(value) > self.max_length:
            raise AnswerError(self._too_long(value))
        if self._compiled is not None and self._compiled.fullmatch(value) is None:
            hint = pick(self._hint, "en") if self._hint else f"a text that matches {self.pattern!r}"
            raise AnswerError(f"expected {hint}, got {shorten(value)}")
        if not value.isascii() and (broken := _broken(value)):
            raise AnswerError(broken)
        return value

    def longest_answer(self) -> int:
        """As many characters as the text may have."""
        return self.max_length

    def _too_long(self, value: str) -> str:
        return f"expected at most {self.max_length:,} characters, got {len(value):,}: {shorten(value)}; shorten it"


def _broken(value: str) -> str:
    """What is wrong with a text that cannot be written as UTF-8, so neither stored nor sent; empty if nothing is."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"the text has half a character at position {error.start}: {shorten(value)}; remove it"
    return ""


PLUGIN = Text
