"""What a ranking says of how sure it is, beside how many of its pairs stand right, on made-up people.

    python benchmarks/ranking/certainty.py --first 5000 --seeds 15

`likeliest`: the certainty with the spread of the scores at its likeliest; `shown`: what a ranking says, by which the
scores may differ by anything, or by nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from dataforge.comparing.answers import LEFT, RIGHT, Compared
from dataforge.comparing.certainty import certainty, order_of, shown
from dataforge.comparing.orders import usual_pairs
from dataforge.comparing.pairs import choose
from dataforge.comparing.posterior import posterior

WORKERS, AHEAD, ENOUGH = 8, 6, 0.95


@dataclass(frozen=True)
class Crowd:
    """How far items differ, how often each worker looks, and how many pairs are asked at most; None: as usual."""

    spread: float = 1.5
    looks: float = 1.0
    pairs: int | None = None
    items: int = 12


CROWDS = {
    "nobody looks": Crowd(looks=0.0),
    "nobody looks, 300 pairs": Crowd(looks=0.0, pairs=300),
    "half of the answers by chance": Crowd(looks=0.5),
    "all look": Crowd(),
    "all look, 300 pairs": Crowd(pairs=300),
    "close items": Crowd(spread=0.4),
    "items far apart": Crowd(spread=3.0),
}


def study(crowd: Crowd, seed: int) -> tuple[float, float, float, int]:
    """The two certainties at the end of one ranking, the share of pairs that stand right, and the pairs asked."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, crowd.spread, crowd.items)
    rows: list[tuple[int, int, int, int]] = []
    most = usual_pairs(crowd.items) if crowd.pairs is None else crowd.pairs
    while True:
        left, right, worker, outcome = np.array(rows, np.int32).reshape(-1, 4).T
        compared = Compared(left, right, worker, outcome, crowd.items, WORKERS)
        known = posterior(compared)
        enough = len(rows) >= crowd.items - 1 and certainty(known).share >= ENOUGH
        if len(rows) >= most or (enough and shown(compared, known).share >= ENOUGH):
            break
        for pair in choose(known, min(AHEAD, most - len(rows)), seed=seed + len(rows)):
            one, two = pair if rng.random() < 0.5 else pair[::-1]
            better = crowd.looks / (1 + np.exp(true[two] - true[one])) + (1 - crowd.looks) / 2
            rows.append((one, two, int(rng.integers(WORKERS)), LEFT if rng.random() < better else RIGHT))
    order = order_of(known.mean)
    first, second = np.triu_indices(crowd.items, 1)
    stands = float((true[order[first]] > true[order[second]]).mean())
    return certainty(known).share, shown(compared, known).share, stands, len(rows)


def main() -> None:
    """Print a row for each crowd."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    print(f"{'':30s} likeliest  shown  most shown  right  pairs")
    for name, crowd in CROWDS.items():
        found = np.array([study(crowd, seed) for seed in range(chosen.first, chosen.first + chosen.seeds)])
        likeliest, told, right, pairs = found.mean(axis=0)
        print(
            f"{name:30s} {likeliest:9.3f} {told:6.3f} {found[:, 1].max():11.3f} {right:6.3f} {pairs:6.0f}", flush=True
        )


if __name__ == "__main__":
    main()
