# ruff: noqa: E402 - the import path is mended first
"""Haste: how many honest workers are named, and how soon those are who begin to hurry.

    python benchmarks/haste.py --crowds 20 --workers 200
    python benchmarks/haste.py --from 100               other seeds: the bar was chosen on those from 100 on

Honest workers get faster with practice (to 0.6 of their first pace on average), pause (one page in fifteen takes two to
twenty times as long), have good and bad hours (a spread of 0.15 that lasts), and pages differ by what is on them
(0.25).
"tails" says what evidence that is ever shown after a page, up to the hundredth, one honest worker in so many exceeds,
beside what the radar takes it for. "crowds" are of workers of whom some hurry from their tenth page on, to a share of
their pace; "named" are looked for after each further page, all workers together.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
import os

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.radar.haste import CHANCE, LATEST, LEAST_AFTER, LEAST_BEFORE, evidence_of, hasty

Floats = NDArray[np.float64]
BEGINS = 10


def honest(chance: np.random.Generator, pages: int) -> Floats:
    """Seconds an item on each page of an honest worker."""
    turn = np.arange(pages)
    learns = chance.uniform(0.2, 0.8) * np.exp(-turn / chance.uniform(2, 15))
    hour, hours = 0.0, np.empty(pages)
    for page in range(pages):
        hour = 0.9 * hour + 0.15 * (1 - 0.9**2) ** 0.5 * chance.normal()
        hours[page] = hour
    pauses = np.where(chance.random(pages) < 1 / 15, chance.uniform(np.log(2), np.log(20), pages), 0.0)
    logs = np.log(chance.uniform(4, 20)) + learns + hours + 0.25 * chance.normal(size=pages) + pauses
    found: Floats = np.exp(logs)
    return found


def tails(chance: np.random.Generator, workers: int, pages: int = 100) -> None:
    """What evidence honest workers ever show."""
    least = LEAST_BEFORE + LEAST_AFTER
    paces = np.stack([honest(chance, pages) for _ in range(workers)])
    looks = [evidence_of(paces[:, max(n - LATEST, 0) : n])[1] for n in range(least, pages + 1)]
    most = np.max(looks, axis=0)
    print("| one honest worker in | shows evidence of | taken for a share of |\n|--:|--:|--:|")
    for share in (10, 20, 50, 100, 200, 500):
        if workers >= 5 * share:
            evidence = float(np.quantile(most, 1 - 1 / share))
            print(f"| {share} | {evidence:.2f} | {min(np.exp(CHANCE - evidence), 1):.4f} |")


def crowds(chance: np.random.Generator, count: int, workers: int) -> None:
    """Who is named in crowds, and how soon."""
    head = (
        "of the crowd hurry",
        "to a share of their pace",
        "named by 2 pages",
        "4",
        "8",
        "honest named",
        "false of those",
    )
    print("\n| " + " | ".join(head) + " |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for share in (0.0, 0.02, 0.1):
        for left in (0.4, 0.25, 0.1) if share else (1.0,):
            rows = [crowd(chance, workers, round(share * workers), left) for _ in range(count)]
            found, false, each = (np.array(column, float) for column in zip(*rows, strict=True))
            soon = " | ".join(f"{one:.0%}" for one in found.mean(axis=0)) if share else "– | – | –"
            print(f"| {share:.0%} | {left:g} | {soon} | {false.mean():.2%} | {each.mean():.1%} |", flush=True)


def crowd(chance: np.random.Generator, workers: int, hurry: int, left: float) -> tuple[list[float], float, float]:
    """The shares of those who hurry that are named after 2, 4 and 8 pages of it; of the honest that are after 8; and
    of those named, by crowd, that are honest.
    """
    paces = np.stack([honest(chance, BEGINS + 8) for _ in range(workers)])
    paces[:hurry, BEGINS:] *= left
    found, false, among = [], 0.0, 0.0
    for pages in (2, 4, 8):
        there = np.repeat(np.arange(workers), BEGINS + pages)
        named = {one.worker for one in hasty(there, paces[:, : BEGINS + pages].ravel())}
        found.append(sum(worker < hurry for worker in named) / max(hurry, 1))
        false = sum(worker >= hurry for worker in named) / (workers - hurry)
        among = sum(worker >= hurry for worker in named) / max(len(named), 1)
    return found, false, among


def main() -> None:
    """Print the tables."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--crowds", type=int, default=20)
    read.add_argument("--workers", type=int, default=200)
    read.add_argument("--from", type=int, default=0, dest="first", help="the seed")
    asked = read.parse_args()
    chance = np.random.default_rng(asked.first)
    tails(chance, asked.crowds * asked.workers)
    crowds(chance, asked.crowds, asked.workers)
    print(f"\nload {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
