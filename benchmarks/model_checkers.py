# ruff: noqa: E402 - the import path is mended first
"""What a model saves, or costs, that judges answers beside simulated people who judge them.

    python benchmarks/model_checkers.py                ten seeds, 150 items, 60 known answers
    python benchmarks/model_checkers.py --seeds 2 --items 60

People write the right text in four of five cases and judge rightly in 85 %; an answer is final at .9. Printed are, over
all seeds, the judgements of people beside those of the same run without a model, how many of the final answers are
right, and what control items of the check made of the model.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

WORKERS, WRITES, JUDGES = 120, 0.8, 0.85
Said = Callable[[Sequence[Mapping[str, Any]]], list[bool]]


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


def is_right(item: Mapping[str, Any]) -> bool:
    return bool(item["answer"] == f"{item['sound']}!")


def truth(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {"answer": f"{inputs['sound']}!", "ok": "answer" in inputs and is_right(inputs)}


def person(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who writes and judges as people do here."""
    if "answer" in inputs:
        return {"ok": truth["ok"] is (rng.random() < JUDGES)}
    wrong = f"{inputs['sound']}?{rng.randrange(9)}"
    return {"answer": truth["answer"] if rng.random() < WRITES else wrong}


def often_right(share: float) -> Said:
    """A model that judges rightly so often."""
    return lambda items: [
        is_right(item) is (Random(f"{item['sound']} {item['answer']}").random() < share) for item in items
    ]


MODELS: dict[str, Said] = {
    "right in 80 %": often_right(0.8),
    "right in 90 %": often_right(0.9),
    "guesses": often_right(0.5),
    "always wrong": often_right(0.0),
    "says always yes": lambda items: [True] * len(items),
    "says always no": lambda items: [False] * len(items),
}


def outcome(seed: int, given: argparse.Namespace, said: Said | None) -> tuple[int, float, float]:
    """How many judgements a run took, the share of right answers, and the weight of its model."""
    workers = [SimulatedWorker(f"w{n}", person, arrives=20.0 * n, seconds=10.0) for n in range(WORKERS)]
    items, known = (
        [{"sound": f"{of} {seed} {number}"} for number in range(count)]
        for of, count in (("sound", given.items), ("known", given.controls))
    )
    checks = df.Policy(page=(6, 2), control=None, control_ratio=0.0, overlap=(1, 6), min_confidence=0.9, speed=())
    policy = df.Policy(page=(4, 0), control=None, check=checks, speed=(), skips=None)
    with (
        tempfile.TemporaryDirectory() as folder,
        df.launch(
            heard,
            items,
            [row | {"answer": f"{row['sound']}!"} for row in known],
            policy,
            name="bench",
            platform=SimulatedPlatform(workers, truth, seed=seed),
            workspace=folder,
            progress=False,
            checkers=None if said is None else df.Model("model", said, batch=100),
        ) as run,
    ):
        run.wait("5m", progress=False)
        labels = run.labels()
        right = float((labels["answer"] == labels["sound"] + "!").mean())
        weight = 0.0 if said is None else float(run.voters()["weight"].iloc[0])
        return len(run.checks()), right, weight


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--items", type=int, default=150)
    parser.add_argument("--controls", type=int, default=60)
    parser.add_argument("--only", default="", help="names of models, with commas between them")
    given = parser.parse_args()
    start = time.process_time()
    alone = [outcome(seed, given, None) for seed in range(given.seeds)]
    print(f"{'model':18}{'judgements':>11}{'of alone':>10}{'low':>7}{'high':>7}{'right':>8}{'weight':>8}")
    show("without", alone, alone)
    for name, said in MODELS.items():
        if not given.only or name in given.only.split(","):
            show(name, [outcome(seed, given, said) for seed in range(given.seeds)], alone)
    print(f"{time.process_time() - start:.0f} s of a processor, load {os.getloadavg()[0]:.1f}")


def show(name: str, found: Sequence[tuple[int, float, float]], alone: Sequence[tuple[int, float, float]]) -> None:
    """Print a row of the table: means over the seeds, and between what the ratios lie."""
    ratios = [one[0] / other[0] for one, other in zip(found, alone, strict=True)]
    judged, right, weight = np.mean(found, axis=0)
    whole = sum(one[0] for one in found) / sum(one[0] for one in alone)
    print(
        f"{name:18}{judged:11.0f}{whole:10.3f}{min(ratios):7.2f}{max(ratios):7.2f}{right:8.3f}{weight:8.2f}", flush=True
    )


if __name__ == "__main__":
    main()
