"""BiasVariance: what its model says, where that can be derived or is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import BiasVariance, MeanValue
from dataforge.aggregation.kernels import bias_variance as kernel
from dataforge.errors import AggregationError


def rated(
    n_tasks: int = 200, n_workers: int = 20, per_task: int = 5, scales: tuple[float, float] = (1, 1), seed: int = 0
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Answers, the values behind them, and the workers' biases, scales and noises."""
    rng = np.random.default_rng(seed)
    value = rng.normal(50, 15, n_tasks)
    workers = pd.DataFrame(
        {
            "bias": rng.normal(0, 6, n_workers),
            "scale": rng.uniform(*scales, n_workers),
            "noise": rng.uniform(2, 12, n_workers),
        }
    )
    worker = np.concatenate([rng.permutation(n_workers)[:per_task] for _ in range(n_tasks)])
    task = np.repeat(np.arange(n_tasks), per_task)
    own = workers.iloc[worker].reset_index(drop=True)
    label = 50 + own["bias"] + own["scale"] * (value[task] - 50) + own["noise"] * rng.normal(size=len(task))
    return pd.DataFrame({"task": task, "worker": worker, "label": label}), pd.Series(value), workers


def off(found: pd.Series, value: pd.Series) -> float:
    return float(np.sqrt(((found - value) ** 2).mean()))


def test_biases_scales_and_noises_are_found_again() -> None:
    data, value, workers = rated(n_tasks=800, scales=(0.4, 1.6))
    model = BiasVariance().fit(data)
    assert model.converged_
    # Answers tell values up to a straight line only: biases and scales are known relative to the crowd's.
    assert np.corrcoef(model.biases_, workers["bias"])[0, 1] > 0.98
    np.testing.assert_allclose(model.scales_, workers["scale"] / workers["scale"].mean(), atol=0.2)
    assert np.corrcoef(model.scales_, workers["scale"])[0, 1] > 0.98
    np.testing.assert_allclose(np.sqrt(model.variances_), workers["noise"], rtol=0.25, atol=0.5)
    assert off(model.values_, value) < 0.7 * off(MeanValue().fit_predict(data), value)


def test_one_who_gives_every_task_the_same_number_is_not_the_most_precise() -> None:
    data, value, _ = rated(per_task=3)
    rng = np.random.default_rng(1)
    lazy = pd.DataFrame({"task": np.repeat(np.arange(200), 3), "worker": 100 + np.tile(np.arange(3), 200)})
    lazy["label"] = 50 + rng.normal(0, 0.5, len(lazy))
    model = BiasVariance().fit(pd.concat([data, lazy]))
    assert model.scales_[[100, 101, 102]].abs().max() < 0.05
    alone = BiasVariance().fit(data).values_.corr(value, method="spearman")
    assert model.values_.corr(value, method="spearman") == pytest.approx(alone, abs=0.01)


def test_the_bound_never_falls() -> None:
    for seed, (known, scales) in enumerate([(0, (1, 1)), (0, (0, 2)), (60, (0.5, 1.5))]):
        data, value, _ = rated(scales=scales, seed=seed)
        model = BiasVariance(n_iter=100, tol=0).fit(data, true_values=value.head(known) if known else None)
        steps = np.diff(model.loss_history_)
        assert len(steps) == 99
        assert steps.min() > -1e-9 * abs(model.loss_history_[-1])
        assert steps[:5].min() > 0


def test_the_bound_lies_a_little_below_the_log_probability_of_the_answers() -> None:
    rng = np.random.default_rng(3)
    task, worker = np.divmod(np.arange(8), 2)
    answers = kernel.Answers(task, worker, rng.normal(size=8), 4, 2, with_truth=False)
    tasks, lines, noise = kernel.start(answers, 1.5)
    for _ in range(50):  # posteriors move, priors stay: the bound of these priors
        tasks = hold(kernel.values_given(answers, lines, noise, tasks), prior_mean=0.0, prior_variance=1.0)
        lines, left = kernel.lines_given(answers, tasks, noise, lines)
        lines = hold(lines, prior_mean=np.array([0.0, 1.0]), prior_covariance=np.diag([0.1, 0.1]))
        noise = hold(kernel.noise_given(answers, left, noise), prior_rate=np.ones(2))
    bound = kernel.evidence_bound(answers, tasks, lines, noise, left)

    # The log probability by simple Monte Carlo over lines and precisions; values are integrated out by hand.
    n = 400_000
    line = np.array([0.0, 1.0]) + np.sqrt(0.1) * rng.normal(size=(n, 2, 2))
    precision = rng.gamma(1.5, 1.0, size=(n, 2))
    slopes = line[:, :, 1]
    covariance = slopes[:, :, None] * slopes[:, None, :] + (1 / precision)[:, :, None] * np.eye(2)
    away = answers.value.reshape(4, 2)[:, None, :] - line[:, :, 0]
    squares = np.einsum("tnw,nwv,tnv->n", away, np.linalg.inv(covariance), away)
    logs = -0.5 * (squares + 4 * np.linalg.slogdet(covariance)[1] + 8 * np.log(2 * np.pi))
    evidence = float(np.logaddexp.reduce(logs) - np.log(n))
    assert evidence - 1.5 < bound < evidence


