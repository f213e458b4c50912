"""The decorator `task`: a typed function read as a task.

The signature is the form, the docstring the instruction, the return annotation what workers answer.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, overload

from dataforge.arguments import named_entry
from dataforge.durations import seconds
from dataforge.errors import SpecError
from dataforge.objects.base import ObjectType, listed, plain, shorten
from dataforge.objects.choice import ChoiceType, refuse_alike, refuse_same_look
from dataforge.objects.ranking import Ranking
from dataforge.objects.several import Several
from dataforge.records import Texts, Values
from dataforge.tasks.annotations import fields_of, names_around, object_type, resolved
from dataforge.tasks.task import LONGEST_DURATION, Slot, Task, item_seconds, usual_duration
from dataforge.texts import texts

__all__ = ["ANSWER", "inputs_of", "task", "words_of"]

ANSWER = "answer"
"""The output's name where a function has only one."""


@overload
def task(function: Callable[..., Any], /) -> Task: ...
@overload
def task(
    *,
    name: str | Mapping[str, str] | None = None,
    duration: str | float | timedelta | Callable[..., Any] | None = None,
    instruction: str | Mapping[str, str] | None = None,
    description: str | Mapping[str, str] | None = None,
    id: str | None = None,
    titles: Mapping[str, str | Mapping[str, str]] | None = None,
    options: Mapping[str, Mapping[str, Mapping[Any, Sequence[Any]]]] | None = None,
) -> Callable[[Callable[..., Any]], Task]: ...
@named_entry
def task(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | Mapping[str, str] | None = None,
    duration: str | float | timedelta | Callable[..., Any] | None = None,
    instruction: str | Mapping[str, str] | None = None,
    description: str | Mapping[str, str] | None = None,
    id: str | None = None,  # noqa: A002 - the word for it, as in TaskSpec
    titles: Mapping[str, str | Mapping[str, str]] | None = None,
    options: Mapping[str, Mapping[str, Mapping[Any, Sequence[Any]]]] | None = None,
) -> Task | Callable[[Callable[..., Any]], Task]:
    """Make a task of a typed function: parameters are what workers see, the return annotation what they answer.

    Every text is plain English or `{language: text}`.

    Args:
        name: what workers see in the list of tasks; by default the function's name.
        duration: how long one item takes: `"10s"`, seconds or a timedelta; or a function of inputs, by their names,
            that gives one of these. By default estimated from the types, and at a launch from what items hold: the
            length of texts, how long sounds and films play, the number of options.
        instruction: Markdown; by default the function's docstring.
        description: one sentence under the name.
        id: letters, digits, `_` and `-`; by default the function's name.
        titles: titles of inputs and outputs by their names.
        options: options that depend on an input, `{output: {input: {value: [options]}}}`.

    Raises:
        SpecError: with the place and the mend, if the task cannot be launched as written.
    """
    extras = _Extras(name, duration, instruction, description, id, titles or {}, options or {})
    if function is not None:
        return _read(function, extras, names_around(function, sys._getframe(1)))

    def decorate(function: Callable[..., Any]) -> Task:
        return _read(function, extras, names_around(function, sys._getframe(1)))

    return decorate


@dataclass(frozen=True)
class _Extras:
    """What the decorator was given."""

    name: str | Mapping[str, str] | None
    duration: str | float | timedelta | Callable[..., Any] | None
    instruction: str | Mapping[str, str] | None
    description: str | Mapping[str, str] | None
    id: str | None
    titles: Mapping[str, str | Mapping[str, str]]
    options: Mapping[str, Mapping[str, Mapping[Any, Sequence[Any]]]]


