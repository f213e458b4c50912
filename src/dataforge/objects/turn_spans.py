"""TurnSpans: pieces of the turns of a dialogue, each with a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._drawn import NOTHING
from dataforge.objects._intervals import agreement
from dataforge.objects._labelled import parts_of
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import plain, setting, shorten
from dataforge.objects.choice import Choice
from dataforge.objects.dialogue import MOST_TURNS, Dialogue
from dataforge.objects.spans import Spans

__all__ = ["TurnSpans"]

MOST = 10_000
# The input by which the spans of one turn know its text.
TEXT = "text"
EXAMPLE = '{"turn": 1, "start": 0, "end": 5, "label": …} or (1, 0, 5, …)'


@named_entry
@dataclass(frozen=True, eq=False)
class TurnSpans(OfInput):
    """Pieces of the turns of a dialogue, each with a label of a `Choice` class: `TurnSpans(Claim)`.

    `role` says in whose turns they are, by default the assistant's; None: in all. `of` names the dialogue; it may be
    left out where there is only one. With `overlapping=True` spans may share letters. An answer is a list of
    `{"turn", "start", "end", "label", "text"}`, in code points of the turn's text as it is written, the end exclusive;
    turns are counted from 0, and no span reaches over two of them.
    """

    name: ClassVar[str] = "turn_spans"
    about: ClassVar[str] = Dialogue.name
    answering_seconds: ClassVar[float] = 20.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.75
    exact: ClassVar[bool] = False
    marks: ClassVar[bool] = True

    label: type[Choice] | Sequence[Option] | None = None
    of: str | None = None
    role: str | None = "assistant"
    overlapping: bool = False
    _spans: Spans = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for what, value in (("of", self.of), ("role", self.role)):
            if value is not None and (not isinstance(value, str) or not value):
                raise SpecError(f"turn_spans: {what} must be a text or None, got {value!r}")
        object.__setattr__(self, "_spans", Spans(self.label, TEXT, self.overlapping))

    def settings(self) -> dict[str, Any]:
        """JSON settings: those of spans, `of`, and `role`, None for all."""
        own = {name: value for name, value in self._spans.settings().items() if name != "of"}
        return own | ({} if self.of is None else {"of": self.of}) | {"role": self.role}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        spans = Spans.from_settings(settings)
        return cls(
            spans.label, setting(settings, "of", str, None), setting(settings, "role", str, None), spans.overlapping
        )

    # --- answers ----------------------------------------------------------------------------------

    def to_json(self, value: Any) -> list[dict[str, Any]]:
        """Spans in the order of the turns and in them; each may be given as `(turn, start, end, label)` too."""
        return self._by_turn(_given(value), lambda turn, spans: self._spans.to_json(spans))

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Spans in their order, each with the piece of its turn that it is."""
        try:
            given, texts = _given(value), self._texts(inputs)
            for one in given:
                if one["turn"] not in texts:
                    whose = "the dialogue" if self.role is None else f"{self.role!r}"
                    raise DataError(f"turn {one['turn']} is none of {whose}; mark in one of {sorted(texts) or 'none'}")
            return self._by_turn(given, lambda turn, spans: self._spans.check_answer(spans, {TEXT: texts[turn]}))
        except DataError as error:
            raise AnswerError(str(error)) from None

    def _by_turn(self, given: Sequence[Mapping[str, Any]], read: Any) -> list[dict[str, Any]]:
        """What is read of the spans of each turn, in the order of the turns; raises with the turn's number."""
        found, grouped = [], _grouped(given)
        for turn, spans in sorted(grouped.items()):
            try:
                found += [{"turn": turn, **span} for span in read(turn, spans)]
            except (DataError, AnswerError) as error:
                raise DataError(f"turn {turn}: {error}") from None
        return found

    def _texts(self, inputs: Mapping[str, Any]) -> dict[int, str]:
        """The texts of the turns in which may be marked, by their places; raises `DataError` without a dialogue."""
        dialogue = inputs.get(self.of or "")
        if self.of in inputs and dialogue is None:
            return {}
        if not isinstance(dialogue, list):
            raise DataError(f"the item has no dialogue {self.of!r}; its inputs are: {', '.join(inputs) or 'none'}")
        return {place: turn["text"] for place, turn in enumerate(dialogue) if self.role in (None, turn["role"])}

    def without_looking(self, known: Any, inputs: Mapping[str, Any]) -> Sequence[list[dict[str, Any]]]:
        """All of each turn as one span, of each label."""
        if not isinstance(inputs.get(self.of or ""), list):
            return ()
        every = [
            [{"turn": turn, **span} for span in whole]
            for turn, text in self._texts(inputs).items()
            for whole in self._spans.without_looking(None, {TEXT: text if text.strip() else ""})
        ]
        labels = dict.fromkeys(one[0].get("label") for one in every)
        return [[span for whole in every for span in whole if span.get("label") == label] for label in labels]

    def longest_answer(self) -> int:
        """Room for as many spans as there may be, and for the texts that they quote."""
        return self._spans.longest_answer() + MOST * len(f'"turn":{MOST_TURNS},')

    def canonical(self, value: Any) -> str:
        """Turn, start, end and label of each span; the text that it quotes follows from them."""
        return msgspec.json.encode(sorted(map(_order, value))).decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of spans of one label and turn matched one to one, each pair counting by its intersection over union."""
        return agreement(_labelled_by_turn(one), _labelled_by_turn(other))

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The dialogue with what is marked in its turns."""
        dialogue = inputs.get(self.of or "")
        if not isinstance(dialogue, list):
            return super().drawn(value, inputs)
        shown, grouped = [], _grouped(value)
        for place, turn in enumerate(dialogue):
            spans = grouped.get(place, [])
            marked = f"<div>{self._spans.drawn(spans, {TEXT: turn['text']})}</div>" if spans else ""
            shown.append(Dialogue().drawn([{**turn, "text": ""} if spans else turn], {}) + marked)
        return "".join(shown) + ("" if value else NOTHING)

    # --- simulated workers ------------------------------------------------------------------------

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """What spans do in one of the turns."""
        texts = self._texts(inputs) if self.of in inputs else {one["turn"]: "" for one in value}
        turns = list(dict.fromkeys(one["turn"] for one in value)) or list(texts)
        rng.shuffle(turns)
        for turn in turns:
            own = [_without_turn(one) for one in value if one["turn"] == turn]
            found = self._spans.spoil(own, rng, {TEXT: texts.get(turn, "")} if texts.get(turn) else {})
            if found is not None:
                others = [one for one in value if one["turn"] != turn]
                return self.to_json([*others, *({"turn": turn, **span} for span in found)])
        return None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The spans, each of which is missed, moved by a word or of another label where somebody errs."""
        texts = self._texts(inputs)
        return self._by_turn(value, lambda turn, own: self._spans.attempt(own, skill, rng, {TEXT: texts[turn]}))

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Any word of any turn with any label."""
        texts = {turn: text for turn, text in self._texts(inputs).items() if text.strip()}
        if not texts:
            return []
        turn = rng.choice(list(texts))
        return [{"turn": turn, **span} for span in self._spans.guess(rng, {TEXT: texts[turn]})]


