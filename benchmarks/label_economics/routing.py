"""What it saves that items go to those who are shown to tell most of them, where workers differ, and where they do not.

    python benchmarks/label_economics/routing.py                     simulated crowds: alike, able by label, experts
    python benchmarks/label_economics/routing.py --recorded          sets of ../shared/datasets

The loop's wishes are heeded as a platform does (`dataforge.issue.preferred`), or not at all.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from crowds import UNLIKE, simulated
from policies import CONFIDENCES, STATIC, Setting, all_policies
from product import Loop
from replay import replay_of
from report import report
from results import measured
from sets import parts_of, read_sets

DATASETS = Path(__file__).parents[3] / "shared" / "datasets"


def main() -> None:
    """Print what answers cost with wishes and without."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", action="store_true", help="recorded sets instead of simulated crowds")
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="a folder of sets")
    parser.add_argument("--sets", nargs="+", help="some sets or crowds only")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--items", type=int, default=1_200)
    asked = parser.parse_args()
    sets = {one.name: one for one in parts_of(read_sets(asked.datasets)[0], "all")} if asked.recorded else {}
    names = [name for name in (sets or UNLIKE) if asked.sets is None or name in asked.sets]
    replays = {
        name: [
            replay_of(sets[name] if sets else simulated(name, seed), seed, asked.items) for seed in range(asked.seeds)
        ]
        for name in names
    }
    policies = {
        STATIC: all_policies()[STATIC],
        "whoever comes": [Setting(f"{sure:g}", Loop(sure, routed=False), sure) for sure in CONFIDENCES],
        "who tells most": [Setting(f"{sure:g}", Loop(sure), sure) for sure in CONFIDENCES],
    }
    print(report(measured(replays, policies, lambda text: print(text, file=sys.stderr, flush=True))))


if __name__ == "__main__":
    main()
