"""Labels on parts of an input: which there are, and what is said where one is none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dataforge.errors import DataError, SpecError
from dataforge.objects._options import Option, meant, option_to_json, options_from_json
from dataforge.objects.base import ObjectType, listed, shorten
from dataforge.objects.choice import Choice

__all__ = ["check_label", "labels_from_json", "labels_of", "labels_to_json", "one_input", "parts_of"]


def labels_of(given: type[Choice] | Sequence[Option] | None, what: str) -> tuple[Option, ...]:
    """The options of a `Choice` class, or those given; none at all for parts that have no label."""
    if given is None:
        return ()
    if isinstance(given, type) and issubclass(given, Choice):
        return tuple(Option(member.value, member.label, member.hint) for member in given)
    if isinstance(given, Sequence) and given and all(isinstance(one, Option) for one in given):
        return tuple(given)
    raise SpecError(f"{what}: expected a class of labels, class Label(df.Choice), or nothing, got {shorten(given)}")


def labels_to_json(options: Sequence[Option]) -> dict[str, Any]:
    """The setting `options`, left out where parts have no label."""
    return {"options": [option_to_json(option) for option in options]} if options else {}


def labels_from_json(settings: Mapping[str, Any]) -> tuple[Option, ...] | None:
    """What `labels_to_json` wrote."""
    return options_from_json(settings) if settings.get("options") is not None else None


def check_label(part: Mapping[str, Any], options: Sequence[Option]) -> dict[str, str]:
    """The label of a part as `{"label": value}`, empty where parts have none; raises `DataError`."""
    label = part.get("label")
    if not options:
        if label is not None:
            raise DataError(f"expected no label, got {shorten(label)}; name the labels in the type to have some")
        return {}
    values = [str(option.value) for option in options]
    if not isinstance(label, str) or label not in values:
        hint = meant(label, [(option.value, option.label) for option in options])
        raise DataError(f"expected a label, one of {listed(values)}, got {shorten(label)}{hint}")
    return {"label": str(label)}


def parts_of(value: Any, noun: str, example: str, most: int) -> list[Any]:
    """The parts one by one: of a list, or of an array as tables hold it; raises `DataError`."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list):
        raise DataError(f"expected a list of {noun}s, [] for none, got {shorten(value)}; one {noun} is {example}")
    if len(value) > most:
        raise DataError(f"expected at most {most:,} {noun}s, got {len(value):,}")
    return value


def one_input(of: str | None, kind: str, inputs: Mapping[str, ObjectType]) -> str:
    """The name of the input that is marked: the one named, or else the only one of that type; raises `SpecError`."""
    there = [name for name, found in inputs.items() if found.name == kind]
    if of is not None and of not in inputs:
        raise SpecError(f"of={of!r} is no input; inputs are: {listed(inputs)}")
    if of is not None and of not in there:
        raise SpecError(f"of={of!r} is of the type {inputs[of].name}, expected one of the type {kind}")
    if of is None and len(there) != 1:
        found = f"{len(there)}: {listed(there)}; name one of them, of={there[0]!r}" if there else "none; add one"
        raise SpecError(f"expected one input of the type {kind}, got {found}")
    return there[0] if of is None else of
