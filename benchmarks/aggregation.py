"""Speed of aggregation beside Crowd-Kit on the same made-up answers, in one run.

    python benchmarks/aggregation.py --labels 100k,1m --peer PEER_PYTHON [--methods DawidSkene,Wawa] [--ids text]

PEER_PYTHON is the interpreter of an environment with crowd-kit==1.4.2 pandas==2.3.3 scikit-learn==1.5.2 nltk==3.9.1
numpy==2.3.5. Figures are CPU seconds, from table in to table out, and per iteration as the difference of two runs.
Five labels a task in random order, max(100, tasks / 100) workers with accuracies Beta(4, 2), five classes.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import importlib
import json
import os
import resource
import subprocess
import time
import warnings
from typing import Any

# Method -> how iterations are set, a short and a long run, the parameters besides, and the most labels for the peer.
METHODS: dict[str, tuple[str | None, int, int, dict[str, Any], int]] = {
    "MajorityVote": (None, 0, 0, {}, 10_000_000),
    "Wawa": (None, 0, 0, {}, 10_000_000),
    "ZeroBasedSkill": ("n_iter", 1, 3, {"lr_init": 0.5}, 1_000_000),
    "DawidSkene": ("n_iter", 1, 10, {"tol": -1e9}, 1_000_000),
    "OneCoinDawidSkene": ("n_iter", 1, 3, {"tol": -1e9}, 1_000_000),
    "GLAD": ("n_iter", 1, 2, {"tol": -1e9}, 100_000),
    "MACE": ("n_iter", 1, 4, {"n_restarts": 1}, 1_000_000),
    "MMSR": (None, 0, 0, {}, 10_000),
    "KOS": ("n_iter", 1, 6, {}, 1_000_000),
}
LABELS = {"DawidSkene": 5, "KOS": 2}


def answers(n: int, n_labels: int, ids: str) -> Any:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    n_tasks = n // 5
    n_workers = max(100, n_tasks // 100)
    truth = rng.integers(0, n_labels, n_tasks)
    task = rng.permutation(np.repeat(np.arange(n_tasks), 5))
    worker = rng.integers(0, n_workers, len(task))
    right = rng.random(len(task)) < rng.beta(4, 2, n_workers)[worker]
    label = np.where(right, truth[task], rng.integers(0, n_labels, len(task)))
    if ids == "int":
        return pd.DataFrame({"task": task, "worker": worker, "label": label})
    columns = {}
    for name, codes, size in (("task", task, n_tasks), ("worker", worker, n_workers), ("label", label, n_labels)):
        texts = pd.Index([f"{name}_{i:07d}" for i in range(size)])
        if ids == "categorical":
            columns[name] = pd.Series(pd.Categorical.from_codes(codes, categories=texts))
        else:
            columns[name] = pd.Series(texts.take(codes))
    return pd.DataFrame(columns)


def seconds(package: str, method: str, data: Any, parameters: dict[str, Any], repeats: int) -> float:
    estimator = getattr(importlib.import_module(f"{package}.aggregation"), method)
    times = []
    for _ in range(repeats):
        made = estimator(**parameters)
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.fit_predict(data)
        times.append(time.process_time() - start)
    return min(times)


def measure(package: str, sizes: list[int], methods: list[str], ids: str, limited: bool) -> None:
    """Print one line of JSON for each figure."""
    repeats = 1 if limited else 3
    for n in sizes:
        for method in methods:
            knob, short, long, parameters, most = METHODS[method]
            if limited and n > most:
                continue
            data = answers(n, LABELS.get(method, 5), ids)
            if not limited:  # compile, or load what was compiled, before the clock starts
                seconds(package, method, data, {**parameters, **({knob: short} if knob else {})}, 1)
            figure: dict[str, Any] = {"labels": n, "method": method}
            whole = seconds(package, method, data, {**parameters, **({knob: long} if knob else {})}, repeats)
            figure["whole"] = whole
            if knob:
                start = seconds(package, method, data, {**parameters, knob: short}, repeats)
                figure["iteration"] = (whole - start) / (long - short)
            figure["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps(figure), flush=True)


def figures(python: str, package: str, arguments: argparse.Namespace) -> dict[tuple[int, str], dict[str, Any]]:
    command = [python, __file__, "--measure", package, "--labels", arguments.labels, "--ids", arguments.ids]
    command += ["--methods", arguments.methods] + (["--limited"] if package == "crowdkit" else [])
    found = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                figure = json.loads(line)
                found[figure["labels"], figure["method"]] = figure
                print(package, line.strip(), file=sys.stderr)
    return found


def table(ours: dict[Any, Any], theirs: dict[Any, Any], ids: str) -> None:
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"\n{ids} ids; CPU seconds; load average {load}; {os.cpu_count()} cores")
    print("| labels | method | whole | Crowd-Kit | times | an iteration | Crowd-Kit | times |")
    print("|--:|---|--:|--:|--:|--:|--:|--:|")
    for key, mine in ours.items():
        peer = theirs.get(key, {})
        cells = [f"{key[0]:,}", key[1]]
        for name in ("whole", "iteration"):
            a, b = mine.get(name), peer.get(name)
            cells += [f"{a:.4f}" if a is not None else "", f"{b:.3f}" if b is not None else ""]
            cells += [f"{b / max(a, 1e-9):.0f}" if a is not None and b is not None else ""]
        print("| " + " | ".join(cells) + " |")


def number(text: str) -> int:
    return int(float(text.lower().replace("k", "e3").replace("m", "e6")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", default="100k")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--ids", default="text", choices=["text", "categorical", "int"])
    parser.add_argument("--peer", help="interpreter with Crowd-Kit")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--limited", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        sizes = [number(text) for text in arguments.labels.split(",")]
        measure(arguments.measure, sizes, arguments.methods.split(","), arguments.ids, arguments.limited)
        return
    ours = figures(sys.executable, "dataforge", arguments)
    theirs = figures(arguments.peer, "crowdkit", arguments) if arguments.peer else {}
    table(ours, theirs, arguments.ids)


if __name__ == "__main__":
    main()
