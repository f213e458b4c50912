"""Which part of a task answers depend on, and which is its wording, that may be put better while people work."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from dataforge.records import Field, TaskSpec, Texts
from dataforge.texts import pick

__all__ = ["Wording", "meaning_of", "text_changes"]

TEXTS = frozenset(("label", "hint"))
"""What the settings of object types call the texts in them."""


class Wording(NamedTuple):
    """A text that was put otherwise: which it is, how it was, and how it is now."""

    what: Literal["name", "description", "instruction", "title", "option"]
    was: str
    now: str


def meaning_of(spec: TaskSpec) -> Any:
    """All of a task that answers depend on, in JSON."""
    fields = {"inputs": list(map(_meaning, spec.inputs)), "outputs": list(map(_meaning, spec.outputs))}
    return {"id": spec.id, "duration": spec.duration, **fields}


def _meaning(field: Field) -> Any:
    return {"name": field.name, "type": field.type, "required": field.required, "settings": _wordless(field.settings)}


def _wordless(settings: Any) -> Any:
    """Settings without the texts that workers read."""
    if isinstance(settings, Mapping):
        return {name: _wordless(value) for name, value in settings.items() if name not in TEXTS}
    if isinstance(settings, list | tuple):
        return [_wordless(value) for value in settings]
    return settings


def text_changes(was: TaskSpec, now: TaskSpec, language: str) -> list[Wording]:
    """The texts of a task that differ for readers of a language; of the instruction the lines that do."""
    before, after = (dict(_texts_of(spec)) for spec in (was, now))
    found = []
    for place in dict.fromkeys([*before, *after]):
        one, other = (pick(texts, language) if texts else "" for texts in (before.get(place), after.get(place)))
        if one != other:
            shown = _lines(one, other) if place == ("instruction",) else (one, other)
            found.append(Wording(place[0], *shown))
    return found


def _lines(was: str, now: str) -> tuple[str, str]:
    """The lines of each of two texts that the other has not."""
    one, other = was.splitlines(), now.splitlines()
    # Whole lines only: to look for alike ones takes seconds where much was written anew, and every worker asks.
    steps = [step for step in difflib.SequenceMatcher(None, one, other).get_opcodes() if step[0] != "equal"]
    gone = [line for _, start, stop, _, _ in steps for line in one[start:stop]]
    come = [line for _, _, _, start, stop in steps for line in other[start:stop]]
    return "\n".join(gone), "\n".join(come)


def _texts_of(spec: TaskSpec) -> Iterator[tuple[Any, Texts]]:
    """The task's texts by their places; the first of a place is what it is."""
    yield ("name",), spec.name
    yield ("description",), spec.description
    yield ("instruction",), spec.instruction
    for field in (*spec.inputs, *spec.outputs):
        yield ("title", field.name), field.title
        yield from _in_settings(("option", field.name), field.settings)


def _in_settings(place: tuple[Any, ...], settings: Any) -> Iterator[tuple[Any, Texts]]:
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            if name in TEXTS:
                yield (*place, name), dict(value) if isinstance(value, Mapping) else {"en": str(value)}
            else:
                yield from _in_settings((*place, name), value)
    elif isinstance(settings, list | tuple):
        for number, value in enumerate(settings):
            yield from _in_settings((*place, number), value)
