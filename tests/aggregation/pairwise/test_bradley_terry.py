import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.optimize import minimize
from sklearn.base import clone

from dataforge.aggregation import BradleyTerry, bootstrap_intervals
from dataforge.errors import AggregationError

# Home wins of the American League in 1987 (Agresti, Categorical Data Analysis, table 10.10), home and away together:
# row beat column so many times. Estimates and standard errors against Baltimore are printed there.
TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
ESTIMATES = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0]


def baseball() -> pd.DataFrame:
    rows = [
        (winner, loser, winner) if n % 2 else (loser, winner, winner)
        for i, winner in enumerate(TEAMS)
        for j, loser in enumerate(TEAMS)
        for n in range(WINS[i][j])
    ]
    return pd.DataFrame(rows, columns=["left", "right", "label"])


def random_comparisons(seed: int, n_items: int = 12, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=n_items)
    left = rng.integers(0, n_items, n)
    right = (left + rng.integers(1, n_items, n)) % n_items
    won = rng.random(n) < 1 / (1 + np.exp(strength[right] - strength[left]))
    names = np.array([f"item {code:02}" for code in range(n_items)])
    return pd.DataFrame({"left": names[left], "right": names[right], "label": names[np.where(won, left, right)]})


def likeliest(data: pd.DataFrame) -> pd.Series:
    """The maximum of the likelihood by a general optimiser."""
    items = sorted(set(data.left) | set(data.right))
    loser = data.left.where(data.label != data.left, data.right)
    won, lost = data.label.map(items.index).to_numpy(), loser.map(items.index).to_numpy()

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        gap = point[won] - point[lost]
        slope = -1 / (1 + np.exp(gap))
        return np.logaddexp(0, -gap).sum(), np.bincount(won, slope, len(items)) - np.bincount(lost, slope, len(items))

    point = minimize(loss, np.zeros(len(items)), jac=True, options={"gtol": 1e-9, "maxiter": 10_000}).x
    strength = np.exp(point - point.max())
    return pd.Series(strength / strength.sum(), index=items)


def test_the_estimates_are_those_of_the_textbook() -> None:
    scores = BradleyTerry(n_iter=1000, tol=1e-10).fit_predict(baseball())
    logs = np.log(scores / scores["Baltimore"])
    assert logs[TEAMS].to_numpy() == pytest.approx(ESTIMATES, abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_it_converges_to_the_maximum_of_the_likelihood(seed: int) -> None:
    data = random_comparisons(seed)
    model = BradleyTerry(n_iter=1000, tol=1e-9).fit(data)
    assert model.converged_
    pd.testing.assert_series_equal(model.scores_, likeliest(data), check_names=False, atol=1e-6)


def test_it_stops_within_the_tolerance_of_the_optimum() -> None:
    data = random_comparisons(1)
    model = BradleyTerry(n_iter=1000, tol=1e-3).fit(data)
    assert np.abs(model.scores_ - likeliest(data)).sum() < 1e-3


def test_scores_sum_to_one_and_are_named_and_sorted() -> None:
    scores = BradleyTerry(n_iter=100).fit_predict(random_comparisons(2))
    assert scores.sum() == pytest.approx(1)
    assert scores.name == "agg_score"
    assert scores.index.name is None
    assert scores.index.is_monotonic_increasing


def test_no_iterations_leave_the_items_equal() -> None:
    assert BradleyTerry(n_iter=0).fit_predict(baseball()).to_numpy() == pytest.approx(np.full(7, 1 / 7))


def test_swapping_sides_and_permuting_rows_changes_nothing() -> None:
    data = random_comparisons(3)
    turned = data.rename(columns={"left": "right", "right": "left"}).sample(frac=1, random_state=0)
    fitted = [BradleyTerry(n_iter=500).fit_predict(one) for one in (data, turned)]
    pd.testing.assert_series_equal(*fitted, atol=1e-12)


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas], ids=["polars", "arrow"])
def test_the_answer_comes_in_the_kind_of_table_that_went_in(convert) -> None:
    data = random_comparisons(4)
    other = BradleyTerry(n_iter=500).fit_predict(convert(data))
    assert type(other) is type(convert(data))
    by_name = dict(
        zip(
            *(
                column
                if isinstance(column, list)
                else column.to_pylist()
                if hasattr(column, "to_pylist")
                else column.to_list()
                for column in (other["label"], other["agg_score"])
            ),
            strict=True,
        )
    )
    assert by_name == pytest.approx(BradleyTerry(n_iter=500).fit_predict(data).to_dict())


