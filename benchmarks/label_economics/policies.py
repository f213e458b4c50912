"""The policies that stand beside each other, each with the settings that its curve goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bounds import Majority, Oracle
from manual import Manual, Method
from product import Loop
from replay import Outcome, Replay

__all__ = ["MANUAL", "PRESENT", "SCREENING", "STATIC", "Setting", "all_policies", "chosen"]

CONFIDENCES = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
# Shares of few votes leave no room between these.
SHARES = (0.6, 0.7, 0.8, 1.0)
SCREENED = ", screened"
STATIC = "majority"
PRESENT = "present loop"
MANUAL: Mapping[str, Method] = {
    "manual, votes": "votes",
    "manual, likelihood": "likelihood",
    "manual, Dawid-Skene": "dawid-skene",
}
SCREENING = tuple(name + SCREENED for name in MANUAL)


class Policy(Protocol):
    """What asks and ends by itself."""

    def __call__(self, replay: Replay) -> Outcome:
        """What it makes of a replay."""
        ...


class Setting(NamedTuple):
    """A policy with a name for its setting; `aim` is the confidence that it stops at, if there is one."""

    name: str
    policy: Policy
    aim: float | None = None


def all_policies() -> dict[str, list[Setting]]:
    """The settings of each policy, by its name."""
    return {
        STATIC: [Setting(str(answers), Majority(answers)) for answers in range(1, 10)],
        **{name: manual_settings(method, screens=False) for name, method in MANUAL.items()},
        **{name + SCREENED: manual_settings(method, screens=True) for name, method in MANUAL.items()},
        PRESENT: loop_settings(least=1),
        f"{PRESENT}, from 2": loop_settings(least=2),
        "oracle": [Setting(f"{sure:g}", Oracle(sure), sure) for sure in CONFIDENCES],
    }


def manual_settings(method: Method, *, screens: bool) -> list[Setting]:
    sure = SHARES if method == "votes" else CONFIDENCES
    least = (1, 2) if method == "likelihood" else (2, 3) if method == "votes" else (2,)
    return [
        Setting(f"{one:g} from {first}", Manual(method, one, first, screens=screens), one)
        for one in sure
        for first in least
    ]


def loop_settings(least: int) -> list[Setting]:
    """The settings of the product's loop, from so many answers an item on."""
    return [Setting(f"{sure:g}", Loop(sure, least), sure) for sure in CONFIDENCES]


def chosen(beginnings: Sequence[str]) -> dict[str, list[Setting]]:
    """The policies whose names begin so, and what all are measured by."""
    begins = tuple(beginnings)
    return {name: settings for name, settings in all_policies().items() if name == STATIC or name.startswith(begins)}
