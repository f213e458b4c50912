"""Speed of pairs, texts, embeddings, masks and metrics beside Crowd-Kit on the same made-up answers, in one run.

    python benchmarks/aggregation_families.py --peer PEER_PYTHON [--only BradleyTerry,ROVER] [--large]

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5. Figures are CPU seconds from table in to result out. `--large` adds sizes that the peer has no memory for.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

# Python puts this folder first in the path, where platform.py hides the standard module of that name.
sys.path.pop(0)

import numpy as np
import pandas as pd

WORDS = np.array([f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"])


def comparisons(n: int, n_items: int, ids: str = "text") -> pd.DataFrame:
    rng = np.random.default_rng(0)
    strength = rng.normal(size=n_items)
    left = rng.integers(0, n_items, n)
    right = (left + rng.integers(1, n_items, n)) % n_items
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    columns = {"left": left, "right": right, "label": np.where(won, left, right)}
    if ids == "text":
        names = pd.Index([f"item_{code:07d}" for code in range(n_items)])
        columns = {name: names.take(codes) for name, codes in columns.items()}
    return pd.DataFrame({"worker": rng.integers(0, max(10, n // 1000), n), **columns})


def texts(n: int) -> pd.DataFrame:
    """Sentences of about twelve words, five transcripts each, a word in ten wrong, missing or added."""
    rng = np.random.default_rng(0)
    rows = []
    for task in range(n // 5):
        sentence = rng.choice(WORDS, rng.integers(6, 19))
        for worker in range(5):
            fate = rng.random(len(sentence))
            words = np.where(fate < 0.06, rng.choice(WORDS, len(sentence)), sentence)[fate < 0.97]
            rows.append((f"task_{task:06d}", f"worker_{worker}", " ".join(words)))
    return pd.DataFrame(rows, columns=["task", "worker", "text"])


def embedded(n: int, width: int = 64) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    task, worker = np.repeat(np.arange(n // 5), 5), rng.integers(0, max(20, n // 500), n)
    vectors = rng.normal(size=(n // 5, width))[task] + rng.normal(scale=0.4, size=(n, width))
    columns = {"task": task, "worker": worker, "output": rng.choice(WORDS, n), "embedding": list(vectors)}
    return pd.DataFrame(columns).drop_duplicates(["task", "worker"])


def masks(n: int, side: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for task in range(n // 9):
        truth = np.zeros((side, side), bool)
        truth[side // 4 : side // 2, side // 4 : side // 2] = True
        for worker in range(9):
            shifted = np.roll(truth, rng.integers(-9, 10, 2), (0, 1))
            rows.append((task, worker, shifted ^ (rng.random((side, side)) < 0.002)))
    return pd.DataFrame(rows, columns=["task", "worker", "segmentation"])


def answers(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n_workers = max(100, n // 500)
    task, worker = rng.permutation(np.repeat(np.arange(n // 5), 5)), rng.integers(0, n_workers, n)
    truth = rng.integers(0, 5, n // 5)[task]
    label = np.where(rng.random(n) < rng.beta(4, 2, n_workers)[worker], truth, rng.integers(0, 5, n))
    columns = {"task": task, "worker": worker, "label": label}
    return pd.DataFrame({name: pd.Series([f"{name}_{code}" for code in codes]) for name, codes in columns.items()})


def of(module: str, name: str) -> Callable[..., Callable[[Any], Any]]:
    """A maker of runs: the named estimator's `fit_predict`, or the named function."""

    def with_parameters(**parameters: Any) -> Callable[[Any], Any]:
        def run(package: str) -> Callable[[Any], Any]:
            found = getattr(importlib.import_module(f"{package}.{module}"), name)
            if isinstance(found, type):
                return lambda data: found(**parameters).fit_predict(data)
            return lambda data: found(data, **parameters)

        return run  # type: ignore[return-value]

    return with_parameters


def split(text: str) -> list[str]:
    return text.split(" ")


