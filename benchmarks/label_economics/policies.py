"""The policies that stand beside each other, each with the settings that its curve goes through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bounds import Majority, Oracle
from dynamic import Dynamic, Method
from product import BY_DEFAULT, Loop
from reference import Frozen
from replay import BY_PAGE, Dealing, Outcome, Replay

__all__ = [
    "DYNAMIC",
    "LOOPS",
    "ORACLE",
    "PRESENT",
    "REFERENCE",
    "SCREENING",
    "STATIC",
    "Setting",
    "all_policies",
    "chosen",
]

CONFIDENCES = (0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
# What the reference runs with: a confidence, and the least number of answers an item.
LOOPS = tuple((sure, 1) for sure in CONFIDENCES)
# Shares of few votes leave no room between these.
SHARES = (0.6, 0.7, 0.8, 1.0)
# The least number of answers an item that dynamic overlap begins with, and the confidences that it stops at.
# Only weights of control items tell anything of one answer; matrices learnt from few answers always say that they are
# sure, so that more accuracy takes more answers from the start.
OVERLAPS: Mapping[Method, Mapping[int, Sequence[float]]] = {
    "votes": {2: SHARES, 3: SHARES},
    "likelihood": {1: CONFIDENCES, 2: CONFIDENCES},
    "dawid-skene": {2: CONFIDENCES, 3: (0.9, 0.98)},
}
SCREENED = ", screened"
STATIC = "majority"
REFERENCE = "reference loop"
PRESENT = "present loop"
ORACLE = "oracle"
DYNAMIC: Mapping[str, Method] = {
    "dynamic, votes": "votes",
    "dynamic, likelihood": "likelihood",
    "dynamic, Dawid-Skene": "dawid-skene",
}
SCREENING = tuple(name + SCREENED for name in DYNAMIC)


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


def all_policies(
    frozen: Sequence[Frozen] = (), aggregation: str = BY_DEFAULT, dealing: Dealing = BY_PAGE
) -> dict[str, list[Setting]]:
    """The settings of each policy, by its name; with the reference where it is at hand."""
    return {
        STATIC: [Setting(str(answers), Majority(answers, dealing)) for answers in range(1, 10)],
        **{name: dynamic_settings(method, dealing, screens=False) for name, method in DYNAMIC.items()},
        **{name + SCREENED: dynamic_settings(method, dealing, screens=True) for name, method in DYNAMIC.items()},
        REFERENCE: [Setting(f"{one.confidence:g}", one, one.confidence) for one in frozen],
        PRESENT: [
            Setting(f"{sure:g}", Loop(sure, dealing=dealing, aggregation=aggregation), sure) for sure in CONFIDENCES
        ],
        ORACLE: oracle_settings(dealing, chooses=False),
        f"{ORACLE}, choosing workers": oracle_settings(dealing, chooses=True),
    }


def dynamic_settings(method: Method, dealing: Dealing, *, screens: bool) -> list[Setting]:
    return [
        Setting(f"{sure:g} from {least}", Dynamic(method, sure, least, screens=screens, dealing=dealing), sure)
        for least, confidences in OVERLAPS[method].items()
        for sure in confidences
    ]


def oracle_settings(dealing: Dealing, *, chooses: bool) -> list[Setting]:
    return [Setting(f"{sure:g}", Oracle(sure, chooses, dealing), sure) for sure in (*CONFIDENCES, 0.995)]


def chosen(
    beginnings: Sequence[str], frozen: Sequence[Frozen], aggregation: str, dealing: Dealing
) -> dict[str, list[Setting]]:
    """The policies whose names begin so, and what all are measured by."""
    begins = tuple(beginnings)
    found = all_policies(frozen, aggregation, dealing).items()
    return {name: each for name, each in found if each and (name == STATIC or name.startswith(begins))}
