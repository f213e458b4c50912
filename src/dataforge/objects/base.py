"""What every object type is: a kind of value with a JSON form, a check and a widget.

One file per type, one class per file, named by `PLUGIN` at the file's end. A type's instance is a *configured* type:
`Text()` or `Text(markdown=True)`; a field's settings travel as JSON through `settings()` and `from_settings()`.
The widget of the type `image` is `ui/src/widgets/image.svelte`; a type of another package brings its own: `widget`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, Self, Union

import msgspec

from dataforge.errors import SpecError
from dataforge.objects._drawn import written
from dataforge.records import Texts

__all__ = [
    "NO_INPUTS",
    "PARTS",
    "AnswerBy",
    "FileRules",
    "Label",
    "MadeFile",
    "ObjectType",
    "is_number",
    "listed",
    "plain",
    "setting",
    "shorten",
]

Label = str | int | bool
NO_INPUTS: Mapping[str, Any] = {}
PARTS = ("crop", "cut", "piece", "frame")
"""Beside a whole one of these says which part of it is meant."""
AnswerBy = Literal["likeliest", "median", "mean"]
"""Which label is the answer: the most probable one, or of grades the one in the middle, or next to their mean."""

SEEN_AT_ONCE, SECONDS_AN_OPTION = 5, 0.25
"""So many options are seen at once; so long, in seconds, it takes to look through each further one."""


@dataclass(frozen=True)
class FileRules:
    """What files an answer may be: their endings, how many bytes at most, and how many seconds they may play."""

    extensions: tuple[str, ...]
    largest: int
    shortest: float | None = None
    longest: float | None = None


@dataclass(frozen=True)
class MadeFile:
    """A file that a simulated person sends, by the name that the platform gives it, and the answer that it is.

    `good`: whether it is what was asked for, as whoever looks can tell.
    """

    name: str
    content: bytes
    answer: Any
    good: bool = True


class ObjectType:
    """The base of all object types; override what differs. Types with equal settings are equal."""

    name: ClassVar[str]
    media: ClassVar[bool] = False
    """Whether values are files or addresses of files (served by the platform)."""
    answerable: ClassVar[bool] = True
    """Whether workers can answer with such a value."""
    in_tasks: ClassVar[bool] = True
    """Whether tasks show such a value; else it is for pipelines, which show its parts."""
    in_columns: ClassVar[bool] = False
    """Whether a value may stand in several columns of a table, a part in each: `input.part`."""
    reading_seconds: ClassVar[float] = 1.0
    """How long a worker looks at one value, for tasks that do not state their duration."""
    answering_seconds: ClassVar[float] = 2.0
    """How long a worker needs to answer with one value, for tasks that do not state their duration."""
    quality: ClassVar[str] = "consensus"
    """The way by which answers get their quality: a plug-in of the family `quality`; consensus needs `labels()`."""
    control_similarity: ClassVar[float | None] = 1.0
    """How similar an answer has to be to the known one to be right, where the policy does not say; None: answers of
    this type cannot be compared."""
    ordered: ClassVar[bool] = False
    """Whether the labels are grades of a scale, one of which is mistaken for a near one more often than a far one."""
    exact: ClassVar[bool] = True
    """Whether people who are right give the same answer; who draws or marks never hits another's edges."""
    marks: ClassVar[bool] = False
    """Whether values are about other inputs of their item, such as spans of a text, and are checked against these."""
    widget: ClassVar[Path | None] = None
    """The file of a widget of the type's own: an ES module whose default export is a custom element."""

    def looking_seconds(self, value: Any) -> float:
        """How long a worker looks at this value in JSON form, reads it or listens to it."""
        return self.reading_seconds

    def without_looking(self, known: Any, inputs: Mapping[str, Any]) -> Sequence[Any]:
        """What may be answered to every item without a look, such as all of a sound as one piece; here to an item whose
        answer is known, which may tell how long it is. The n-th of each item are of one kind. Nothing by default.
        """
        return ()

    def deciding_seconds(self) -> float:
        """How long a worker needs to answer, the more there is to choose from."""
        further = (self.fewest_options() or 0) - SEEN_AT_ONCE
        return self.answering_seconds + max(0, further) * SECONDS_AN_OPTION

    def settings(self) -> dict[str, Any]:
        """JSON settings that rebuild this type and tell the widget how to draw it."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The configured type that `settings` describes; raises `SpecError` if they make no sense."""
        return cls()

    def to_json(self, value: Any) -> Any:
        """Check a value of the user's data and give its JSON form; raises `DataError` without a place.

        The caller adds the row and the column. Called for inputs and for known answers.
        """
        raise NotImplementedError

    def from_text(self, text: str) -> Any:
        """The value that a cell of a CSV file stands for; what cannot be read stays text for `to_json` to refuse."""
        return text

    def located(self, value: Any, folder: Path) -> Any:
        """The value with relative file paths set against `folder`; other values as they are."""
        return value

    def check_input(self, value: Any) -> Any:
        """Check an input that is already in JSON form, as a platform receives it; raises `DataError`."""
        return self.to_json(value)

    def of_item(self, value: Any) -> Any:
        """An input in JSON form as a pipeline's function has it; by default as it is."""
        return value

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """Check a JSON value from a worker and give its clean form; raises `AnswerError` without a place.

        `inputs` are the item's inputs in JSON form, for types whose options depend on one of them.
        """
        raise NotImplementedError

    def check_known(self, value: Any, inputs: Mapping[str, Any]) -> None:
        """Check a known answer in JSON form against its item; raises `AnswerError`. By default as a worker's."""
        self.check_answer(value, inputs)

    @property
    def graded(self) -> bool:
        """Whether answers are grades of which there is a mean: the labels are ordered, and whole numbers."""
        return self.ordered and all(type(label) is int for label in self.labels() or ())

    @property
    def grade(self) -> ObjectType | None:
        """The type of the grades in an answer: this one where answers are grades; None where there are none."""
        return self if self.graded else None

    def grades(self, value: Any) -> Mapping[Any, Label]:
        """The grades in an answer, each under what it is given to; of a type that has some."""
        return {"": value}

    @property
    def answer_by(self) -> AnswerBy:
        """Which of the labels that are probable is the answer; by default the likeliest."""
        return "likeliest"

    def labels(self) -> Sequence[Label] | None:
        """All possible answers in a fixed order if the type is bounded, else None."""
        return None

    def longest_answer(self) -> int | None:
        """How many characters an answer may have as JSON, so that no more is taken in; None if there is no limit."""
        labels = self.labels()
        return None if labels is None else max(len(str(label)) for label in labels)

    def checking_steps(self) -> int:
        """About how many steps the check of an answer takes for each of its characters."""
        return 1

    def allowed(self, inputs: Mapping[str, Any]) -> Sequence[Label] | None:
        """The labels open for an item with these inputs; the same as `labels()` unless they depend on one."""
        return self.labels()

    def rights(self) -> Sequence[Label] | None:
        """The labels by which somebody who judges an answer says that it is right; None: no label says so.

        All the others say that it is wrong, and `reasons` in what.
        """
        return None

    def reasons(self) -> Mapping[Label, Texts]:
        """Of the labels that say that an answer is wrong those that say why, as workers read them."""
        return {}

    def fewest_options(self) -> int | None:
        """How many options an item offers at least, for the chance of guessing right; None if unbounded."""
        labels = self.labels()
        return None if labels is None else len(labels)

    def canonical(self, value: Any) -> str:
        """A text that answers which are the same have in common, and no others; `value` is in JSON form."""
        return msgspec.json.encode(value, order="sorted").decode()

    def similarity(self, one: Any, other: Any) -> float:
        """How alike two JSON values are, 0..1; used to compare an answer with a known one."""
        return float(self.canonical(one) == self.canonical(other))

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """A wrong answer made of a right one, such that whoever looks can see it; None if that cannot be done.

        `value` is in JSON form and stays as it is. Checks are tried out with such answers, and simulated people who err
        give them. By default another of the labels that are open.
        """
        others = [label for label in self.allowed(inputs) or () if self.canonical(label) != self.canonical(value)]
        return rng.choice(others) if others else None

    def distractor(self, value: Any, others: Sequence[Any], rng: Random) -> Any:
        """A wrong answer that is as likely as a right one to who does not look at the item; None: there is none.

        It is made of a right one, `value`, and of right answers to other items. By default none: then answers of the
        type are spoilt.
        """
        return None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """What somebody of a skill from 0 to 1 gives where `value` is right; simulated people answer so.

        By default the right answer with that probability, else a spoilt one. Types whose answers have parts err in each
        part by itself.
        """
        return value if rng.random() < skill or (wrong := self.spoil(value, rng, inputs)) is None else wrong

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """What somebody gives who does not look; None if that cannot be told. By default any label that is open."""
        labels = self.allowed(inputs)
        return rng.choice(labels) if labels else None

    def as_output(self, inputs: Mapping[str, ObjectType]) -> ObjectType:
        """The type that workers answer with where a task with these inputs has this one as its output.

        By default itself; a type of files gives the one by which they are made, one that is about inputs finds them.
        """
        return self

    def as_input(self) -> ObjectType:
        """The type by which an answer is shown to those who check it; by default itself."""
        return self

    def as_shown(self, value: Any) -> Any:
        """What of an answer those who judge it see; no more than known answers have, or these could be told apart."""
        return value

    def as_given(self, value: Any, inputs: Mapping[str, Any] = NO_INPUTS) -> Any:
        """A known answer as a worker would have given it to an item with these `inputs`, who may say more; simulated
        people begin with it."""
        return value

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """A value in JSON form as a notebook shows it: HTML without scripts, in which texts are escaped.

        Files, also those among `inputs`, have their address as `url` and are at hand as `file`. By default the value in
        words.
        """
        if isinstance(value, list) and not any(isinstance(one, Mapping) for one in value):
            return written(", ".join(map(str, value)) or "none")
        return written(value if isinstance(value, str) else msgspec.json.encode(value).decode())

    def file_rules(self) -> FileRules | None:
        """What files answers may be that workers send; None if answers are no files."""
        return None

    def files_of(self, value: Any) -> tuple[str, ...]:
        """The names of the files that an answer in JSON form consists of."""
        return ()

    def make_file(self, rng: Random, *, good: bool = True) -> MadeFile | None:
        """A small file that is an answer, or a bad one, as whoever looks can tell; None if answers are no files.

        Simulated people send such files.
        """
        return None

    def timed_inputs(self) -> tuple[str, ...]:
        """The inputs whose length `check_answer` wants to know: where it is known, it is their `seconds`.

        Of a picture it is its `width` and `height`, as it is seen; of a film these and its `frames` too; of a cloud the
        least and the greatest x, y, z of its points, `low` and `high`.
        """
        return ()

    def check_item(self, inputs: Mapping[str, Any]) -> None:
        """Check that an item with these inputs in JSON form can be answered so; raises `DataError` without a place.

        Called for types with `timed_inputs` where data are read. By default every item can.
        """

    def check_beside(self, value: Any, inputs: Mapping[str, ObjectType]) -> None:
        """Check a value of an input of this type in JSON form against the task's inputs; raises `DataError` without a
        place. By default it is right with all."""

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check an output of this type against the task's inputs; raises `SpecError` without a place."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.settings() == other.settings()

    def __hash__(self) -> int:
        return hash((self.name, repr(self.settings())))

    def __or__(self, other: Any) -> Any:
        """`Text(markdown=True) | None` in an annotation."""
        return Union[self, other]  # noqa: UP007 - the operator is what is being defined


def plain(value: Any) -> Any:
    """The Python value of a numpy scalar or a decimal number; other values as they are."""
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () else value


def is_number(value: object) -> bool:
    """Whether it is a finite number, and no whole one beyond them all: JSON may have one of any length."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


def shorten(value: object, length: int = 60) -> str:
    """`repr` of a value, cut to a length that fits into a message."""
    text = repr(value[: 2 * length] if isinstance(value, str | bytes) else value)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def setting(settings: Mapping[str, Any], name: str, kind: type | tuple[type, ...], otherwise: Any = ...) -> Any:
    """One setting of a kind; raises `SpecError` if it is absent without a default or of another kind."""
    value = settings.get(name, otherwise)
    if value is ... or (not isinstance(value, kind) and value is not otherwise):
        wanted = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
        raise SpecError(f"setting {name!r}: expected {wanted}, got {'nothing' if value is ... else shorten(value)}")
    return value


def listed(values: Iterable[object], limit: int = 10) -> str:
    """Values as a message lists them; long lists are cut."""
    shown = list(values)
    rest = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(repr(value) for value in shown[:limit]) + rest
