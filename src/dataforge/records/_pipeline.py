"""What is told of a pipeline that is played: its picture with live numbers, its stages, its results so far."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from dataforge.records._shown import Span
from dataforge.records._words import Money, Record, Time

__all__ = ["PipelineArrow", "PipelineBox", "PipelineResult", "PipelineShown", "PipelineState"]

PipelineState = Annotated[
    Literal["playing", "beside", "ended", "stopped", "failed", "waits_server", "waits_launch"],
    Meta(
        title="PipelineState",
        description="Who plays a pipeline: `playing`: the process that launched it, `beside`: one beside the server. "
        "`waits_server`: nobody yet, and the server will; `waits_launch`: nobody until it is launched again, as no "
        "other process finds its function. `stopped` by its owner; `failed`: it could not be played on.",
    ),
]


class PipelineBox(Record, frozen=True):
    """A question in the picture, and where its box stands; `items` and `results` are what items come from and go to.

    `count` is how many items there are, have their answer, were done or have a result; `waiting` questions have none
    yet, or, of a step, are under way. `stuck` says why it takes no more.
    """

    name: str
    kind: Literal["items", "task", "step", "results"]
    x: float
    y: float
    count: int
    waiting: int = 0
    stuck: str = ""
    cost: Money = 0


class PipelineArrow(Record, frozen=True):
    """An arrow: how many items took it, its line as an SVG path, where its tip and its number are."""

    start: str
    to: str
    items: int
    path: str
    tip: tuple[float, float]
    number: tuple[float, float]


class PipelineResult(Record, frozen=True):
    """What came out of an item, as JSON that may be cut; `error` says why nothing did."""

    item: str
    result: str
    confidence: float | None
    flag: str = ""
    error: str = ""


class PipelineShown(Record, frozen=True):
    """How a pipeline stood when it was played last, at `written`.

    `held_up` says why the function itself does not go on. `results` are the last ones.
    """

    items: int
    done: int
    failed: int
    outdated: int
    cost: Money
    currency: str
    size: tuple[float, float]
    boxes: tuple[PipelineBox, ...]
    arrows: tuple[PipelineArrow, ...]
    results: tuple[PipelineResult, ...]
    written: Time
    held_up: str = ""
    expected: Span | None = None
