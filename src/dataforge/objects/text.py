"""Text: plain or Markdown, with limits and patterns that tell the worker what is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, ClassVar, Self
from unicodedata import normalize

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._drawn import marked, written
from dataforge.objects._patterns import Pattern, TooLong, Unsteady
from dataforge.objects._pieces import Passage, checked_piece
from dataforge.objects._words import distractors, misheard_words, same_words, spoilt_words
from dataforge.objects.base import ObjectType, setting, shorten
from dataforge.records import Texts
from dataforge.texts import VISIBLE, half_character, pick, texts

__all__ = ["Text"]

CHARACTERS_A_SECOND = 24.0
"""238 English words a minute, of six characters with the space behind them (Brysbaert, 2019)."""
LONGEST = 1_000_000
LINE_BREAK = re.compile(r"\r\n|[\n\r\u2028\u2029]")


@named_entry
@dataclass(frozen=True, eq=False)
class Text(ObjectType):
    """A text. `Text(markdown=True)` shows it formatted; the rest binds what workers may write.

    `pattern` is a regular expression for the whole text, and `hint` says in words what it asks for. An answer has at
    least `shortest` and at most `longest` characters in at most `lines` lines; with `shortest=0` a worker may say that
    there is nothing to write, and the answer is the empty text.
    """

    name: ClassVar[str] = "text"
    reading_seconds: ClassVar[float] = 5.0
    answering_seconds: ClassVar[float] = 30.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float] = 0.8

    markdown: bool = False
    longest: int = LONGEST
    pattern: str | None = None
    hint: str | Mapping[str, str] | None = None
    shortest: int = 1
    lines: int | None = None
    _hint: Texts | None = field(init=False, repr=False)
    _compiled: Pattern | re.Pattern[str] | None = field(init=False, repr=False)

    def looking_seconds(self, value: Any) -> float:
        """A short text is read as quickly as it is found; a long one takes as long as its characters do."""
        return max(self.reading_seconds, len(_as_read(value)) / CHARACTERS_A_SECOND)

    def piece(self, start: int, end: int) -> Text:
        """The characters from `start` to before `end` of an item's text, in a pipeline's function.

        People read it marked, in its surroundings.
        """
        raise SpecError("text: piece(start, end) is asked of an item's text, in the function of a pipeline")

    def of_item(self, value: Any) -> Any:
        """The text as a pipeline's function has it."""
        return Passage(value) if isinstance(value, str) else value

    def __post_init__(self) -> None:
        if not isinstance(self.markdown, bool):
            raise SpecError(f"text: markdown must be True or False, got {self.markdown!r}")
        for what, value, least in (
            ("shortest", self.shortest, 0),
            ("longest", self.longest, 1),
            ("lines", self.lines, 1),
        ):
            if what == "lines" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SpecError(f"text: {what} must be a whole number of at least {least}, got {value!r}")
        if self.shortest > self.longest:
            raise SpecError(f"text: shortest {self.shortest} must not be above longest {self.longest}")
        if self.longest > LONGEST:
            raise SpecError(f"text: longest must be at most {LONGEST:,}, got {self.longest:,}")
        try:
            compiled = _compiled(self.pattern)
        except (re.error, TypeError) as error:
            raise SpecError(f"text: pattern {self.pattern!r} is not a regular expression: {error}") from None
        object.__setattr__(self, "_hint", texts(self.hint, "text: hint") if self.hint is not None else None)
        object.__setattr__(self, "_compiled", compiled)

    def settings(self) -> dict[str, Any]:
        """JSON settings: `markdown`, `longest`, `pattern`, `hint`, `shortest`, `lines`; defaults are left out."""
        longest = self.longest if self.longest != LONGEST else None
        shortest = self.shortest if self.shortest != 1 else None
        named = {"markdown": self.markdown or None, "longest": longest, "pattern": self.pattern, "hint": self._hint}
        return {n: v for n, v in (named | {"shortest": shortest, "lines": self.lines}).items() if v is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            markdown=setting(settings, "markdown", bool, False),
            longest=setting(settings, "longest", int, LONGEST),
            pattern=setting(settings, "pattern", str, None),
            hint=setting(settings, "hint", (str, Mapping), None),
            shortest=setting(settings, "shortest", int, 1),
            lines=setting(settings, "lines", int, None),
        )

    def to_json(self, value: Any) -> Any:
        """The text itself, if it is one and not too long; a piece of one as `{"text", "piece": [start, end]}`."""
        if isinstance(value, Mapping) and value.keys() == {"text", "piece"}:
            whole = self.to_json(value["text"])
            if not isinstance(whole, str):
                raise DataError(f"expected a piece of a text, got one of a piece: {shorten(value)}")
            return {"text": whole, "piece": checked_piece(value["piece"], whole)}
        if not isinstance(value, str):
            raise DataError(
                f"expected text, got {shorten(value)} of type {type(value).__name__}; "
                f"{'decode it, .decode()' if isinstance(value, bytes) else 'convert it with str()'}"
            )
        if len(value) > self.longest:
            raise DataError(self._too_long(value))
        if not value.isascii() and (broken := half_character(value)):
            raise DataError(f"the text {broken}; remove it")
        return str(value)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The text itself, as it was written, if it is one, keeps to the limits and matches the pattern."""
        if not isinstance(value, str):
            raise AnswerError(f"expected text, got {shorten(value)}")
        if len(value) > self.longest:
            raise AnswerError(self._too_long(value))
        if "\0" in value:
            where = value.index("\0")
            raise AnswerError(f"the text has a zero byte at position {where}: {shorten(value)}; remove it")
        if not value.isascii() and (broken := half_character(value)):
            raise AnswerError(f"the text {broken}; remove it")
        if value == "" and self.shortest == 0:
            return value
        if not VISIBLE.search(value):
            raise AnswerError(f"expected a text that can be seen, got {shorten(value)}; write something")
        if len(value) < self.shortest:
            raise AnswerError(f"expected at least {self.shortest:,} characters, got {len(value):,}: {shorten(value)}")
        if self.lines is not None and (lines := len(LINE_BREAK.findall(value)) + 1) > self.lines:
            raise AnswerError(f"expected at most {self.lines} lines, got {lines}: {shorten(value)}; join some")
        self._check_pattern(value)
        return value

    def checking_steps(self) -> int:
        """As many as the pattern has: each is tried at each place at most."""
        return len(self._compiled) if isinstance(self._compiled, Pattern) else 1

    def _check_pattern(self, value: str) -> None:
        try:
            matches = self._compiled is None or self._compiled.fullmatch(value)
        except TooLong:
            raise AnswerError(
                f"the text is too long to be tried against the pattern, it has {len(value):,} characters; shorten it"
            ) from None
        if not matches:
            hint = pick(self._hint, "en") if self._hint else f"a text that matches {self.pattern!r}"
            raise AnswerError(f"expected {hint}, got {shorten(value)}")

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """The type itself; raises `SpecError` if its pattern cannot be matched in bounded time."""
        try:
            Pattern(self.pattern or "")
        except Unsteady as error:
            raise SpecError(f"text: pattern {self.pattern!r} {error}") from None
        return self

    def as_input(self) -> Self:
        """The same text as it was written: no picture of its author's choice tells who reads it."""
        return replace(self, markdown=False)

    def longest_answer(self) -> int:
        """As many characters as the text may have."""
        return self.longest

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The text; a piece marked in what is around it."""
        if isinstance(value, str):
            return written(value)
        start, end = value["piece"]
        return marked(value["text"], [{"start": start, "end": end}], ())

    def canonical(self, value: Any) -> str:
        """The text with letters composed (NFC), without space around it, and with one space for each run of them."""
        return " ".join(normalize("NFC", value).split())

    def similarity(self, one: Any, other: Any) -> float:
        """1 less the rate of wrong words (the larger of both ways round), whatever their case; not below 0."""
        return same_words(self.canonical(one).casefold(), self.canonical(other).casefold())

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The text with a third of its words left out or out of order; a single word has letters out of order."""
        for _ in range(10):
            wrong = self._allowed_or(value, spoilt_words(value, rng))
            if self.canonical(wrong).casefold() != self.canonical(value).casefold():
                return wrong
        return None

    def distractor(self, value: Any, others: Sequence[Any], rng: Random) -> Any:
        """A text that reads as well and says something else: another one, parts of two, other words or digits."""
        for wrong in distractors(value, others, rng):
            allowed = self._allowed_or(value, wrong)
            if self.similarity(allowed, value) < self.control_similarity:
                return allowed
        return None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The text with each word misheard by itself, as often as the skill lacks to 1."""
        return self._allowed_or(value, misheard_words(value, 1.0 - skill, rng))

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Some letters in a row, if they are an answer."""
        letters = "".join(rng.choices("asdfgh", k=max(self.shortest, min(6, self.longest))))
        return self._allowed_or(None, letters)

    def _allowed_or(self, otherwise: str | None, wanted: str) -> str | None:
        try:
            return self.check_answer(wanted, {})
        except AnswerError:
            return otherwise

    def _too_long(self, value: str) -> str:
        return f"expected at most {self.longest:,} characters, got {len(value):,}: {shorten(value)}; shorten it"


def _as_read(value: Any) -> str:
    """What is to be read of an input: the text, or the piece of it that is meant."""
    return value if isinstance(value, str) else value["text"][slice(*value["piece"])]


def _compiled(pattern: str | None) -> Pattern | re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        return Pattern(pattern)
    except Unsteady:  # of a run that was launched before such patterns were refused
        return re.compile(pattern)


PLUGIN = Text
