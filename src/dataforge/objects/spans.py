"""Spans: pieces of a text input, each with a label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects._characters import inside_character
from dataforge.objects._drawn import marked
from dataforge.objects._intervals import agreement, first_overlap
from dataforge.objects._labelled import check_label, labels_from_json, labels_of, labels_to_json, one_input, parts_of
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import ObjectType, plain, setting, shorten
from dataforge.objects.choice import Choice
from dataforge.texts import half_character

__all__ = ["Spans"]

MOST = 10_000
MOST_QUOTED = 1_000_000
# What a span has as JSON beside its label and the text that it quotes.
ROOM = 64
WORD = re.compile(r"\w+")
EXAMPLE = '{"start": 0, "end": 5, "label": …} or (0, 5, …)'
KEYS = frozenset({"start", "end", "label", "text"})


@named_entry
@dataclass(frozen=True, eq=False)
class Spans(OfInput):
    """Pieces of a text input, each with a label of a `Choice` class: `Spans(Entity)`.

    `of` names the text; it may be left out where there is only one. With `overlapping=True` spans may share letters.
    An answer is a list of `{"start", "end", "label", "text"}`, in code points of the text, the end exclusive.
    """

    name: ClassVar[str] = "spans"
    about: ClassVar[str] = "text"
    answering_seconds: ClassVar[float] = 20.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.75
    exact: ClassVar[bool] = False
    marks: ClassVar[bool] = True

    label: type[Choice] | Sequence[Option] | None = None
    of: str | None = None
    overlapping: bool = False
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.overlapping, bool):
            raise SpecError(f"spans: overlapping must be True or False, got {self.overlapping!r}")
        if self.of is not None and not isinstance(self.of, str):
            raise SpecError(f"spans: of must be the name of an input, got {self.of!r}")
        object.__setattr__(self, "_options", labels_of(self.label, "spans"))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, `of`, `overlapping`; those at their default are left out."""
        told = {"of": self.of, "overlapping": self.overlapping or None}
        return labels_to_json(self._options) | {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            labels_from_json(settings),
            of=setting(settings, "of", str, None),
            overlapping=setting(settings, "overlapping", bool, False),
        )

    def check_place(self, inputs: Mapping[str, ObjectType]) -> None:
        """Check that there is one text to be marked, and that it is shown as it is written."""
        name = one_input(self.of, self.about, inputs)
        if inputs[name].settings().get("markdown"):
            raise SpecError(
                f"spans are offsets in a text as it is written, and {name!r} is formatted; write {name}: df.Text"
            )

    def to_json(self, value: Any) -> list[dict[str, Any]]:
        """Spans in their order; each may be given as `(start, end, label)` too."""
        spans = [self._read(place, span) for place, span in enumerate(parts_of(value, "span", EXAMPLE, MOST))]
        spans.sort(key=_order)
        for place in range(1, len(spans)):
            if _order(spans[place - 1]) == _order(spans[place]):
                raise DataError(f"{_told(spans[place])} is there twice; remove one")
        if not self.overlapping and (pair := first_overlap(spans)):
            one, other = (_told(spans[place]) for place in pair)
            raise DataError(f"{one} and {other} overlap; remove one, or allow it by overlapping=True")
        return spans

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Spans in their order, each with the piece of the text that it is."""
        try:
            spans = self.to_json(value)
            text = self._marked(inputs)
            quoted = [_quoted(span, text) for span in spans]
            if (total := sum(len(span["text"]) for span in quoted)) > MOST_QUOTED:
                raise DataError(f"expected spans of at most {MOST_QUOTED:,} characters together, got {total:,}")
        except DataError as error:
            raise AnswerError(str(error)) from None
        return quoted

    def without_looking(self, known: Any, inputs: Mapping[str, Any]) -> Sequence[list[dict[str, Any]]]:
        """All of the text as one span, of each label."""
        text = inputs.get(self.of or "")
        if not isinstance(text, str) or not text:
            return ()
        labels = [{"label": str(option.value)} for option in self._options] or [{}]
        return [[{"start": 0, "end": len(text), "text": text} | label] for label in labels]

    def _marked(self, inputs: Mapping[str, Any]) -> str:
        text = inputs.get(self.of or "", None)
        if self.of is not None and self.of in inputs and text is None:
            return ""
        if not isinstance(text, str):
            raise DataError(f"the item has no text {self.of!r} to be marked; its inputs are: {', '.join(inputs)}")
        return text

    def _read(self, place: int, span: Any) -> dict[str, Any]:
        try:
            return self._span(span)
        except DataError as error:
            raise DataError(f"span {place + 1}: {error}") from None

    def _span(self, span: Any) -> dict[str, Any]:
        if isinstance(span, tuple | list) and 2 <= len(span) <= 3:
            span = dict(zip(("start", "end", "label"), span, strict=False))
        if not isinstance(span, Mapping) or not span.keys() <= KEYS:
            raise DataError(f"expected start, end and label, got {shorten(span)}")
        start, end = _offset(span, "start"), _offset(span, "end")
        if end <= start:
            raise DataError(f"expected an end behind its start, got {start} to {end}")
        quote = span.get("text")
        if quote is not None and not isinstance(quote, str):
            raise DataError(f"text: expected the piece that is marked, got {shorten(quote)}")
        if quote is not None and (broken := half_character(quote)):
            raise DataError(f"text: the piece that is marked {broken}; remove it")
        known = check_label(span, self._options)
        return {"start": start, "end": end} | known | ({} if quote is None else {"text": quote})

    def longest_answer(self) -> int:
        """Room for as many spans as there may be, and for the text that they quote."""
        longest = max((len(str(option.value)) for option in self._options), default=0)
        return MOST_QUOTED + MOST * (ROOM + longest)

    def canonical(self, value: Any) -> str:
        """Start, end and label of each span; the text that it quotes follows from them."""
        return msgspec.json.encode(sorted(map(_order, value))).decode()

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of spans of one label matched one to one, each pair counting by its intersection over union."""
        return agreement(one, other)

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """The text with its pieces marked."""
        text = inputs.get(self.of or "")
        labels = [str(option.value) for option in self._options]
        return marked(text, value, labels) if isinstance(text, str) else super().drawn(value, inputs)

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """One span less, with another label, or moved by a word; where there is none, one that should not be."""
        text = self._marked(inputs) if self.of in inputs else ""
        changes = [self._without, self._relabelled, self._moved]
        rng.shuffle(changes)
        for change in changes:
            found = change(value, rng, text, rng.randrange(len(value))) if value else self._invented(value, rng, text)
            if found is not None:
                return self.check_answer(found, inputs) if text else self.to_json(found)
        return None

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The spans, each of which is missed, moved by a word or of another label where somebody errs."""
        text = self._marked(inputs)
        given = list(value)
        for span in value:
            if rng.random() < skill:
                continue
            change = rng.choice((self._without, self._relabelled, self._moved))
            changed = change(given, rng, text, given.index(span))
            given = given if changed is None else changed
        return self.check_answer(given, inputs)

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """Any word with any label."""
        guessed = self._invented([], rng, self._marked(inputs))
        return [] if guessed is None else self.check_answer(guessed, inputs)

    def _without(self, value: Any, rng: Random, text: str, place: int) -> Any:
        return [span for index, span in enumerate(value) if index != place]

    def _relabelled(self, value: Any, rng: Random, text: str, place: int) -> Any:
        here = {(span["start"], span["end"], span.get("label")) for span in value}
        span = value[place]
        others = [str(one.value) for one in self._options]
        free = [label for label in others if (span["start"], span["end"], label) not in here]
        return _replaced(value, place, {**span, "label": rng.choice(free)}) if free else None

    def _moved(self, value: Any, rng: Random, text: str, place: int) -> Any:
        """A span over the word before or behind it instead, where that is free."""
        span = value[place]
        words = [match.span() for match in WORD.finditer(text)]
        before = [word for word in words if word[1] <= span["start"]][-1:]
        behind = [word for word in words if word[0] >= span["end"]][:1]
        free = [word for word in before + behind if self._is_free(value, word, text)]
        return _replaced(value, place, _at(rng.choice(free), span)) if free else None

    def _invented(self, value: Any, rng: Random, text: str) -> Any:
        free = [word for match in WORD.finditer(text) if self._is_free(value, word := match.span(), text)]
        label = {"label": str(rng.choice(self._options).value)} if self._options else {}
        return [*value, _at(rng.choice(free), label)] if free else None

    def _is_free(self, value: Any, word: tuple[int, int], text: str) -> bool:
        whole = not any(inside_character(text, offset) for offset in word)
        return whole and not any(span["start"] < word[1] and word[0] < span["end"] for span in value)


def _offset(span: Mapping[str, Any], name: str) -> int:
    value = plain(span.get(name))
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DataError(
            f"{name}: expected a whole number of characters from the text's beginning, got {shorten(value)}"
        )
    return value


def _order(span: Mapping[str, Any]) -> tuple[int, int, str]:
    return span["start"], span["end"], span.get("label", "")


def _told(span: Mapping[str, Any]) -> str:
    label = f" {span['label']!r}" if "label" in span else ""
    return f"the span {span['start']} to {span['end']}{label}"


def _quoted(span: dict[str, Any], text: str) -> dict[str, Any]:
    """The span with the piece of the text that it is; raises `DataError` where that is no piece to be marked."""
    start, end = span["start"], span["end"]
    piece = text[start:end]
    if end > len(text):
        raise DataError(f"{_told(span)} ends behind the text, which has {len(text):,} characters")
    if not piece.strip():
        raise DataError(f"{_told(span)} has nothing but spaces; mark letters")
    for offset in (start, end):
        if inside_character(text, offset):
            raise DataError(f"{_told(span)} cuts a character in two at {offset}; move it to the character's edge")
    if span.get("text", piece) != piece:
        raise DataError(
            f"{_told(span)} quotes {shorten(span['text'])}, and the text has {shorten(piece)} there; "
            "count in code points, as Python does"
        )
    return {**span, "text": piece}


def _replaced(value: Any, place: int, span: dict[str, Any]) -> list[Any]:
    return [span if index == place else other for index, other in enumerate(value)]


def _at(word: tuple[int, int], span: Mapping[str, Any]) -> dict[str, Any]:
    """The span over these letters instead; what it quotes is found anew."""
    kept = {name: value for name, value in span.items() if name == "label"}
    return {"start": word[0], "end": word[1]} | kept


PLUGIN = Spans
