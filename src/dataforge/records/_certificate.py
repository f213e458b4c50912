"""What a run's certificate says: figures, and the same in words."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from dataforge.records._words import Flag, Record, Stage, Texts, Time

__all__ = ["Assumption", "Certificate", "Interval", "Level", "OutputCertificate", "Part", "VerifiedItems"]

Assumption = Annotated[
    Literal["model", "like_controls", "drawn", "left_out"],
    Meta(
        title="Assumption",
        description="What a share of right answers rests on. `model`: on claims alone; `like_controls`: control items "
        "are like the others; `drawn`: verified items were drawn by chance; `left_out`: answers without a confidence "
        "are not in it.",
    ),
]


class Interval(Record, frozen=True):
    """The share of right ones of `of` answers, with bounds that hold it in 95 of 100 cases.

    `left_out`: of so many more nothing shows how many are right.
    """

    mean: float
    low: float
    high: float
    of: int
    left_out: int


class Level(Record, frozen=True):
    """How many items have an answer at least so sure, and which share of these is `right`; None: nothing shows it."""

    confidence: float
    items: int
    right: Interval | None = None


class OutputCertificate(Record, frozen=True):
    """What is known of the answers to one output.

    `accuracy` is None where nothing shows it; `most`: how sure an answer can be at best, as known answers show, None
    where nothing does. `levels` counts items by confidence, `unverified` those that have an answer and none.
    """

    output: str
    title: Texts
    accuracy: Interval | None
    assumptions: tuple[Assumption, ...]
    most: float | None
    levels: tuple[Level, ...]
    unverified: int


class VerifiedItems(Record, frozen=True):
    """Items that somebody trusted has judged: those of a `sample` drawn by chance, in how many of them the run was
    `right`, how many are drawn and `waiting` to be judged, and how many were `picked` by hand.
    """

    sample: int
    right: int
    waiting: int
    picked: int


class Part(Record, frozen=True):
    """A part of a certificate in words: lines, and rows of a name and a value."""

    title: Texts
    lines: tuple[Texts, ...] = ()
    rows: tuple[tuple[Texts, Texts], ...] = ()


class Certificate(Record, frozen=True):
    """What can be said of the answers of a run at a time, by a version of the software.

    `instruction` is Markdown, `instruction_html` the same as HTML that is safe to show.

    `headline` says it in short, `parts` at length; `flags` counts items by why they have no sure answer. `paid` and
    `total`, which has the platform's commission, are in `currency`, checks by other workers among them.
    """

    run: str
    task: Texts
    instruction: Texts
    instruction_html: Texts
    at: Time
    launched: Time
    version: str
    stage: Stage
    items: int
    answered: int
    flags: dict[Flag, int]
    outputs: tuple[OutputCertificate, ...]
    control_items: int
    control_answers: int
    control_right: int
    verified: VerifiedItems
    responses: int
    workers: int
    paid: float
    total: float
    currency: str
    headline: tuple[Texts, ...] = ()
    parts: tuple[Part, ...] = ()
