"""The task: what is asked, with all that is needed to show it and to check what is answered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import WRAPPER_ASSIGNMENTS, cached_property
from typing import Any, ClassVar, Literal

import msgspec

from dataforge import cards, registry
from dataforge.arguments import entry, named_entry
from dataforge.errors import AnswerError, ArgumentError, DataError, SpecError, UnknownName
from dataforge.markdown import render_markdown
from dataforge.objects.base import PARTS, ObjectType, listed, shorten
from dataforge.records import Field, TaskSpec, Texts, Values
from dataforge.texts import half_character, pick, texts

__all__ = ["ASKING", "LONGEST_DURATION", "Slot", "Task", "Timing", "item_seconds", "usual_duration"]

IDENTIFIER = re.compile(r"[a-z0-9_-]+")
LONGEST_DURATION = 86_400.0
Timing = Callable[["Task", Values], float]
"""Seconds of an item, by its inputs in JSON form."""


@dataclass(frozen=True)
class Slot:
    """One input or output: its name, its configured object type, its title and whether a value is required."""

    name: str
    type: ObjectType
    title: Texts = field(hash=False)
    required: bool = True

    def __str__(self) -> str:
        return f"{self.name}: {self.type.name}{'' if self.required else ' | None'}"


ASKING: ContextVar[Callable[[Task, Mapping[str, Any]], Awaitable[Any]] | None] = ContextVar("asking", default=None)
"""Who asks a task that is called: set where the function of a pipeline is played."""


@named_entry
@dataclass(frozen=True)
class Task:
    """What workers are asked. Made by the decorator `task` or by `from_spec`; checked when it is made.

    `duration` is the hint, in seconds, for one item. `instruction` is Markdown. `function` is what the task was made
    of: the task has its name, its docstring and its signature. `timing` gives the duration of an item where the task
    does not say how long one takes; a launch makes one duration of it. A copy and what is read from a pickle have
    neither.
    """

    _made_by: ClassVar[str] = "@df.task above a function"

    id: str
    name: Texts
    instruction: Texts
    duration: float
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    description: Texts = field(default_factory=dict)
    function: Callable[..., Any] | None = field(default=None, compare=False, repr=False)
    timing: Timing | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        try:
            _check(self)
        except SpecError as error:
            raise SpecError(f"task {self.id!r}: {error}") from None
        if self.function is not None:
            named = {str(name): getattr(self.function, name, None) for name in WRAPPER_ASSIGNMENTS}
            vars(self).update(named, __wrapped__=self.function)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Task({self.id!r}: {', '.join(map(str, self.inputs))} -> {', '.join(map(str, self.outputs))})"

    def _repr_html_(self) -> str:
        slots = [(slot.name, _described(slot)) for slot in (*self.inputs, *self.outputs)]
        about = f"{self.kind}, about {self.duration:g} s an item"
        return cards.card(
            pick(self.name, "en"), about, render_markdown(pick(self.instruction, "en")), cards.table(slots)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Under the function's name a module has the task, so the function cannot be found by it.
        return type(self).from_spec, (self.spec(),)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the task, in the function of a pipeline: awaited, it gives what workers answer.

        Raises `ArgumentError` anywhere else: a task is asked of people, and its function is there to be read.
        """
        asking = ASKING.get()
        if asking is None:
            raise ArgumentError(
                f"task {self.id!r} is not called, but asked of people: look at it by df.preview(task, items), "
                "launch it by df.launch(task, items)"
            )
        return asking(self, self.called_with(args, kwargs))

    def called_with(self, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a call, by name; what is optional and not given is left out."""
        names = [slot.name for slot in self.inputs]
        try:
            parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
            given = inspect.Signature(parameters).bind_partial(*args, **named).arguments
        except TypeError as error:
            raise ArgumentError(f"task {self.id!r}: {error}; its inputs are {', '.join(names) or 'none'}") from None
        missing = [slot.name for slot in self.inputs if slot.required and given.get(slot.name) is None]
        if missing:
            raise ArgumentError(f"task {self.id!r}: expected the input {missing[0]!r}, got none")
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def _instead_of(cls, value: object) -> str:
        """What to do where a task is needed and this came."""
        name = getattr(value, "__name__", None)
        if callable(value) and name and not isinstance(value, type):
            return f"write @df.task above {name}"
        return (
            "make one by @df.task above a function; df.launch takes the task first, then the items, df.loop the pool, "
            "then the task, then the model"
        )

    @property
    def kind(self) -> Literal["classification", "annotation"]:
        """`classification` if every output is bounded, else `annotation`."""
        return "classification" if all(slot.type.labels() is not None for slot in self.outputs) else "annotation"

    def input(self, name: str) -> Slot:
        """The input of that name; raises `SpecError` with the names there are."""
        return _named(self, "input", self.inputs, name)

    def output(self, name: str) -> Slot:
        """The output of that name; raises `SpecError` with the names there are."""
        return _named(self, "output", self.outputs, name)

    def spec(self) -> TaskSpec:
        """The task as it travels to a platform."""
        return TaskSpec(
            id=self.id,
            name=self.name,
            instruction=self.instruction,
            duration=self.duration,
            inputs=tuple(map(_field, self.inputs)),
            outputs=tuple(map(_field, self.outputs)),
            description=self.description,
        )

    @classmethod
    @entry
    def from_spec(cls, spec: TaskSpec) -> Task:
        """The task that a description describes; it has no function. Raises `SpecError`."""
        return cls(
            id=spec.id,
            name=spec.name,
            instruction=spec.instruction,
            duration=spec.duration,
            inputs=tuple(_slot(spec.id, "input", field) for field in spec.inputs),
            outputs=tuple(_slot(spec.id, "output", field) for field in spec.outputs),
            description=spec.description,
        )

    def check_inputs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """One item's inputs, as the user has them, in JSON form; raises `DataError` that names the input."""
        return self._inputs(values, lambda slot, value: slot.type.to_json(value))

    def check_item(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """One item's inputs that came in JSON form over the network, checked; raises `DataError`.

        Unlike `check_inputs` it looks at no file of this machine.
        """
        return self._inputs(values, self._checked_input)

    def check_beside(self, slot: Slot, value: Any) -> None:
        """Check a value of an input against the other inputs; raises `DataError`."""
        if value is not None:
            slot.type.check_beside(value, {other.name: other.type for other in self.inputs})

    @cached_property
    def marking(self) -> tuple[Slot, ...]:
        """The inputs whose values are about other inputs, each with a type that knows which."""
        types = {slot.name: slot.type for slot in self.inputs}
        found = []
        for slot in self.inputs:
            if slot.type.marks:
                with suppress(SpecError):  # which input it is about is not known
                    found.append(replace(slot, type=slot.type.as_output(types)))
        return tuple(found)

    def check_marks(self, slot: Slot, inputs: Mapping[str, Any]) -> None:
        """Check a value of an input that is about others, one of `marking`, against these; raises `DataError`."""
        if inputs.get(slot.name) is not None:
            try:
                slot.type.check_known(inputs[slot.name], {one.name: inputs.get(one.name) for one in self.inputs})
            except AnswerError as error:
                raise DataError(str(error)) from None

    def _checked_input(self, slot: Slot, value: Any) -> Any:
        checked = slot.type.check_input(value)
        if type(slot.type).check_beside is not ObjectType.check_beside:
            self.check_beside(slot, checked)
        return checked

    def check_draft(self, draft: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """Check an answer that a worker may begin with, of any of the outputs but files; raises `AnswerError`."""
        slots = {slot.name: slot for slot in self.outputs} if draft else {}
        for name, value in draft.items():
            slot = slots.get(name)
            if slot is None or slot.type.file_rules() is not None:
                what = "no output" if slot is None else "a file, which workers make themselves"
                raise AnswerError(f"the draft of {shorten(name)}: it is {what}", output=str(name)[:100])
            try:
                slot.type.check_answer(value, inputs)
            except AnswerError as error:
                raise AnswerError(f"the draft of {name!r}: {error}", output=name) from None

    @cached_property
    def _input_names(self) -> frozenset[str]:
        return frozenset(slot.name for slot in self.inputs)

    def _inputs(self, values: Mapping[str, Any], check: Callable[[Slot, Any], Any]) -> dict[str, Any]:
        if type(values) is not dict and not isinstance(values, Mapping):
            raise DataError(f"task {self.id!r}: expected {{input: value}}, got {shorten(values)}")
        if not self._input_names.issuperset(values):
            name = next(name for name in values if name not in self._input_names)
            known = listed(slot.name for slot in self.inputs)
            raise DataError(f"task {self.id!r}: {name!r} is no input; inputs are: {known}")
        checked = {}
        for slot in self.inputs:
            value = values.get(slot.name)
            if value is None:
                if slot.required:
                    raise DataError(f"input {slot.name!r}: a value is required, got none")
                continue
            try:
                checked[slot.name] = check(slot, value)
            except DataError as error:
                raise DataError(f"input {slot.name!r}: {error}") from None
        self._refuse_pieces_drawn_on(checked)
        for slot in self.marking:
            try:
                self.check_marks(slot, checked)
            except DataError as error:
                raise DataError(f"input {slot.name!r}: {error}") from None
        return checked

    def _refuse_pieces_drawn_on(self, inputs: Mapping[str, Any]) -> None:
        """Raise `DataError` for a piece where answers have places in the whole, which are not told of a part."""
        for slot in self.outputs:
            whole = inputs.get(getattr(slot.type, "of", None) or "")
            if isinstance(whole, Mapping) and not whole.keys().isdisjoint(PARTS):
                raise DataError(
                    f"input {slot.type.of!r}: answers of the type {slot.type.name} are about a whole, got a piece of "  # type: ignore[attr-defined]
                    "one; give the whole, or ask of the piece what is chosen or written"
                )

    def check_answers(self, answers: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        """One worker's answer to one item, clean: a value per output, None for an optional one left out.

        `inputs` are the item's, in JSON form. Raises `AnswerError` that names the output, also as `error.output`.
        """
        # Most are dictionaries, and asking the abstract class costs as much as all the rest.
        if type(answers) is not dict and not isinstance(answers, Mapping):
            raise AnswerError(f"expected {{output: value}}, got {shorten(answers)}")
        clean: dict[str, Any] = {}
        for slot in self.outputs:
            value = answers.get(slot.name)
            if value is not None:
                try:
                    value = slot.type.check_answer(value, inputs)
                except AnswerError as error:
                    raise AnswerError(f"output {slot.name!r}: {error}", output=slot.name) from None
            elif slot.required:
                raise AnswerError(f"output {slot.name!r}: an answer is required, got none", output=slot.name)
            clean[slot.name] = value
        if not answers.keys() <= clean.keys():
            name = next(name for name in answers if name not in clean)
            raise AnswerError(f"{shorten(name)} is no output; outputs are: {listed(clean)}", output=str(name)[:100])
        return clean


def _check(task: Task) -> None:
    if not isinstance(task.id, str) or not IDENTIFIER.fullmatch(task.id):
        raise SpecError("id: expected small letters, digits, _ and - only; set it with id=…")
    if len(task.id) > 100:
        raise SpecError(f"id: expected at most 100 characters, got {len(task.id)}")
    texts(task.name, "name")
    texts(task.instruction, "instruction")
    if task.description:
        texts(task.description, "description")
    if not 0 < task.duration <= LONGEST_DURATION:
        raise SpecError(f"duration: expected more than 0 and at most one day, got {task.duration:g} seconds")
    if not task.outputs:
        raise SpecError("expected at least one output, got a class without fields")
    names = [slot.name for slot in (*task.inputs, *task.outputs)]
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"{name!r} is the name of two inputs or outputs; rename one of them")
    for slot in (*task.inputs, *task.outputs):
        texts(slot.title, f"title of {slot.name!r}")
        _check_settings(slot)
    types = {slot.name: slot.type for slot in task.inputs}
    for slot in task.outputs:
        _check_output(slot, types)


def _check_settings(slot: Slot) -> None:
    """Raise `SpecError` if what is set of a type cannot be written down: a value of an option, say."""
    try:
        msgspec.json.encode(slot.type.settings())
    except UnicodeEncodeError as error:
        raise SpecError(f"{slot.name!r}: the text {half_character(error.object)}; remove it") from None


def _check_output(slot: Slot, inputs: Mapping[str, ObjectType]) -> None:
    if not slot.type.answerable:
        raise SpecError(f"output {slot.name!r}: workers cannot answer with {slot.type.name}")
    try:
        slot.type.check_place(inputs)
    except SpecError as error:
        raise SpecError(f"output {slot.name!r}: {error}") from None


def _named(task: Task, what: str, slots: Sequence[Slot], name: str) -> Slot:
    for slot in slots:
        if slot.name == name:
            return slot
    raise SpecError(f"task {task.id!r} has no {what} {name!r}; it has: {listed(slot.name for slot in slots)}")


def _described(slot: Slot) -> str:
    """The type of an input or output, with what may be answered."""
    labels = slot.type.labels()
    return (
        slot.type.name + ("" if labels is None else f": {listed(labels)}") + ("" if slot.required else ", or nothing")
    )


def _field(slot: Slot) -> Field:
    return Field(slot.name, slot.type.name, slot.title, slot.required, slot.type.settings())


def _slot(identifier: str, what: str, field: Field) -> Slot:
    try:
        found = registry.load("objects", field.type).from_settings(field.settings)
    except UnknownName:
        raise SpecError(
            f"task {identifier!r}: {what} {field.name!r}: no package installed here offers the object type "
            f"{field.type!r} (entry point group 'dataforge.objects'); known: {', '.join(registry.names('objects'))}; "
            "install the package that offers it, and start the server anew"
        ) from None
    except SpecError as error:
        raise SpecError(f"task {identifier!r}: {what} {field.name!r}: {error}") from None
    return Slot(field.name, found, field.title, field.required)


def usual_duration(inputs: Sequence[Slot], outputs: Sequence[Slot]) -> float:
    """How long a task takes a worker for one item, in seconds, as far as its types tell."""
    return sum(slot.type.reading_seconds for slot in inputs) + sum(slot.type.deciding_seconds() for slot in outputs)


def item_seconds(task: Task, inputs: Values) -> float:
    """How long an item takes, in seconds, by what its inputs hold; the `timing` of a task that has no other."""
    there = ((slot.type, inputs[slot.name]) for slot in task.inputs if inputs.get(slot.name) is not None)
    looking = sum(kind.looking_seconds(value) for kind, value in there)
    return looking + sum(slot.type.deciding_seconds() for slot in task.outputs)
