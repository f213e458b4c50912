"""Numbers and ordered scales."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from dataforge.aggregation import BiasVariance, MeanValue, MedianValue, RobustMean
from dataforge.errors import AggregationError

ALL = [MeanValue, MedianValue, RobustMean, BiasVariance]


def measured(
    bias: np.ndarray, spread: np.ndarray, n_tasks: int = 300, per_task: int = 4
) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(7)
    value = rng.normal(50, 10, n_tasks)
    task = np.repeat(np.arange(n_tasks), per_task)
    worker = np.concatenate([rng.permutation(len(bias))[:per_task] for _ in range(n_tasks)])
    label = value[task] + bias[worker] + rng.normal(size=len(task)) * spread[worker]
    return pd.DataFrame({"task": task, "worker": worker, "label": label}), pd.Series(value)


def test_averages_are_what_they_are_called() -> None:
    data = pd.DataFrame({"task": list("aaaab"), "worker": list("wxyzw"), "label": [1.0, 2.0, 3.0, 100.0, 7.0]})
    assert MeanValue().fit_predict(data).to_dict() == {"a": 26.5, "b": 7.0}
    assert MedianValue().fit_predict(data).to_dict() == {"a": 2.5, "b": 7.0}
    assert 1.5 < RobustMean().fit_predict(data)["a"] < 4
    weighted = MeanValue().fit_predict(data, skills={"w": 1, "x": 3})
    assert weighted.to_dict() == {"a": 1.75, "b": 7.0}


def test_hubers_mean_is_the_mean_where_nothing_stands_out() -> None:
    data, _ = measured(np.zeros(5), np.ones(5))
    np.testing.assert_allclose(RobustMean(k=1e6).fit_predict(data), MeanValue().fit_predict(data), atol=1e-9)


def test_biases_and_spreads_of_workers_are_found_and_help() -> None:
    bias, spread = np.array([-6.0, -2, 0, 0, 2, 6]), np.array([1.0, 8, 1, 8, 1, 3])
    data, value = measured(bias, spread)
    model = BiasVariance().fit(data)
    assert model.converged_
    np.testing.assert_allclose(model.biases_, bias, atol=1.0)
    np.testing.assert_allclose(np.sqrt(model.variances_), spread, rtol=0.5)
    error = {
        type(m).__name__: float(np.sqrt(((m.fit_predict(data) - value) ** 2).mean())) for m in (MeanValue(), model)
    }
    assert error["BiasVariance"] < 0.5 * error["MeanValue"]
    inside = ((model.values_ - value).abs() < 1.96 * model.std_).mean()
    assert 0.9 < inside <= 0.995


def test_known_values_stay_and_fix_the_scale() -> None:
    data, value = measured(np.full(5, 4.0), np.ones(5))
    model = BiasVariance().fit(data, true_values=value.head(50))
    np.testing.assert_array_equal(model.values_.head(50), value.head(50))
    np.testing.assert_allclose(model.biases_, 4.0, atol=0.5)


def test_an_ordered_scale_has_numbers_and_nearest_levels() -> None:
    data = pd.DataFrame({"task": [1, 1, 1, 2], "worker": [1, 2, 3, 1], "label": ["ok", "good", "good", "bad"]})
    model = MedianValue(levels=["bad", "ok", "good"]).fit(data)
    assert model.values_.to_dict() == {1: 2.0, 2: 0.0}
    assert model.labels_.to_dict() == {1: "good", 2: "bad"}
    with pytest.raises(AggregationError, match=r"\['awful'\] are not among the levels"):
        model.fit(data.assign(label="awful"))


@pytest.mark.parametrize("estimator", ALL)
def test_order_and_kind_of_table_change_nothing(estimator: Any) -> None:
    data, _ = measured(np.zeros(5), np.ones(5), n_tasks=30)
    expected = estimator().fit_predict(data)
    turned = data.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(estimator().fit_predict(turned), expected, rtol=1e-12)
    found = estimator().fit_predict(pl.from_pandas(data))
    assert found.columns == ["task", "agg_value"]
    np.testing.assert_allclose(found["agg_value"], expected, rtol=1e-12)


@pytest.mark.parametrize("estimator", ALL)
def test_edges_are_defined(estimator: Any) -> None:
    empty = pd.DataFrame({"task": [], "worker": [], "label": []})
    assert len(estimator().fit_predict(empty)) == 0
    one = pd.DataFrame({"task": ["a", "b"], "worker": ["w", "w"], "label": [3, None]})
    assert estimator().fit_predict(one).to_dict() == {"a": 3.0}
    equal = pd.DataFrame({"task": list("aab"), "worker": list("vwv"), "label": [2, 2, 2]})
    np.testing.assert_allclose(estimator().fit_predict(equal), 2.0)
    assert clone(estimator()).get_params() == estimator().get_params()
    with pytest.raises(AggregationError, match="need to be numbers"):
        estimator().fit(pd.DataFrame({"task": ["a"], "worker": ["w"], "label": ["much"]}))
    with pytest.raises(AggregationError, match="infinite"):
        estimator().fit(pd.DataFrame({"task": ["a"], "worker": ["w"], "label": [np.inf]}))
