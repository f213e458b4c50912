import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.postprocessing import entropy_threshold


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [(task, f"w{worker}", rng.choice(list("abc"))) for task in range(30) for worker in range(9)]
    rows += [(task, "lazy", "a") for task in range(30)]
    return pd.DataFrame(rows, columns=["task", "worker", "label"]).assign(seconds=7)


def test_who_always_answers_alike_is_left_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = entropy_threshold(answers())
    assert set(kept.worker) == {f"w{worker}" for worker in range(9)}
    assert kept.index.tolist() == list(range(270))
    assert kept.columns.tolist() == ["task", "worker", "label", "seconds"]


def test_workers_with_few_answers_stay() -> None:
    data = answers()
    few = data[(data.worker != "lazy") | (data.task == 0)]
    assert "lazy" in set(entropy_threshold(few, percentile=0).worker)
    assert "lazy" not in set(entropy_threshold(few, percentile=0, min_answers=1).worker)


def test_workers_of_equal_entropy_go_together() -> None:
    rows = [(task, worker, "ab"[task % 2]) for worker in ("one", "two", "three") for task in range(6)]
    data = pd.DataFrame(rows, columns=["task", "worker", "label"])
    with pytest.warns(UserWarning, match="half or more"):
        assert len(entropy_threshold(data)) == 0


def test_half_of_the_answers_is_worth_a_warning() -> None:
    with pytest.warns(UserWarning, match="half or more"):
        entropy_threshold(answers(), percentile=80)


def test_polars_and_sets_work_too() -> None:
    kept = entropy_threshold(pl.from_pandas(answers()))
    assert kept.shape == (270, 4)
    sets = answers().assign(label=[frozenset([label]) for label in answers().label])
    assert len(entropy_threshold(sets)) == 270
