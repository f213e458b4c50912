"""What labels cost at equal accuracy and how far confidence keeps its word, on recorded answers of real crowds.

    python benchmarks/label_economics                             all sets of ../shared/datasets, all policies
    python benchmarks/label_economics --part development          every second set: what a change of the product is
                                                                  made by; the others judge it
    python benchmarks/label_economics --policies present oracle   some policies only, by the beginnings of their names
    python benchmarks/label_economics --simulated                 simulated crowds instead of recorded ones
    python benchmarks/label_economics --by-item                   each item gets its next answer, whoever gave it
    python benchmarks/label_economics --docs docs                 both, as docs/label-economics.md with its pictures

A set is a folder with labels.csv (task, worker, label) and gold.csv (task, label); what cannot be replayed is said.
Each time a policy wants an opinion on an item it gets a recorded answer that was not used yet, by whoever comes next.
Some items with known labels are control items, are answered beside the others, and are judged nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Small arrays: threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from crowds import CROWDS, simulated
from page import About, write_pages
from policies import LOOPS, REFERENCE, chosen
from product import BY_DEFAULT
from reference import COMMIT, Frozen, NoReference, frozen_loops
from replay import BY_ITEM, BY_PAGE, Dealing, Replay, replay_of
from report import report
from results import Results, measured
from sets import RecordedSet, parts_of, read_sets

Replays = dict[str, list[Replay]]

ROOT = Path(__file__).parents[2]
CACHE = Path(tempfile.gettempdir(), "dataforge-label-economics")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, default=ROOT.parent / "shared" / "datasets", help="a folder of sets")
    parser.add_argument("--part", choices=("development", "judging", "all"), default="all")
    parser.add_argument("--simulated", action="store_true", help="simulated crowds instead of recorded ones")
    parser.add_argument("--by-item", action="store_true", help="deal answers item by item, instead of workers' pages")
    parser.add_argument("--sets", nargs="+", help="some sets only, by their names")
    parser.add_argument("--policies", nargs="+", default=[""], help="some policies only, by how their names begin")
    parser.add_argument("--seeds", type=int, default=3, help="so many random orders of the answers of each set")
    parser.add_argument("--items", type=int, default=600, help="ask so many items of a set at most")
    parser.add_argument("--aggregation", default=BY_DEFAULT, help="how the present loop combines answers")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"what the loop of {COMMIT[:8]} makes is kept here")
    parser.add_argument("--docs", type=Path, help="write the document about all sets and crowds into this folder")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    return parser.parse_args()


def recorded_replays(asked: argparse.Namespace, sets: Sequence[RecordedSet]) -> Replays:
    """The replays of each set that is asked for."""
    used = [one for one in parts_of(sets, asked.part) if asked.sets is None or one.name in asked.sets]
    return {one.name: [replay_of(one, seed, asked.items) for seed in range(asked.seeds)] for one in used}


def simulated_replays(asked: argparse.Namespace) -> Replays:
    """The replays of each simulated crowd."""
    used = [name for name in CROWDS if asked.sets is None or name in asked.sets]
    return {name: [replay_of(simulated(name, seed), seed, asked.items) for seed in range(asked.seeds)] for name in used}


def measured_on(replays: Replays, asked: argparse.Namespace, dealing: Dealing) -> Results:
    """What the policies that are asked for make of the replays; the reference by page, where its code is at hand."""
    frozen: list[Frozen] = []
    if not dealing.by_item and any(REFERENCE.startswith(one) or one.startswith(REFERENCE) for one in asked.policies):
        try:
            frozen = frozen_loops([each for of_set in replays.values() for each in of_set], LOOPS, asked.cache, say)
        except NoReference as why:
            say(f"the {REFERENCE} is left out: {why}")
    return measured(replays, chosen(asked.policies, frozen, asked.aggregation, dealing), say)


def described(sets: Sequence[RecordedSet], results: Results) -> dict[str, list[str]]:
    """What the document says of each set."""
    development = {one.name for one in parts_of(sets, "development")}
    return {
        one.name: [
            "development" if one.name in development else "judging",
            *(f"{number:,}" for number in (one.items, one.workers, one.labels)),
            f"{len(one.item) / one.items:.1f}",
            f"{results.target(one.name).accuracy:.3f}",
        ]
        for one in parts_of(sets, "all")
        if one.name in results.by_set
    }


def main() -> None:
    asked = arguments()
    if asked.docs and (asked.by_item or asked.simulated):
        sys.exit("--docs is about all sets and crowds and both ways of dealing; leave out --by-item and --simulated")
    if not asked.simulated and not asked.datasets.is_dir():
        sys.exit(f"{asked.datasets}: there is no such folder; name one with sets by --datasets, or use --simulated")
    sets, unfit = ([], {}) if asked.simulated else read_sets(asked.datasets)
    for name, why in unfit.items():
        say(f"{name} is left out: {why}")
    replays = simulated_replays(asked) if asked.simulated else recorded_replays(asked, sets)
    if not replays:
        sys.exit(f"{asked.datasets}: no set can be replayed; name a folder with some by --datasets")
    results = measured_on(replays, asked, BY_ITEM if asked.by_item else BY_PAGE)
    print(report(results))
    if asked.json:
        asked.json.write_text(json.dumps(results.to_json()), "utf-8")
    if asked.docs:
        about = About(described(sets, results), asked.seeds, asked.items, unfit)
        by_item = measured_on(replays, asked, BY_ITEM)
        write_pages(asked.docs, about, results, by_item, measured_on(simulated_replays(asked), asked, BY_PAGE))


if __name__ == "__main__":
    main()