def _read(function: Callable[..., Any], extras: _Extras, names: Mapping[str, Any]) -> Task:
    if isinstance(function, Task | type) or not callable(function) or not hasattr(function, "__name__"):
        raise SpecError(f"task: expected a function under the decorator, got {shorten(function)}")
    identifier = extras.id if extras.id is not None else function.__name__
    try:
        inputs = inputs_of(function, names)
        for slot in inputs:
            if not slot.type.in_tasks:
                raise SpecError(
                    f"argument {slot.name!r}: a {slot.type.name} is an input of pipelines; here write its parts, "
                    "such as cloud: df.PointCloud, front: df.Image, cameras: df.Calibration"
                )
        outputs = _outputs_of(function, names)
        _same_names(extras.titles, "titles", [slot.name for slot in (*inputs, *outputs)])
        _same_names(extras.options, "options", [slot.name for slot in outputs])
        types = {slot.name: slot.type for slot in inputs}
        outputs = tuple(_with_options(_as_output(slot, types), extras.options.get(slot.name)) for slot in outputs)
        for slot in outputs:
            _refuse_alike(slot)
        inputs = tuple(_with_title(slot, extras.titles) for slot in inputs)
        outputs = tuple(_with_title(slot, extras.titles) for slot in outputs)
        _refuse_same_titles(inputs, outputs)
        shown = extras.name if extras.name is not None else words_of(function.__name__)
        parts = {
            "name": texts(shown, "name"),
            "instruction": _instruction(function, extras),
            **_duration(extras.duration, inputs, outputs),
            "description": texts(extras.description, "description") if extras.description is not None else {},
        }
    except SpecError as error:
        raise SpecError(f"task {identifier!r}: {error}") from None
    return Task(id=identifier, inputs=inputs, outputs=outputs, function=function, **parts)


def _refuse_alike(slot: Slot) -> None:
    try:
        refuse_alike(slot.type.settings())
    except SpecError as error:
        raise SpecError(f"output {slot.name!r}: {error}") from None


def _refuse_same_titles(inputs: Sequence[Slot], outputs: Sequence[Slot]) -> None:
    """Raise `SpecError` if two questions, or two inputs that are put in order, are called the same in a language."""
    ranked = {name for slot in outputs if isinstance(slot.type, Ranking) for name in slot.type.inputs}
    for what, slots in (("outputs", outputs), ("ranked inputs", [slot for slot in inputs if slot.name in ranked])):
        for language in sorted({language for slot in slots for language in slot.title}):
            refuse_same_look([(slot.name, slot.title) for slot in slots], language, what, "title")


def _written(hint: Any) -> str:
    """A hint as it is written where DataForge is imported as `df`."""
    name: str = getattr(hint, "__name__", str(hint))
    return f"df.{name}" if str(getattr(hint, "__module__", "")).startswith("dataforge.") else name


def inputs_of(function: Callable[..., Any], names: Mapping[str, Any]) -> tuple[Slot, ...]:
    """The inputs that a function's parameters are, by their annotations."""
    slots = []
    for parameter in inspect.signature(function).parameters.values():
        what = f"argument {parameter.name!r}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            star = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            raise SpecError(f"{what}: expected named arguments, got {star}{parameter.name}; write each input out")
        if parameter.annotation is parameter.empty and parameter.name in ("self", "cls"):
            raise SpecError(f"{what}: expected a function, got a method; write the task outside of the class")
        if parameter.annotation is parameter.empty:
            raise SpecError(f"{what}: expected an annotation, got none; write for example {parameter.name}: df.Image")
        hint = _hint(function, parameter.annotation, names, what)
        slot = _typed(parameter.name, hint, what)
        if parameter.default not in (parameter.empty, None):
            raise SpecError(f"{what}: got the default {parameter.default!r}; inputs come from the data, remove it")
        if parameter.default is None and slot.required:
            raise SpecError(f"{what}: got the default None; an optional input is annotated {_written(hint)} | None")
        slots.append(slot)
    return tuple(slots)


def _outputs_of(function: Callable[..., Any], names: Mapping[str, Any]) -> tuple[Slot, ...]:
    annotation = inspect.signature(function).return_annotation
    if annotation is inspect.Signature.empty:
        raise SpecError("return: expected an annotation that says what workers answer, got none; for example -> bool")
    hint = _hint(function, annotation, names, "return")
    if hint is None or hint is type(None):
        raise SpecError("return: expected an annotation that says what workers answer, got None")
    fields = fields_of(hint, names)
    if fields is None:
        # Who judges answers is shown one, which is called so.
        name = "ok" if ANSWER in inspect.signature(function).parameters else ANSWER
        return (_typed(name, hint, "return"),)
    return tuple(_typed(name, inner, f"output {name!r} of {hint.__name__}") for name, inner in fields.items())


