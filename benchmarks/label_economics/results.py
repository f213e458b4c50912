"""What all policies made of all sets: figures by set, policy and setting, and what they cost beside each other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from costs import Point, cost_at
from figures import CLAIMS, Claim, Figures
from policies import STATIC, Setting
from replay import Replay

__all__ = ["Measured", "Results", "measured"]

FIVE = "5"
# Of fewer items a share says nothing.
FEWEST = 20


@dataclass(frozen=True)
class Measured:
    """A setting of a policy on a set, all seeds together."""

    setting: str
    aim: float | None
    figures: Figures

    def to_json(self) -> dict[str, Any]:
        return {"setting": self.setting, "aim": self.aim, **self.figures.to_json()}


@dataclass(frozen=True)
class Results:
    """`by_set[set][policy]` are the settings of a policy."""

    by_set: Mapping[str, Mapping[str, Sequence[Measured]]]

    @property
    def policies(self) -> list[str]:
        return list(next(iter(self.by_set.values()), {}))

    def figures(self, name: str, policy: str, aim: float) -> Figures | None:
        """The figures of the first setting that stops at a confidence; None if the policy has none."""
        return next((one.figures for one in self.by_set[name].get(policy, ()) if one.aim == aim), None)

    def target(self, name: str) -> Point:
        """What majority of five costs on a set without control items, and how accurate it is."""
        five = next(one.figures for one in self.by_set[name][STATIC] if one.setting == FIVE)
        return Point(five.cost(controls=False), five.accuracy)

    def cost(self, name: str, policy: str, *, controls: bool = False) -> float | None:
        """What a policy pays for an item where it is as accurate as majority of five; None: it never is."""
        return cost_at(self.points(name, policy, controls=controls), self.target(name).accuracy)

    def points(self, name: str, policy: str, *, controls: bool = False) -> list[Point]:
        """The settings of a policy as points of its curve."""
        found = self.by_set[name][policy]
        return [Point(one.figures.cost(controls=controls), one.figures.accuracy) for one in found]

    def beside_majority(self, policy: str, *, controls: bool = False) -> dict[str, float | None]:
        """Answers beside those of majority of five at its accuracy, by set."""
        costs = {name: self.cost(name, policy, controls=controls) for name in self.by_set}
        return {name: None if cost is None else cost / self.target(name).cost for name, cost in costs.items()}

    def beside(self, policy: str, others: Sequence[str]) -> dict[str, float | None]:
        """Answers beside those of the other policy that pays least for that accuracy, by set and in hindsight."""
        found: dict[str, float | None] = {}
        for name, by_policy in self.by_set.items():
            costs = [cost for one in others if one in by_policy and (cost := self.cost(name, one)) is not None]
            cost = self.cost(name, policy)
            found[name] = None if cost is None or not costs else cost / min(costs)
        return found

    def claims(self, policy: str, least: float) -> dict[str, Claim]:
        """The items that were at least so sure where the policy stops at that, by set; sets that have a few."""
        place = CLAIMS.index(least)
        found = {name: self.figures(name, policy, least) for name in self.by_set}
        claims = {name: one.reached[place] for name, one in found.items() if one is not None}
        return {name: claim for name, claim in claims.items() if claim.items >= FEWEST}

    def reached(self, policy: str, least: float) -> dict[str, float]:
        """The share of items that were at least so sure, by set."""
        place = CLAIMS.index(least)
        found = {name: self.figures(name, policy, least) for name in self.by_set}
        return {name: one.reached[place].items / one.items for name, one in found.items() if one is not None}

    def errors(self, policy: str) -> dict[str, float]:
        """The calibration error by set: mean of those where the policy stops at each of `CLAIMS`."""
        found: dict[str, float] = {}
        for name in self.by_set:
            each = [one.ece for aim in CLAIMS if (one := self.figures(name, policy, aim)) is not None]
            if each:
                found[name] = sum(each) / len(each)
        return found

    def reliability(self, policy: str) -> tuple[Claim, ...]:
        """Claimed beside right, bin by bin of the confidence, all sets and all of `CLAIMS` together."""
        found = [self.figures(name, policy, aim) for name in self.by_set for aim in CLAIMS]
        return Figures.sum([one for one in found if one is not None]).bins

    def to_json(self) -> dict[str, Any]:
        return {
            name: {policy: [one.to_json() for one in each] for policy, each in by_policy.items()}
            for name, by_policy in self.by_set.items()
        }


def measured(
    replays: Mapping[str, Sequence[Replay]], policies: Mapping[str, Sequence[Setting]], say: Callable[[str], None]
) -> Results:
    """Run all settings of all policies over the replays of each set, a set on each processor at a time."""
    by_set: dict[str, Mapping[str, Sequence[Measured]]] = {}
    with ProcessPoolExecutor(min(len(replays), os.cpu_count() or 1)) as processes:
        for name, found, told in processes.map(_of_set, replays, replays.values(), repeat(policies)):
            by_set[name] = found
            say(told)
    return Results(by_set)


def _of_set(
    name: str, replays: Sequence[Replay], policies: Mapping[str, Sequence[Setting]]
) -> tuple[str, dict[str, list[Measured]], str]:
    start = time.process_time()
    found = {
        policy: [
            Measured(one.name, one.aim, Figures.sum([Figures.of(one.policy(replay), replay) for replay in replays]))
            for one in settings
        ]
        for policy, settings in policies.items()
    }
    return name, found, f"{name}: {replays[0].items:,} items, {len(replays)} seeds, {time.process_time() - start:.1f} s"