def _with_turn(place: int, span: Any) -> dict[str, Any]:
    """The span as a mapping with its turn; the rest of it is read with the others of that turn."""
    if isinstance(span, tuple | list) and 3 <= len(span) <= 4:
        span = dict(zip(("turn", "start", "end", "label"), span, strict=False))
    if not isinstance(span, Mapping) or "turn" not in span:
        raise DataError(f"span {place + 1}: expected turn, start, end and label, got {shorten(span)}")
    turn = plain(span["turn"])
    if isinstance(turn, bool) or not isinstance(turn, int) or not 0 <= turn < MOST_TURNS:
        raise DataError(f"span {place + 1}: turn: expected a whole number, 0 for the first turn, got {shorten(turn)}")
    return {**span, "turn": turn}


def _given(value: Any) -> list[dict[str, Any]]:
    """The spans of an answer, each with its turn; raises `DataError`."""
    return [_with_turn(place, one) for place, one in enumerate(parts_of(value, "span", EXAMPLE, MOST))]


def _grouped(spans: Sequence[Mapping[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The spans of each turn that has any, looked through once."""
    found: dict[int, list[dict[str, Any]]] = {}
    for one in spans:
        found.setdefault(one["turn"], []).append(_without_turn(one))
    return found


def _without_turn(span: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in span.items() if name != "turn"}


def _labelled_by_turn(spans: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Spans that are alike only within one turn."""
    return [{**span, "label": (span["turn"], span.get("label"))} for span in spans]


def _order(span: Mapping[str, Any]) -> tuple[int, int, int, str]:
    return span["turn"], span["start"], span["end"], span.get("label", "")


PLUGIN = TurnSpans
