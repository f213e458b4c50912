# ruff: noqa: E402 - the import path is mended first
"""Mean opinion scores beside plain means, and how often their limits hold the true score.

    python benchmarks/opinions.py --mos FOLDER/labels.csv --mushra FOLDER/labels.csv

`--mos` is a file with the columns task, worker, label, whose tasks begin with their system (`N10_…`); `--mushra` one
whose tasks end with it (`…|Reference`).
"""

from __future__ import annotations

import sys

# The platform.py in this folder must not hide the standard library's.
sys.path = [path for path in sys.path if path != __file__.rpartition("/")[0]]

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from dataforge.aggregation import mean_opinion_scores

STUDIES = 1000
SPLITS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mos", type=Path)
    parser.add_argument("--mushra", type=Path)
    chosen = parser.parse_args()
    if chosen.mos:
        data = pd.read_csv(chosen.mos)
        show(data.assign(system=data["task"].str.split("_").str[0]), None)
    if chosen.mushra:
        data = pd.read_csv(chosen.mushra)
        data[["task", "system"]] = data["task"].str.split("|", expand=True)
        show(data, "Reference")
    coverage()


def show(data: pd.DataFrame, reference: str | None) -> None:
    """Scores with limits, and the plain means of all answers and of each task's means."""
    found = mean_opinion_scores(data, reference=reference)
    table = found.systems.assign(plain=data.groupby("system")["label"].mean())
    table["by_task"] = data.groupby(["system", "task"])["label"].mean().groupby("system").mean()
    print(table.round(3).to_string())
    print(found.workers["verdict"].value_counts().to_string())
    order = table[["score", "plain"]].corr("spearman").iloc[0, 1]
    print(f"rank correlation with the plain means: {order:.4f}")
    halves(data, reference)


def halves(data: pd.DataFrame, reference: str | None) -> None:
    """How often two halves of the workers agree on a system within the limits of both, beside independent answers."""
    held, plain, count = 0, 0, 0
    workers = np.sort(data["worker"].unique())
    for seed in range(SPLITS):
        ones = set(np.random.default_rng(seed).permutation(workers)[: len(workers) // 2])
        parts = [data[data["worker"].isin(ones) == side] for side in (True, False)]
        one, other = (mean_opinion_scores(part, reference=reference).systems for part in parts)
        error = np.hypot(one["std_error"], other["std_error"])
        least = np.minimum(one[["tasks", "workers"]].min(axis=1), other[["tasks", "workers"]].min(axis=1))
        apart = (one["score"] - other["score"]).abs()
        held += int((apart <= stdtrit(least - 1, 0.975) * error).sum())
        means, errors = zip(*(_independent(part) for part in parts), strict=True)
        plain += int(((means[0] - means[1]).abs() <= 1.96 * np.hypot(*errors)).sum())
        count += len(one)
    print(f"halves of the workers agree within both limits: {held / count:.3f} of {count}", end=", ")
    print(f"by independent answers {plain / count:.3f}", end="\n\n")


def _independent(data: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Plain means by system and their standard errors, as if each answer was somebody else's."""
    by_system = data.groupby("system")["label"]
    return by_system.mean(), by_system.std(ddof=1) / by_system.count() ** 0.5


def coverage() -> None:
    """How many 95 % limits hold the true score, beside those of independent answers."""
    print("workers  tasks  held  held by independent answers")
    for workers, tasks in ((5, 5), (10, 20), (20, 20), (50, 20)):
        rng, held, plain = np.random.default_rng(0), 0, 0
        worker, task = (places.ravel() for places in np.indices((workers, tasks)))
        for _ in range(STUDIES):
            habits, differences = rng.normal(0, 0.5, workers)[worker], rng.normal(0, 0.3, tasks)[task]
            score = habits + differences + rng.normal(0, 0.8, len(worker))
            data = pd.DataFrame({"task": task, "worker": worker, "system": "s", "label": score})
            found = mean_opinion_scores(data).systems.loc["s"]
            held += found["low"] <= 0 <= found["high"]
            plain += abs(score.mean()) <= 1.96 * score.std(ddof=1) / len(score) ** 0.5
        print(f"{workers:7}  {tasks:5}  {held / STUDIES:.3f}  {plain / STUDIES:.3f}")


if __name__ == "__main__":
    main()
