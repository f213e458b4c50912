"""Made-up answers of every family, the same in either interpreter: only numpy and pandas are needed."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["MAKERS"]

WORDS = np.array([f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"])


def answers(n: int, ids: str = "text", labels: int = 5, workers: int = 0, shuffled: bool = True) -> pd.DataFrame:
    """Five answers a task in random order; max(100, tasks / 100) workers with accuracies Beta(4, 2)."""
    rng = np.random.default_rng(0)
    n_tasks = n // 5
    n_workers = workers or max(100, n_tasks // 100)
    kind = np.int32 if ids == "int32" else np.int64
    truth = rng.integers(0, labels, n_tasks, kind)
    task = np.repeat(np.arange(n_tasks, dtype=kind), 5)
    if shuffled:
        rng.shuffle(task)
    worker = rng.integers(0, n_workers, len(task), kind)
    label = rng.integers(0, labels, len(task), kind)
    right = rng.random(len(task)) < rng.beta(4, 2, n_workers)[worker]
    label[right] = truth[task[right]]
    if ids in ("int", "int32"):
        return pd.DataFrame({"task": task, "worker": worker, "label": label}, copy=False)
    columns = {}
    for name, codes, size in (("task", task, n_tasks), ("worker", worker, n_workers), ("label", label, labels)):
        texts = pd.Index([f"{name}_{i:07d}" for i in range(size)])
        if ids == "categorical":
            columns[name] = pd.Series(pd.Categorical.from_codes(codes, categories=texts))
        else:
            columns[name] = pd.Series(texts.take(codes))
    return pd.DataFrame(columns)


def comparisons(n: int, items: int, ids: str = "text") -> pd.DataFrame:
    """Pairs of different items, won by the strengths' odds; a worker for each thousand pairs."""
    rng = np.random.default_rng(0)
    strength = rng.normal(size=items)
    left = rng.integers(0, items, n)
    right = (left + rng.integers(1, items, n)) % items
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    columns = {"left": left, "right": right, "label": np.where(won, left, right)}
    if ids == "text":
        names = pd.Index([f"item_{code:07d}" for code in range(items)])
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
    """Words with vectors around their task's."""
    rng = np.random.default_rng(0)
    task, worker = np.repeat(np.arange(n // 5), 5), rng.integers(0, max(20, n // 500), n)
    vectors = rng.normal(size=(n // 5, width))[task] + rng.normal(scale=0.4, size=(n, width))
    columns = {"task": task, "worker": worker, "output": rng.choice(WORDS, n), "embedding": list(vectors)}
    return pd.DataFrame(columns).drop_duplicates(["task", "worker"])


def masks(n: int, side: int = 300) -> pd.DataFrame:
    """Squares moved by some pixels, with two pixels in a thousand turned over; nine masks an image."""
    rng = np.random.default_rng(0)
    rows = []
    for task in range(n // 9):
        truth = np.zeros((side, side), bool)
        truth[side // 4 : side // 2, side // 4 : side // 2] = True
        for worker in range(9):
            moved = np.roll(truth, rng.integers(-9, 10, 2), (0, 1))
            rows.append((task, worker, moved ^ (rng.random((side, side)) < 0.002)))
    return pd.DataFrame(rows, columns=["task", "worker", "segmentation"])


MAKERS = {maker.__name__: maker for maker in (answers, comparisons, texts, embedded, masks)}
