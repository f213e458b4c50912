"""How often the interval of a run's accuracy holds what comes out at its end, a tenth and a third of the way there too.

    python benchmarks/label_economics/intervals.py                     all sets of ../shared/datasets
    python benchmarks/label_economics/intervals.py --simulated         simulated crowds instead
    python benchmarks/label_economics/intervals.py --sets rte --seeds 9

The loop is the present one. At each stage it says what will be claimed of all items at the end, and control items, read
as if nobody knew them, say how far that can be believed; what is right at the end is counted by the known labels. So it
is with the items that are as sure as wanted at the end, if they are twenty or more: a certificate has their interval.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from crowds import CROWDS, simulated
from product import Loop, Run
from replay import Floats, Replay, replay_of
from report import table
from sets import parts_of, read_sets

from dataforge.aggregation.kernels.accuracy import Accuracy, Judged, accuracy_of_whole

STAGES = (0.1, 0.3, 1.0)
# Of items that are as sure as wanted, as a stage after the last.
SURE, FEWEST = 2.0, 20
TITLES = {**{share: f"{share:.0%}" for share in STAGES}, SURE: "the sure"}
CLOSE_ENOUGH = 1e-6
CONFIDENCES = (0.8, 0.9, 0.95)
# A run is looked at when there are so many times as many answers as at the last look.
NEXT_LOOK = 1.3
FIRST_LOOK = 0.15


class Stage(NamedTuple):
    """What was said of the accuracy at a stage of a run, what came out, and what the confidences had claimed."""

    share: float
    said: Accuracy
    accuracy: float
    claimed: float = float("nan")

    @property
    def holds(self) -> bool:
        return self.said.low <= self.accuracy <= self.said.high


class _Watch:
    """Looks at a run from time to time: `looks` are how many answers there were, and what was said of the end."""

    def __init__(self, replay: Replay) -> None:
        self.replay, self.due = replay, FIRST_LOOK * replay.items
        self.looks: list[tuple[int, Accuracy]] = []

    def __call__(self, run: Run) -> None:
        if run.answers >= self.due:
            self.look(run)
            self.due = NEXT_LOOK * run.answers

    def look(self, run: Run) -> None:
        quality, replay = run.quality, self.replay
        # Where nobody else has answered an item, none can come: on a platform somebody would.
        recorded = np.diff(replay.real_start)
        for forecast in quality.forecast(np.arange(replay.items), recorded).values():
            said = said_of(run, forecast.claimed, forecast.ahead)
            self.looks += [] if said is None else [(run.answers, said)]


def said_of(run: Run, claimed: Floats, ahead: float = 0.0) -> Accuracy | None:
    """What control items say of claims, of which so many answers are still to come."""
    for of in run.quality.tries().values():
        known = Judged(of.claimed, of.right, of.weight)
        return accuracy_of_whole(claimed, known=known, calibration=of.calibration, ahead=ahead)
    return None


def stages_of(loop: Loop, replay: Replay) -> Iterator[Stage]:
    """What a run says at each stage, as near to it as it was looked at."""
    watch, last = _Watch(replay), list[Run]()

    def look(run: Run) -> None:
        last[:] = [run]
        watch(run)

    outcome = loop(replay, look)
    watch.look(last[0])
    accuracy = float((outcome.labels == replay.truth).mean())
    for share in STAGES:
        _, said = min(watch.looks, key=lambda one: abs(one[0] - share * outcome.answers))
        yield Stage(share, said, accuracy)
    sure = np.nan_to_num(outcome.confidence) >= loop.confidence - CLOSE_ENOUGH
    claims = outcome.confidence[sure]
    if len(claims) >= FEWEST and (found := said_of(last[0], claims)) is not None:
        right = (outcome.labels == replay.truth)[sure]
        yield Stage(SURE, found, float(right.mean()), float(claims.mean()))


def rows(stages: Mapping[str, Sequence[Stage]]) -> Iterator[list[str]]:
    """A row a set: of each stage how often the interval holds, and how wide it is; of the sure what they claim, too."""
    everything = [one for each in stages.values() for one in each]
    for name, each in [*stages.items(), ("all", everything)]:
        cells = [name]
        for share in TITLES:
            found = [one for one in each if one.share == share]
            cells.append(_mean([one.holds for one in found]))
            cells.append(_mean([one.said.high - one.said.low for one in found]))
        cells += [_mean([one.claimed for one in found]), _mean([one.accuracy for one in found])]
        cells.append(_mean([one.accuracy >= one.said.low for one in found]))
        yield cells


def _mean(numbers: Sequence[float]) -> str:
    return f"{sum(numbers) / len(numbers):.2f}" if numbers else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, default=Path(__file__).parents[3] / "shared" / "datasets")
    parser.add_argument("--part", choices=("development", "judging", "all"), default="all")
    parser.add_argument("--simulated", action="store_true", help="simulated crowds instead of recorded ones")
    parser.add_argument("--sets", nargs="+", help="some sets only, by their names")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--confidences", type=float, nargs="+", default=CONFIDENCES, help="what each run wants")
    asked = parser.parse_args()
    if asked.simulated:
        sets = {name: partial(simulated, name) for name in CROWDS}
    else:
        read = parts_of(read_sets(asked.datasets)[0], asked.part)
        sets = {one.name: partial(lambda found, seed: found, one) for one in read}
    stages = {
        name: [
            stage
            for seed in range(asked.seeds)
            for confidence in asked.confidences
            for stage in stages_of(Loop(confidence), replay_of(found(seed), seed, 600))
        ]
        for name, found in sets.items()
        if asked.sets is None or name in asked.sets
    }
    heads = ["set", *(f"{title}: {what}" for title in TITLES.values() for what in ("holds", "width"))]
    heads += [f"{TITLES[SURE]}: {what}" for what in ("claimed", "right", "not below the lower bound")]
    print(table(heads, [*rows(stages)]))


if __name__ == "__main__":
    main()
