"""What simulated people go by: how an item looks to a person, and which answers to it are right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dataforge.arguments import entry
from dataforge.checks import said
from dataforge.data.items import Items
from dataforge.errors import DataError
from dataforge.objects.base import PARTS, ObjectType
from dataforge.records import Field, TaskSpec, Training
from dataforge.registry import load
from dataforge.simulation.personas import Persona, draw
from dataforge.tasks.task import Task

__all__ = [
    "Questionnaire",
    "Truth",
    "answer_key",
    "as_seen",
    "content_hash",
    "fingerprint",
    "judgement",
    "known_answers",
    "renewed",
    "with_part",
]

NOTHING: Mapping[str, Any] = {}
OPPOSITE = {"left": "right", "right": "left"}

Truth = Callable[[Mapping[str, Any]], Any]
"""From an item's inputs as a person sees them to the right answers: `{output: value}`, or the value itself if the
task asks one question. An uploaded file is seen as `content_hash` of its bytes, a file elsewhere as its address,
everything else as the JSON value on the wire."""


def content_hash(data: bytes) -> str:
    """How a simulated person knows an uploaded file again: `"sha256:…"`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def fingerprint(inputs: Mapping[str, Any]) -> str:
    """The content of an item as one string; equal for equal inputs in any order, an input that is empty or left out."""
    there = {name: value for name, value in inputs.items() if value is not None}
    return msgspec.json.encode(there, order="sorted").decode()


@entry
def answer_key(pairs: Iterable[tuple[Mapping[str, Any], Any]]) -> Truth:
    """A truth that looks items up by content: pairs of inputs (see `as_seen`) and right answers."""
    known = {fingerprint(inputs): answers for inputs, answers in pairs}

    def truth(inputs: Mapping[str, Any]) -> Any:
        content = fingerprint(inputs)
        if content not in known:
            raise DataError(
                f"the simulation knows no right answer for the item {content[:200]}; the truth needs one for every "
                "item of the run that is no control item"
            )
        return known[content]

    return truth


def renewed(make: Callable[[], Truth]) -> Truth:
    """A truth that is made anew when it does not know an item: its answer may have come since."""
    known = make()

    def truth(inputs: Mapping[str, Any]) -> Any:
        nonlocal known
        try:
            return known(inputs)
        except DataError:
            known = make()
            return known(inputs)

    return truth


def judgement(
    task: Task, check: Task, truth: Truth, alike: float | None, sent: Mapping[str, bool], known: Truth
) -> Truth:
    """A truth of what a task's `check` is answered with: whether answers are right, of which `truth` has right ones.

    One is right that is so much `alike` to that, by its type; None: that is the same, or, if it is drawn or marked, as
    alike as its type asks. A file is right unless `sent` knows it, by its `content_hash`, for a bad one. What `known`
    knows is so.
    """
    questions = Questionnaire.of(task.spec())
    inputs = {slot.name for slot in task.inputs}
    [asked] = check.outputs

    def is_right(kind: ObjectType, shown: Any, right: Any) -> bool:
        if shown is None or right is None:
            return shown is right
        least = alike if alike is not None else 1.0 if kind.exact else kind.control_similarity
        return least is None or kind.similarity(shown, right) >= least

    def judged(shown: Mapping[str, Any]) -> Any:
        with suppress(DataError):
            return known(shown)
        item = {name: value for name, value in shown.items() if name in inputs}
        right = questions.right_answers(truth(item)) if questions.known else {}
        good = all(
            is_right(kind, shown.get(field.name), right[field.name])
            if field.name in right
            else sent.get(shown.get(field.name, ""), True)
            for field, kind in questions.questions
        )
        return {asked.name: said(asked.type, right=good)}

    return judged


def known_answers(*tables: Items, training: Training | None = None) -> Truth:
    """A truth of items whose answers are known, and of those of a training; items without a known answer are left out.

    Items that compare two sides are known either way round, because the server shows sides in either order.
    """
    pairs: list[tuple[Mapping[str, Any], Any]] = []
    for items in tables:
        known = {slot.name: items.known(slot.name) for slot in items.task.outputs}
        for place, record in enumerate(items.records()):
            answers = {slot: known[slot.name][place] for slot in items.task.outputs}
            right = {
                slot.name: None if answer is None else slot.type.as_given(answer, record.inputs)
                for slot, answer in answers.items()
            }
            if any(answer is not None for answer in right.values()):
                seen = as_seen(record.inputs)
                pairs += [(seen, right), _mirrored(items.task.spec(), seen, right)]
    if training is not None:
        pairs += [(as_seen(item.inputs), item.answers) for item in training.items]
    return answer_key(pairs)


