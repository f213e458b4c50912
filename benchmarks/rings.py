# ruff: noqa: E402 - the import path is mended first
"""Rings among honest workers: how many of their members are found, and how many others with them.

    python benchmarks/rings.py                 the whole grid
    python benchmarks/rings.py --quick         rings of five on 100 and 200 items
    python benchmarks/rings.py --large         2,000 workers, a million answers: seconds beside a fit

Members give what one source says of an item, part of it wrong; --obeys 0.9: a tenth of the time they answer by
themselves. Of the honest every twentieth guesses and a few always give one label; a tenth of the items cannot be told,
and some mislead nearly everybody to the same wrong label. "shows" is the evidence of the true ring and "needs" the
least that names it, both as natural logarithms: where the first is the lower one no search finds the ring. "shared"
counts the answers of members to items that another member has answered before; "an answer" is what each of these shows,
on average.
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path[0] = sys.path[0].rpartition("/")[0]

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product, starmap
from math import log

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.dawid_skene import DawidSkene
from dataforge.aggregation.radar.rings import rings, weighed

ERROR = 0.2
HEADS = (
    "items",
    "labels",
    "wrong",
    "ring",
    "answers",
    "shared",
    "an answer",
    "shows",
    "needs",
    "found",
    "honest flagged",
)


@dataclass(frozen=True)
class Case:
    """A crowd with a ring of `ring` workers; each worker answers `each` of the items."""

    items: int
    labels: int
    wrong: float
    ring: int
    each: int
    workers: int = 200
    obeys: float = 1.0

    def crowd(self, seed: int) -> tuple[Responses, NDArray[np.int64]]:
        """Answers of all workers, and who the members are."""
        chance = np.random.default_rng(seed)
        right = chance.integers(self.labels, size=self.items)
        other = (right + chance.integers(1, self.labels, size=self.items)) % self.labels
        source = np.where(chance.random(self.items) < self.wrong, other, right)
        hard, misleads = chance.random(self.items) < 0.1, chance.random(self.items) < 0.03
        skill = chance.beta(9, 2, self.workers)
        members = np.sort(chance.choice(np.arange(20, self.workers), self.ring, replace=False))
        item = np.concatenate([chance.choice(self.items, self.each, replace=False) for _ in range(self.workers)])
        worker = np.repeat(np.arange(self.workers), self.each)
        guess = chance.integers(self.labels, size=len(item))
        label = np.where(chance.random(len(item)) < skill[worker], right[item], guess)
        label = np.where(misleads[item] & (chance.random(len(item)) < 0.8), (right[item] + 1) % self.labels, label)
        label = np.where(hard[item] | (worker < 10), guess, label)
        label = np.where((worker >= 10) & (worker < 16), 0, label)
        obeys = np.isin(worker, members) & (chance.random(len(item)) < self.obeys)
        label = np.where(obeys, source[item], label)
        codes = (column.astype(np.int32) for column in (item, worker, label))
        return Responses(*codes, self.items, self.workers, self.labels), members


def row(case: Case, seeds: int) -> list[str]:
    """What came out, over the seeds."""
    found = flagged = shared = 0
    shows, needs = [], []
    for seed in range(seeds):
        answers, members = case.crowd(seed)
        probabilities = DawidSkene().fit(answers).probabilities
        named = {worker for ring in rings(answers, probabilities, ERROR) for worker in ring.workers}
        found += len(named & set(members.tolist()))
        flagged += len(named - set(members.tolist()))
        evidence, expected = weighed(answers, probabilities, members.tolist())
        shows.append(evidence)
        needs.append(expected - log(ERROR))
        theirs = answers.item[np.isin(answers.worker, members)]
        shared += len(theirs) - len(np.unique(theirs))
    plain = [f"{case.items:,}", str(case.labels), f"{case.wrong:.2f}", str(case.ring), str(case.each)]
    low, middle, high = np.quantile(shows, [0.1, 0.5, 0.9])
    evidence = [
        f"{shared / seeds:.0f}",
        f"{np.sum(shows) / max(shared, 1):.2f}",
        f"{middle:.0f} ({low:.0f}…{high:.0f})",
    ]
    honest = seeds * (case.workers - case.ring)
    return [
        *plain,
        *evidence,
        f"{np.median(needs):.0f}",
        f"{found / seeds / case.ring:.0%}",
        f"{flagged} of {honest:,}",
    ]


def grid(quick: bool) -> Iterator[Case]:
    """The cases, those that are told apart by one thing beside each other."""
    wrongs = (1 / 3, 1 / 2, 1.0)
    if quick:
        yield from starmap(Case, product((100, 200), (2, 4), wrongs, (5,), (30,)))
        return
    yield from starmap(Case, product((100, 200, 1_000), (2, 4), wrongs, (3, 5, 10), (10, 20, 30, 60)))


def large() -> None:
    """How long it takes to look for rings beside a fit, with 2,000 workers and a million answers."""
    for items in (5_000, 20_000, 100_000):
        answers, members = Case(items, 4, 0.5, 5, 500, 2_000).crowd(0)
        start = time.process_time()
        probabilities = DawidSkene().fit(answers).probabilities
        fitted = time.process_time()
        found = rings(answers, probabilities, ERROR)
        seconds = time.process_time() - fitted
        named = [sorted(ring.workers) for ring in found]
        print(
            f"{items:>8,} items: fit {fitted - start:.1f} s, rings {seconds:.1f} s, found {named == [members.tolist()]}"
        )


def main() -> None:
    """Print the table."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--seeds", type=int, default=10)
    read.add_argument("--quick", action="store_true", help="rings of five with 30 answers each on 100 and 200 items")
    read.add_argument("--obeys", type=float, default=1.0, help="how often members give what the source says")
    read.add_argument("--large", action="store_true", help="time with a million answers instead")
    asked = read.parse_args()
    if asked.large:
        large()
        return
    print("| " + " | ".join(HEADS) + " |")
    print("|" + "--:|" * len(HEADS))
    for case in grid(asked.quick):
        print("| " + " | ".join(row(replace(case, obeys=asked.obeys), asked.seeds)) + " |", flush=True)


if __name__ == "__main__":
    main()
