"""The price form as it travels: how its knobs stand, and what follows from that."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dataforge.records._words import Texts

__all__ = ["Outcome", "PageFigures", "PresetOutcome", "PriceFigures", "PriceKnobs", "PricePreset"]

PricePreset = Annotated[
    Literal["no-control", "mild", "moderate", "strict", "custom"],
    Meta(title="PricePreset", description="Which settings a launch begins with; `custom`: those of the knobs."),
]


class PriceKnobs(Struct, frozen=True, forbid_unknown_fields=True):
    """How the knobs of the price form stand.

    `real`, `control`, `control_ratio` and `overlap` follow from a preset, and are those given where it is `custom`.
    `duration` is in seconds for an item; `options` null: answers are no options; `language` empty: workers of any;
    `price_per_hour` null: by the language. `items` are to be asked; `people`: how often people are assumed to be right.
    """

    preset: PricePreset = "moderate"
    duration: float = 10.0
    options: int | None = 2
    language: str = ""
    price_per_hour: float | None = None
    real: int | None = None
    control: int | None = None
    control_ratio: float | None = None
    overlap: tuple[int, int] | None = None
    items: int = 1_000
    people: float = 0.85


class PageFigures(Struct, frozen=True):
    """A page that there can be: its items, its price in units of the currency, how long it takes, in seconds.

    `robustness` is the probability that somebody who guesses is rejected.
    """

    real: int
    control: int
    price: float
    seconds: float
    robustness: float
    control_share: float


class Outcome(Struct, frozen=True):
    """What is expected of a run: its cost and its highest cost, in units of the currency, and hours of people's work.

    `answers` are those to an item; `accuracy`: how many of the items' answers are right. Both cannot be told where
    answers are no options; then each item has its fewest answers.
    """

    cost: float
    highest: float
    hours: float
    answers: float
    accuracy: float | None


class PresetOutcome(Struct, frozen=True):
    """What a preset comes to, to compare with."""

    preset: PricePreset
    outcome: Outcome


class PriceFigures(Struct, frozen=True):
    """What follows from how the knobs stand: the page, all `pages` there are, what is expected, and what to know.

    `policy` is what makes a launch so, as Python, and `launch` the same as options of the command line.
    """

    knobs: PriceKnobs
    currency: str
    page: PageFigures
    pages: list[PageFigures]
    outcome: Outcome
    presets: list[PresetOutcome]
    notices: list[Texts]
    policy: str
    launch: str
