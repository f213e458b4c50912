"""Several: any number of the options of a Choice class, none of them included."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.base import ObjectType, listed, setting, shorten
from dataforge.objects.choice import Choice, ChoiceType

__all__ = ["Several"]

SEPARATORS = ";|,"


@named_entry
@dataclass(frozen=True, eq=False)
class Several(ObjectType):
    """Several options of a `Choice` class, at least `least` and at most `most`; `set[Animal]` means any number.

    An answer is a list of values in the order of the class, each once; the empty list says that none of them fits.
    """

    name: ClassVar[str] = "several"
    answering_seconds: ClassVar[float] = 5.0
    quality: ClassVar[str] = "merge"

    options: type[Choice] | ChoiceType
    least: int = 0
    most: int | None = None
    _choice: ChoiceType = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.options, type) and issubclass(self.options, Choice):
            choice = ChoiceType.of(self.options)
        elif isinstance(self.options, ChoiceType):
            choice = self.options
        else:
            raise SpecError(f"several: expected a class of options, class Animal(df.Choice), got {self.options!r}")
        object.__setattr__(self, "_choice", choice)
        count = len(choice.labels())
        for what, value in (("least", self.least), ("most", count if self.most is None else self.most)):
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= count:
                raise SpecError(f"several: {what} must be a whole number from 0 to {count}, got {value!r}")
        if self.most is not None and not max(self.least, 1) <= self.most:
            raise SpecError(f"several: most must be at least 1 and not below least {self.least}, got {self.most}")

    def depending(self, source: str, allowed: Mapping[Any, Sequence[Any]]) -> Self:
        """The same type, offering for each value of the task's input `source` only the options named in `allowed`."""
        return type(self)(self._choice.depending(source, allowed), self.least, self.most)

    def settings(self) -> dict[str, Any]:
        """JSON settings: those of the choice, and `least` and `most` where they bind."""
        limits = {"least": self.least or None, "most": self.most}
        return self._choice.settings() | {name: limit for name, limit in limits.items() if limit is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        choice = ChoiceType.from_settings(settings)
        return cls(choice, setting(settings, "least", int, 0), setting(settings, "most", int, None))

    def to_json(self, value: Any) -> list[str]:
        """The options' values in the order of the class; `value` is a set, a list or another collection of them."""
        if not isinstance(value, Collection) or isinstance(value, str | bytes | Mapping):
            raise DataError(
                f"expected a list of some of {listed(self._choice.labels())}, got {shorten(value)} "
                f"of type {type(value).__name__}"
            )
        chosen = [self._choice.to_json(one) for one in value]
        if wrong := self._wrong(chosen):
            raise DataError(wrong)
        return self._ordered(chosen)

    def from_text(self, text: str) -> Any:
        """The options that a cell lists: as JSON, or parted by semicolons, bars or commas."""
        text = text.strip()
        if text.startswith("["):
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError:
                return text
        for separator in ("", *SEPARATORS):
            pieces = [piece.strip() for piece in text.split(separator)] if separator else [text]
            if set(pieces) <= set(self._choice.labels()):
                return pieces
        return next(([p.strip() for p in text.split(one)] for one in SEPARATORS if one in text), [text])

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[str]:
        """The options' values in the order of the class, if the item offers them and their number is right."""
        if not isinstance(value, list):
            raise AnswerError(f"expected a list of some of {listed(self._choice.labels())}, got {shorten(value)}")
        chosen = [self._choice.check_answer(one, inputs) for one in value]
        if wrong := self._wrong(chosen):
            raise AnswerError(wrong)
        return self._ordered(chosen)

    def longest_answer(self) -> int:
        """As many characters as all options have, with their quotes and commas."""
        return sum(len(value) + 3 for value in self._choice.labels()) + 2

    def similarity(self, one: Any, other: Any) -> float:
        """The options that both have, divided by those that either has (Jaccard); 1 if neither has any."""
        first, second = set(one), set(other)
        return len(first & second) / len(first | second) if first or second else 1.0

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """One option more, one less, or another in place of one."""
        offered = self._choice.allowed(inputs)
        chosen, others = [one for one in offered if one in value], [one for one in offered if one not in value]
        less = [[one for one in chosen if one != out] for out in chosen]
        ways = [
            *less,
            *([*chosen, added] for added in others),
            *([*rest, added] for rest in less for added in others),
        ]
        ways = [way for way in ways if not self._wrong(way)]
        return self._ordered(rng.choice(ways)) if ways else None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The options with each by itself left out or added, as often as the skill lacks to 1."""
        offered = self._choice.allowed(inputs)
        given = [one for one in offered if (one in value) == (rng.random() < skill)]
        return value if self._wrong(given) else given

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Any options, as many as there may be."""
        offered = self._choice.allowed(inputs)
        most = len(offered) if self.most is None else min(self.most, len(offered))
        return self._ordered(rng.sample(offered, rng.randint(self.least, most)))

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check the input that the options depend on."""
        self._choice.check_place(inputs)
        if self._choice.fewest_options() < self.least:
            raise SpecError(f"some items offer {self._choice.fewest_options()} options, fewer than least={self.least}")

    def _wrong(self, chosen: Sequence[Any]) -> str:
        """What is wrong with the number of these options; empty if nothing is."""
        twice = next((one for one in chosen if chosen.count(one) > 1), None)
        if twice is not None:
            return f"expected each option once, got {twice!r} more than once"
        if len(chosen) < self.least:
            return f"expected at least {self.least} options, got {len(chosen)}: {listed(chosen) or 'none'}"
        if self.most is not None and len(chosen) > self.most:
            return f"expected at most {self.most} options, got {len(chosen)}: {listed(chosen)}"
        return ""

    def _ordered(self, chosen: Collection[Any]) -> list[str]:
        return [value for value in self._choice.labels() if value in chosen]


PLUGIN = Several
