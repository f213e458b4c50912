"""How many comparisons an order takes: pairs chosen as answers come, by lot, and by samplers of the literature.

    python benchmarks/ranking [--data FOLDER] [--seeds 10] [--only NAME]

The yardstick is Kendall's tau with the true order that pairs by lot reach with Bradley-Terry at the end of their
budget; of every way the pairs are counted at which its mean over the seeds reaches that first and stays there.
Limits in brackets are of 95 %, from drawing the seeds anew.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from samplers import WAYS
from scipy.stats import kendalltau
from sets import Known, drawn, recorded

Curve = NDArray[np.float64]
Seeds = NDArray[np.int64]
DRAWS = 400
POINTS = 161
BESIDE = ("by lot", "ASAP", "Crowd-BT")


def curve(known: Known, way: str, pairs: int, seed: int, at: Curve) -> Curve:
    """Kendall's tau at these numbers of pairs."""
    found = [(0, 0.0)]
    for asked, scores in WAYS[way](known, known.crowd(seed), pairs, seed):
        found.append((asked, float(kendalltau(scores, known.scores).statistic)))
    asked, tau = np.array(found).T
    return np.interp(at, asked, tau)


def reached(curves: Curve, at: Curve, level: float) -> float:
    """Where the mean of these curves has come to a level for good; infinite if it never does."""
    mean = curves.mean(axis=0)
    below = np.flatnonzero(mean < level)
    if len(below) == 0:
        return float(at[0])
    last = below[-1]
    if last + 1 == len(at):
        return np.inf
    share = (level - mean[last]) / (mean[last + 1] - mean[last])
    return float(at[last] + share * (at[last + 1] - at[last]))


@dataclass(frozen=True)
class Compared:
    """Curves of all ways on a set, shape (n_seeds, len(at)) each; the level is that of pairs by lot at the end."""

    curves: dict[str, Curve]
    at: Curve

    def level(self, seeds: Seeds) -> float:
        """Kendall's tau that is to be reached, by these seeds."""
        return float(self.curves["by lot"][seeds].mean(axis=0)[-1])

    def needed(self, way: str, seeds: Seeds) -> float:
        """How many pairs a way needs for it."""
        return reached(self.curves[way][seeds], self.at, self.level(seeds))

    def beside(self, way: str, other: str, again: Sequence[Seeds]) -> str:
        """How many times the pairs of another way it needs, with limits."""
        everybody = np.arange(len(self.curves[way]))
        mine, theirs = self.needed(way, everybody), self.needed(other, everybody)
        if not np.isfinite(mine):
            return "never"
        if not np.isfinite(theirs):
            return "they never"
        drawn_again = [(self.needed(way, seeds), self.needed(other, seeds)) for seeds in again]
        ratios = [np.inf if not np.isfinite(one) else one / two for one, two in drawn_again]
        low, high = np.quantile(ratios, [0.025, 0.975], method="inverted_cdf")
        return f"{mine / theirs:.2f} ({low:.2f} to {high:.2f})"


def compare(known: Known, pairs: int, seeds: int) -> list[str]:
    """A row of the table for each way."""
    at = np.linspace(0, pairs, POINTS)
    curves, seconds = {}, {}
    for way in WAYS:
        begun = time.process_time()
        curves[way] = np.array([curve(known, way, pairs, seed, at) for seed in range(seeds)])
        seconds[way] = (time.process_time() - begun) / seeds
    found, chance = Compared(curves, at), np.random.default_rng(0)
    again = [chance.integers(seeds, size=seeds) for _ in range(DRAWS)]
    everybody = np.arange(seeds)
    return [
        f"| {known.name} | {found.level(everybody):.3f} | {way} | {found.needed(way, everybody):,.0f} | "
        + " | ".join(found.beside(way, other, again) for other in BESIDE)
        + f" | {seconds[way]:.1f} |"
        for way in WAYS
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of recorded comparisons, such as …/crowdea_bike")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="sets whose names have this in them")
    asked = parser.parse_args()
    sets = [
        (drawn(40, 4.0, "careful"), 1600),
        (drawn(40, 4.0, "mixed"), 1600),
        (drawn(40, 1.5, "mixed"), 1600),
        (drawn(100, 4.0, "mixed"), 4000),
    ]
    if asked.data is not None:
        sets.append((recorded(asked.data), 3000))
    print(f"{asked.seeds} seeds; load {os.getloadavg()[0]:.1f}")
    print("| set | tau | pairs | needed | beside lot | beside ASAP | beside Crowd-BT | s |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    for known, pairs in sets:
        if asked.only in known.name:
            print("\n".join(compare(known, pairs, asked.seeds)), flush=True)


if __name__ == "__main__":
    main()
