"""A loop as its page shows it: the curve, the batches with what they cost, and what ends it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dataforge.active_learning.course import Course, StopRule
from dataforge.intervals import wilson
from dataforge.records import MICRO, LoopBatch, LoopEnd, LoopPoint, LoopShown, LoopStop

__all__ = ["Standing", "points_of", "shown"]


@dataclass(frozen=True)
class Standing:
    """How a loop stands: `answered` are the places that have an answer, `cost` what was paid or promised by now,
    `runs` how its runs are called, `limits` what its rule looks at.
    """

    pool: int
    answered: Collection[int]
    waiting: int
    cost: float
    currency: str
    runs: Sequence[str]
    stop: StopRule
    budget: float | None
    limits: tuple[float | None, float | None]
    ended: LoopEnd


def points_of(course: Course) -> tuple[LoopPoint, ...]:
    """What the model knew after each round, with 95 % limits."""
    found = []
    for one in course.measured:
        right, held = sum(one.right), len(one.right)
        low, high = wilson(right, held) or (0.0, 1.0)
        found.append(LoopPoint(one.round, one.learnt, right / held, low, high))
    return tuple(found)


def shown(course: Course, now: Standing) -> LoopShown:
    """How a loop stands, for its page."""
    stop = now.stop
    return LoopShown(
        pool=now.pool,
        labelled=sum(place in now.answered for one in course.asked for place in one.places),
        held=sum(place in now.answered for place in course.holdout),
        waiting=now.waiting,
        cost=round(now.cost * MICRO),
        currency=now.currency,
        stop=LoopStop(stop.target, stop.gain, stop.rounds, stop.labels, now.budget, *now.limits),
        batches=_batches(course, now),
        curve=points_of(course),
        runs=tuple(now.runs),
        ended=now.ended,
        failed="",
        written=time.time(),
    )


def _batches(course: Course, now: Standing) -> tuple[LoopBatch, ...]:
    """Each batch with what was promised from when it was asked until the next one was."""
    begun = [one.promised for one in course.asked]
    ends = [*begun[1:], now.cost]
    return tuple(
        LoopBatch(
            one.round,
            one.how,
            now.runs[min(one.part, len(now.runs) - 1)],
            len(one.places),
            sum(place in now.answered for place in one.places),
            max(0, round((end - start) * MICRO)),
        )
        for one, start, end in zip(course.asked, begun, ends, strict=True)
    )
