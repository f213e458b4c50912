# ruff: noqa: E402 - the import path is mended first
"""What runs foretold of their cost while they went on, beside what they cost in the end.

    python benchmarks/forecast.py                       three presets, five seeds each
    python benchmarks/forecast.py --seeds 20            more runs, for shares that chance moves less
    python benchmarks/forecast.py --from 100            other seeds: constants are chosen on those from 100 on
    python benchmarks/forecast.py --items 2000          larger runs
    python benchmarks/forecast.py --seeds 10 --shares 0.1 --lucks 8
                                                        what can be foretold at all, beside what was
    python benchmarks/forecast.py --people presumed --seeds 34 --items 200 --shares 0.1
                                                        are intervals what they say, of all that is presumed?
    python benchmarks/forecast.py --earlier 2           with two earlier runs of the task in the workspace
    python benchmarks/forecast.py --sets ../shared/datasets/rte ../shared/datasets/s_rel
                                                        recorded crowds as well: folders with labels.csv and gold.csv

Simulated workers on the simulated platform label items of three options. They come in the course of an hour;
most are right in 90 to 97 cases of 100, some in 60 to 80, and one in twenty guesses. Of a recorded crowd each worker
gets only items that they answered, and answers as they did; 60 items of known answers are control items. At 0, 10, 25
and 50 % of the answers that the run will have had it is rehearsed from there, as `run.forecast()` does it. The interval
is to hold the outcome in eight cases of ten. Beside it stands what was foretold without rehearsals ("plain").

With `--lucks` each simulated run is gone through again so many times: the same people, items and answers up to the
share at which it is foretold, other luck from there. How far these costs lie apart ("spread", a standard deviation)
nobody can foretell who stands there, even if they know how able everybody is and every right answer. "Possible" is the
share of them that the best number for each row has within a tenth: no forecast can be expected to do better.

All these crowds are of one kind, which is near what is presumed of strangers, so that an interval that leaves room for
other kinds holds more of them than it says. `--people presumed` draws another kind for each run, as it is presumed: of
such runs an interval that is what it says holds eight in ten.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Batch
from dataforge.runs.core.crowd import (
    ARRIVALS,
    BEFOREHAND,
    STRANGERS,
    Abilities,
    Presumed,
    drawn_abilities,
    drawn_crowd,
    presumed_of,
)
from dataforge.runs.core.outlook import REHEARSALS, forecast, foreseen_of
from dataforge.runs.driving.rehearsal import rehearse
from dataforge.runs.driving.standing import Standing, standing_of

PRESETS = ("mild", "moderate", "strict")
SHARES = (0.0, 0.10, 0.25, 0.50)
LABELS = ("dog", "cat", "other")
WORKERS, CONTROLS, RECORDED_CONTROLS = 60, 300, 60
ARRIVE = 3_600.0
COME = 300
CLOSE = 0.10
# How a run stands is kept whenever it has so many times as many answers.
KEPT = 1.06
EARLIER = 100_000
"""From which seed on the people are those of earlier runs."""


@dataclass(frozen=True)
class Turn:
    """Once a run has so many answers, everything that is left to chance goes on as this luck has it."""

    answers: int
    luck: int


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")
    OTHER = df.option("other")


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


def right(inputs: Any) -> dict[str, str]:
    return {"answer": LABELS[Random(inputs["caption"]).randrange(len(LABELS))]}


def people(seed: int) -> list[SimulatedWorker]:
    """Workers of different skill and pace, who come in the first hour."""
    chance = Random(f"people {seed}")
    found = []
    for number in range(WORKERS):
        kind = chance.random()
        skill = (
            1 / len(LABELS) if kind < 0.05 else chance.uniform(0.6, 0.8) if kind < 0.2 else chance.uniform(0.9, 0.97)
        )
        answer = right_with(skill, {"answer": LABELS})
        arrives = 0.0 if number < 3 else chance.uniform(0, ARRIVE)
        found.append(SimulatedWorker(f"w{number}", answer, seconds=10 * chance.uniform(0.6, 1.6), arrives=arrives))
    return found


def people_as_presumed(seed: int) -> list[SimulatedWorker]:
    """Workers drawn as a forecast draws strangers: how able all are first, then each, some as those who came before."""
    chance = np.random.default_rng([seed, 1])
    able: list[float] = []
    mean = drawn_abilities([], chance).mean
    crowd = drawn_crowd([], Abilities(np.array([]), mean), 10.0, ARRIVALS, COME, chance)
    for number, one in enumerate(crowd):
        again = chance.random() * (number + STRANGERS) < number
        able.append(float(chance.choice(able)) if again else one.right)
    return [
        SimulatedWorker(one.name, right_with(right, {"answer": LABELS}), seconds=one.seconds, arrives=one.arrives)
        for one, right in zip(crowd, able, strict=True)
    ]


PEOPLE = {"usual": people, "presumed": people_as_presumed}


@dataclass(frozen=True)
class Told:
    """How a run stood when it had so many answers, and what it said then without rehearsals."""

    answers: int
    standing: Standing
    plain: float


@dataclass(frozen=True)
class Course:
    """How a run went: how it stood on its way, what it cost with how many answers, and what control items showed."""

    name: str
    seed: int
    told: list[Told]
    answers: int
    cost: float
    shown: tuple[float, int]

    def at(self, share: float) -> Told:
        """How it stood when this share of the answers was there for the first time."""
        return next(one for one in self.told if one.answers >= share * self.answers)


class Watched(SimulatedPlatform):
    """The simulated platform; when the run looks at it, how it stands is kept. `begins` is called before people act."""

    def __init__(
        self,
        *args: Any,
        begins: Callable[[Any], None] = lambda store: None,
        turn: Turn | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        self.turn = turn
        self.told: list[Told] = []
        self.run: df.Run | None = None
        self.launched = threading.Event()
        self.begins = begins

    def follow(self, run: df.Run) -> None:
        """Watch this run from now on; before that no time passes."""
        self.run = run
        self.launched.set()

    def poll(self, run: str, after: int, wait: float) -> Batch:
        if wait:
            self.launched.wait()
            self._look()
        return super().poll(run, after, wait)

    def _look(self) -> None:
        assert self.run is not None
        view = self.run._held.view
        with view.lock:
            state = view.state
            answers = state.responses.accepted_total
            if not state.all_added or state.ending is not None:
                return
            if self.turn is not None and answers >= self.turn.answers:
                self._turn(self.turn.luck)
            if not self.told:
                self.begins(self.store)
            elif answers < max(self.told[-1].answers * KEPT, 1):
                return
            plain = forecast(state, view.rules)
            assert plain is not None
            self.told.append(Told(answers, standing_of(view), plain.cost / 1e6))

    def _turn(self, luck: int) -> None:
        """Have other luck from now on."""
        self.turn = None
        for work in self._works.values():
            work.source.seed(f"luck {luck}")
            for number, chance in work.chance.items():
                chance.seed(f"luck {luck}: {number}")


def went(platform: Watched, name: str, seed: int, policy: df.Policy, task: df.Task, items: Any, control: Any) -> Course:
    """Let a run go on to its end."""
    with tempfile.TemporaryDirectory() as folder:
        run = df.launch(
            task, items, control, policy, name="bench", platform=platform, workspace=folder, progress=False
        )  # fmt: skip
        platform.follow(run)
        status = run.wait("10m", progress=False)
    assert status.ended, status
    shown = (status.control_accuracy or 0.0, status.workers)
    return Course(name, seed, platform.told, status.responses, status.cost, shown)


def simulated(preset: str, seed: int, items: int, turn: Turn | None = None, crowd: str = "usual") -> Course:
    """A run of a preset over simulated items."""
    platform = Watched(PEOPLE[crowd](seed), right, seed=seed, events_per_poll=50, turn=turn)
    names = [f"animal {seed} {number}" for number in range(items)]
    known = [f"control {seed} {number}" for number in range(CONTROLS)]
    control = [{"caption": caption, **right({"caption": caption})} for caption in known]
    return went(platform, preset, seed, df.Policy.preset(preset), animal, {"caption": names}, control)


def recorded(folder: Path, seed: int, items: int) -> Course:
    """A run of the default policy over items of a recorded set, by the workers who answered them."""
    chance = Random(f"{folder.name} {seed}")
    labels, gold = (pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("labels", "gold"))
    chosen = chance.sample(
        sorted(set(gold.task) & set(labels.task)), min(items + RECORDED_CONTROLS, gold.task.nunique())
    )
    control, asked = chosen[:RECORDED_CONTROLS], chosen[RECORDED_CONTROLS:]
    truth, given = dict(zip(gold.task, gold.label, strict=True)), labels[labels.task.isin(chosen)]
    answers = {worker: dict(zip(part.task, part.label, strict=True)) for worker, part in given.groupby("worker")}
    values = sorted(set(labels.label) | set(gold.label))
    options = df.Choice("Option", {f"O{n}": df.option(value) for n, value in enumerate(values)})

    @df.task(duration="10s")
    def recorded_task(caption: df.Text) -> options:  # type: ignore[valid-type]
        """Which is it?"""
        raise NotImplementedError

    def worker(name: str) -> SimulatedWorker:
        own = answers[name]
        arrives = chance.uniform(0, ARRIVE)
        return SimulatedWorker(
            name, lambda inputs, *_: {"answer": own[inputs["caption"]]}, seconds=chance.uniform(6, 16), arrives=arrives
        )

    def begins(store: Any) -> None:
        """Keep everybody from what they did not answer."""
        for name, own in answers.items():
            kept = {item.id for item in store.items.rows if _caption(item.inputs) not in own}
            store.items.kept_from[store.accounts.rows[name].id] = kept

    platform = Watched([worker(name) for name in answers], seed=seed, events_per_poll=50, begins=begins)
    rows = [{"caption": one, "answer": truth[one]} for one in control]
    policy = df.Policy(time_limit="12h")
    return went(platform, folder.name, seed, policy, recorded_task, {"caption": asked}, rows)


def _caption(inputs: bytes) -> str:
    import msgspec

    caption: str = msgspec.json.decode(inputs)["caption"]
    return caption


@dataclass(frozen=True)
class Apart:
    """Costs of runs that were one run up to a share of their answers."""

    costs: list[float]

    @classmethod
    def of(cls, course: Course, share: float, items: int, lucks: int) -> Apart:
        """Go through a simulated run again with other luck from that share of its answers on."""
        at = course.at(share).answers
        return cls([simulated(course.name, course.seed, items, Turn(at, luck)).cost for luck in range(lucks)])

    @property
    def spread(self) -> float:
        """Their standard deviation as a share of their mean."""
        return statistics.stdev(self.costs) / statistics.mean(self.costs)

    @property
    def possible(self) -> float:
        """The share of them to which one number comes within a tenth, whichever has most."""
        near = [
            sum(abs(told / cost - 1) <= CLOSE for cost in self.costs)
            for one in self.costs
            # The number that has the most can be moved until it is just a tenth from one of them.
            for told in (one * (1 - CLOSE) + 1e-9, one * (1 + CLOSE) - 1e-9)
        ]
        return max(near) / len(self.costs)


def presumed(course: Course, items: int, earlier: int) -> Presumed:
    """What is presumed of strangers after so many earlier runs of the task by other people of the kind."""
    if not earlier or course.name not in PRESETS:
        return BEFOREHAND
    others = range(EARLIER + course.seed * earlier, EARLIER + (course.seed + 1) * earlier)
    return presumed_of(simulated(course.name, seed, items).shown for seed in others)


def show(courses: Sequence[Course], known: Sequence[Presumed], share: float, items: int, lucks: int) -> None:
    """The table of what was told at a share of the answers, in how many runs it was right, and could have been."""
    print(f"\nat {share:.0%} of the answers")
    print(
        f"{'run':14}{'seed':>5}{'answers':>9}{'foretold':>10}{'low':>8}{'high':>8}"
        f"{'outcome':>9}{'error %':>9}{'plain %':>9}  inside{'spread %':>10}"
    )
    apart: dict[str, list[Apart]] = {}
    tally: dict[str, list[tuple[bool, bool]]] = {}
    for one, strangers in zip(courses, known, strict=True):
        told = one.at(share)
        standing = replace(told.standing, presumed=strangers)
        found = foreseen_of([rehearse(standing, 1_000 * one.seed + n) for n in range(REHEARSALS)], 1).cost
        cost, low, high = (number / 1e6 for number in (found.expected, found.low, found.high))
        error, plain = cost / one.cost - 1, told.plain / one.cost - 1
        within = low <= one.cost <= high
        told_apart = ""
        if lucks and one.name in PRESETS:
            parted = Apart.of(one, share, items, lucks)
            told_apart = f"{100 * parted.spread:10.1f}"
        for name in (one.name, "all"):
            tally.setdefault(name, []).append((abs(error) <= CLOSE, within))
            if told_apart:
                apart.setdefault(name, []).append(parted)
        print(
            f"{one.name:14}{one.seed:5}{told.answers:9,}{cost:10.2f}{low:8.2f}{high:8.2f}"
            f"{one.cost:9.2f}{100 * error:+9.1f}{100 * plain:+9.1f}  {'yes' if within else 'no':6}{told_apart}",
            flush=True,
        )
    for name, ticks in tally.items():
        close, inside = (sum(tick[place] for tick in ticks) for place in (0, 1))
        said = f"{name:14} within {CLOSE:.0%}: {close} of {len(ticks)}; inside the interval: {inside} of {len(ticks)}"
        if found := apart.get(name):
            possible, spread = (statistics.mean(getattr(one, what) for one in found) for what in ("possible", "spread"))
            said += f"; possible within {CLOSE:.0%}: {possible:.0%}; spread {spread:.1%}"
        print(said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="so many runs of each preset")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--presets", nargs="*", default=PRESETS)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--sets", type=Path, nargs="*", default=(), help="folders of recorded crowds")
    parser.add_argument("--lucks", type=int, default=0, help="so many further courses of each run from each share on")
    parser.add_argument("--earlier", type=int, default=0, help="so many earlier runs of the task by other people")
    parser.add_argument("--people", choices=PEOPLE, default="usual", help="who works in simulated runs")
    given = parser.parse_args()
    if given.people != "usual" and (given.lucks or given.earlier):
        parser.error("--people presumed: --lucks and --earlier are of the usual people")
    if given.lucks == 1:
        parser.error("--lucks: of one course there is no spread, give 0 or 2 and more")
    start = time.process_time()
    seeds = range(given.first, given.first + given.seeds)
    courses = [simulated(preset, seed, given.items, crowd=given.people) for preset in given.presets for seed in seeds]
    courses += [recorded(folder, seed, given.items) for folder in given.sets for seed in seeds]
    known = [presumed(one, given.items, given.earlier) for one in courses]
    for share in given.shares:
        show(courses, known, share, given.items, given.lucks)
    print(f"\n{time.process_time() - start:.0f} s of a processor, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
