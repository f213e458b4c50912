"""Segments: pieces of a sound in time, each with a label and, where that is asked for, its words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Self

import msgspec

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.media.files import sure_seconds
from dataforge.objects._drawn import shown_file, written
from dataforge.objects._intervals import first_overlap, matched
from dataforge.objects._labelled import check_label, labels_from_json, labels_of, labels_to_json, parts_of
from dataforge.objects._of_input import OfInput
from dataforge.objects._options import Option
from dataforge.objects.base import plain, setting, shorten
from dataforge.objects.choice import Choice
from dataforge.objects.text import Text

__all__ = ["Segments"]

MOST = 10_000
MOST_WRITTEN = 1_000_000
# What a segment has as JSON beside its label and its words.
ROOM = 80
LONGEST = 86_400.0
# Two ends that are nearer than this are heard as one; browsers and files differ by less in where a sound ends.
TOLERANCE = 0.05
BEYOND = 0.1
# Microseconds are less than a sample of any sound; answers differ in what is heard, by milliseconds.
DIGITS, SAME_DIGITS = 6, 3
# So many segments of a wrong answer are wrong, the longest first; one that is moved goes so far at least, in seconds.
WRONG_SHARE = 1 / 3
MOVED = 0.3
EXAMPLE = '{"start": 0.5, "end": 1.9, "label": …} or (0.5, 1.9, …)'
WORDS = Text(longest=10_000, shortest=0)

Segment = dict[str, Any]


@named_entry
@dataclass(frozen=True, eq=False)
class Segments(OfInput):
    """Pieces of a sound in time, each with a label of a `Choice` class: `Segments(Label)`.

    With `text=True` the words of each piece are written down. With `overlapping=True` pieces may share time. `of` names
    the sound; it may be left out where there is only one. An answer is a list of `{"start", "end", "label", "text"}`,
    in seconds from the sound's beginning.
    """

    name: ClassVar[str] = "segments"
    about: ClassVar[str] = "audio"
    reading_seconds: ClassVar[float] = 10.0
    answering_seconds: ClassVar[float] = 40.0
    quality: ClassVar[str] = "check"
    control_similarity: ClassVar[float | None] = 0.75
    exact: ClassVar[bool] = False
    marks: ClassVar[bool] = True

    label: type[Choice] | Sequence[Option] | None = None
    text: bool = False
    overlapping: bool = False
    of: str | None = None
    _options: tuple[Option, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("text", "overlapping"):
            if not isinstance(getattr(self, name), bool):
                raise SpecError(f"segments: {name} must be True or False, got {getattr(self, name)!r}")
        if self.of is not None and not isinstance(self.of, str):
            raise SpecError(f"segments: of must be the name of an input, got {self.of!r}")
        object.__setattr__(self, "_options", labels_of(self.label, "segments"))

    def settings(self) -> dict[str, Any]:
        """JSON settings: `options` as a choice has them, `text`, `overlapping`, `of`; those at their default are left
        out."""
        told = {"text": self.text or None, "overlapping": self.overlapping or None, "of": self.of}
        return labels_to_json(self._options) | {name: value for name, value in told.items() if value is not None}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            labels_from_json(settings),
            text=setting(settings, "text", bool, False),
            overlapping=setting(settings, "overlapping", bool, False),
            of=setting(settings, "of", str, None),
        )

    def timed_inputs(self) -> tuple[str, ...]:
        """The sound: no segment ends after it."""
        return () if self.of is None else (self.of,)

    def to_json(self, value: Any) -> list[Segment]:
        """Segments in their order; each may be given as `(start, end, label, text)`, without what they have not."""
        segments = [self._read(place, one) for place, one in enumerate(parts_of(value, "segment", EXAMPLE, MOST))]
        segments.sort(key=_order)
        for place in range(1, len(segments)):
            if _order(segments[place - 1]) == _order(segments[place]):
                raise DataError(f"{_told(segments[place])} is there twice; remove one")
        if not self.overlapping and (pair := first_overlap(segments)):
            one, other = (_told(segments[place]) for place in pair)
            raise DataError(
                f"{one} and {other} overlap; make one shorter, or allow it by Segments(…, overlapping=True)"
            )
        if (written := sum(len(one.get("text", "")) for one in segments)) > MOST_WRITTEN:
            raise DataError(f"expected at most {MOST_WRITTEN:,} characters of words together, got {written:,}")
        return segments

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> list[Segment]:
        """Segments in their order, none of which ends after the sound, where its length is known."""
        try:
            return [_within(one, self._length(inputs)) for one in self.to_json(value)]
        except DataError as error:
            raise AnswerError(str(error)) from None

    def without_looking(self, known: Any, inputs: Mapping[str, Any]) -> Sequence[list[Segment]]:
        """All of the sound as one piece, of each label."""
        end = self._length(inputs) or max((one["end"] for one in known), default=0.0)
        words = {"text": ""} if self.text else {}
        labels = [{"label": str(option.value)} for option in self._options] or [{}]
        return [[{"start": 0.0, "end": end} | label | words] for label in labels] if end else ()

    def _length(self, inputs: Mapping[str, Any]) -> float | None:
        """How long the sound is; None where that is not known, as of a file that is elsewhere."""
        sound = inputs.get(self.of or "")
        if not isinstance(sound, Mapping):
            return None
        return sure_seconds(Path(sound["file"])) if "file" in sound else sound.get("seconds")

    def _read(self, place: int, segment: Any) -> Segment:
        try:
            return self._segment(segment)
        except DataError as error:
            raise DataError(f"segment {place + 1}: {error}") from None

    def _segment(self, segment: Any) -> Segment:
        names = ["start", "end", *(["label"] if self._options else []), *(["text"] if self.text else [])]
        if isinstance(segment, tuple | list) and len(segment) == len(names):
            segment = dict(zip(names, segment, strict=True))
        if not isinstance(segment, Mapping) or not segment.keys() <= {"start", "end", "label", "text"}:
            raise DataError(f"expected {', '.join(names)}, got {shorten(segment)}")
        start, end = _seconds(segment, "start"), _seconds(segment, "end")
        if end <= start:
            raise DataError(f"expected an end after its start, got {start:g} to {end:g}")
        return {"start": start, "end": end} | check_label(segment, self._options) | self._words(segment.get("text"))

    def _words(self, text: Any) -> dict[str, str]:
        if not self.text:
            if text is not None:
                raise DataError(f"expected no words, got {shorten(text)}; write Segments(…, text=True) to have some")
            return {}
        if text is None:
            raise DataError('text: expected the words that are said, "" where there are none, got nothing')
        try:
            return {"text": WORDS.check_answer(text, {})}
        except AnswerError as error:
            raise DataError(f"text: {error}") from None

    def longest_answer(self) -> int:
        """Room for as many segments as there may be, and for their words."""
        longest = max((len(str(option.value)) for option in self._options), default=0)
        return MOST * (ROOM + longest) + (MOST_WRITTEN if self.text else 0)

    def canonical(self, value: Any) -> str:
        """Start and end to a millisecond, the label, and the words as a text has them, of each segment."""
        told = sorted(map(_rounded, value), key=lambda one: one[:3])
        return msgspec.json.encode(told).decode()

    def drawn(self, value: Any, inputs: Mapping[str, Any]) -> str:
        """A player of the sound, and its pieces one below the other."""
        sound = inputs.get(self.of or "")
        player = shown_file("audio", sound) if isinstance(sound, Mapping) else ""
        told = "\n".join(map(_line, value))
        return f"<div>{player}</div>{written(told or 'nothing to mark')}"

    def similarity(self, one: Any, other: Any) -> float:
        """F1 of segments of one label matched one to one, 0..1; none and none is 1.

        Each pair counts by its intersection over union, in which ends that are off by up to 50 ms are right, times how
        alike its words are.
        """
        if not one and not other:
            return 1.0
        # Pairs that are as good as others are chosen by the order, which must not depend on who is compared with whom.
        first, second = sorted((one, other), key=self.canonical)
        pairs = matched(first, second, TOLERANCE)
        shared = sum(alike * _same_words(first[mine], second[theirs]) for mine, theirs, alike in pairs)
        return float(2 * shared / (len(one) + len(other)))

    def spoil(self, value: Any, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The segments, a third of which, the longest, are left out, moved, of another label or of other words.

        Where there is none, one is invented if the length of the sound is known.
        """
        if not value:
            return self.guess(rng, inputs) or None
        longest = sorted(value, key=lambda one: one["start"] - one["end"])
        segments = list(value)
        for segment in longest[: math.ceil(WRONG_SHARE * len(value))]:
            segments = self._changed(segments, segment, rng, self._length(inputs) or value[-1]["end"])
        return self.to_json(segments)

    def attempt(self, value: Any, skill: float, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """The segments as somebody marks them, with what the skill lacks to 1 as the rate of errors.

        So often a segment is missed, moved or of another label, and so often a word is misheard; ends are off by a
        quarter of that share of the length.
        """
        rate = 1.0 - skill
        segments, far = list(value), self._length(inputs) or max((one["end"] for one in value), default=0.0)
        for segment in value:
            if rng.random() < rate:
                segments = self._changed(segments, segment, rng, far)
        unsteady = [self._unsteady(one, rate, rng, far) for one in segments]
        return self.check_answer(unsteady if self.overlapping else _apart(unsteady), inputs)

    def guess(self, rng: Random, inputs: Mapping[str, Any]) -> Any:
        """One segment anywhere; that there is none, where the length of the sound is not known."""
        length = self._length(inputs)
        if not length:
            return []
        start, share = rng.uniform(0, 0.6) * length, rng.uniform(0.2, 0.4)
        label = {"label": str(rng.choice(self._options).value)} if self._options else {}
        words = {"text": WORDS.guess(rng, {})} if self.text else {}
        return self.to_json([{"start": start, "end": start + share * length} | label | words])

    def _changed(self, segments: list[Segment], segment: Segment, rng: Random, far: float) -> list[Segment]:
        """The segments with one of them left out, moved, of another label or of other words, whichever can be."""
        rest = [one for one in segments if one is not segment]
        ways = (self._moved(segment, rest, far), self._relabelled(segment, rest, rng), _reworded(segment, rng))
        changed = rng.choice([None, *(way for way in ways if way is not None)])
        return rest if changed is None else sorted([*rest, changed], key=_order)

    def _moved(self, segment: Segment, rest: Sequence[Segment], far: float) -> Segment | None:
        """The segment later or earlier by half its length, and heard to be, where there is room."""
        way = max((segment["end"] - segment["start"]) / 2, MOVED)
        for by in (way, -way):
            moved = {**segment, "start": segment["start"] + by, "end": segment["end"] + by}
            free = self.overlapping or not any(
                one["start"] < moved["end"] and moved["start"] < one["end"] for one in rest
            )
            if free and moved["start"] >= 0 and moved["end"] <= far:
                return moved
        return None

    def _relabelled(self, segment: Segment, rest: Sequence[Segment], rng: Random) -> Segment | None:
        taken = {_order(one) for one in [*rest, segment]}
        others = [{**segment, "label": str(option.value)} for option in self._options]
        free = [one for one in others if _order(one) not in taken]
        return rng.choice(free) if free else None

    def _unsteady(self, segment: Segment, rate: float, rng: Random, far: float) -> Segment:
        """The segment with ends that are off and words that are misheard, or as it is if nothing is left of it."""
        off = rate / 4 * (segment["end"] - segment["start"])
        start, end = (min(max(segment[name] + rng.gauss(0, off), 0.0), far) for name in ("start", "end"))
        words = {"text": WORDS.attempt(segment["text"], 1.0 - rate, rng, {})} if segment.get("text") else {}
        return {**segment, **words, **({"start": start, "end": end} if start < end else {})}


def _seconds(segment: Mapping[str, Any], name: str) -> float:
    value = plain(segment.get(name))
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
        raise DataError(
            f"{name}: expected seconds from the sound's beginning, 0 to {LONGEST:,.0f}, got {shorten(value)}"
        )
    return round(float(value), DIGITS)


def _within(segment: Segment, length: float | None) -> Segment:
    """The segment, at most to the end of the sound; raises `DataError` where it is meant for a longer one."""
    if length is None or segment["end"] <= length:
        return segment
    if segment["end"] > length + BEYOND or segment["start"] >= length:
        raise DataError(f"{_told(segment)} ends after the sound, which has {length:.3f} s")
    return {**segment, "end": round(length, DIGITS)}


def _order(segment: Segment) -> tuple[float, float, str]:
    return segment["start"], segment["end"], segment.get("label", "")


def _rounded(segment: Segment) -> tuple[float, float, str, str | None]:
    start, end = (round(float(segment[name]), SAME_DIGITS) for name in ("start", "end"))
    words = WORDS.canonical(segment["text"]) if "text" in segment else None
    return start, end, segment.get("label", ""), words


def _told(segment: Segment) -> str:
    label = f" {segment['label']!r}" if "label" in segment else ""
    return f"the segment {segment['start']:g} to {segment['end']:g} s{label}"


def _same_words(one: Segment, other: Segment) -> float:
    return WORDS.similarity(one["text"], other["text"]) if "text" in one and "text" in other else 1.0


def _reworded(segment: Segment, rng: Random) -> Segment | None:
    wrong = WORDS.spoil(segment["text"], rng, {}) if segment.get("text") else None
    return None if wrong is None else {**segment, "text": wrong}


def _apart(segments: Sequence[Segment]) -> list[Segment]:
    """The segments, of which none begins before the one before it ends; what is left of none is left out."""
    apart: list[Segment] = []
    for segment in sorted(segments, key=_order):
        start = max(segment["start"], apart[-1]["end"] if apart else 0.0)
        if start < segment["end"]:
            apart.append({**segment, "start": start})
    return apart


def _line(segment: Mapping[str, Any]) -> str:
    said = [str(segment[name]) for name in ("label", "text") if name in segment]
    return " ".join([f"{segment['start']:.2f}–{segment['end']:.2f} s", *said])


PLUGIN = Segments