def hold(fit: Any, **priors: Any) -> Any:
    """The same posterior with other priors."""
    fields = {name: getattr(fit, name) for name in type(fit).__dataclass_fields__}
    return type(fit)(**{**fields, **priors})


def test_where_all_values_are_known_lines_are_those_of_least_squares() -> None:
    data, value, _ = rated(n_tasks=3000, n_workers=5, scales=(0.4, 1.6))
    model = BiasVariance().fit(data, true_values=value)
    for worker, own in data.groupby("worker"):
        scale, level = np.polyfit(value[own["task"]] - value.mean(), own["label"] - value.mean(), 1)
        assert model.scales_[worker] == pytest.approx(scale, abs=0.02)
        assert model.biases_[worker] == pytest.approx(level, abs=0.2)


def test_of_like_workers_the_values_are_means_drawn_together() -> None:
    rng = np.random.default_rng(0)
    mean = rng.normal(0, 3, 100)
    plane = np.column_stack([np.ones(100), mean])
    away = rng.normal(0, 1, 100)
    away -= plane @ np.linalg.lstsq(plane, away, rcond=None)[0]  # so that neither worker is biased or stretches
    task = np.arange(100)
    data = pd.concat(
        [pd.DataFrame({"task": task, "worker": w, "label": mean + s * away}) for w, s in (("v", 1), ("w", -1))]
    )
    model = BiasVariance(tol=1e-9, n_iter=2000).fit(data)
    np.testing.assert_allclose(model.scales_, 1, atol=1e-6)
    np.testing.assert_allclose(model.biases_, 0, atol=1e-6)
    slope, level = np.polyfit(mean, model.values_, 1)
    np.testing.assert_allclose(model.values_, level + slope * mean, atol=1e-6)
    noise, spread = float(model.variances_.mean()), float(model.values_.var(ddof=0) + model.std_.iloc[0] ** 2)
    assert slope == pytest.approx(spread / (spread + noise / 2), abs=0.002)


def test_another_unit_of_answers_is_another_unit_of_values() -> None:
    data, _, _ = rated(scales=(0.5, 1.5))
    one = BiasVariance().fit(data)
    two = BiasVariance().fit(data.assign(label=1000 - 250 * data["label"]))
    np.testing.assert_allclose(two.values_, 1000 - 250 * one.values_, rtol=1e-9)
    np.testing.assert_allclose(two.scales_, one.scales_, rtol=1e-9)
    np.testing.assert_allclose(two.biases_, -250 * one.biases_, rtol=1e-7)
    np.testing.assert_allclose(two.variances_, 250**2 * one.variances_, rtol=1e-9)


def test_a_worker_with_few_answers_is_taken_for_an_average_one() -> None:
    data, _, _ = rated()
    stranger = pd.DataFrame({"task": [0, 1], "worker": 99, "label": data.groupby("task")["label"].mean()[[0, 1]] + 60})
    model = BiasVariance().fit(pd.concat([data, stranger]))
    assert 5 < model.biases_[99] < 30
    assert abs(model.scales_[99] - 1) < 0.3
    assert model.values_[5] == pytest.approx(BiasVariance().fit(data).values_[5], abs=1.0)


def test_known_values_stay_and_give_the_unit() -> None:
    data, value, _ = rated(n_tasks=400)
    twice = pd.Series(2 * value - 50)
    model = BiasVariance().fit(data, true_values=twice.head(200))
    np.testing.assert_array_equal(model.values_.head(200), twice.head(200))
    np.testing.assert_allclose(model.scales_, 0.5, atol=0.1)
    assert off(model.values_.tail(200), twice.tail(200)) < 8


def test_known_values_show_the_error_that_all_workers_share() -> None:
    data, value, _ = rated(n_tasks=400)
    shared = np.random.default_rng(5).normal(0, 10, len(value))
    misled = data.assign(label=data["label"] + shared[data["task"]])
    blind, taught = BiasVariance().fit(misled), BiasVariance().fit(misled, true_values=value.head(200))
    rest = value.tail(200)
    assert ((blind.values_ - rest).abs() < 1.96 * blind.std_).mean() < 0.7
    assert 0.9 < ((taught.values_ - rest).abs() < 1.96 * taught.std_)[rest.index].mean() < 0.99
    # The crowd's differences are partly that error, so values are drawn together: the regression of truth on the crowd.
    assert np.polyfit(taught.values_[rest.index], rest, 1)[0] == pytest.approx(1.0, abs=0.15)
    assert off(taught.values_[rest.index], rest) < off(blind.values_[rest.index], rest)


def test_a_prior_of_no_answers_is_refused() -> None:
    with pytest.raises(AggregationError, match="prior_answers needs to be above 0, got 0"):
        BiasVariance(prior_answers=0).fit(rated()[0])
