"""What a model saves that votes in the loop which teaches it, or costs if it is wrong: answers an item, items right.

    python benchmarks/loop_votes.py --seeds 4

Digits, people who are right in 85 %, one to five answers an item until it is right at .9; a loop of 300 labels in
batches of 20 after 200 that are held out. Counted are the items that the sampler chose.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import os
import random
import tempfile
import time
import warnings
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

import dataforge as df
from dataforge.active_learning.rounds import course_in
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

RIGHT = 0.85
DIGITS = [str(number) for number in range(10)]
POLICY = df.Policy(page=(8, 2), overlap=(1, 5), min_confidence=0.9, speed=())

with (files("dataforge") / "digits.npz").open("rb") as _file, np.load(_file) as _data:
    PIXELS, TRUTH = _data["images"].reshape(-1, 64) / 16.0, [str(one) for one in _data["target"]]


class Digit(df.Choice):
    ZERO = "0"
    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"
    SIX = "6"
    SEVEN = "7"
    EIGHT = "8"
    NINE = "9"


@df.task(duration="4s")
def digit(place: df.Text) -> Digit:
    """Which digit is it?"""
    raise NotImplementedError


def features(items: list[dict[str, Any]]) -> Any:
    return PIXELS[[int(item["place"]) for item in items]]


def always(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
    """Says the same of everything."""
    return lambda others: ["3" for _ in others]


def wrong(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
    """Surely says the next digit."""
    return lambda others: [DIGITS[(int(TRUTH[int(one["place"])]) + 1) % 10] for one in others]


def guesses(items: list[dict[str, Any]], labels: list[dict[str, float]]) -> Any:
    chance = random.Random(len(items))
    return lambda others: [chance.choice(DIGITS) for _ in others]


def people(seed: int) -> SimulatedPlatform:
    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        said = TRUTH[int(inputs["place"])]
        return {"answer": said if chance.random() < RIGHT else chance.choice([one for one in DIGITS if one != said])}

    crowd = [SimulatedWorker(f"w{number}", answer, arrives=0.0) for number in range(25)]
    return SimulatedPlatform(crowd, lambda inputs: {"answer": TRUTH[int(inputs["place"])]}, seed=seed)


def went(model: Any, seed: int, sampler: str, *, votes: bool, known: int, least: int) -> tuple[float, ...]:
    """Answers an item, the share of items that came out right, how sure they are said to be, what is paid in all.

    There are so many `known` items for control, and each item gets so many answers at `least`.
    """
    places = np.random.default_rng(seed).permutation(len(TRUTH)).tolist()
    control = [{"place": str(place), "answer": TRUTH[place]} for place in places[:known]]
    with tempfile.TemporaryDirectory() as folder:
        loop = df.loop(
            [{"id": place, "place": str(place)} for place in places[known:]],
            digit,
            model,
            stop=df.StopRule(labels=500),
            sampler=sampler,
            features=features,
            holdout=200,
            votes=votes,
            control=control,
            policy=POLICY.changed(overlap=(least, 5)),
            name="digits",
            platform=people(seed),
            workspace=Path(folder),
            seed=seed,
            progress=False,
        )
        with loop:
            loop.wait(progress=False)
            pool = places[known:]
            asked = course_in(loop._rounds.folder.path).asked
            ids = {str(pool[place]) for one in asked if one.how == "sampler" for place in one.places}
            given = sum(run.responses()["id"].astype(str).isin(ids).sum() for run in loop.runs)
            labels = loop.labelled()
            labels = labels[labels["id"].astype(str).isin(ids)]
            right = np.mean([TRUTH[int(row["place"])] == row["answer"] for row in labels.to_dict("records")])
            sure = float(labels["confidence"].mean())
            return given / len(ids), float(right), sure, sum(run.status().promised for run in loop.runs)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--least", type=int, default=1, help="answers an item at least")
    options.add_argument("--only", help="cases whose name has this in it")
    chosen = options.parse_args()
    warnings.filterwarnings("ignore")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    learns = LogisticRegression(max_iter=300)
    cases: list[tuple[str, Any, str, bool, int]] = [
        ("none votes", learns, "margin", False, 40),
        ("the one that learns", learns, "margin", True, 40),
        ("none votes, by chance", learns, "random", False, 40),
        ("none votes, by chance, 240 known", learns, "random", False, 240),
        ("the one that learns, by chance", learns, "random", True, 40),
        ("guesses", guesses, "random", True, 40),
        ("always wrong", wrong, "random", True, 40),
        ("says always the same", always, "random", True, 40),
    ]
    print(f"{'model':32} answers an item   right   sure   paid   CPU s")
    for name, model, sampler, votes, known in cases:
        if chosen.only is not None and chosen.only not in name:
            continue
        begun = time.process_time()
        seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
        answers, right, sure, paid = np.mean(
            [went(model, seed, sampler, votes=votes, known=known, least=chosen.least) for seed in seeds], axis=0
        )
        print(
            f"{name:32} {answers:15.2f} {right:7.3f} {sure:6.3f} {paid:6.2f} {time.process_time() - begun:7.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
