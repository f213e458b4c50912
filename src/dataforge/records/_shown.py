"""What is told of a run: what an addition did, and what the requester's pages show."""

from __future__ import annotations

from msgspec import field

from dataforge.records._training import TrainingFigures
from dataforge.records._words import Flag, Money, Record, Stage, Texts, Time, Values

__all__ = ["Added", "Forecast", "ItemQuality", "Snapshot", "Span", "SystemScore", "WorkerQuality"]


class Added(Record, frozen=True):
    """What an addition did: how many items are new to the run, and how many it knew already.

    `repeated`: how many of the new ones have the inputs of an item that the run has under another id; they are asked,
    and paid, all the same.
    """

    new: int
    known: int
    repeated: int = 0


class WorkerQuality(Record, frozen=True):
    """One worker in one run, as the run sees them. `skill` is the aggregator's; None before the first fit.

    `discarded`: the requester lets none of the worker's answers count. `hourly` is what an hour on their screen
    brought, None where no time is known. `hurries_since`: when they sent the page from which on they are suddenly much
    faster, and their control items do not show that they look all the same.
    """

    worker: str
    responses: int
    pages_accepted: int
    pages_rejected: int
    control_correct: int
    control_total: int
    seconds_per_item: float | None = None
    skill: float | None = None
    earned: Money = 0
    discarded: bool = False
    hourly: Money | None = None
    hurries_since: Time | None = None


class ItemQuality(Record, frozen=True):
    """One item's answer so far: output name to answer and confidence. `flag` says why an item has no sure answer.

    `reported` counts the reports among the accepted responses; `overlap` the answers. `grades`: of outputs that are
    grades of a scale the mean, and from which to which grade the true one lies.
    """

    key: str
    answer: Values
    confidence: dict[str, float]
    overlap: int
    final: bool = False
    flag: Flag = ""
    reported: int = 0
    grades: dict[str, tuple[float, float, float]] = field(default_factory=dict)


class Span(Record, frozen=True):
    """A number that is not known yet: as expected, and between which two it lies with eight chances in ten."""

    expected: float
    low: float
    high: float


class Forecast(Record, frozen=True):
    """What a run will have cost when it ends, from how it went so far: expected, and with eight chances in ten.

    `answers` are still to come. `ends`: when they are there at the pace of the last hour, None where too few came.
    `most`: what it costs if every item gets as many answers as it may. `overlap`: how many answers an item will have,
    `right`: which share of the answers will be right; None where the run was not rehearsed.
    """

    cost: Money
    low: Money
    high: Money
    answers: int
    ends: Time | None = None
    most: Money = 0
    overlap: Span | None = None
    right: Span | None = None


class SystemScore(Record, frozen=True):
    """The mean opinion score of a system, and limits that hold the true one in 95 of 100 cases; None: nothing shows it.

    `answers` are those of `workers` who listen, as their scores show; `output`: the question, where there are several.
    """

    system: str
    score: float | None
    low: float | None
    high: float | None
    answers: int
    workers: int
    output: str = ""


class Snapshot(Record, frozen=True):
    """What the requester's pages show of a run. `items` and `workers` hold only what changed since the last one.

    `series` maps a chart's name to `[[seconds since launch, value], ...]`: "answers", "control_accuracy",
    "judged_right", "confidence", "cost" (in currency units). `confidence` is a histogram of 20 equal bins over 0..1;
    `overlap[n]` the number of items with n accepted responses; `durations` a histogram of seconds per item over 20
    equal bins of 0..`durations_to`. `control_total` counts answers to control items, `judged_total` those that other
    workers have judged, and `judged_right` is the share of these that they found right. `min_confidence`: what the
    policy asks for.
    `about` says what was launched and what it costs, `policy` what the run holds workers and answers to, `way` how
    answers get their quality, `promise` what they can be trusted to, where no notice does; `training` how that goes,
    where workers are trained; `forecast` what the run will have cost, None where that is not known; `expert_seconds`
    what an item takes experts who try a task out, None in other runs; `scores` of systems, by output and the
    best first, where opinion scores are asked for; `models_cost`: what models that were asked have cost beside `cost`.
    """

    at: Time
    stage: Stage
    items_total: int
    items_final: int
    control_total: int
    responses: int
    pages_accepted: int
    pages_rejected: int
    pages_pending: int
    cost: Money
    mean_confidence: float | None = None
    min_confidence: float | None = None
    control_accuracy: float | None = None
    judged_total: int = 0
    judged_right: float | None = None
    about: tuple[Texts, ...] = ()
    policy: tuple[Texts, ...] = ()
    way: str = "consensus"
    notices: tuple[Texts, ...] = ()
    promise: Texts | None = None
    series: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    confidence: list[int] = field(default_factory=list)
    overlap: list[int] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)
    durations_to: float = 0.0
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    workers: tuple[WorkerQuality, ...] = ()
    items: tuple[ItemQuality, ...] = ()
    training: TrainingFigures | None = None
    forecast: Forecast | None = None
    expert_seconds: float | None = None
    scores: tuple[SystemScore, ...] = ()
    models_cost: Money = 0
