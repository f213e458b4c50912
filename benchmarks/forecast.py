# ruff: noqa: E402 - the import path is mended first
"""What runs foretold of their cost while they went on, beside what they cost in the end.

    python benchmarks/forecast.py                three presets, five seeds each
    python benchmarks/forecast.py --seeds 20     more runs, for shares that chance moves less
    python benchmarks/forecast.py --items 5000   larger runs

Simulated workers on the simulated platform label items of three options. They come in the course of an hour;
most are right in 90 to 97 cases of 100, some in 60 to 80, and one in twenty guesses. At 10, 25 and 50 % of the answers
that the run will have had, the cost foretold and its interval are noted as `run.status()` gives them: printed is
the first that was said with so many answers or more. The interval is to hold the outcome in nine cases of ten.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Batch

PRESETS = ("mild", "moderate", "strict")
SHARES = (0.10, 0.25, 0.50)
LABELS = ("dog", "cat", "other")
WORKERS, CONTROLS = 60, 300
ARRIVE = 3_600.0
CLOSE = 0.10


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


@dataclass(frozen=True)
class Told:
    """What a run said when it had so many answers: the cost expected, and between what it lies."""

    answers: int
    cost: float
    low: float
    high: float


@dataclass(frozen=True)
class Course:
    """How a run went: what it told on its way, and what it cost with how many answers."""

    preset: str
    seed: int
    told: list[Told]
    answers: int
    cost: float

    def at(self, share: float) -> Told:
        """What was said first when this share of the answers was there."""
        return next(one for one in self.told if one.answers >= share * self.answers)


class Watched(SimulatedPlatform):
    """The simulated platform; whenever the run looks at it, the run is asked what it will cost."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.told: list[Told] = []
        self.run: df.Run | None = None
        self.launched = threading.Event()

    def follow(self, run: df.Run) -> None:
        """Ask this run from now on; before that no time passes."""
        self.run = run
        self.launched.set()

    def poll(self, run: str, after: int, wait: float) -> Batch:
        if wait:
            self.launched.wait()
            self._ask()
        return super().poll(run, after, wait)

    def _ask(self) -> None:
        assert self.run is not None
        status = self.run.status()
        if status.expected_cost is None or status.cost_range is None:
            return
        if not self.told or status.responses > self.told[-1].answers:
            self.told.append(Told(status.responses, status.expected_cost, *status.cost_range))


def course(preset: str, seed: int, items: int) -> Course:
    """Let a run of a preset go on to its end."""
    platform = Watched(people(seed), right, seed=seed, events_per_poll=50)
    names = [f"animal {seed} {number}" for number in range(items)]
    known = [f"control {seed} {number}" for number in range(CONTROLS)]
    control = [{"caption": caption, **right({"caption": caption})} for caption in known]
    with tempfile.TemporaryDirectory() as folder:
        run = df.launch(
            animal, {"caption": names}, control, df.Policy.preset(preset), name="bench", platform=platform,
            workspace=folder, progress=False,
        )  # fmt: skip
        platform.follow(run)
        status = run.wait("1m", progress=False)
    assert status.stage == "done", status
    return Course(preset, seed, platform.told, status.responses, status.cost)


def show(courses: Sequence[Course], share: float) -> None:
    """The table of what was told at a share of the answers, and in how many runs it was right."""
    print(f"\nat {share:.0%} of the answers")
    print(
        f"{'preset':10}{'seed':>5}{'answers':>9}{'foretold':>10}{'low':>8}{'high':>8}"
        f"{'outcome':>9}{'error %':>9}  inside"
    )
    close = inside = 0
    for one in courses:
        told = one.at(share)
        error = told.cost / one.cost - 1
        within = told.low <= one.cost <= told.high
        close, inside = close + (abs(error) <= CLOSE), inside + within
        print(
            f"{one.preset:10}{one.seed:5}{told.answers:9,}{told.cost:10.2f}{told.low:8.2f}{told.high:8.2f}"
            f"{one.cost:9.2f}{100 * error:+9.1f}  {'yes' if within else 'no'}"
        )
    print(f"within {CLOSE:.0%}: {close} of {len(courses)}; inside the interval: {inside} of {len(courses)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5, help="so many runs of each preset")
    parser.add_argument("--items", type=int, default=400)
    given = parser.parse_args()
    start = time.process_time()
    courses = [course(preset, seed, given.items) for preset in PRESETS for seed in range(given.seeds)]
    for share in SHARES:
        show(courses, share)
    print(f"\n{time.process_time() - start:.0f} s of a processor")


if __name__ == "__main__":
    main()