def _mirrored(task: TaskSpec, seen: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    sides = [field for field in task.outputs if field.type == "side_by_side"]
    source = {name: name for name in seen}
    for left, other in {(field.settings["left"], field.settings["right"]) for field in sides}:
        source[left], source[other] = other, left
    turned = {field.name: OPPOSITE.get(right[field.name], right[field.name]) for field in sides}
    return {name: seen[source[name]] for name in seen}, {**right, **turned}


def as_seen(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An item's inputs, in the JSON form that the object types make, as a person will see them on a page."""
    return {name: _as_seen(value) for name, value in inputs.items()}


def _as_seen(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "file" in value:
        return with_part(content_hash(Path(value["file"]).read_bytes()), value)
    if "media" in value:
        return with_part(f"sha256:{str(value['media']).partition('.')[0]}", value)
    return with_part(value["url"], value) if "url" in value else value


def with_part(whole: str, value: Mapping[str, Any]) -> str:
    """What is seen of a whole: all, or the part that is meant."""
    parts = [
        f"#{name}={list(one) if isinstance(one := value[name], Sequence) else one}" for name in PARTS if name in value
    ]
    return "".join((whole, *parts))


@dataclass(frozen=True)
class Questionnaire:
    """A task as somebody who answers it needs it: which inputs are files, and the questions with their types."""

    media: frozenset[str]
    questions: tuple[tuple[Field, ObjectType], ...]

    @classmethod
    def of(cls, task: TaskSpec) -> Questionnaire:
        """The questionnaire of a task."""
        questions = tuple((field, _configured(field)) for field in task.outputs)
        return cls(frozenset(field.name for field in task.inputs if load("objects", field.type).media), questions)

    @property
    def known(self) -> list[str]:
        """The questions that have right answers: of files none is the right one."""
        return [field.name for field, kind in self.questions if kind.file_rules() is None]

    def right_answers(self, told: Any) -> Mapping[str, Any]:
        """What a truth returned, by question; a bare value is the answer to the only question."""
        names = self.known
        if not isinstance(told, Mapping):
            told = {names[0]: told} if len(names) == 1 else {}
        missing = [
            field.name
            for field, _ in self.questions
            if field.name in names and field.required and told.get(field.name) is None
        ]
        if missing:
            raise DataError(f"the truth gives no right answer to {', '.join(map(repr, missing))}, only {told!r}")
        kinds = {field.name: kind for field, kind in self.questions}
        right = {name: told.get(name) for name in names}
        return {name: None if value is None else kinds[name].as_given(value) for name, value in right.items()}

    def answers(
        self,
        persona: Persona,
        inputs: Mapping[str, Any],
        right: Mapping[str, Any],
        draft: Mapping[str, Any] = NOTHING,
        *,
        content: str,
        seed: int,
    ) -> dict[str, Any]:
        """What a persona answers to an item, in the form of the wire; the same for the same content and seed.

        Who gives any answer, or always the same, does so whatever the draft says; all others begin with it.
        An answer that is a file is a `MadeFile`, to be sent first.
        """
        given: dict[str, Any] = {}
        for field, kind in self.questions:
            labels: Sequence[Any] | None = kind.allowed(inputs)
            rng = draw(seed, persona.name, content, field.name)
            if (file := persona.send(kind, rng)) is not None:
                given[field.name] = file
            elif right.get(field.name) is None or (labels is not None and not labels):
                continue  # a question that needs no answer, or that has none to offer here
            elif field.name in draft and persona.honesty not in ("spammer", "always"):
                given[field.name] = persona.mend(draft[field.name], right[field.name], rng)
            elif labels is not None:
                given[field.name] = persona.answer(labels, right[field.name], rng)
            else:
                given[field.name] = persona.attempt(kind, right[field.name], inputs, rng)
        return given


def _configured(field: Field) -> ObjectType:
    kind: ObjectType = load("objects", field.type).from_settings(field.settings)
    return kind
