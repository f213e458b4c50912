import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from dataforge.errors import AggregationError
from dataforge.metrics.data import cohen_kappa, cohen_kappas, fleiss_kappa

# Fleiss (1971) as printed in the literature on kappa: fourteen raters put ten subjects into five categories.
TABLE = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def two_workers(seed: int, n: int = 300) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    one = rng.integers(0, 4, n)
    two = np.where(rng.random(n) < 0.6, one, rng.integers(0, 4, n))
    data = pd.DataFrame({"task": list(range(n)) * 2, "worker": ["a"] * n + ["b"] * n, "label": [*one, *two]})
    return data, one, two


def test_fleiss_kappa_is_the_published_one() -> None:
    rows = [
        (task, label) for task, counts in enumerate(TABLE) for label, count in enumerate(counts) for _ in range(count)
    ]
    data = pd.DataFrame(rows, columns=["task", "label"]).assign(worker=range(140))
    assert fleiss_kappa(data) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_cohen_kappa_equals_that_of_scikit_learn(weights) -> None:
    data, one, two = two_workers(0)
    assert cohen_kappa(data, weights=weights) == pytest.approx(cohen_kappa_score(one, two, weights=weights))


def test_only_common_tasks_count() -> None:
    data, one, two = two_workers(1)
    part = data.drop(index=range(50))
    assert cohen_kappa(part, workers=("b", "a")) == pytest.approx(cohen_kappa_score(one[50:], two[50:]))


def test_every_pair_of_workers_gets_a_row() -> None:
    data, _, _ = two_workers(2)
    third = data[data.worker == "a"].assign(worker="c")[:20]
    table = cohen_kappas(pd.concat([data, third]))
    assert table.index.tolist() == ["a", "a", "b"]
    assert table["second"].tolist() == ["b", "c", "c"]
    assert table["n_tasks"].tolist() == [300, 20, 20]
    assert table["kappa"].iloc[0] == pytest.approx(cohen_kappa(data))
    assert table["kappa"].iloc[1] == 1
    assert len(cohen_kappas(pd.concat([data, third]), min_tasks=21)) == 1


def test_the_two_workers_must_be_known() -> None:
    data, _, _ = two_workers(3)
    with pytest.raises(AggregationError, match="worker 'z' has no answers"):
        cohen_kappa(data, workers=("a", "z"))
    with pytest.raises(AggregationError, match="name two of them"):
        cohen_kappa(data[data.worker == "a"])
