"""Accuracy on public sets beside Crowd-Kit, how far the results are apart, and what they cost: writes a document.

    python benchmarks/aggregation_accuracy DATA_FOLDER --peer PEER_PYTHON --cache peer.json --out REPORT

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5. Each of its cases runs in a process of its own with a limit of CPU time and of memory; outcomes are kept
in the cache, so that a later run repeats only what is missing, or what was stopped by a smaller limit. Without --peer
the cache is taken as it is. REPORT is docs/aggregation-accuracy.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from cases import all_cases
from outcomes import Outcome
from peers import Limits, fill, known_outcomes
from report import Row, document
from sets import Sets


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder for each set, with labels.csv and gold.csv")
    parser.add_argument("--peer", help="interpreter of an environment with Crowd-Kit, to run what the cache lacks")
    parser.add_argument("--cache", type=Path, default=Path("peer.json"), help="the peer's outcomes, a line for each")
    parser.add_argument("--seconds", type=int, default=600, help="CPU seconds that the peer may take for a case")
    parser.add_argument("--gigabytes", type=int, default=14, help="memory that the peer may take")
    parser.add_argument("--families", help="some families only, with commas")
    parser.add_argument("--sets", help="some sets only, with commas")
    parser.add_argument("--out", type=Path, help="the document; otherwise it is printed")
    parser.add_argument("--fill", action="store_true", help="be the peer: fill the cache and stop")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    sets = Sets(asked.folder)
    chosen = [given.split(",") if given else () for given in (asked.families, asked.sets)]
    cases = list(all_cases(sets, *chosen))
    if asked.fill:
        fill(cases, asked.cache, Limits(asked.seconds, asked.gigabytes))
        return
    if asked.peer:
        # The same call in the other interpreter; one thread, so that CPU seconds are seconds.
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([asked.peer, *sys.argv, "--fill"], check=True, env={**os.environ, **threads})
    ours, before = [], os.getloadavg()[0]
    for case in cases:
        ours.append(case.run("dataforge"))
        say(f"{' / '.join(case.key)}: {ours[-1].error or ''} {ours[-1].seconds:.2f} s")
    load = (before, os.getloadavg()[0])
    versions, known = known_outcomes(asked.cache)
    rows = []
    for case, outcome in zip(cases, ours, strict=True):
        found = known.get(case.key)
        rows.append(Row.of(case, outcome, None if found is None else Outcome.from_json(found["outcome"])))
    text = document(rows, versions, load)
    if asked.out:
        asked.out.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