def test_integer_and_categorical_items_give_the_same_scores() -> None:
    data = random_comparisons(5)
    names = sorted(set(data.left) | set(data.right))
    plain = BradleyTerry(n_iter=500).fit_predict(data).to_numpy()
    numbers = data.apply(lambda column: column.map(names.index))
    assert BradleyTerry(n_iter=500).fit_predict(numbers).to_numpy() == pytest.approx(plain, abs=1e-12)
    categories = data.apply(lambda column: column.astype(pd.CategoricalDtype(names)))
    assert BradleyTerry(n_iter=500).fit_predict(categories).to_numpy() == pytest.approx(plain, abs=1e-12)


def test_an_item_that_never_won_gets_nothing() -> None:
    data = pd.DataFrame({"left": ["a", "b", "a", "b"], "right": ["b", "a", "c", "c"], "label": ["a", "b", "a", "b"]})
    scores = BradleyTerry(n_iter=1000).fit_predict(data)
    assert scores["c"] == 0
    assert scores["a"] == pytest.approx(0.5)


def test_an_item_that_always_won_does_not_stop_the_fit() -> None:
    data = pd.DataFrame({"left": ["a", "a", "b", "c"], "right": ["b", "c", "c", "b"], "label": ["a", "a", "b", "c"]})
    scores = BradleyTerry(n_iter=200).fit_predict(data)
    assert np.isfinite(scores).all()
    assert scores["a"] > 0.9
    assert scores["b"] == pytest.approx(scores["c"])


def test_a_prior_makes_the_strength_of_an_unbeaten_item_finite() -> None:
    data = pd.DataFrame({"left": ["a", "a", "b", "c"], "right": ["b", "c", "c", "b"], "label": ["a", "a", "b", "c"]})
    model = BradleyTerry(n_iter=10_000, tol=1e-10, prior=0.5).fit(data)
    assert model.converged_
    assert 0.5 < model.scores_["a"] < 0.95


def test_a_prior_with_one_pair_is_what_the_formula_says() -> None:
    # a beats b once; with q = p_a / level = level / p_b the optimum solves 1.5 = q^2 / (1 + q^2) + 2 * 0.5 q / (1 + q).
    data = pd.DataFrame({"left": ["a"], "right": ["b"], "label": ["a"]})
    scores = BradleyTerry(n_iter=10_000, tol=1e-12, prior=0.5).fit_predict(data)
    q = np.sqrt(scores["a"] / scores["b"])
    assert q**2 / (1 + q**2) + q / (1 + q) == pytest.approx(1.5, abs=1e-6)


def test_unlinked_groups_share_the_whole_by_their_size() -> None:
    one, two = random_comparisons(6, n_items=5), random_comparisons(7, n_items=3)
    two = two.map(lambda name: "other " + name)
    model = BradleyTerry(n_iter=1000, tol=1e-9).fit(pd.concat([one, two]))
    first = model.scores_[model.scores_.index.isin(one.left)]
    assert first.sum() == pytest.approx(5 / 8)
    pd.testing.assert_series_equal(first * 8 / 5, likeliest(one), check_names=False, atol=1e-6)
    assert model.parts_.nunique() == 2


def test_half_a_win_for_each_is_two_comparisons_of_half_the_weight() -> None:
    data = random_comparisons(8)
    tied = pd.concat([data, data, data.iloc[:50].assign(label=None), data.iloc[:50].assign(label=None)])
    both = pd.concat([data, data, data.iloc[:50].assign(label=data.left), data.iloc[:50].assign(label=data.right)])
    one = BradleyTerry(n_iter=1000, tol=1e-10, ties="half").fit_predict(tied)
    pd.testing.assert_series_equal(one, BradleyTerry(n_iter=1000, tol=1e-10).fit_predict(both), atol=1e-8)


