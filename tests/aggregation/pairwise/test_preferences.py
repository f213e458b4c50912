"""Preference tests of two systems."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import mean_opinion_scores, preference_test
from dataforge.errors import AggregationError


def table(votes: list[tuple[int, str, str | None]]) -> pd.DataFrame:
    """Comparisons of `a` and `b`, every second one with its sides swapped."""
    rows = [(t, w, *(("a", "b") if n % 2 else ("b", "a")), label) for n, (t, w, label) in enumerate(votes)]
    return pd.DataFrame(rows, columns=["task", "worker", "left", "right", "label"])


def test_the_share_counts_a_tie_as_half_and_each_worker_has_one_vote_in_the_sign_test() -> None:
    # By worker: u prefers a twice, v prefers a once and ties, w prefers b, x is of two minds.
    votes = [(0, "u", "a"), (1, "u", "a"), (0, "v", "a"), (1, "v", None), (0, "w", "b"), (0, "x", "a"), (1, "x", "b")]
    found = preference_test(table(votes)).pairs.reset_index()
    (row,) = found.to_dict("records")
    assert (row["first"], row["second"]) == ("a", "b")
    assert row["share"] == pytest.approx(4.5 / 7)
    assert (row["prefer_first"], row["prefer_second"], row["ties"]) == (4, 2, 1)
    assert (row["workers_first"], row["workers_second"]) == (2, 1)
    # Two heads and a tail of three coins, or more of one mind: certain.
    assert row["p_value"] == 1.0


def test_the_sign_test_is_that_of_a_coin() -> None:
    votes = [(task, f"w{worker}", "a" if worker else "b") for worker in range(9) for task in range(3)]
    row = preference_test(table(votes)).pairs.iloc[0]
    # 2 (1 + 9) / 2^9
    assert (row["workers_first"], row["workers_second"], row["p_value"]) == (8, 1, pytest.approx(20 / 512))


def test_limits_are_those_of_scores_that_are_one_nought_or_a_half() -> None:
    rng = np.random.default_rng(0)
    votes = [(t, f"w{w}", rng.choice(["a", "a", "b", None])) for w in range(8) for t in range(10)]
    data = table(votes)
    row = preference_test(data).pairs.iloc[0]
    scores = data.assign(system="a", label=data["label"].map({"a": 1.0, "b": 0.0}).fillna(0.5))
    other = mean_opinion_scores(scores).systems.loc["a"]
    assert row[["share", "low", "high"]].tolist() == pytest.approx(other[["score", "low", "high"]].tolist())


@pytest.mark.parametrize("votes", [[(0, "u", None), (1, "v", None)], [(0, "u", "a"), (1, "u", "b")], [(0, "u", "a")]])
def test_ties_only_one_worker_or_one_answer_have_no_limits_and_show_nothing(votes: list[tuple[int, str, None]]) -> None:
    row = preference_test(table(votes)).pairs.iloc[0]
    assert math.isnan(row["low"])
    assert math.isnan(row["high"])
    assert row["p_value"] == 1.0


def test_pairs_are_told_apart_and_come_in_the_kind_of_table_that_went_in() -> None:
    data = pl.DataFrame({"left": ["a", "c"], "right": ["b", "a"], "label": ["a", "same"], "worker": ["u", "u"]})
    found = preference_test(data, tie="same")
    assert isinstance(found.pairs, pl.DataFrame)
    assert found.pairs.select("first", "second", "share").rows() == [("a", "b", 1.0), ("a", "c", 0.5)]
    ET.fromstring(found.to_svg("A & B"))
    assert "a over b" in found._repr_html_()


def test_nothing_to_compare_is_said_to_be_so() -> None:
    with pytest.raises(AggregationError, match="no comparisons"):
        preference_test(table([]))
    with pytest.raises(AggregationError, match="tie"):
        preference_test(table([(0, "u", "no difference")]))


def test_limits_hold_where_workers_have_habits_of_their_own() -> None:
    rng, held, plain, studies = np.random.default_rng(2), 0, 0, 200
    for _ in range(studies):
        chance = 1 / (1 + np.exp(-(rng.normal(0, 1.5, (10, 1)) + rng.normal(0, 0.5, (1, 20)))))
        won = rng.random((10, 20)) < chance
        votes = [(t, f"w{w}", "a" if won[w, t] else "b") for w in range(10) for t in range(20)]
        row = preference_test(table(votes)).pairs.iloc[0]
        held += row["low"] <= 0.5 <= row["high"]
        plain += abs(won.mean() - 0.5) <= 1.96 * 0.5 / 200**0.5
    assert held / studies > 0.9
    assert plain / studies < 0.7
