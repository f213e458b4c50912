"""What the presets of a policy come to on recorded crowds: answers an item, what is right, and what was claimed.

    python benchmarks/label_economics/presets.py                        each preset's overlap, all sets
    python benchmarks/label_economics/presets.py --part development     every second set, by which presets are chosen
    python benchmarks/label_economics/presets.py --overlaps 1-7 2-7     other overlaps beside them

Everybody is accepted and paid, and control items are dealt as in the rest of this benchmark: what is told apart here is
how many answers an item gets. Means over sets and seeds.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from crowds import CROWDS, simulated
from product import Loop
from replay import Replay, replay_of
from sets import parts_of, read_sets

import dataforge as df
from dataforge.policy import PRESETS

DATASETS = Path(__file__).parents[3] / "shared" / "datasets"
SURE = df.Policy().min_confidence


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="a folder of sets")
    parser.add_argument("--part", choices=("development", "judging", "all"), default="all")
    parser.add_argument("--simulated", action="store_true", help="simulated crowds instead of recorded ones")
    parser.add_argument("--overlaps", nargs="*", default=[], help="least and most answers an item: 1-7")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--items", type=int, default=400)
    asked = parser.parse_args()
    found = (
        [simulated(name, seed) for name in CROWDS for seed in range(asked.seeds)]
        if asked.simulated
        else [one for one in parts_of(read_sets(asked.datasets)[0], asked.part) for _ in range(asked.seeds)]
    )
    replays = [replay_of(one, number % asked.seeds, asked.items) for number, one in enumerate(found)]
    print("| overlap | answers an item | right | claimed | reach 0.85 | right of these |\n|---|--:|--:|--:|--:|--:|")
    for name in PRESETS:
        policy = df.Policy.preset(name)
        print(row(name, (policy.min_overlap, policy.max_overlap), replays), flush=True)
    for text in asked.overlaps:
        least, most = map(int, text.split("-"))
        print(row("", (least, most), replays), flush=True)


def row(name: str, overlap: tuple[int, int], replays: list[Replay]) -> str:
    """What runs with an overlap came to."""
    columns = []
    for replay in replays:
        found = Loop(SURE, *overlap)(replay)
        right, sure = found.labels == replay.truth, found.confidence >= SURE - 1e-6
        claimed = np.nan_to_num(found.confidence, nan=1 / replay.labels).mean()
        of_these = right[sure].mean() if sure.any() else np.nan
        columns.append((found.answers / replay.items, right.mean(), claimed, sure.mean(), of_these))
    answers, *shares = np.nanmean(columns, axis=0)
    least, most = overlap
    return f"| {name} {least}–{most} | {answers:.2f} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


if __name__ == "__main__":
    main()
