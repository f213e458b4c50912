"""Choice: one of several named options.

A user writes a class, `class Animal(Choice): DOG = option("dog", ru="собака")`, and uses it as an annotation; the
object type made of it is `ChoiceType`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, ClassVar, Self
from unicodedata import normalize

from dataforge.arguments import entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._options import Option, meant, option_to_json, options_from_json, refuse_alike, refuse_same_look
from dataforge.objects.base import Label, ObjectType, listed, setting, shorten
from dataforge.records import Texts
from dataforge.texts import option_texts, texts

__all__ = ["Choice", "ChoiceType", "Depends", "option", "refuse_alike", "refuse_same_look"]

LONGEST_VALUE = 1_000


@entry
def option(
    value: str,
    label: str | None = None,
    *,
    hint: str | Mapping[str, str] | None = None,
    right: bool = False,
    **labels: str,
) -> Option:
    """One option of a `Choice`: its value, and what workers read in each language.

        DOG = option("dog", "Dog", ru="Собака", hint="wolves and foxes are not dogs")

    Languages without a label show the English one; without an English one, the value. `hint` is a sentence for
    workers who are in doubt: a text, or `{language: text}`. Where other workers judge an answer by these options,
    `right` marks those by which they say that it is right; the others say in what it is wrong.
    """
    if not isinstance(value, str) or not value.strip():
        raise SpecError(f"option: the value must be a text that is not empty, got {value!r}")
    if len(value) > LONGEST_VALUE:
        raise SpecError(f"option {shorten(value)}: the value has {len(value):,} characters, at most {LONGEST_VALUE:,}")
    if label is not None and "en" in labels:
        raise SpecError(f"option {value!r}: the English label is given twice, {label!r} and {labels['en']!r}; keep one")
    given = labels if label is None else {"en": label} | labels
    return Option(
        value,
        option_texts(value, given, f"option {value!r}"),
        texts(hint, f"option {value!r}: hint") if hint is not None else {},
        right,
    )


class Choice(StrEnum):
    """The base of classes whose members are the possible answers; a member equals its string value.

    class Animal(Choice):
        DOG = option("dog", ru="собака")
        CAT = option("cat", ru="кошка")
    """

    label: Texts
    hint: Texts
    right: bool

    def __new__(cls, value: str | Option) -> Self:
        """A member that is its value; called by the class statement only."""
        chosen = value if isinstance(value, Option) else option(value)
        member = str.__new__(cls, str(chosen.value))
        member._value_ = str(chosen.value)
        member.label = chosen.label
        member.hint = chosen.hint
        member.right = chosen.right
        return member

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in cls.__members__.items():
            if name != member.name:
                raise SpecError(
                    f"choice {cls.__name__}: {name} and {member.name} both have the value {member.value!r}; "
                    "give each option its own"
                )


@dataclass(frozen=True)
class Depends:
    """Which options an item offers, by the value of one of its inputs; values not named here offer all."""

    input: str
    allowed: Mapping[str, tuple[str, ...]] = field(hash=False)


@dataclass(frozen=True, eq=False)
class ChoiceType(ObjectType):
    """One of several options; made from a `Choice` class by `ChoiceType.of`."""

    name: ClassVar[str] = "choice"

    options: tuple[Option, ...]
    depends: Depends | None = None
    _values: tuple[str, ...] = field(init=False, repr=False)
    _known: frozenset[str] = field(init=False, repr=False)
    _composed: Mapping[str, str] = field(init=False, repr=False)
    _allowed: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = tuple(str(option.value) for option in self.options)
        if len(values) < 2:
            raise SpecError(f"a choice needs at least 2 options, got {len(values)}: {listed(values) or 'none'}")
        twice = [value for value in dict.fromkeys(values) if values.count(value) > 1]
        if twice:
            raise SpecError(f"a choice needs options of different values, got {twice[0]!r} more than once")
        if any(not isinstance(option.value, str) for option in self.options):
            raise SpecError(
                f"a choice needs options whose values are texts, got {listed(o.value for o in self.options)}"
            )
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_known", frozenset(values))
        object.__setattr__(self, "_composed", {normalize("NFC", value): value for value in values})
        object.__setattr__(self, "_allowed", _in_order(self.depends, values))

    @classmethod
    def of(cls, choice: type[Choice]) -> Self:
        """The object type of a `Choice` class."""
        return cls(tuple(Option(member.value, member.label, member.hint, member.right) for member in choice))

    def depending(self, source: str, allowed: Mapping[Any, Sequence[Any]]) -> Self:
        """The same type, offering for each value of the task's input `source` only the options named in `allowed`."""
        if not isinstance(allowed, Mapping) or not allowed:
            raise SpecError(f"expected {{value of {source!r}: [options]}}, got {shorten(allowed)}")
        checked = {_text(key): tuple(map(_text, _several(key, options))) for key, options in allowed.items()}
        return type(self)(self.options, Depends(source, checked))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options`, `[{"value", "label", "hint"?, "right"?}]`, `depends`: `{"input", "allowed"}`."""
        written: dict[str, Any] = {"options": [option_to_json(option) for option in self.options]}
        if self.depends is not None:
            allowed = {key: list(values) for key, values in self.depends.allowed.items()}
            written["depends"] = {"input": self.depends.input, "allowed": allowed}
        return written

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        built = cls(options_from_json(settings))
        depends = setting(settings, "depends", Mapping, None)
        if depends is None:
            return built
        return built.depending(setting(depends, "input", str), setting(depends, "allowed", Mapping))

    def to_json(self, value: Any) -> str:
        """The option's value; letters with accents may be written in one character or two."""
        if isinstance(value, str) and value not in self._known:
            value = self._composed.get(normalize("NFC", value), value)
        if not isinstance(value, str) or value not in self._known:
            labels = [(option.value, option.label) for option in self.options]
            raise DataError(f"expected one of {listed(self._values)}, got {shorten(value)}{meant(value, labels)}")
        return value.value if isinstance(value, Enum) else value

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The option's value, if this item offers it."""
        if not isinstance(value, str) or value not in self._known:
            raise AnswerError(f"expected one of {listed(self.allowed(inputs))}, got {shorten(value)}")
        if self.depends is not None and value not in self.allowed(inputs):
            raise AnswerError(
                f"expected one of {listed(self.allowed(inputs))}, which an item with {self.depends.input} "
                f"{shorten(inputs.get(self.depends.input))} offers, got {shorten(value)}"
            )
        return value

    def labels(self) -> tuple[str, ...]:
        """The options' values in the order of the class."""
        return self._values

    def allowed(self, inputs: Mapping[str, Any]) -> Sequence[Label]:
        """The values that an item with these inputs offers."""
        if self.depends is None:
            return self._values
        given = inputs.get(self.depends.input)
        return self._allowed.get(given, self._values) if isinstance(given, str) else self._values

    def rights(self) -> Sequence[Label] | None:
        """The options marked as right, if there are any and not all are."""
        right = [option.value for option in self.options if option.right]
        return right if 0 < len(right) < len(self.options) else None

    def reasons(self) -> Mapping[Label, Texts]:
        """The other options."""
        return {option.value: option.label for option in self.options if not option.right}

    def fewest_options(self) -> int:
        """The size of the smallest group of options that an item offers."""
        return min((len(options) for options in self._allowed.values()), default=len(self._values))

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that the input which the options depend on exists and can have the values named."""
        if self.depends is None:
            return
        source = inputs.get(self.depends.input)
        if source is None:
            raise SpecError(
                f"its options depend on {self.depends.input!r}, which is no input; inputs are: {listed(inputs)}"
            )
        if source.name not in ("choice", "text"):
            raise SpecError(
                f"its options depend on {self.depends.input!r} of the type {source.name}; "
                "they can depend on a choice or a text"
            )
        possible = source.labels()
        for value in self.depends.allowed if possible is not None else ():
            if value not in (possible or ()):
                raise SpecError(
                    f"its options depend on {self.depends.input!r} being {value!r}, which it cannot be; "
                    f"its values are: {listed(possible or ())}"
                )


def _in_order(depends: Depends | None, values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The options that each input value offers, in the order of all options."""
    ordered = {}
    for key, options in (depends.allowed if depends else {}).items():
        for unknown in set(options) - set(values):
            raise SpecError(f"{unknown!r}, offered for {key!r}, is no option; options are: {listed(values)}")
        if not options:
            raise SpecError(f"no options are offered for {key!r}; name at least one")
        ordered[key] = tuple(value for value in values if value in options)
    return ordered


def _several(key: object, options: object) -> Sequence[Any]:
    if isinstance(options, str) or not isinstance(options, Sequence):
        raise SpecError(f"expected a list of options for {key!r}, got {shorten(options)}")
    return options


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise SpecError(f"expected a text or a member of a choice, got {shorten(value)}")
    return value.value if isinstance(value, Enum) else value


PLUGIN = ChoiceType
