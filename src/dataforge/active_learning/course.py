"""How a loop went and whether it goes on: the learning curve, its limits, the rule of its end. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import msgspec

from dataforge.arguments import entry
from dataforge.errors import SpecError
from dataforge.intervals import DEVIATIONS, wilson

__all__ = ["Asked", "Course", "Entry", "How", "Measured", "StopRule", "Why", "gain_of", "limits_of", "why_stop"]

How = Literal["holdout", "chance", "sampler"]
Why = Literal["target", "gain", "labels", "pool"]

MORE = 4
"""A model that has learnt from so many times as many labels is measured anew: not sooner, for a new run has to learn
again who answers well, which took from 280 digits in parts of 20 what the votes had saved."""
MISLED = 0.05
"""In so many loops one may be ended by luck, however often it is looked whether it is to end."""


class Asked(msgspec.Struct, frozen=True, tag="asked"):
    """What was asked in a round: places in the pool, how they were chosen, in which of the loop's runs.

    Round 0 is the holdout. `promised` is what all runs had cost by then.
    """

    round: int
    how: How
    places: tuple[int, ...]
    part: int = 0
    promised: float = 0.0


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
            also at the upper limit of what the held-out items leave possible. Limits are as wide as it takes for luck
            to end about one of twenty loops at most, of as many rounds as the pool has.
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

    def looks(self, pool: int, held: int, batch: int) -> int:
        """How many rounds there may be, after each of which it is looked whether it is the last one."""
        most = pool if self.labels is None else min(pool, self.labels)
        return max(1, math.ceil((most - held) / batch))

    def left(self, asked: int) -> int:
        """How many items may still be asked, where so many were."""
        return sys.maxsize if self.labels is None else max(0, self.labels - asked)

    def check(self, held: int, looks: int) -> None:
        """Raise `SpecError` for what so many held-out items can never show in so many looks, or if none are left."""
        if self.labels is not None and self.labels <= held:
            raise SpecError(
                f"stop: labels={self.labels}: {held} items are held out, and the model learns from others; hold out "
                "fewer, holdout=…, or give more"
            )
        bounds, least = wilson(held, held, _deviations(looks)), self.limits(0, 0, held, looks)[1]
        if self.target is not None and bounds is not None and bounds[0] < self.target:
            raise SpecError(
                f"stop: target={self.target:g} cannot be shown on {held} held-out items in {looks} rounds: with all of "
                f"them right it is {bounds[0]:.3f} or more that are; hold out more, holdout=…, or ask for less"
            )
        if self.gain is not None and least >= self.gain:
            raise SpecError(
                f"stop: a gain of {self.gain:g} cannot be told from none on {held} held-out items in {looks} rounds, "
                f"where {least:.3f} is possible if nothing changes; hold out more, holdout=…, or give a larger gain"
            )

    def limits(self, better: int, worse: int, held: int, looks: int) -> tuple[float, float]:
        """Those of a gain; looks at rounds that overlap see the same, and count once."""
        return _limits(better, worse, held, _deviations(looks / self.rounds))


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
    def part(self) -> int:
        """In which of the loop's runs was asked last."""
        return self.asked[-1].part if self.asked else 0

    @property
    def knows_more(self) -> bool:
        """Whether the model has learnt from four times as many labels as when the last run began."""
        if not self.measured:
            return False
        began = next(one.round for one in self.asked if one.part == self.part)
        before = [one.learnt for one in self.measured if one.round < began]
        return self.measured[-1].learnt >= MORE * (before[-1] if before else 0)

    @property
    def taught(self) -> tuple[int, ...]:
        """Places of what the model may learn from, in the order in which it was asked."""
        return tuple(place for one in self.asked[1:] for place in one.places)


def _deviations(looks: float) -> float:
    """How wide a limit is if so many looks together are to be misled in one of twenty loops at most (Bonferroni)."""
    return max(DEVIATIONS, NormalDist().inv_cdf(1 - MISLED / max(1.0, looks)))


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


def _changed(before: Measured, after: Measured, among: Collection[int] | None = None) -> tuple[int, int, int]:
    """How many held-out items, or of those `among`, became right, how many wrong, and how many both know."""
    known = dict(zip(before.held, before.right, strict=True))
    both = [(place, right) for place, right in zip(after.held, after.right, strict=True) if place in known]
    pairs = [(known[place], right) for place, right in both if among is None or place in among]
    better = sum(right and not was for was, right in pairs)
    worse = sum(was and not right for was, right in pairs)
    return better, worse, len(pairs)


def gain_of(before: Measured, after: Measured) -> tuple[float, float, float] | None:
    """How many more are right, as a share of the items held out, with the 95 % limits of that; None without any."""
    better, worse, total = _changed(before, after)
    return ((better - worse) / total, *_limits(better, worse, total)) if total else None


def why_stop(course: Course, rule: StopRule, pool: int, looks: int, shown: Collection[int] | None = None) -> Why | None:
    """Why no more is asked, of a pool of so many items, in a loop of so many rounds at most; None: go on.

    A target is reached, and a gain judged, on those held-out items that are `shown`: of which something shows how sure
    the answer is; None: of all.
    """
    asked = sum(len(one.places) for one in course.asked)
    if asked >= pool:
        return "pool"
    if rule.labels is not None and asked >= rule.labels:
        return "labels"
    low, gain = limits_of(course, rule, looks, shown)
    if rule.target is not None and low is not None and low >= rule.target:
        return "target"
    if rule.gain is not None and gain is not None and gain < rule.gain:
        return "gain"
    return None


def limits_of(
    course: Course, rule: StopRule, looks: int, shown: Collection[int] | None = None
) -> tuple[float | None, float | None]:
    """What a rule looks at: the lower limit of the share that is right, and the upper one of the gain of its rounds.

    They are wider than those of the curve, for they are looked at after each round.
    """
    if not course.measured:
        return None, None
    last = course.measured[-1]
    right = [one for place, one in zip(last.held, last.right, strict=True) if shown is None or place in shown]
    bounds, gain = wilson(sum(right), len(right), _deviations(looks)), None
    if len(course.measured) > rule.rounds:
        better, worse, total = _changed(course.measured[-1 - rule.rounds], last, shown)
        gain = rule.limits(better, worse, total, looks)[1] if total else None
    return None if bounds is None else bounds[0], gain
