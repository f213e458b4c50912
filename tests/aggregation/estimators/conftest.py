"""Answers made up by a seeded crowd."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


def crowd(n_tasks: int = 60, n_workers: int = 12, n_labels: int = 3, per_task: int = 5, seed: int = 0) -> pd.DataFrame:
    """Answers of workers who are right with a probability of their own, and the truth in a column `truth`."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_tasks)
    skill = rng.beta(4, 2, n_workers)
    task = np.repeat(np.arange(n_tasks), per_task)
    worker = np.concatenate([rng.permutation(n_workers)[:per_task] for _ in range(n_tasks)])
    right = rng.random(len(task)) < skill[worker]
    label = np.where(right, truth[task], rng.integers(0, n_labels, len(task)))
    frame = pd.DataFrame(
        {
            "task": [f"t{i:03d}" for i in task],
            "worker": [f"w{i:02d}" for i in worker],
            "label": [f"l{i}" for i in label],
            "truth": [f"l{i}" for i in truth[task]],
        }
    )
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


@pytest.fixture
def make_crowd() -> Callable[..., pd.DataFrame]:
    return crowd


@pytest.fixture
def answers() -> pd.DataFrame:
    return crowd()[["task", "worker", "label"]]


@pytest.fixture
def truth() -> pd.Series:
    return crowd().drop_duplicates("task").set_index("task")["truth"]
