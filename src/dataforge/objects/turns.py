"""Turns: an option or a grade for each turn of a dialogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from random import Random
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._labelled import parts_of
from dataforge.objects._of_input import OfInput
from dataforge.objects.base import Label, ObjectType, listed, plain, setting, shorten
from dataforge.objects.choice import Choice, ChoiceType
from dataforge.objects.dialogue import MOST_TURNS, Dialogue
from dataforge.objects.rating import Rating

__all__ = ["Turns"]

EXAMPLE = '{"turn": 1, "label": …} or (1, …)'
# What the answer to a turn has as JSON beside its label.
ROOM = 32


@named_entry
@dataclass(frozen=True, eq=False)
class Turns(OfInput):
    """An option of a `Choice` class, or a grade, for each turn of a dialogue: `Turns(Tone)`, `Turns(df.Rating(1, 5))`.

    `role` says whose turns are asked about, by default the assistant's; None: all. `of` names the dialogue; it may be
    left out where there is only one. An answer is a list of `{"turn", "label"}`, one for each turn that is asked about;
    turns are counted from 0.
    """

    name: ClassVar[str] = "turns"
    about: ClassVar[str] = Dialogue.name
    answering_seconds: ClassVar[float] = 15.0
    quality: ClassVar[str] = "merge"
    control_similarity: ClassVar[float | None] = 0.75

    label: type[Choice] | ChoiceType | Rating
    of: str | None = None
    role: str | None = "assistant"
    _kind: ChoiceType | Rating = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kind = self.label
        if isinstance(kind, type) and issubclass(kind, Choice):
            kind = ChoiceType.of(kind)
        if not isinstance(kind, ChoiceType | Rating):
            raise SpecError(f"turns: expected a class of options or df.Rating(1, 5), got {shorten(self.label)}")
        for what, value in (("of", self.of), ("role", self.role)):
            if value is not None and (not isinstance(value, str) or not value):
                raise SpecError(f"turns: {what} must be a text or None, got {value!r}")
        object.__setattr__(self, "_kind", kind)

    def settings(self) -> dict[str, Any]:
        """JSON settings: those of the choice or of the rating, its `options`, `of`, and `role`, None for all."""
        kind, points = self._kind, {}
        if isinstance(kind, Rating):
            meanings = {one["value"]: one["label"] for one in kind.settings().get("points", ())}
            points = {"options": [{"value": n, "label": _grade(n, meanings.get(n))} for n in kind.labels()]}
        told = {} if self.of is None else {"of": self.of}
        return kind.settings() | points | told | {"role": self.role}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        kind = Rating if "low" in settings else ChoiceType
        return cls(
            kind.from_settings(settings), setting(settings, "of", str, None), setting(settings, "role", str, None)
        )

    def to_json(self, value: Any) -> list[dict[str, Any]]:
        """The answers in the order of the turns; each may be given as `(turn, label)` too."""
        given = [self._read(place, one) for place, one in enumerate(parts_of(value, "answer", EXAMPLE, MOST_TURNS))]
        given.sort(key=lambda one: one["turn"])
        for one, other in pairwise(given):
            if one["turn"] == other["turn"]:
                raise DataError(f"turn {one['turn']} is there twice; remove one")
        return given

    def _read(self, place: int, one: Any) -> dict[str, Any]:
        try:
            if isinstance(one, tuple | list) and len(one) == 2:
                one = {"turn": one[0], "label": one[1]}
            if not isinstance(one, Mapping) or one.keys() != {"turn", "label"}:
                raise DataError(f"expected turn and label, got {shorten(one)}")
            turn = plain(one["turn"])
            if isinstance(turn, bool) or not isinstance(turn, int) or not 0 <= turn < MOST_TURNS:
                raise DataError(f"turn: expected a whole number, 0 for the first turn, got {shorten(turn)}")
            return {"turn": turn, "label": self._kind.to_json(one["label"])}
        except DataError as error:
            raise DataError(f"answer {place + 1}: {error}") from None

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One answer for each turn that is asked about."""
        try:
            given = self.to_json(value)
        except DataError as error:
            raise AnswerError(str(error)) from None
        asked = self._asked(inputs)
        told = [one["turn"] for one in given]
        if missing := sorted(set(asked) - set(told)):
            raise AnswerError(f"expected an answer for each of {len(asked)} turns, got none for {listed(missing)}")
        if other := sorted(set(told) - set(asked)):
            whose = "the dialogue" if self.role is None else f"{self.role!r}"
            raise AnswerError(f"expected answers for the turns of {whose}, {listed(asked) or 'none'}, got {other[0]}")
        return given

    def _asked(self, inputs: Mapping[str, Any]) -> list[int]:
        """The turns that are asked about; raises `AnswerError` where there is no dialogue."""
        dialogue = inputs.get(self.of or "")
        if self.of in inputs and dialogue is None:
            return []
        if not isinstance(dialogue, list):
            raise AnswerError(f"the item has no dialogue {self.of!r}; its inputs are: {', '.join(inputs) or 'none'}")
        return [place for place, turn in enumerate(dialogue) if self.role in (None, turn["role"])]

    def longest_answer(self) -> int:
        """Room for an answer to each turn that there may be."""
        longest = max(len(str(option)) for option in self._kind.labels())
        return MOST_TURNS * (ROOM + longest)

    def similarity(self, one: Any, other: Any) -> float:
        """The mean over the turns that either answers: how alike the two labels are, 0 where one has none."""
        first, second = ({each["turn"]: each["label"] for each in value} for value in (one, other))
        turns = first.keys() | second.keys()
        alike = sum(self._kind.similarity(first[turn], second[turn]) for turn in first.keys() & second.keys())
        return alike / len(turns) if turns else 1.0

    @property
    def grade(self) -> ObjectType | None:
        """The type of the grades that turns get, if these are grades."""
        return self._kind.grade

    def grades(self, value: Any) -> dict[int, Label]:
        """The grade of each turn."""
        return {one["turn"]: one["label"] for one in value}

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The dialogue with each answer behind its turn."""
        dialogue = inputs.get(self.of or "")
        if not isinstance(dialogue, list):
            return super().drawn(value, inputs)
        labels = {one["turn"]: one["label"] for one in value}
        turns = [Dialogue().drawn([turn], {}) + _label(labels.get(place)) for place, turn in enumerate(dialogue)]
        return "".join(turns)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """A third of the turns, and at least two where there are, with another label."""
        places = rng.sample(range(len(value)), min(len(value), max(2, -(-len(value) // 3))))
        return [self._wrong(one, rng) if at in places else one for at, one in enumerate(value)] or None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Each turn by itself right with this probability."""
        return [one if rng.random() < skill else self._wrong(one, rng) for one in value]

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Any label for each turn."""
        return [{"turn": turn, "label": rng.choice(self._kind.labels())} for turn in self._asked(inputs)]

    def _wrong(self, one: Mapping[str, Any], rng: Random) -> dict[str, Any]:
        """The answer to a turn with another label."""
        wrong = self._kind.spoil(one["label"], rng, {})
        return {**one, "label": one["label"] if wrong is None else wrong}


def _grade(point: int, meaning: Mapping[str, str] | None) -> dict[str, str]:
    """What workers read beside a grade: its number, and what it means if that is said."""
    return {language: f"{point} – {text}" for language, text in meaning.items()} if meaning else {"en": str(point)}


def _label(label: Label | None) -> str:
    return "" if label is None else f"<div>→ <b>{escape(str(label))}</b></div>"


PLUGIN = Turns