def test_dropped_ties_count_for_nothing() -> None:
    data = random_comparisons(9)
    tied = pd.concat([data, data.iloc[:50].assign(label=None)])
    one = BradleyTerry(n_iter=500, ties="drop").fit_predict(tied)
    pd.testing.assert_series_equal(one, BradleyTerry(n_iter=500).fit_predict(data))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "elsewhere"}, "label needs to equal left or right"),
        ({"label": None}, "there are ties"),
        ({"left": None}, "column 'left' needs an item"),
        ({"right": "item 00", "left": "item 00", "label": "item 00"}, "two different items"),
    ],
)
def test_a_bad_row_is_named(change: dict[str, str | None], message: str) -> None:
    data = random_comparisons(10).reset_index(drop=True)
    for column, value in change.items():
        data.loc[17, column] = value
    with pytest.raises(AggregationError, match=message) as raised:
        BradleyTerry(n_iter=10).fit(data)
    assert "row 17" in str(raised.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(AggregationError, match="'right' not found"):
        BradleyTerry(n_iter=10).fit(pd.DataFrame({"left": ["a"], "label": ["a"]}))


def test_an_empty_table_gives_no_scores() -> None:
    empty = pd.DataFrame({"left": [], "right": [], "label": []}, dtype=str)
    assert len(BradleyTerry(n_iter=10).fit_predict(empty)) == 0


def test_thousands_of_comparisons_of_one_pair_do_not_overflow() -> None:
    data = pd.DataFrame({"left": "a", "right": "b", "label": ["a"] * 99_999 + ["b"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = BradleyTerry(n_iter=1000, tol=1e-12).fit_predict(data)
    assert scores["b"] == pytest.approx(1e-5, rel=1e-6)


def test_standard_errors_are_those_of_the_inverse_information() -> None:
    # For two items with n comparisons and share p the log odds have the variance 1 / (n p (1 - p)); each log strength
    # moves by half of them around their mean.
    data = pd.DataFrame({"left": "a", "right": "b", "label": ["a"] * 30 + ["b"] * 70})
    table = BradleyTerry(n_iter=1000, tol=1e-12).fit(data).intervals()
    assert table["std_error"].to_numpy() == pytest.approx([np.sqrt(1 / (100 * 0.3 * 0.7)) / 2] * 2, rel=1e-6)
    assert (table["low"] < table["score"]).all()
    assert (table["score"] < table["high"]).all()


def test_intervals_hold_the_true_scores_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    strength = np.linspace(-1, 1, 8)
    truth = np.exp(strength) / np.exp(strength).sum()
    held = []
    for _ in range(60):
        left = rng.integers(0, 8, 600)
        right = (left + rng.integers(1, 8, 600)) % 8
        won = rng.random(600) < 1 / (1 + np.exp(strength[right] - strength[left]))
        data = pd.DataFrame({"left": left, "right": right, "label": np.where(won, left, right)})
        table = BradleyTerry(n_iter=1000).fit(data).intervals(level=0.9)
        held.append((table["low"].to_numpy() <= truth) & (truth <= table["high"].to_numpy()))
    assert 0.84 < np.mean(held) < 0.96


def test_estimated_errors_of_many_items_are_close_to_the_exact_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataforge.aggregation.pairwise import _strengths

    model = BradleyTerry(n_iter=1000).fit(random_comparisons(11, n_items=60, n=5000))
    exact = model.intervals()["std_error"]
    monkeypatch.setattr(_strengths, "DENSE", 0)
    probed = model.intervals()["std_error"]
    assert probed.to_numpy() == pytest.approx(exact.to_numpy(), rel=0.1)


def test_bootstrap_limits_lie_around_the_score() -> None:
    table = bootstrap_intervals(BradleyTerry(n_iter=200), random_comparisons(12), n_resamples=50)
    assert (table["low"] <= table["score"]).all()
    assert (table["score"] <= table["high"]).all()


def test_scikit_learn_can_clone_it() -> None:
    model = clone(BradleyTerry(n_iter=7, ties="half"))
    assert model.get_params()["n_iter"] == 7
    assert model.set_params(tol=0.5).tol == 0.5


def test_what_was_not_fitted_is_not_there() -> None:
    assert not hasattr(BradleyTerry(n_iter=1), "scores_")


def test_progress_is_told_after_each_iteration() -> None:
    told: list[int] = []
    model = BradleyTerry(n_iter=5, tol=0, on_iteration=lambda step, moved: told.append(step)).fit(baseball())
    assert told == [1, 2, 3, 4, 5]
    assert len(model.loss_history_) == model.n_iter_ == 5
