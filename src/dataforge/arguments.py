"""Calls as users write them: an argument of an unknown name, one too few or of a wrong kind is refused in words.

`entry` and its like mark what users call themselves. The signature says all: what names there are, and as
annotations what kinds.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

from dataforge.aliases import ELSEWHERE, UNSAID
from dataforge.errors import ArgumentError

__all__ = ["entries", "entry", "named_entries", "named_entry", "no_attribute", "no_member"]

T = TypeVar("T")

LONGEST_VALUE = 60

# Of two names with less in common one is no misspelling of the other.
ALIKE = 0.7
# Signatures of two kinds: of what has a place, and of what has a name.
BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# What is accepted for an annotation beside its own class, and how a message calls it.
ACCEPTED: dict[Any, type] = {int: Integral, float: Real, Path: os.PathLike}
CALLED: dict[Any, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "a text",
    Path: "a path",
    NoneType: "None",
    Callable: "a function",
    Mapping: "a mapping",
    Sequence: "a list",
    Iterable: "a list",
}


def entry(target: T) -> T:
    """The same function or method with its calls checked, or the same class with those of its constructor."""
    return _constructor_checked(target, kinds=True) if isinstance(target, type) else _checked(target, kinds=True)


def entries(target: T) -> T:
    """The same class with calls of its constructor and of its public methods checked."""
    return _all_checked(target, kinds=True)


def named_entry(target: T) -> T:
    """As `entry`, where values are checked by what is called, which knows more of them than their kinds: names only."""
    return _constructor_checked(target, kinds=False) if isinstance(target, type) else _checked(target, kinds=False)


def named_entries(target: T) -> T:
    """As `entries`, where values are checked by what is called."""
    return _all_checked(target, kinds=False)


def _constructor_checked(target: T, *, kinds: bool) -> T:
    setattr(target, "__init__", _checked(vars(target)["__init__"], kinds=kinds))  # noqa: B010 - no method to mypy
    return target


def _all_checked(target: T, *, kinds: bool) -> T:
    for name, member in list(vars(target).items()):
        if name == "__init__" or (inspect.isfunction(member) and not name.startswith("_")):
            setattr(target, name, _checked(member, kinds=kinds))
    return target


def no_attribute(module: str, name: str, known: Sequence[str], instead: str | None = None) -> AttributeError:
    """The error of a module that has no such name, with what to write instead: as told, or the nearest that it has."""
    near = _nearest(name, known)
    advice = instead or (f"did you mean {near!r}?" if near else f"names are: {', '.join(sorted(known))}")
    return AttributeError(f"module {module!r} has no attribute {name!r}; {advice}")


def no_member(one: object, name: str, instead: Mapping[str, str]) -> AttributeError:
    """The error of an object that has nothing of this name, with what to write instead; `_…` is not meant."""
    told = f"{type(one).__name__!r} object has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(told)
    near = instead.get(name) or _nearest(name, [found for found in dir(type(one)) if not found.startswith("_")])
    return AttributeError(f"{told}; did you mean {near!r}?" if near else told)


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """The name that may have been meant."""
    names = {one.lower(): one for one in sorted(known, reverse=True)}
    near = get_close_matches(name.lower(), names, 1, ALIKE)
    return names[near[0]] if near else None


def _checked(function: T, *, kinds: bool) -> T:
    assert callable(function)
    call = _Call(function, kinds=kinds)

    @wraps(function)
    def checked(*args: Any, **named: Any) -> Any:
        call.check(args, named)
        return function(*args, **named)

    return cast(T, checked)


class _Call:
    """What is known of the calls of a function; read from it when it is first called."""

    def __init__(self, function: Callable[..., Any], *, kinds: bool) -> None:
        self._function = function
        self._kinds = kinds

    def check(self, args: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Raise `ArgumentError` unless the call has the arguments that the signature asks for."""
        try:
            bound = self._signature.bind(*args, **named)
        except TypeError:
            made = getattr(args[0], "_made_by", None) if args and self._function.__name__ == "__init__" else None
            mistake = self._mistake(args, named) if made is None else f"is made by {made}"
            raise ArgumentError(f"{self._where(args)}: {mistake}") from None
        for name, value in bound.arguments.items() if self._kinds else ():
            hint = self._hints.get(name, Any)
            if not _fits(value, hint) and value is not self._signature.parameters[name].default:
                wanted = _either([_called(kind) for kind in _alternatives(hint)])
                advice = _instead(_alternatives(hint), value)
                raise ArgumentError(f"{self._where(args)}: {name}: expected {wanted}, got {_short(value)}{advice}")

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self._function)

    @cached_property
    def _of_class(self) -> bool:
        return next(iter(self._signature.parameters), "") in ("self", "cls")

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        """Without that of the object itself."""
        return list(self._signature.parameters.values())[self._of_class :]

    @cached_property
    def _hints(self) -> dict[str, Any]:
        """Annotations that can be looked up here; those that are there for type checkers only are not checked."""
        hints = {}
        for one in self._parameters:
            if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD) and isinstance(one.annotation, str):
                try:
                    hints[one.name] = eval(one.annotation, self._function.__globals__)
                except NameError:
                    continue
        return hints

    def _where(self, args: Sequence[Any]) -> str:
        name = self._function.__name__
        if not self._of_class:
            return name
        if not args:
            return self._function.__qualname__
        owner = args[0] if isinstance(args[0], type) else type(args[0])
        return owner.__name__ if name == "__init__" else f"{owner.__name__}.{name}"

    def _mistake(self, args: Sequence[Any], named: Mapping[str, Any]) -> str:
        """What is wrong with a call that cannot be made, and what to write."""
        places = [one.name for one in self._parameters if one.kind in BY_PLACE]
        names = [one.name for one in self._parameters if one.kind in BY_NAME]
        given = len(args) - self._of_class
        takes_any = any(one.kind is one.VAR_KEYWORD for one in self._parameters)
        unknown = [] if takes_any else [name for name in named if name not in names]
        if unknown:
            noun = "setting" if self._function.__name__ == "__init__" else "argument"
            return f"no {noun} is named {unknown[0]!r}; {self._advice(unknown[0], names, named)}"
        if given > len(places):
            takes = f"takes {len(places)} values without a name at most" if places else "takes values by name only"
            known = f"; names are: {', '.join(names)}" if names else ""
            return f"{takes if names else 'takes no values'}, got {_short(args[-1])}{known}"
        twice = [name for name in places[:given] if name in named]
        if twice:
            return f"{twice[0]!r} is given twice, by its place and by its name; keep one"
        missing = self._missing(given, named)
        are = "is" if len(missing) == 1 else "are"
        return f"{' and '.join(map(repr, missing))} {are} missing; write {', '.join(f'{one}=…' for one in missing)}"

    def _missing(self, given: int, named: Mapping[str, Any]) -> list[str]:
        """Names of what must be given and is not, neither by its place nor by its name."""
        left = [one for place, one in enumerate(self._parameters) if one.kind not in BY_PLACE or place >= given]
        needed = [one for one in left if one.default is one.empty and one.kind in (*BY_PLACE, *BY_NAME)]
        return [one.name for one in needed if one.name not in named]

    def _advice(self, name: str, names: Sequence[str], named: Mapping[str, Any]) -> str:
        """How to write what somebody meant by a name that there is not."""
        known = ELSEWHERE.get(name)
        values = {**UNSAID, name: "…"} | {key: _short(value) for key, value in named.items()}
        written = f"{name}={values[name]}" if known is None else known.written.format_map(values)
        own = written.partition("=")[0]
        if known is not None and own in names:
            return f"write {written}"
        for one in self._parameters:
            for kind in _alternatives(self._hints.get(one.name, Any)):
                if isinstance(kind, type) and kind.__module__.startswith("dataforge.") and own in _settings(kind):
                    return f"write {one.name}=df.{kind.__name__}({written})"
        if known is not None:
            return f"write {known.owner}({written})"
        near = get_close_matches(name, names, 1)
        return f"write {near[0]}=…" if near else f"known: {', '.join(names) or 'none'}"


