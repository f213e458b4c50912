"""Sets of items whose order is known, and people who compare them: drawn by lot, or recorded answers played again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ask = Callable[[int, int], tuple[int, bool]]
"""Who compares the two items, and whether the first of them won."""

CROWDS = {"careful": (1.0, 0.95, 0.9), "mixed": (1.0, 0.95, 0.9, 0.3)}
WORKERS = 40


@dataclass(frozen=True)
class Known:
    """A set: `scores` are the true ones, `workers` how many people there are; `crowd` gives those of a seed."""

    name: str
    scores: NDArray[np.float64]
    workers: int
    crowd: Callable[[int], Ask]


def drawn(items: int, spread: float, crowd: str, seed: int = 0) -> Known:
    """Normal scores; who looks at a pair answers as Bradley and Terry say, who does not throws a coin."""
    scores = np.random.default_rng([seed, items]).normal(0, spread, items)

    def people(seed: int) -> Ask:
        chance = np.random.default_rng([seed, 1])
        looks = chance.choice(CROWDS[crowd], WORKERS)

        def ask(one: int, two: int) -> tuple[int, bool]:
            worker = int(chance.integers(WORKERS))
            won = chance.random() < 1 / (1 + np.exp(scores[two] - scores[one]))
            return worker, bool(won if chance.random() < looks[worker] else chance.random() < 0.5)

        return ask

    return Known(f"{items} items, spread {spread:g}, {crowd} people", scores, WORKERS, people)


def recorded(folder: Path) -> Known:
    """Answers of a data set with `labels.csv` (worker, left, right, label) and `gold.csv` (task, label).

    Each answer to a pair is given once in an order drawn by lot; when all were, they come again.
    """
    with (folder / "gold.csv").open(encoding="utf-8") as file:
        gold = {row["task"]: float(row["label"]) for row in csv.DictReader(file)}
    place = {item: number for number, item in enumerate(gold)}
    answers: dict[tuple[int, int], list[tuple[int, bool]]] = {}
    workers: dict[str, int] = {}
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one, two = sorted((place[row["left"]], place[row["right"]]))
            worker = workers.setdefault(row["worker"], len(workers))
            answers.setdefault((one, two), []).append((worker, place[row["label"]] == one))

    def people(seed: int) -> Ask:
        chance = np.random.default_rng([seed, 2])
        left: dict[tuple[int, int], list[tuple[int, bool]]] = {}

        def ask(one: int, two: int) -> tuple[int, bool]:
            pair = min(one, two), max(one, two)
            if not left.get(pair):
                left[pair] = [answers[pair][number] for number in chance.permutation(len(answers[pair]))]
            worker, won = left[pair].pop()
            return worker, won if one < two else not won

        return ask

    return Known(folder.name, np.array(list(gold.values())), len(workers), people)
