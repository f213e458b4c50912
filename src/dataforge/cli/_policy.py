"""The policy's settings as options of a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from dataforge.cli._asked import WorkersOption, asked_in
from dataforge.errors import SpecError
from dataforge.objects.number import Number
from dataforge.policy import Policy

__all__ = [
    "NONE",
    "QUALITY",
    "Aggregation",
    "Attempts",
    "Bonus",
    "Budget",
    "CheckDrafts",
    "CheckSample",
    "ControlRatio",
    "Currency",
    "FinalizeAt",
    "GroupsApart",
    "Languages",
    "Lease",
    "MinConfidence",
    "MostWaiting",
    "Overlap",
    "Page",
    "PagePrice",
    "PolicyOptions",
    "Preset",
    "PricePerHour",
    "Quality",
    "SpeedRules",
    "StallAfter",
    "Target",
    "TimeLimit",
    "TrainingScore",
    "WageFloor",
    "bonuses_in",
    "languages_in",
    "number_of",
    "settings_of",
]

NONE = "none"
"""How a budget, a limit or a lease is taken away."""

AMOUNT, SHARE = "an amount such as 20 or 0.5", "a share such as 0.9"
EXAMPLES = {
    "budget": AMOUNT,
    "price_per_hour": AMOUNT,
    "page_price": AMOUNT,
    "wage_floor": AMOUNT,
    "bonus": "a share and an amount such as 0.9=1",
    "min_confidence": SHARE,
    "control_ratio": SHARE,
    "finalize_at": SHARE,
    "target": SHARE,
}

# Options that are read in a way of their own, or are called otherwise than their setting.
OTHERWISE = ("preset", "page", "speed_rules", "check_drafts", "groups_apart", "training_score", "bonus", "workers")

# Options of one kind stand together in the help.
QUALITY, COST, SPEED = "Quality", "Cost", "Speed"

Quality = Annotated[
    str | None,
    typer.Option(help="consensus, merge, collect or check; by default what fits the answers.", rich_help_panel=QUALITY),
]
Preset = Annotated[str, typer.Option(help="no-control, mild, moderate or strict.", rich_help_panel=QUALITY)]
Overlap = Annotated[str | None, typer.Option(help="Opinions per item: 3, or 2-5 as needed.", rich_help_panel=QUALITY)]
MinConfidence = Annotated[
    str | None, typer.Option(help="An answer this sure gets no more opinions.", rich_help_panel=QUALITY)
]
Target = Annotated[
    str | None,
    typer.Option(help="Share of all answers to be right; opinions follow from that.", rich_help_panel=QUALITY),
]
Attempts = Annotated[
    int | None,
    typer.Option(help="Answers to an item that others judge wrong until it is given up.", rich_help_panel=QUALITY),
]
CheckSample = Annotated[
    int | None, typer.Option(help="Of each page others judge so many answers; by default all.", rich_help_panel=QUALITY)
]
CheckDrafts = Annotated[
    bool, typer.Option("--check-drafts", help="Have drafts judged before anybody mends them.", rich_help_panel=QUALITY)
]
MostWaiting = Annotated[
    int | None,
    typer.Option(help="So many pages of a newcomer wait to be judged; by default 2.", rich_help_panel=QUALITY),
]
GroupsApart = Annotated[
    bool,
    typer.Option("--groups-apart", help="Nobody judges who came by the same invitation.", rich_help_panel=QUALITY),
]
FinalizeAt = Annotated[
    str | None, typer.Option(help="Share of these to be right for the page's other answers.", rich_help_panel=QUALITY)
]
Aggregation = Annotated[
    str | None, typer.Option(help="dawid-skene, majority-vote, glad or another method.", rich_help_panel=QUALITY)
]
Page = Annotated[
    str | None, typer.Option(help="Real and control items of a page, such as 15+4.", rich_help_panel=QUALITY)
]
ControlRatio = Annotated[
    str | None, typer.Option(help="Share of a page's control items to be right.", rich_help_panel=QUALITY)
]
TrainingScore = Annotated[
    float | None,
    typer.Option(help="Share of right answers in the training, 0 to 100; by default 80.", rich_help_panel=QUALITY),
]
SpeedRules = Annotated[
    bool, typer.Option("--speed-rules/--no-speed-rules", help="Restrict who is too fast.", rich_help_panel=QUALITY)
]
Budget = Annotated[str | None, typer.Option(help="Never spend more.", rich_help_panel=COST)]
PricePerHour = Annotated[str | None, typer.Option(help="Of a worker's hour.", rich_help_panel=COST)]
PagePrice = Annotated[str | None, typer.Option(help="Of a whole page, instead.", rich_help_panel=COST)]
WageFloor = Annotated[
    str | None, typer.Option(help="An hour of honest work brings this at least.", rich_help_panel=COST)
]
Bonus = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SHARE=AMOUNT",
        help="Paid once to who is certain to answer this share right: 0.9=1; as often as there are steps.",
        rich_help_panel=COST,
    ),
]
Currency = Annotated[str | None, typer.Option(help="Of all prices.", rich_help_panel=COST)]
TimeLimit = Annotated[str | None, typer.Option(help="End after this time: 2d.", rich_help_panel=SPEED)]
StallAfter = Annotated[str | None, typer.Option(help="Say so after silence: 15m.", rich_help_panel=SPEED)]
Lease = Annotated[str | None, typer.Option(help="Time to keep a page: 10m.", rich_help_panel=SPEED)]
Languages = Annotated[str | None, typer.Option(help="Only these: en,ru.", rich_help_panel=SPEED)]


@dataclass(frozen=True)
class PolicyOptions:
    """The options that make up a policy; each is the setting of its name, if `OTHERWISE` does not name it."""

    preset: Preset = "moderate"
    quality: Quality = None
    attempts: Attempts = None
    check_sample: CheckSample = None
    finalize_at: FinalizeAt = None
    check_drafts: CheckDrafts = False
    most_waiting: MostWaiting = None
    groups_apart: GroupsApart = False
    overlap: Overlap = None
    min_confidence: MinConfidence = None
    target: Target = None
    aggregation: Aggregation = None
    page: Page = None
    control_ratio: ControlRatio = None
    training_score: TrainingScore = None
    speed_rules: SpeedRules = True
    price_per_hour: PricePerHour = None
    page_price: PagePrice = None
    wage_floor: WageFloor = None
    bonus: Bonus = None
    currency: Currency = None
    time_limit: TimeLimit = None
    stall_after: StallAfter = None
    lease: Lease = None
    languages: Languages = None
    workers: WorkersOption = None

    def policy(self) -> Policy:
        """A preset with the settings that were given; those that are None stay as the preset has them."""
        given = settings_of(**{name: value for name, value in vars(self).items() if name not in OTHERWISE})
        if self.page is not None:
            numbers = _numbers("--page", self.page, "15+4: fifteen real items and four control items")
            given["page"] = numbers if isinstance(numbers, tuple) else (numbers, 0)
        if not self.speed_rules:
            given["speed"] = ()
        more = {
            "check_drafts": self.check_drafts or None,
            "groups_apart": self.groups_apart or None,
            "training": self.training_score,
            "bonuses": bonuses_in(self.bonus),
            "workers": None if self.workers is None else asked_in(self.workers),
        }
        return Policy.preset(self.preset, **given, **{name: value for name, value in more.items() if value is not None})


def settings_of(*, overlap: str | None, languages: str | None, **settings: Any) -> dict[str, Any]:
    """The settings that were given, and are not None, as a policy has them."""
    given = {
        name: number_of(name, value) if name in EXAMPLES else value
        for name, value in settings.items()
        if value is not None
    }
    if overlap is not None:
        given["overlap"] = _numbers("--overlap", overlap, "3 or 2-5")
    if languages is not None:
        given["languages"] = languages_in(languages)
    return given


def bonuses_in(given: list[str] | None) -> dict[float, float] | None:
    """The amount of each step, by its share."""
    if not given:
        return None
    steps: dict[float, float] = {}
    for one in given:
        share, parted, amount = one.partition("=")
        if not parted:
            raise SpecError(f"--bonus: expected SHARE=AMOUNT, such as 0.9=1, got {one!r}")
        reached = number_of("bonus", share)
        if reached in steps:
            raise SpecError(f"--bonus: the share {reached:g} stands there twice; give one amount for it")
        steps[reached] = number_of("bonus", amount)
    return steps


def languages_in(written: str | None) -> tuple[str, ...]:
    """The languages that are written with commas between them; none of None."""
    return () if written is None else tuple(code.strip() for code in written.split(","))


def number_of(name: str, text: str, instead: str = "") -> float:
    """A setting that is a number, with a point or a comma before its fraction; `instead` is a word that it may be."""
    found = Number().from_text(text)
    if not isinstance(found, float):
        also = f", or {instead}" if instead else ""
        raise SpecError(
            f"--{name.replace('_', '-')}: expected {EXAMPLES[name]}{also}, got {text!r}; write the number alone"
        )
    return found


def _numbers(name: str, text: str, example: str) -> int | tuple[int, int]:
    found = re.fullmatch(r"\s*(\d+)\s*(?:[-+,:]\s*(\d+)\s*)?", text)
    if found is None:
        raise SpecError(f"{name}: expected {example}, got {text!r}")
    first, second = found.groups()
    return int(first) if second is None else (int(first), int(second))
