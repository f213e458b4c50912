"""Recording: speech that a worker records in the browser, or sends as a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar, Self

from dataforge.arguments import named_entry
from dataforge.errors import AnswerError, SpecError
from dataforge.objects._files import EXTENSIONS, LONGEST_NAME, FileAnswer, made
from dataforge.objects._made_files import RATE, sound
from dataforge.objects.base import FileRules, MadeFile, setting, shorten

__all__ = ["Recording"]

SHORTEST, LONGEST, MOST = 0.3, 300.0, 7_200.0
# Stereo of 48 kHz in 32 bits, as long as two hours of a usual recording.
BYTES_A_SECOND = 384_000
LARGEST = 1 << 30
# What a browser tells of how it has recorded: switches, numbers, and a short digest of the device's name.
CAPTURE = frozenset(("rate", "echo_cancellation", "noise_suppression", "auto_gain", "device"))
LONGEST_DEVICE = 16


@named_entry
@dataclass(frozen=True, eq=False)
class Recording(FileAnswer):
    """A sound that the worker records; `shortest` and `longest` are seconds.

    An answer is `{"media": "<sha256>.wav", "seconds": 3.21}`, with `capture` beside it where it was recorded in the
    browser: the rate, and whether echo cancellation, noise suppression and automatic gain were really off.
    """

    name: ClassVar[str] = "recording"
    answering_seconds: ClassVar[float] = 20.0
    more: ClassVar[frozenset[str]] = frozenset(("seconds", "capture"))

    shortest: float = SHORTEST
    longest: float = LONGEST

    def __post_init__(self) -> None:
        for name, value in (("shortest", self.shortest), ("longest", self.longest)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
                raise SpecError(f"recording: {name}: expected 0 to {MOST:,.0f} seconds, got {value!r}")
        if not self.shortest < self.longest:
            raise SpecError(f"recording: shortest ({self.shortest:g} s) must be less than longest ({self.longest:g} s)")

    def settings(self) -> dict[str, Any]:
        """JSON settings: `shortest` and `longest`; those at their default are left out."""
        named = {"shortest": (float(self.shortest), SHORTEST), "longest": (float(self.longest), LONGEST)}
        return {name: value for name, (value, default) in named.items() if value != default}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The type that `settings` describes."""
        return cls(
            setting(settings, "shortest", (float, int), SHORTEST), setting(settings, "longest", (float, int), LONGEST)
        )

    def file_rules(self) -> FileRules:
        """A sound of any kind that browsers play, within the limits of time."""
        largest = min(LARGEST, max(1 << 20, int(self.longest * BYTES_A_SECOND)))
        return FileRules(EXTENSIONS["audio"], largest, self.shortest, self.longest)

    def make_file(self, rng: Random, *, good: bool = True) -> MadeFile:
        """Two tones, some moments longer than the shortest; bad ones are silent."""
        seconds = min(self.longest, self.shortest + rng.uniform(0.2, 2.0))
        samples = max(1, int(seconds * RATE))
        return made(sound(rng, samples, good=good), "wav", seconds=samples / RATE)

    def check_answer(self, value: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, if it names a sound and says how long it is."""
        clean = super().check_answer(value, inputs)
        seconds = clean.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
            raise AnswerError(f"seconds: expected how long the recording is, got {shorten(seconds)}")
        if "capture" in clean and not _is_capture(clean["capture"]):
            raise AnswerError(f"capture: expected {', '.join(sorted(CAPTURE))}, got {shorten(clean['capture'])}")
        return clean

    def longest_answer(self) -> int:
        """As long as the name of a file, with what it says beside it."""
        return LONGEST_NAME + 250


def _is_capture(value: Any) -> bool:
    if not isinstance(value, Mapping) or not value.keys() <= CAPTURE:
        return False
    return all(isinstance(one, bool | int | float) or _is_short(one) for one in value.values())


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_DEVICE


PLUGIN = Recording
