import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataforge.errors import AggregationError
from dataforge.metrics.data import (
    alpha_interval,
    alpha_krippendorff,
    interval_distance,
    jaccard_distance,
    masi_distance,
)

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": four observers, twelve units, missing values.
OBSERVERS = {
    "A": "123321412" + "...",
    "B": "123322412" + "5.3",
    "C": ".33323422" + "51.",
    "D": "123324412" + "51.",
}


def observed() -> pd.DataFrame:
    rows = [
        (unit, observer, int(value))
        for observer, values in OBSERVERS.items()
        for unit, value in enumerate(values)
        if value != "."
    ]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


@pytest.mark.parametrize(
    ("distance", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_is_the_published_one(distance: str, expected: float) -> None:
    assert alpha_krippendorff(observed(), distance) == pytest.approx(expected, abs=5e-4)


def test_a_function_of_two_labels_is_a_distance() -> None:
    by_function = alpha_krippendorff(observed(), lambda one, two: (one - two) ** 2)
    assert by_function == pytest.approx(alpha_krippendorff(observed(), "interval"))
    assert alpha_krippendorff(observed(), interval_distance) == pytest.approx(by_function)


def test_labels_may_be_sets() -> None:
    labels = [frozenset("ab"), frozenset("ab"), frozenset("a"), frozenset("abc")]
    data = pd.DataFrame({"task": [1, 1, 2, 2], "worker": ["x", "y"] * 2, "label": labels})
    # Observed: one pair of {a}, {abc} at 2/3; expected: the mean over all ordered pairs of answers.
    gaps = [jaccard_distance(one, two) for n, one in enumerate(labels) for m, two in enumerate(labels) if n != m]
    assert alpha_krippendorff(data, jaccard_distance) == pytest.approx(1 - (2 / 3 / 2) / np.mean(gaps))


def test_masi_weighs_how_sets_are_nested() -> None:
    assert masi_distance(frozenset("ab"), frozenset("ab")) == 0
    assert masi_distance(frozenset("ab"), frozenset("abcd")) == pytest.approx(1 - 0.5 * 2 / 3)
    assert masi_distance(frozenset("ab"), frozenset("bc")) == pytest.approx(1 - 1 / 3 / 3)
    assert masi_distance(frozenset("a"), frozenset("b")) == 1


@given(st.integers(0, 2**32 - 1))
def test_names_and_order_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"task": rng.integers(0, 9, 40), "worker": rng.integers(0, 5, 40), "label": rng.integers(0, 4, 40)}
    )
    renamed = data.assign(task="t" + data.task.astype(str), label=data.label.map(dict(enumerate("dacb"))))
    shuffled = renamed.sample(frac=1, random_state=0)
    assert alpha_krippendorff(shuffled) == pytest.approx(alpha_krippendorff(data), abs=1e-12)


def test_polars_gives_the_same() -> None:
    assert alpha_krippendorff(pl.from_pandas(observed())) == alpha_krippendorff(observed())


def test_one_label_is_perfect_agreement() -> None:
    assert alpha_krippendorff(observed().assign(label="same")) == 1


def test_a_task_with_two_answers_is_needed() -> None:
    with pytest.raises(AggregationError, match="a task with two answers"):
        alpha_krippendorff(observed().drop_duplicates("task"))


def test_texts_have_no_interval() -> None:
    with pytest.raises(AggregationError, match="labels that are numbers"):
        alpha_krippendorff(observed().assign(label="a"), "interval")
    with pytest.raises(AggregationError, match="distance needs to be"):
        alpha_krippendorff(observed(), "euclid")  # type: ignore[arg-type]


def test_many_distinct_numbers_need_no_table_of_pairs() -> None:
    rng = np.random.default_rng(0)
    task = np.repeat(np.arange(5000), 2)
    data = pd.DataFrame({"task": task, "worker": np.tile([0, 1], 5000), "label": task + rng.normal(size=10_000)})
    assert alpha_krippendorff(data, "interval") > 0.99


@pytest.mark.parametrize("distance", ["nominal", "ordinal", "interval", "ratio"])
def test_the_interval_holds_alpha_and_repeats_itself(distance: str) -> None:
    found = alpha_interval(observed(), distance, n_resamples=200, random_state=3)
    assert found.low <= found.alpha <= found.high
    assert found == alpha_interval(observed(), distance, n_resamples=200, random_state=3)


def test_the_interval_has_the_width_of_repeated_samples() -> None:
    rng = np.random.default_rng(0)

    def sample() -> pd.DataFrame:
        truth = np.repeat(rng.integers(0, 3, 200), 3)
        label = np.where(rng.random(600) < 0.8, truth, rng.integers(0, 3, 600))
        return pd.DataFrame({"task": np.repeat(np.arange(200), 3), "worker": np.tile(range(3), 200), "label": label})

    spread = np.percentile([alpha_krippendorff(sample()) for _ in range(300)], [2.5, 97.5])
    found = alpha_interval(sample(), n_resamples=500)
    assert found.high - found.low == pytest.approx(spread[1] - spread[0], rel=0.25)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"level": "95%"}, "level needs to be a number between 0 and 1, such as 0.95, got '95%'"),
        ({"n_resamples": "many"}, "n_resamples needs to be a whole number from 1 on, such as 1000, got 'many'"),
    ],
)
def test_limits_that_cannot_be_are_refused_in_words(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(AggregationError, match=re.escape(told)):
        alpha_interval(observed(), **settings)
