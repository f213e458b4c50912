import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import AverageWinRate, Elo
from dataforge.errors import AggregationError


def test_a_first_win_moves_both_ratings_by_half_the_step() -> None:
    ratings = Elo(step=32, initial=1000).fit_predict(pd.DataFrame({"left": ["a"], "right": ["b"], "label": ["a"]}))
    assert ratings.to_dict() == {"a": 1016.0, "b": 984.0}


def test_a_win_against_a_stronger_item_counts_more() -> None:
    # After the first game a stands at 1016 and b at 984: b's expected share is 1 / (1 + 10 ** (32 / 400)).
    data = pd.DataFrame({"left": ["a", "b"], "right": ["b", "a"], "label": ["a", "b"]})
    expected = 984 + 32 * (1 - 1 / (1 + 10 ** (32 / 400)))
    assert Elo().fit_predict(data)["b"] == pytest.approx(expected)


def test_a_tie_between_equals_moves_nothing() -> None:
    data = pd.DataFrame({"left": ["a"], "right": ["b"], "label": ["draw"]})
    assert Elo(tie="draw").fit_predict(data).to_numpy() == pytest.approx([1000, 1000])


def test_further_games_go_on_from_the_ratings_so_far() -> None:
    rng = np.random.default_rng(0)
    left = rng.integers(0, 6, 300)
    right = (left + rng.integers(1, 6, 300)) % 6
    data = pd.DataFrame({"left": left, "right": right, "label": np.where(rng.random(300) < 0.5, left, right)})
    parts = Elo().fit(data[:100]).partial_fit(data[100:103]).partial_fit(data[103:])
    pd.testing.assert_series_equal(parts.scores_, Elo().fit_predict(data))


def test_the_mean_over_many_orders_does_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    strength = np.linspace(-1, 1, 5)
    left = rng.integers(0, 5, 2000)
    right = (left + rng.integers(1, 5, 2000)) % 5
    won = rng.random(2000) < 1 / (1 + np.exp(strength[right] - strength[left]))
    data = pd.DataFrame({"left": left, "right": right, "label": np.where(won, left, right)})
    by_pair = data.sort_values(["left", "right", "label"])
    ratings = Elo(step=4, n_orders=20).fit_predict(by_pair)
    assert ratings.is_monotonic_increasing
    assert ratings.to_numpy() == pytest.approx(Elo(step=4, n_orders=20).fit_predict(data).to_numpy(), abs=15)
    with pytest.raises(AggregationError, match="n_orders needs to be 1"):
        Elo(n_orders=2).fit(data).partial_fit(data)


def test_the_win_rate_counts_every_opponent_once() -> None:
    # a beat b three times of four and lost to c: the mean of 3/4 and 0.
    data = pd.DataFrame({"left": list("aaaaa"), "right": list("bbbbc"), "label": list("aaabc")})
    assert AverageWinRate().fit_predict(data).to_dict() == {"a": 0.375, "b": 0.25, "c": 1.0}


def test_a_tie_is_half_a_point() -> None:
    data = pd.DataFrame({"left": ["a", "a"], "right": ["b", "b"], "label": ["a", None]})
    assert AverageWinRate().fit_predict(data).to_dict() == {"a": 0.75, "b": 0.25}
