"""Options: the values of a bounded type with their labels, as they travel in a field's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from dataforge.errors import SpecError
from dataforge.objects.base import Label, setting, shorten
from dataforge.records import Texts
from dataforge.texts import VISIBLE, pick, texts

__all__ = [
    "Option",
    "meant",
    "option_from_json",
    "option_to_json",
    "options_from_json",
    "refuse_alike",
    "refuse_same_look",
]


@dataclass(frozen=True)
class Option:
    """One possible answer: its value, what workers read, and a hint for those who are in doubt.

    `right`: who judges an answer and says this finds it right.
    """

    value: Label
    label: Texts = field(hash=False)
    hint: Texts = field(default_factory=dict, hash=False)
    right: bool = False


def option_to_json(option: Option) -> dict[str, Any]:
    """`{"value", "label"}`, the `hint` if there is one, and `right` if it is."""
    written: dict[str, Any] = {"value": option.value, "label": option.label}
    return written | ({"hint": option.hint} if option.hint else {}) | ({"right": True} if option.right else {})


def option_from_json(written: Any) -> Option:
    """The option that `option_to_json` wrote; raises `SpecError` if it is none."""
    if not isinstance(written, Mapping):
        raise SpecError(f"expected an option with a value and a label, got {shorten(written)}")
    value = setting(written, "value", (str, int, bool))
    label = texts(setting(written, "label", Mapping), f"option {value!r}: label")
    hint = setting(written, "hint", Mapping, {})
    right = setting(written, "right", bool, False)
    return Option(value, label, texts(hint, f"option {value!r}: hint") if hint else {}, right)


def options_from_json(settings: Mapping[str, Any]) -> tuple[Option, ...]:
    """The list `options` of a field's settings."""
    written = setting(settings, "options", Sequence)
    return tuple(map(option_from_json, written))


def refuse_alike(settings: Mapping[str, Any]) -> None:
    """Raise `SpecError` if workers would read the same of two options that a field with these settings offers together.

    Asked where a task is written: one that was launched before goes on.
    """
    written = settings.get("options")
    if not isinstance(written, list) or not all(isinstance(one, Mapping) and "label" in one for one in written):
        return
    options = [option_from_json(one) for one in written]
    depends = settings.get("depends")
    groups = [[one.value for one in options]] if depends is None else depends["allowed"].values()
    for language in sorted({language for one in options for language in one.label}):
        for together in groups:
            offered = [(one.value, one.label) for one in options if one.value in together]
            refuse_same_look(offered, language, "options", "label")


def refuse_same_look(named: Iterable[tuple[Label, Texts]], language: str, what: str, other_word: str) -> None:
    """Raise `SpecError` if two of what is `named` read the same in a language; `other_word` is what one is to get."""
    first: dict[str, Label] = {}
    for name, shown_in in named:
        shown = pick(shown_in, language)
        seen = "".join(sign for sign in normalize("NFC", shown) if sign.isspace() or VISIBLE.match(sign))
        other = first.setdefault(" ".join(seen.split()), name)
        if other is not name:
            raise SpecError(
                f"the {what} {other!r} and {name!r} both read {shown!r} ({language}), so that workers cannot tell them "
                f"apart; give one another {other_word}"
            )


def meant(value: Any, labels: Iterable[tuple[Label, Texts]]) -> str:
    """What to add to the refusal of a value: the answer that is meant, if it was written as workers read it."""
    written, label_of = str(value).strip().casefold(), dict(labels)
    found = [answer for answer in label_of if written == str(answer).casefold()]
    if len(found) == 1:
        return f"; write {found[0]!r}"
    found = [answer for answer, label in label_of.items() if written in [text.casefold() for text in label.values()]]
    return f", which is the label of {found[0]!r}; write {found[0]!r}" if len(found) == 1 else ""
