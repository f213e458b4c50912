"""How a loop went and whether it goes on: the learning curve, its limits, the rule of its end. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import msgspec

from dataforge.arguments import entry
from dataforge.errors import SpecError
from dataforge.intervals import DEVIATIONS, wilson

__all__ = ["Asked", "Course", "Entry", "How", "Measured", "StopRule", "Why", "gain_of", "why_stop"]

How = Literal["holdout", "chance", "sampler"]
Why = Literal["target", "gain", "labels", "pool"]

MISLED = 0.05
"""In so many loops one may be ended by luck, however often it is looked whether it is to end."""


class Asked(msgspec.Struct, frozen=True, tag="asked"):
    """What was asked in a round: places in the pool, and how they were chosen. Round 0 is the holdout."""

    round: int
    how: How
    places: tuple[int, ...]


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """What the model knew after a round: `right` of the `held` items that are held out and have an answer.

    `learnt` is from how many labels; `model` tells models apart; `always` is the one label that it says of everything.
    """

    round: int
    learnt: int
    held: tuple[int, ...]
    right: tuple[bool, ...]
    model: str
    always: str | None = None


Entry = Asked | Measured


@entry
@dataclass(frozen=True)
class StopRule:
    """When a loop has learnt enough; without any of these it goes on until the pool or the budget is spent.

    Args:
        gain: in the last `rounds` rounds together the model has become better by less than this share of all items,
            also at the upper limit of what the held-out items leave possible. The limits widen with each look, so that
            luck ends one of twenty loops at most, however many rounds there are.
        rounds: of how many rounds that is.
        target: this share of all items is right, also at the lower limit.
        labels: so many items are labelled, those that are held out among them.
    """

    gain: float | None = None
    rounds: int = 3
    target: float | None = None
    labels: int | None = None

    def __post_init__(self) -> None:
        for name, share in (("gain", self.gain), ("target", self.target)):
            if share is not None and not 0 < share < 1:
                raise SpecError(f"StopRule: {name} is a share between 0 and 1, got {share!r}")
        if self.rounds < 1:
            raise SpecError(f"StopRule: rounds={self.rounds!r}: expected at least 1")
        if self.labels is not None and self.labels < 1:
            raise SpecError(f"StopRule: labels={self.labels!r}: expected at least 1")

    def check(self, held: int) -> None:
        """Raise `SpecError` for what so many held-out items can never show."""
        if (
            self.target is not None
            and (bounds := wilson(held, held, _deviations(1))) is not None
            and bounds[0] < self.target
        ):
            raise SpecError(
                f"stop: target={self.target:g} cannot be shown on {held} held-out items: with all of them right it is "
                f"{bounds[0]:.3f} or more that are; hold out more, holdout=…, or ask for less"
            )
        least = _limits(0, 0, held, _deviations(1))[1]
        if self.gain is not None and least >= self.gain:
            raise SpecError(
                f"stop: a gain of {self.gain:g} cannot be told from none on {held} held-out items, where {least:.3f} "
                "is possible if nothing changes; hold out more, holdout=…, or give a larger gain"
            )


@dataclass(frozen=True)
class Course:
    """What was asked and measured by now, by round."""

    asked: tuple[Asked, ...] = ()
    measured: tuple[Measured, ...] = ()

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Course:
        """The course that was written down; of what was written twice the first counts."""
        asked = {one.round: one for one in reversed(entries) if isinstance(one, Asked)}
        measured = {one.round: one for one in reversed(entries) if isinstance(one, Measured)}
        return cls(tuple(asked[n] for n in sorted(asked)), tuple(measured[n] for n in sorted(measured)))

    @property
    def holdout(self) -> tuple[int, ...]:
        """Places of what is held out."""
        return self.asked[0].places if self.asked else ()

    @property
    def taught(self) -> tuple[int, ...]:
        """Places of what the model may learn from, in the order in which it was asked."""
        return tuple(place for one in self.asked[1:] for place in one.places)


def _deviations(looks: int) -> float:
    """How wide a limit is at the look of this number, for all looks together to be misled in one of twenty loops.

    Of the .05 the k-th look may spend 1 / (k (k + 1)): the looks are without end, and these shares sum to 1.
    """
    return NormalDist().inv_cdf(1 - MISLED / (looks * (looks + 1)))


def _limits(better: int, worse: int, total: int, deviations: float = DEVIATIONS) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares of the same items.

    `better` items are right in the second share only, `worse` in the first only. The intervals of these two shares are
    joined by their distances (Zou and Donner, 2008), so that nothing that changed is no certainty that nothing changes.
    """
    up, down = wilson(better, total, deviations), wilson(worse, total, deviations)
    assert up is not None
    assert down is not None
    gain, loss = better / total, worse / total
    low = gain - loss - math.hypot(gain - up[0], down[1] - loss)
    high = gain - loss + math.hypot(up[1] - gain, loss - down[0])
    return low, high


def gain_of(before: Measured, after: Measured, deviations: float = DEVIATIONS) -> tuple[float, float, float] | None:
    """How many more are right, as a share of the items held out, with the 95 % limits of that; None without any."""
    known = dict(zip(before.held, before.right, strict=True))
    pairs = [(known[place], right) for place, right in zip(after.held, after.right, strict=True) if place in known]
    if not pairs:
        return None
    better = sum(right and not was for was, right in pairs)
    worse = sum(was and not right for was, right in pairs)
    low, high = _limits(better, worse, len(pairs), deviations)
    return (better - worse) / len(pairs), low, high


def why_stop(course: Course, rule: StopRule, pool: int) -> Why | None:
    """Why no more is asked, of a pool of so many items; None: go on."""
    asked = sum(len(one.places) for one in course.asked)
    if asked >= pool:
        return "pool"
    if rule.labels is not None and asked >= rule.labels:
        return "labels"
    if not course.measured:
        return None
    last = course.measured[-1]
    bounds = wilson(sum(last.right), len(last.right), _deviations(len(course.measured)))
    if rule.target is not None and bounds is not None and bounds[0] >= rule.target:
        return "target"
    looks = len(course.measured) - rule.rounds
    if rule.gain is not None and looks > 0:
        gained = gain_of(course.measured[-1 - rule.rounds], last, _deviations(looks))
        if gained is not None and gained[2] < rule.gain:
            return "gain"
    return None
