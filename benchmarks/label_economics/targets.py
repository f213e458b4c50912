"""How right the whole is beside the target that was given: seven simulated crowds, and sets of recorded answers.

    python benchmarks/label_economics/targets.py [--seeds 4] [--sets FOLDER]

Prints a row for each crowd and target: means over the seeds of the share right, its smallest and largest, what was
claimed, and answers an item.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from crowds import CROWDS, simulated
from product import Loop
from replay import Replay, replay_of
from sets import read_sets

TARGETS = (0.85, 0.9, 0.95)
MOST_ITEMS = 600


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--sets", type=Path, help="a folder of recorded sets, in place of simulated crowds")
    asked = parser.parse_args(arguments)
    print("| crowd | target | right | claimed | answers an item |\n|---|--:|--:|--:|--:|")
    for name, replays in crowds(asked.seeds, asked.sets):
        for target in TARGETS:
            print(row(name, target, replays), flush=True)


def crowds(seeds: int, folder: Path | None) -> Iterator[tuple[str, list[Replay]]]:
    """The replays of each crowd, by its name."""
    if folder is None:
        for name in CROWDS:
            yield name, [replay_of(simulated(name, seed), seed, MOST_ITEMS) for seed in range(seeds)]
        return
    for recorded in read_sets(folder)[0]:
        yield recorded.name, [replay_of(recorded, seed, MOST_ITEMS) for seed in range(seeds)]


def row(name: str, target: float, replays: Sequence[Replay]) -> str:
    """What runs with a target came to."""
    right, claimed, answers = [], [], []
    for replay in replays:
        found = Loop(0.85, target=target)(replay)
        right.append(float((found.labels == replay.truth).mean()))
        claimed.append(float(np.nan_to_num(found.confidence, nan=1 / replay.labels).mean()))
        answers.append(found.answers / replay.items)
    between = f"{np.mean(right):.3f} [{min(right):.3f}, {max(right):.3f}]"
    return f"| {name} | {target:g} | {between} | {np.mean(claimed):.3f} | {np.mean(answers):.2f} |"


if __name__ == "__main__":
    main()
