"""Simulated crowds, whose workers err by themselves or in a known way: what no public set tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from replay import Codes, Flags
from sets import RecordedSet

__all__ = ["ANSWERS", "CROWDS", "UNLIKE", "Crowd", "answers_of", "simulated"]

ANSWERS = 12
# What a worker of the good crowds gets right, and one of all others.
GOOD, USUAL = (0.85, 0.97), (0.7, 0.95)
# A tired worker is right so much less often with the last answer than with the first.
TIRED = 0.35


@dataclass(frozen=True)
class Crowd:
    """Workers whose accuracies lie evenly between two bounds, and what is wrong with some of them.

    `guess`: this share answers by chance. `collude`: this share gives the answers of one of them, who guesses.
    `major`: the share of the first label; None: all labels are as frequent. `experts`: a share, and how often they are
    right. `by_label`: how often a worker is right of two labels, which differ from one to the next, and of all others.
    """

    items: int = 660
    workers: int = 60
    labels: int = 2
    skill: tuple[float, float] = USUAL
    guess: float = 0.0
    collude: float = 0.0
    major: float | None = None
    fatigue: bool = False
    experts: tuple[float, float] | None = None
    by_label: tuple[float, float] | None = None


CROWDS = {
    "good": Crowd(skill=GOOD),
    "tiny": Crowd(items=80, workers=ANSWERS),
    "30 % spammers": Crowd(guess=0.3),
    "20 % colluding": Crowd(collude=0.2),
    "classes 90/10": Crowd(major=0.9),
    "fatigue": Crowd(fatigue=True),
    "five classes": Crowd(labels=5),
}
# Crowds in which it matters who answers what, and one in which it does not.
MANY = {"items": 1_320, "workers": 30, "labels": 5}
UNLIKE = {
    "all alike": Crowd(**MANY, skill=(0.75, 0.75)),
    "able by label": Crowd(**MANY, by_label=(0.95, 0.55)),
    "experts among laymen": Crowd(**MANY, skill=(0.7, 0.7), experts=(0.2, 0.98)),
}


def simulated(name: str, seed: int) -> RecordedSet:
    """Twelve answers to each item by different workers of a crowd, in the order in which they come."""
    return answers_of(name, (CROWDS | UNLIKE)[name], seed)


def answers_of(name: str, crowd: Crowd, seed: int) -> RecordedSet:
    """The same of a crowd that is not among these."""
    rng = np.random.default_rng([seed, *name.encode()])
    truth = _truth(crowd, rng)
    worker = np.stack([rng.permutation(crowd.workers)[:ANSWERS] for _ in range(crowd.items)], axis=1)
    skill = np.linspace(*crowd.skill, crowd.workers)
    skill[: round(crowd.guess * crowd.workers)] = 1 / crowd.labels
    if crowd.experts is not None:
        skill[: round(crowd.experts[0] * crowd.workers)] = crowd.experts[1]
    # The turn of an answer stands for time: everybody answers some items first and others last.
    tired = crowd.fatigue * TIRED * np.arange(ANSWERS)[:, None] / (ANSWERS - 1)
    able = skill[worker]
    if crowd.by_label is not None:
        able = np.where((truth - worker) % crowd.labels < 2, *crowd.by_label)
    right = rng.random(worker.shape) < able - tired
    label = _labels(truth, right, crowd.labels, rng)
    if crowd.collude:
        key = rng.integers(crowd.labels, size=crowd.items)
        label = np.where(worker < round(crowd.collude * crowd.workers), key, label)
    item = np.broadcast_to(np.arange(crowd.items), worker.shape)
    return RecordedSet(
        name, truth, item.ravel(), worker.ravel(), label.ravel(), crowd.labels, crowd.workers, in_order=True
    )


def _truth(crowd: Crowd, rng: np.random.Generator) -> Codes:
    if crowd.major is None:
        return rng.integers(crowd.labels, size=crowd.items)
    return (rng.random(crowd.items) >= crowd.major).astype(np.int64)


def _labels(truth: Codes, right: Flags, labels: int, rng: np.random.Generator) -> Codes:
    wrong = (truth + rng.integers(1, labels, size=right.shape)) % labels
    return np.where(right, truth, wrong)
