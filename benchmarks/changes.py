# ruff: noqa: E402 - the import path is mended first
"""Workers who change: after how many answers it is seen, and how many of those who stay as they are are named.

    python benchmarks/changes.py --workers 200

Items have an ease of their own, a tenth are hard for everybody. What is right is known ("known"), or believed by so
many other answers. "bar" is the evidence that one in a hundred workers who stay as they are exceeds at some time,
looked at after every tenth answer up to the thousandth, at three abilities. Who changes is right 9 of 10 times in the
first half of 100 answers and then 5 of 10 times; "seen" says after how many answers of the second half.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.radar.changes import ALIKE, BAR, change_point

Floats = NDArray[np.float64]
# Abilities, as logarithms of odds beside others: the last two are right 9 and 5 of 10 times.
WEAK, STRONG, BEFORE, AFTER = -1.5, 1.5, 0.25, -2.4
CROWD = 0.87


def answered(chance: np.random.Generator, ability: Floats, others: int) -> tuple[Floats, Floats]:
    """How probably each answer is right, and how often others are right on its item; `others`: 0 if right is known."""
    n = len(ability)
    ease = np.where(chance.random(n) < 0.1, 0.5, np.clip(chance.beta(18, 2, n), 0.3, 0.98))
    right = chance.random(n) < 1 / (1 + np.exp(-(ability + np.log(ease / (1 - ease)))))
    if not others:
        return right.astype(float), ease
    agree = chance.binomial(others, ease)
    believed = 1 / (1 + np.exp(-np.log(CROWD / (1 - CROWD)) * (2 * agree - others)))
    found = (ALIKE * CROWD + believed * agree + (1 - believed) * (others - agree)) / (ALIKE + others)
    return np.where(right, believed, 1 - believed), np.clip(found, 0.02, 0.98)


def highest(right: Floats, ease: Floats) -> float:
    """The most evidence that is ever seen of a worker who stays as they are."""
    return max(change_point(right[:n], ease[:n], 2)[1] for n in range(20, len(right) + 1, 10))


def seen(right: Floats, ease: Floats) -> float:
    """After how many answers of the second half the change is seen."""
    return next((n - 50 for n in range(55, 101, 5) if change_point(right[:n], ease[:n], 2)[1] > BAR), np.inf)


def main() -> None:
    """Print the table."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--workers", type=int, default=200)
    workers = read.parse_args().workers
    print("| right is believed by | bar | named of those who stay | seen, a quarter | half | within 50 |")
    print("|--:|--:|--:|--:|--:|--:|")
    for others in (9, 4, 2, 0):
        chance = np.random.default_rng(others)
        stays = [
            highest(*answered(chance, np.full(1_000, ability), others))
            for ability in (WEAK, 0.0, STRONG)
            for _ in range(workers)
        ]
        falls = np.repeat([BEFORE, AFTER], 50)
        after = np.array([seen(*answered(chance, falls, others)) for _ in range(workers)])
        named = f"{np.mean(np.array(stays) > BAR):.2%} of {len(stays):,}"
        quarter, half = np.quantile(after, [0.25, 0.5], method="lower")
        whose = f"{others} answers" if others else "known"
        within = f"{np.mean(after <= 50):.0%}"
        row = (whose, f"{np.quantile(stays, 0.99):.1f}", named, f"{quarter:.0f}", f"{half:.0f}", within)
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