def _settings(kind: type) -> Iterable[str]:
    """What a class is made with, if users make it by calling it."""
    called = hasattr(vars(kind).get("__init__"), "__wrapped__") and not hasattr(kind, "_made_by")
    return inspect.signature(kind).parameters if called else ()


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return isinstance(value, str) and value in get_args(hint)
    if hint in (Union, UnionType) or get_origin(hint) in (Union, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    kind = get_origin(hint) or hint
    if kind is None:
        return value is None
    if kind is bool:
        return isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool"
    if kind in ACCEPTED:
        return isinstance(value, ACCEPTED[kind]) and not isinstance(value, bool)
    if not isinstance(kind, type) or (isinstance(value, str) and kind in (Sequence, Iterable)):
        return not isinstance(kind, type)
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that cannot be asked
        return True


def _called(hint: Any) -> str:
    """A kind as a message calls it."""
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    kind = get_origin(hint) or hint
    if kind in CALLED:
        return CALLED[kind]
    name = getattr(kind, "__name__", str(kind))
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"


def _instead(kinds: Sequence[Any], value: Any) -> str:
    """What to do where something of these kinds is needed and this came, if that is known."""
    advice = [kind._instead_of(value) for kind in kinds if hasattr(kind, "_instead_of")]
    if not advice and isinstance(value, type):
        advice = [f"that is a class: make one by {value.__name__}(…)"]
    return f"; {advice[0]}" if advice else ""


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _short(value: object) -> str:
    text = repr(value[:LONGEST_VALUE] if isinstance(value, str | bytes) else value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
