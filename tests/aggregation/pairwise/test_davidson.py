import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from dataforge.aggregation import BradleyTerry, Davidson


def tied_comparisons(seed: int, n_items: int = 8, n: int = 2000, tie_rate: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    strength = np.exp(rng.normal(size=n_items))
    left = rng.integers(0, n_items, n)
    right = (left + rng.integers(1, n_items, n)) % n_items
    odds = np.stack([strength[left], strength[right], tie_rate * np.sqrt(strength[left] * strength[right])])
    draw = rng.random(n) * odds.sum(axis=0)
    label = np.select([draw < odds[0], draw < odds[:2].sum(axis=0)], [left, right], -1)
    names = np.array([*(f"item {code}" for code in range(n_items)), None], dtype=object)
    return pd.DataFrame({"left": names[left], "right": names[right], "label": names[label]})


def likeliest(data: pd.DataFrame) -> tuple[np.ndarray, float]:
    items = sorted(set(data.left))
    left, right = data.left.map(items.index).to_numpy(), data.right.map(items.index).to_numpy()
    won_left, tied = (data.label == data.left).to_numpy(), data.label.isna().to_numpy()

    def loss(point: np.ndarray) -> float:
        one, two = point[:-1][left], point[:-1][right]
        tie = point[-1] + (one + two) / 2
        whole = np.logaddexp(np.logaddexp(one, two), tie)
        return float(-(np.select([tied, won_left], [tie, one], two) - whole).sum() + 1e-3 * point[:-1].sum() ** 2)

    point = minimize(loss, np.zeros(len(items) + 1), options={"gtol": 1e-6, "maxiter": 10_000}).x
    strength = np.exp(point[:-1])
    return strength / strength.sum(), float(np.exp(point[-1]))


def test_it_finds_the_maximum_of_the_likelihood() -> None:
    data = tied_comparisons(0)
    model = Davidson(tol=1e-9).fit(data)
    scores, tie_rate = likeliest(data)
    assert model.converged_
    assert model.scores_.to_numpy() == pytest.approx(scores, abs=1e-5)
    assert model.tie_rate_ == pytest.approx(tie_rate, abs=1e-4)


def test_without_ties_it_is_the_bradley_terry_model() -> None:
    data = tied_comparisons(1).dropna()
    one, two = Davidson(tol=1e-10).fit(data), BradleyTerry(n_iter=1000, tol=1e-10).fit_predict(data)
    assert one.tie_rate_ == 0
    pd.testing.assert_series_equal(one.scores_, two, atol=1e-9)


def test_a_label_may_stand_for_a_tie() -> None:
    data = tied_comparisons(2)
    named = data.assign(label=data.label.where(data.label.notna(), "neither"))
    one, two = Davidson().fit(data), Davidson(tie="neither").fit(named)
    pd.testing.assert_series_equal(one.scores_, two.scores_)


def test_only_ties_leave_the_items_equal() -> None:
    data = tied_comparisons(3, n_items=3).assign(label=None)
    assert Davidson().fit_predict(data).to_numpy() == pytest.approx([1 / 3] * 3)


def test_standard_errors_agree_with_the_spread_of_repeated_experiments() -> None:
    fits = [Davidson().fit(tied_comparisons(4).sample(frac=1, replace=True, random_state=seed)) for seed in range(150)]
    logs = np.array([np.log(fit.scores_) - np.log(fit.scores_).mean() for fit in fits])
    promised = Davidson().fit(tied_comparisons(4)).intervals()["std_error"].to_numpy()
    assert logs.std(axis=0) == pytest.approx(promised, rel=0.25)
