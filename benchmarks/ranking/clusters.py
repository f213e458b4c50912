"""How many pairs groups take: chosen as answers come, beside the same number by lot and beside all pairs.

    python benchmarks/ranking/clusters.py [--seeds 10]

A pair is asked of one of 20 people by lot; each set has people who err as often as it says. `agreement` is the adjusted
Rand index with the true groups; of pairs by lot the same number is asked, and grouped as ours are.
"""

from __future__ import annotations

import argparse
import os
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dataforge.comparing.groups import Grouping, Judged, group, links_to_ask
from dataforge.comparing.pairs import Pairs

WORKERS = 20
SETS = [
    (60, 6, (1.0,)),
    (60, 6, (0.95, 0.9)),
    (60, 6, (0.95, 0.9, 0.6)),
    (100, 10, (0.95, 0.9)),
    (100, 30, (0.95, 0.9)),
]
"""Items, groups, and how often people are right."""


class Crowd:
    """People of a seed, who know the groups."""

    def __init__(self, items: int, groups: int, right: tuple[float, ...], seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.truth = self.chance.integers(groups, size=items)
        self.right = self.chance.choice(right, WORKERS)
        self.rows: list[tuple[int, int, int, bool]] = []

    def ask(self, pairs: Pairs) -> None:
        """Have each of these pairs judged by somebody."""
        for one, two in pairs:
            worker = int(self.chance.integers(WORKERS))
            same = (self.truth[one] == self.truth[two]) == (self.chance.random() < self.right[worker])
            self.rows.append((one, two, worker, bool(same)))

    def judged(self) -> Judged:
        """What they said."""
        rows = np.array(self.rows, np.int32).reshape(-1, 4)
        return Judged(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3].astype(bool), len(self.truth), WORKERS)


def chosen(crowd: Crowd, confidence: float = 0.95) -> Grouping:
    """Groups by pairs chosen as answers come, until they are as sure as `df.cluster` has them by default."""
    items = len(crowd.truth)
    while True:
        judged = crowd.judged()
        found = group(judged)
        if crowd.rows and found.confidence.mean() >= confidence:
            return found
        crowd.ask(links_to_ask(found, judged, items // 2, seed=len(crowd.rows)))


def agreement(found: NDArray[np.int32], truth: NDArray[np.int64]) -> float:
    """The adjusted Rand index."""
    table = np.zeros((found.max() + 1, truth.max() + 1))
    np.add.at(table, (found, truth), 1)
    pairs = [(counts * (counts - 1) / 2).sum() for counts in (table, table.sum(axis=1), table.sum(axis=0))]
    expected = pairs[1] * pairs[2] / (len(truth) * (len(truth) - 1) / 2)
    return float((pairs[0] - expected) / ((pairs[1] + pairs[2]) / 2 - expected))


def row(items: int, groups: int, right: tuple[float, ...], seeds: int) -> str:
    """A row of the table: means over the seeds, and the range of the pairs."""
    asked, ours, by_lot, everything, sure = [], [], [], [], []
    every = list(combinations(range(items), 2))
    for seed in range(seeds):
        crowd = Crowd(items, groups, right, seed)
        found = chosen(crowd)
        asked.append(len(crowd.rows))
        ours.append(agreement(found.label, crowd.truth))
        sure.append(found.confidence.mean())
        lot, all_of_them = (Crowd(items, groups, right, seed) for _ in range(2))
        lot.ask([every[place] for place in lot.chance.integers(len(every), size=asked[-1])])
        all_of_them.ask(every)
        by_lot.append(agreement(group(lot.judged()).label, lot.truth))
        everything.append(agreement(group(all_of_them.judged()).label, all_of_them.truth))
    share = np.mean(asked) / len(every)
    told = "/".join(f"{one:g}" for one in right)
    return (
        f"| {items} | {groups} | {told} | {len(every):,} | {np.mean(asked):,.0f} ({min(asked):,} to {max(asked):,}) | "
        f"{share:.2f} | {np.mean(ours):.3f} | {np.mean(sure):.3f} | {np.mean(by_lot):.3f} | {np.mean(everything):.3f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    print(f"{seeds} seeds; load {os.getloadavg()[0]:.1f}")
    print("| items | groups | right | all pairs | asked | share | agreement | sure | as many by lot | all once |")
    print("|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|")
    for items, groups, right in SETS:
        print(row(items, groups, right, seeds), flush=True)


if __name__ == "__main__":
    main()