PAIRS, METRICS = "aggregation", "metrics.data"
# Name, data, run, whether the peer can do it.
CASES: list[tuple[str, Callable[[], pd.DataFrame], Any, bool]] = [
    (
        "BradleyTerry 100k, 1,000 items",
        lambda: comparisons(100_000, 1_000),
        of(PAIRS, "BradleyTerry")(n_iter=100),
        True,
    ),
    (
        "BradleyTerry 1M, 5,000 items",
        lambda: comparisons(1_000_000, 5_000),
        of(PAIRS, "BradleyTerry")(n_iter=100),
        True,
    ),
    ("NoisyBradleyTerry 10k", lambda: comparisons(10_000, 100), of(PAIRS, "NoisyBradleyTerry")(n_iter=10, tol=0), True),
    ("ROVER 10k texts", lambda: texts(10_000), of(PAIRS, "ROVER")(tokenizer=split, detokenizer=" ".join), True),
    ("RASA 5k, width 64", lambda: embedded(5_000), of(PAIRS, "RASA")(n_iter=10, tol=0), True),
    ("HRRASA 5k, width 64", lambda: embedded(5_000), of(PAIRS, "HRRASA")(n_iter=10, tol=0), True),
    ("SegmentationMajorityVote 450", lambda: masks(450), of(PAIRS, "SegmentationMajorityVote")(), True),
    ("SegmentationEM 450", lambda: masks(450), of(PAIRS, "SegmentationEM")(), True),
    ("SegmentationRASA 450", lambda: masks(450), of(PAIRS, "SegmentationRASA")(), True),
    ("alpha_krippendorff 100k", lambda: answers(100_000), of(METRICS, "alpha_krippendorff")(), True),
    ("alpha_krippendorff 1M", lambda: answers(1_000_000), of(METRICS, "alpha_krippendorff")(), True),
    ("consistency 100k", lambda: answers(100_000), of(METRICS, "consistency")(), True),
    ("uncertainty 100k", lambda: answers(100_000), of(METRICS, "uncertainty")(), True),
    ("accuracy_on_aggregates 1M", lambda: answers(1_000_000), of("metrics.workers", "accuracy_on_aggregates")(), True),
    ("entropy_threshold 100k", lambda: answers(100_000), of("postprocessing", "entropy_threshold")(), True),
]
LARGE: list[tuple[str, Callable[[], pd.DataFrame], Any, bool]] = [
    (
        "BradleyTerry 10M, 100,000 items, text",
        lambda: comparisons(10_000_000, 100_000),
        of(PAIRS, "BradleyTerry")(n_iter=100),
        False,
    ),
    (
        "BradleyTerry 10M, 100,000 items, int",
        lambda: comparisons(10_000_000, 100_000, "int"),
        of(PAIRS, "BradleyTerry")(n_iter=100),
        False,
    ),
    (
        "NoisyBradleyTerry 1M",
        lambda: comparisons(1_000_000, 1_000),
        of(PAIRS, "NoisyBradleyTerry")(n_iter=10, tol=0),
        False,
    ),
    ("ROVER 100k texts", lambda: texts(100_000), of(PAIRS, "ROVER")(tokenizer=split, detokenizer=" ".join), False),
]


def measure(package: str, only: list[str], large: bool) -> None:
    """Print one line of JSON for each figure."""
    ours = package == "dataforge"
    for name, make, run, peer_can in CASES + (LARGE if large else []):
        if (not ours and not peer_can) or (only and not any(name.startswith(wanted) for wanted in only)):
            continue
        data, call = make(), run(package)
        times = []
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # The first of ours loads what was compiled, which a process pays once; it is shown apart.
        for _ in range(4 if ours and name not in [case[0] for case in LARGE] else 2 if ours else 1):
            start = time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call(data)
            times.append(time.process_time() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(json.dumps({"name": name, "first": times[0], "best": min(times), "mib": peak / 1024}), flush=True)


def figures(python: str, package: str, arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    command = [
        python,
        __file__,
        "--measure",
        package,
        "--only",
        arguments.only,
        *(["--large"] if arguments.large else []),
    ]
    found = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                figure = json.loads(line)
                found[figure["name"]] = figure
                print(package, line.strip(), file=sys.stderr)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names to begin with, with commas between")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--peer", help="interpreter with Crowd-Kit")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, [name for name in arguments.only.split(",") if name], arguments.large)
        return
    ours = figures(sys.executable, "dataforge", arguments)
    theirs = figures(arguments.peer, "crowdkit", arguments) if arguments.peer else {}
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"\nCPU seconds; load average {load}; {os.cpu_count()} cores")
    print("| case | DataForge | first call | MiB above the input | Crowd-Kit | times |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, mine in ours.items():
        peer = theirs.get(name)
        cells = [name, f"{mine['best']:.4f}", f"{mine['first']:.3f}", f"{mine['mib']:.0f}"]
        cells += [f"{peer['best']:.3f}", f"{peer['best'] / mine['best']:.0f}"] if peer else ["", ""]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
