"""How many labels a model needs if it chooses them: the samplers of `df.loop` beside chance, modAL and scikit-activeml.

    python benchmarks/active_learning.py --seeds 12
    python benchmarks/active_learning.py --texts texts.jsonl      # {"text": …, "label": …}, one a line

Digits are those that DataForge ships. Every method gets the same estimator, pool, test items and first batch, and
answers that are right. At the accuracy that chance reaches with all its labels: the share of these that a method needs,
with the 95 % interval of resampled seeds. Needs `pip install scikit-learn modAL-python scikit-activeml`.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder: a file of it is named like a module of the standard library

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from dataforge.active_learning.samplers import SAMPLERS, Candidates

RESAMPLES = 2_000
OURS = ("random", "margin", "entropy", "badge")


class Problem(NamedTuple):
    """Features, a row each, the label of each, and the estimator that learns them."""

    name: str
    features: Any
    labels: Any
    estimator: Callable[[], Any]


class Split(NamedTuple):
    """What one seed draws: places to be tested on, places of the pool, and what is labelled first."""

    test: Any
    pool: Any
    first: Any
    seed: int


Choose = Callable[[Any, Problem, Any, Any, int, np.random.Generator], Any]
"""Places among the unlabelled: of the fitted model, the problem, what is labelled, what is not, how many, by chance."""


def ours(name: str) -> Choose:
    def choose(model: Any, of: Problem, known: Any, left: Any, count: int, chance: np.random.Generator) -> Any:
        chances = model.predict_proba(of.features[left])
        among = Candidates([], chances, of.features[left], of.features[known], chance)
        return left[list(SAMPLERS[name](among, count))]

    return choose


def of_modal(name: str) -> Choose:
    from modAL import uncertainty

    def choose(model: Any, of: Problem, known: Any, left: Any, count: int, chance: np.random.Generator) -> Any:
        found = getattr(uncertainty, name)(model, of.features[left], n_instances=count)
        rows = found[0] if isinstance(found, tuple) else found
        return left[np.asarray(rows).ravel()]

    return choose


def of_skactiveml(method: str) -> Choose:
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import UncertaintySampling

    def choose(model: Any, of: Problem, known: Any, left: Any, count: int, chance: np.random.Generator) -> Any:
        classes = np.unique(of.labels)
        strategy = UncertaintySampling(method=method, random_state=int(chance.integers(2**31)))
        features = of.features[np.concatenate([known, left])]
        features = features.toarray() if hasattr(features, "toarray") else features
        labels = np.concatenate([np.searchsorted(classes, of.labels[known]).astype(float), np.full(len(left), np.nan)])
        wrapped = SklearnClassifier(of.estimator(), classes=list(range(len(classes))))
        rows = strategy.query(X=features, y=labels, clf=wrapped, batch_size=count)
        return left[np.asarray(rows) - len(known)]

    return choose


def methods() -> dict[str, Choose]:
    found = {f"dataforge {name}": ours(name) for name in OURS}
    if find_spec("modAL"):
        found |= {f"modAL {name}": of_modal(f"{name}_sampling") for name in ("uncertainty", "margin", "entropy")}
    if find_spec("skactiveml"):
        found |= {f"skactiveml {name}": of_skactiveml(name) for name in ("margin_sampling", "entropy")}
    return found


def digits() -> Problem:
    with (files("dataforge") / "digits.npz").open("rb") as file, np.load(file) as data:
        features, labels = data["images"].reshape(-1, 64) / 16.0, data["target"]
    return Problem("digits", features, labels, lambda: LogisticRegression(max_iter=300))


def texts(path: Path) -> Problem:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    features = words.fit_transform([row["text"] for row in rows]).tocsr()
    labels = np.array([row["label"] for row in rows])
    return Problem("texts", features, labels, lambda: LogisticRegression(C=10.0, max_iter=300))


def split(of: Problem, seed: int, batch: int) -> Split:
    """A quarter to be tested on, a first batch that has every label (some of the other tools take no fewer)."""
    chance = np.random.default_rng(seed)
    places = chance.permutation(len(of.labels))
    test, pool = np.split(places, [len(places) // 4])
    one_each = [pool[np.flatnonzero(of.labels[pool] == label)[0]] for label in np.unique(of.labels)]
    others = [place for place in pool if place not in set(one_each)]
    return Split(test, pool, np.array([*one_each, *others])[:batch], seed)


def curve(of: Problem, drawn: Split, choose: Choose, batch: int, budget: int) -> list[float]:
    """The share of test items that is right after each batch."""
    chance, known, shares = np.random.default_rng([drawn.seed, 1]), drawn.first, []
    while True:
        model = of.estimator().fit(of.features[known], of.labels[known])
        shares.append(float((model.predict(of.features[drawn.test]) == of.labels[drawn.test]).mean()))
        if len(known) + batch > budget:
            return shares
        left = np.setdiff1d(drawn.pool, known)
        known = np.concatenate([known, choose(model, of, known, left, batch, chance)])


def needed(mean: Any, level: float, labels: Any) -> float:
    """How many labels reach a level on the way of a mean curve; more than all if it is not reached."""
    best = np.maximum.accumulate(mean)
    if best[-1] < level:
        return float("inf")
    place = int(np.argmax(best >= level))
    return float(
        labels[0] if place == 0 else np.interp(level, best[place - 1 : place + 1], labels[place - 1 : place + 1])
    )


def ratio(curves: Any, by_chance: Any, labels: Any) -> float:
    """Labels of a method as a share of those of chance, where chance is when it has all its labels."""
    level = float(np.maximum.accumulate(by_chance.mean(axis=0))[-1])
    return needed(curves.mean(axis=0), level, labels) / needed(by_chance.mean(axis=0), level, labels)


def measure(of: Problem, seeds: list[int], batch: int, budget: int) -> None:
    labels = np.arange(batch, budget + 1, batch)
    drawn = [split(of, seed, batch) for seed in seeds]
    print(f"\n{of.name}: {len(of.labels):,} items, batches of {batch} up to {budget}, {len(seeds)} seeds")
    print(
        f"{'method':28} {'right at half':>13} {'at the end':>10} {'labels, of chance':>18}   95 % interval   s",
        flush=True,
    )
    by_chance = None
    chance = np.random.default_rng(0)
    for name, choose in methods().items():
        begun = time.process_time()
        curves = np.array([curve(of, one, choose, batch, budget) for one in drawn])
        took = time.process_time() - begun
        by_chance = curves if by_chance is None else by_chance
        found = ratio(curves, by_chance, labels)
        picks = [chance.integers(len(seeds), size=len(seeds)) for _ in range(RESAMPLES)]
        low, high = np.quantile(
            [ratio(curves[pick], by_chance[pick], labels) for pick in picks], [0.025, 0.975], method="nearest"
        )
        half, end = curves[:, len(labels) // 2].mean(), curves[:, -1].mean()
        print(f"{name:28} {half:13.3f} {end:10.3f} {found:18.2f}   [{low:.2f}, {high:.2f}]   {took:.0f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=12)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--batch", type=int, default=20)
    options.add_argument("--budget", type=int, default=300)
    options.add_argument("--texts", type=Path, help="a file of texts with labels")
    options.add_argument("--without-digits", action="store_true")
    chosen = options.parse_args()
    warnings.filterwarnings("ignore")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    seeds = list(range(chosen.first_seed, chosen.first_seed + chosen.seeds))
    problems = [] if chosen.without_digits else [digits()]
    problems += [texts(chosen.texts)] if chosen.texts else []
    for problem in problems:
        measure(problem, seeds, chosen.batch, chosen.budget)


if __name__ == "__main__":
    main()
