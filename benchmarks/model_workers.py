# ruff: noqa: E402 - the import path is mended first
"""What a model that votes saves beside simulated people, and what one costs that is wrong or says always the same.

    python benchmarks/model_workers.py                 ten seeds, 300 items, 60 control items
    python benchmarks/model_workers.py --seeds 2 --items 150 --controls 30

People are right in 85 % of the cases, and a run wants a target of .95 of all answers right. Printed are, over all
seeds, people's answers beside those of the same run without a model, how many of the answers are right, what is
claimed of them, and `over`: how much more is claimed of answers that are said to be .9 sure or more than is right of
these.
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
from dataclasses import astuple, dataclass
from random import Random
from typing import Any

import numpy as np

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with

LABELS = ("dog", "cat", "other")
WORKERS, PEOPLE, TARGET = 60, 0.85, 0.95
SURE = 0.9
Said = Callable[[Sequence[Mapping[str, Any]]], list[str]]


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")
    OTHER = df.option("other")


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


def right(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {"answer": LABELS[Random(inputs["caption"]).randrange(len(LABELS))]}


def seeming(share: float) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """What seems right to people: of this share of the items something else, to all of them the same."""

    def seems(inputs: Mapping[str, Any]) -> dict[str, str]:
        truth, chance = right(inputs)["answer"], Random(f"seems {inputs['caption']}")
        misled = chance.random() < share
        return {"answer": LABELS[(LABELS.index(truth) + 1) % len(LABELS)] if misled else truth}

    return seems


def often_right(share: float, right: Callable[[Mapping[str, Any]], dict[str, str]] = right) -> Said:
    """A model that is right so often, and else says one of the others."""

    def said(items: Sequence[Mapping[str, Any]]) -> list[str]:
        found = []
        for item in items:
            chance, truth = Random(f"model {item['caption']}"), right(item)["answer"]
            others = [label for label in LABELS if label != truth]
            found.append(truth if chance.random() < share else chance.choice(others))
        return found

    return said


def models(misled: float) -> dict[str, Said]:
    """The models that are tried; one is misled where people are, if they are."""
    alike = {"80 %, as misled": often_right(0.8, seeming(misled))} if misled else {}
    return {
        "right in 80 %": often_right(0.8),
        **alike,
        "right in 90 %": often_right(0.9),
        "guesses": often_right(1 / len(LABELS)),
        "always wrong": often_right(0.0),
        "says always dog": lambda items: ["dog"] * len(items),
    }


@dataclass(frozen=True)
class Outcome:
    """What a run took and how many of its answers are right; what its model weighed."""

    answers: int
    right: float
    claimed: float
    sure: float
    weight: float


def outcome(seed: int, given: argparse.Namespace, said: Said | None) -> Outcome:
    """Let a run with such a model go on to its end."""
    workers = [
        SimulatedWorker(f"w{number}", right_with(PEOPLE, {"answer": LABELS}), seconds=10.0, arrives=30.0 * number)
        for number in range(WORKERS)
    ]
    names, known = (
        [{"caption": f"{of} {seed} {number}"} for number in range(count)]
        for of, count in (("animal", given.items), ("control", given.controls))
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        df.launch(
            animal,
            names,
            [row | right(row) for row in known],
            df.Policy(page=(8, 2), overlap=(1, 8), control_ratio=0.0, control=None, speed=(), skips=None),
            target=TARGET,
            name="bench",
            platform=SimulatedPlatform(workers, seeming(given.misled), seed=seed, events_per_poll=50),
            workspace=folder,
            progress=False,
            voters=None if said is None else df.Model("model", said, batch=100),
        ) as run,
    ):
        run.wait("5m", progress=False)
        labels = run.labels()
        truth = [right({"caption": caption})["answer"] for caption in labels["caption"]]
        weight = 0.0 if said is None else float(run.voters()["weight"].iloc[0])
        hit = (labels["answer"] == truth).astype(float)
        over = (labels["confidence"] - hit)[labels["confidence"] >= SURE]
        claimed = float(labels["confidence"].mean())
        return Outcome(int(labels["overlap"].sum()), float(hit.mean()), claimed, float(over.mean()), weight)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--controls", type=int, default=60)
    parser.add_argument("--only", default="", help="names of models, with commas between them")
    parser.add_argument("--misled", type=float, default=0.0, help="the share of items at which people err together")
    given = parser.parse_args()
    start = time.process_time()
    alone = [outcome(seed, given, None) for seed in range(given.seeds)]
    names = f"{'right':>8}{'claimed':>9}{'over':>8}{'weight':>8}"
    print(f"{'model':18}{'answers':>9}{'of alone':>10}{'low':>7}{'high':>7}{names}")
    show("without", alone, alone)
    for name, said in models(given.misled).items():
        if not given.only or name in given.only.split(","):
            show(name, [outcome(seed, given, said) for seed in range(given.seeds)], alone)
    print(f"{time.process_time() - start:.0f} s of a processor, load {os.getloadavg()[0]:.1f}")


def show(name: str, found: Sequence[Outcome], alone: Sequence[Outcome]) -> None:
    """Print a row of the table: means over the seeds, and between what the ratios lie."""
    ratios = [one.answers / other.answers for one, other in zip(found, alone, strict=True)]
    answers, right_ones, claimed, over, weight = np.mean([astuple(one) for one in found], axis=0)
    whole = sum(one.answers for one in found) / sum(one.answers for one in alone)
    print(
        f"{name:18}{answers:9.0f}{whole:10.3f}{min(ratios):7.2f}{max(ratios):7.2f}"
        f"{right_ones:8.3f}{claimed:9.3f}{over:+8.3f}{weight:8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
