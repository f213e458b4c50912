"""What a model as a voter saves: answers of people at the accuracy of majority of five, beside the loop without it.

    python benchmarks/label_economics/voters.py [--seeds 2] [--sets FOLDER] [--only rte,temp]

The model is simulated beside recorded crowds, because what their items are is not told. It is right so often, wherever;
or it also errs `with people`: of the items that the majority of all recorded answers has wrong it has four of five
wrong in the same way.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bounds import Majority
from costs import Point, cost_at, mean_of_sets
from product import Loop
from replay import Codes, Floats, Replay, replay_of
from sets import read_sets

CONFIDENCES = (0.6, 0.7, 0.8, 0.9, 0.95)
MOST_ITEMS = 600
SHARED = 0.8


@dataclass(frozen=True)
class Model:
    """Labels that are right in `share` of the cases, and with `people` wrong where most people are."""

    share: float
    people: bool = False

    def __call__(self, replay: Replay) -> tuple[Codes, Codes]:
        """Its labels of the items and of the control items."""
        rng = np.random.default_rng([replay.seed, *replay.name.encode()])
        everything = ((replay.truth, replay.real), (replay.control_truth, replay.control))
        real, control = (
            self._labels(truth, _votes(answers.items, answers.labels, len(truth), replay.labels), rng)
            for truth, answers in everything
        )
        return real, control

    def _labels(self, truth: Codes, votes: Floats, rng: np.random.Generator) -> Codes:
        labels = votes.shape[1]
        wrong = (truth + rng.integers(1, labels, size=len(truth))) % labels
        said = np.where(rng.random(len(truth)) < self.share, truth, wrong)
        most = votes.argmax(axis=1)
        alike = (most != truth) & (rng.random(len(truth)) < SHARED) & self.people
        return np.where(alike, most, said)


MODELS = {
    "right in 65 %": Model(0.65),
    "right in 80 %": Model(0.8),
    "right in 80 %, errs with people": Model(0.8, people=True),
    "right in 95 %": Model(0.95),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each set and model, and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--sets", type=Path, default=Path(__file__).parents[3] / "shared" / "datasets")
    parser.add_argument("--only", default="", help="names of sets, with commas between them")
    asked = parser.parse_args(arguments)
    ratios: dict[str, dict[str, float | None]] = {name: {} for name in MODELS}
    for recorded in read_sets(asked.sets)[0]:
        if asked.only and recorded.name not in asked.only.split(","):
            continue
        replays = [replay_of(recorded, seed, MOST_ITEMS) for seed in range(asked.seeds)]
        aim = float(np.mean([(Majority(5)(one).labels == one.truth).mean() for one in replays]))
        alone = cost_at([point(Loop(sure), replays)[0] for sure in CONFIDENCES], aim)
        for name, model in MODELS.items():
            points = [point(Loop(sure, voter=model), replays) for sure in CONFIDENCES]
            cost = cost_at([one for one, _ in points], aim)
            ratios[name][recorded.name] = None if cost is None or alone is None else cost / alone
            gap = np.mean([gap for _, gap in points])
            print(f"{recorded.name}: {name}: {cost} of {alone}; claimed - right {gap:+.3f}", flush=True)
    for name, of_sets in ratios.items():
        found = mean_of_sets(of_sets)
        print(f"{name}: {found.mean:.2f} [{found.low:.2f}, {found.high:.2f}] of the answers, {found.sets} sets")


def point(loop: Loop, replays: Sequence[Replay]) -> tuple[Point, float]:
    """What a loop costs and has right, and how much more it claims."""
    found = [loop(replay) for replay in replays]
    right = np.mean([(one.labels == replay.truth).mean() for one, replay in zip(found, replays, strict=True)])
    claimed = np.mean([np.nanmean(one.confidence) for one in found])
    cost = np.mean([one.answers / replay.items for one, replay in zip(found, replays, strict=True)])
    return Point(float(cost), float(right)), float(claimed - right)


def _votes(items: Codes, labels: Codes, count: int, n_labels: int) -> Floats:
    votes = np.zeros((count, n_labels))
    np.add.at(votes, (items, labels), 1)
    return votes


if __name__ == "__main__":
    main()
