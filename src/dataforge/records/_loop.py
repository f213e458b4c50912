"""What is told of a loop: its learning curve, its batches, what it has cost, and what ends it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from dataforge.records._words import Money, Record, Time

__all__ = ["LoopBatch", "LoopEnd", "LoopPoint", "LoopShown", "LoopState", "LoopStop"]

LoopState = Annotated[
    Literal["asking", "waits_launch", "ended", "failed"],
    Meta(
        title="LoopState",
        description="Whether a loop goes on: `asking`: some process chooses what is asked, `waits_launch`: none does "
        "until `df.loop` is called again; `ended`; `failed`: it stopped with an error.",
    ),
]
LoopEnd = Annotated[
    Literal["", "target", "gain", "labels", "pool", "budget", "time", "stopped"],
    Meta(title="LoopEnd", description="Why a loop asks no more; empty while it does."),
]


class LoopStop(Record, frozen=True):
    """What ends a loop beside the end of its pool: what is null does not. `gain` is that of `rounds` rounds together;
    `budget` is in the currency's units. `low` and `gained` are what the target and the gain are held to by now: limits
    wider than those of the curve, as they are looked at after each round.
    """

    target: float | None
    gain: float | None
    rounds: int
    labels: int | None
    budget: float | None
    low: float | None = None
    gained: float | None = None


class LoopBatch(Record, frozen=True):
    """Items that were asked together, in the loop's run `run`; round 0 is what is held out. `labelled` of its `items`
    have an answer. `cost` is what was paid or promised from when it was asked until the next one was.
    """

    round: int
    how: Literal["holdout", "chance", "sampler"]
    run: str
    items: int
    labelled: int
    cost: Money


class LoopPoint(Record, frozen=True):
    """What the model knew after a round: learnt from so many labels, it was right on this share of what is held out,
    between these 95 % limits.
    """

    round: int
    labels: int
    accuracy: float
    low: float
    high: float


class LoopShown(Record, frozen=True):
    """How a loop stood when it went round last, at `written`. `held` of the items `labelled` are held out, `waiting`
    are still to get an answer; `failed` says what keeps it from asking more, `runs` are where people have labelled.
    """

    pool: int
    labelled: int
    held: int
    waiting: int
    cost: Money
    currency: str
    stop: LoopStop
    batches: tuple[LoopBatch, ...]
    curve: tuple[LoopPoint, ...]
    runs: tuple[str, ...]
    ended: LoopEnd
    failed: str
    written: Time
