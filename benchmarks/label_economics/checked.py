"""How far what is claimed keeps its word where pages are judged by control items, over crowds of known skill.

    python benchmarks/label_economics/checked.py --seeds 2

Pages of ten items with control items beside them, accepted if 70 % of these are right; one to five answers an item,
until it is right at .9. Crowds differ in how able and how unlike each other they are, how many, and how checked.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from dataclasses import dataclass

import numpy as np
from crowds import Crowd, answers_of
from product import Run
from replay import Dealing, Recording, replay_of

import dataforge as df

LEVELS = (0.9, 0.95)
# So many looks that bring no answer end a run.
IDLE = 20
# Of fewer items a share says nothing.
FEWEST = 20


@dataclass(frozen=True)
class Case:
    """A crowd: the mean skill, how far the best and worst are from it, how many they are, and how they are checked."""

    skill: float = 0.85
    spread: float = 0.0
    labels: int = 10
    workers: int = 25
    checks: int = 2

    def crowd(self, items: int) -> Crowd:
        """The crowd that answers so many items, control items among them."""
        skills = self.skill - self.spread, min(self.skill + self.spread, 1.0)
        return Crowd(items=items, workers=self.workers, labels=self.labels, skill=skills)

    @property
    def name(self) -> str:
        """What sets it apart."""
        return (
            f"{self.workers} workers, {self.skill:.2f} ± {self.spread:.2f}, {self.labels} labels, {self.checks} a page"
        )


CASES = [
    *(Case(skill, spread, labels) for labels in (2, 10) for skill in (0.75, 0.85, 0.95) for spread in (0.0, 0.1)),
    *(Case(workers=workers) for workers in (12, 50)),
    *(Case(checks=checks) for checks in (1, 4)),
]


def went(case: Case, seed: int, items: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Of each item how sure it is said to be and whether it is right, and how many answers an item got."""
    replay = replay_of(answers_of("checked", case.crowd(items), seed), seed)
    policy = df.Policy(min_confidence=0.9, overlap=(1, 5), page=(10, case.checks), control=None, speed=())
    run, recording = Run(replay, policy), Recording(replay, Dealing(first=case.checks, more=case.checks))
    run.decide()
    seen: list[int] = []
    # Where pages are rejected it may be that nobody is left for an item that wants more.
    while run.more_from(recording) and seen[-IDLE:] != [run.answers] * IDLE:
        seen.append(run.answers)
    found = run.outcome(recording)
    return found.confidence, found.labels == replay.truth, found.answers / replay.items


def main() -> None:
    """Print what was claimed and right, by crowd."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--items", type=int, default=400, help="a tenth of them, 60 at most, are control items")
    asked = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(
        f"{'crowd':45} answers   all   right" + "".join(f"   ≥ {level:.2f}: share claimed  right" for level in LEVELS)
    )
    for case in CASES:
        parts = [went(case, seed, asked.items) for seed in range(asked.seeds)]
        sure, right = (np.concatenate(columns) for columns in zip(*(part[:2] for part in parts), strict=True))
        sure = np.nan_to_num(sure)
        line = f"{case.name:45} {np.mean([part[2] for part in parts]):7.2f} {sure.mean():5.3f} {right.mean():7.3f}"
        for level in LEVELS:
            there = sure >= level - 1e-6
            known = (
                f"{sure[there].mean():7.3f} {right[there].mean():6.3f}" if there.sum() >= FEWEST else "      –      –"
            )
            line += f"   {there.mean():13.2f} {known}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