def _hint(function: Callable[..., Any], annotation: Any, names: Mapping[str, Any], what: str) -> Any:
    return resolved(annotation, getattr(function, "__globals__", {}), names, what)


def _typed(name: str, hint: Any, what: str) -> Slot:
    try:
        found, required = object_type(hint)
    except SpecError as error:
        raise SpecError(f"{what}: {error}") from None
    return Slot(name, found, {"en": words_of(name)}, required)


def words_of(name: str) -> str:
    """`left_answer` as a title: that of an input or output whose author gave it none."""
    words = name.strip("_").replace("_", " ")
    return words[:1].upper() + words[1:]


def _same_names(given: Mapping[str, Any], what: str, known: list[str]) -> None:
    if not isinstance(given, Mapping):
        raise SpecError(f"{what}: expected {{name: …}}, got {shorten(given)}")
    for name in given:
        if name not in known:
            raise SpecError(f"{what}: {name!r} is not there; known: {listed(known)}")


def _with_title(slot: Slot, titles: Mapping[str, str | Mapping[str, str]]) -> Slot:
    return replace(slot, title=texts(titles[slot.name], f"titles: {slot.name!r}")) if slot.name in titles else slot


def _as_output(slot: Slot, inputs: Mapping[str, ObjectType]) -> Slot:
    try:
        return replace(slot, type=slot.type.as_output(inputs))
    except SpecError as error:
        raise SpecError(f"output {slot.name!r}: {error}") from None


def _with_options(slot: Slot, options: Mapping[str, Mapping[Any, Sequence[Any]]] | None) -> Slot:
    if options is None:
        return slot
    what = f"options: {slot.name!r}"
    if not isinstance(slot.type, ChoiceType | Several):
        raise SpecError(f"{what}: only the options of a Choice can depend on an input, got the type {slot.type.name}")
    if not isinstance(options, Mapping) or len(options) != 1:
        raise SpecError(f"{what}: expected one input, {{input: {{value: [options]}}}}, got {shorten(options)}")
    [(source, allowed)] = options.items()
    try:
        return replace(slot, type=slot.type.depending(source, allowed))
    except SpecError as error:
        raise SpecError(f"{what}: {error}") from None


def _instruction(function: Callable[..., Any], extras: _Extras) -> Texts:
    given = extras.instruction if extras.instruction is not None else inspect.getdoc(function)
    if given is None or (isinstance(given, str) and not given.strip()):
        raise SpecError("instruction: expected a docstring or instruction=…, got none; say what workers should do")
    written = {"en": given} if isinstance(given, str) else given
    if isinstance(written, Mapping):
        written = {language: inspect.cleandoc(t) if isinstance(t, str) else t for language, t in written.items()}
    return texts(written, "instruction")


def _duration(
    given: str | float | timedelta | Callable[..., Any] | None, inputs: Sequence[Slot], outputs: Sequence[Slot]
) -> dict[str, Any]:
    """How long an item takes, and by what that is told of each where it is not one number."""
    usual = usual_duration(inputs, outputs)
    if given is None:
        return {"duration": usual, "timing": item_seconds}
    if callable(given):
        return {"duration": usual, "timing": _Told(given, _asked_for(given, inputs))}
    return {"duration": seconds(given)}


@dataclass(frozen=True)
class _Told:
    """The duration of an item as a function of the user's says it."""

    function: Callable[..., Any]
    names: tuple[str, ...]

    def __call__(self, task: Task, inputs: Values) -> float:
        try:
            told = self.function(**{name: inputs.get(name) for name in self.names})
        except Exception as error:
            raise SpecError(f"duration: the function failed with {type(error).__name__}: {error}") from error
        found = seconds(plain(told))
        if not 0 < found <= LONGEST_DURATION:
            raise SpecError(f"duration: expected more than 0 and at most one day, got {found:g} seconds")
        return found


def _asked_for(function: Callable[..., Any], inputs: Sequence[Slot]) -> tuple[str, ...]:
    """The inputs that a function asks for; raises `SpecError` if it asks for something else."""
    names = tuple(inspect.signature(function).parameters)
    known = [slot.name for slot in inputs]
    for name in names:
        if name not in known:
            raise SpecError(
                f"duration: the function asks for {name!r}, which is no input; inputs are: {listed(known) or 'none'}"
            )
    return names
