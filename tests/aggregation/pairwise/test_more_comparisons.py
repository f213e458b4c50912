"""Comparisons that come in parts, and rows that say nothing of who won."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import AverageWinRate, BradleyTerry, Davidson, Elo, NoisyBradleyTerry
from dataforge.aggregation.kernels.comparisons import added_pairs, count_pairs, win_rates
from dataforge.aggregation.pairwise._looks import looks_of
from dataforge.errors import AggregationError

EVERY = [BradleyTerry(n_iter=100), NoisyBradleyTerry(), Davidson(), Elo(), AverageWinRate()]


def played(*games: str) -> pd.DataFrame:
    """Games such as "ab>" (a won), "ab<" (b won) and "ab=" (a tie)."""
    won = {">": 0, "<": 1}
    rows = [(0, game[0], game[1], game[won[game[2]]] if game[2] in won else None) for game in games]
    return pd.DataFrame(rows, columns=["worker", "left", "right", "label"])


@pytest.mark.parametrize("model", EVERY, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("convert", [lambda frame: frame, pl.from_pandas], ids=["pandas", "polars"])
def test_a_label_that_is_neither_side_is_named_with_the_model_of_ties(model: Any, convert: Any) -> None:
    data = played("ab>", "bc<").assign(label=["a", "same"])
    with pytest.raises(AggregationError, match=r"got 'same'; .* Davidson\(tie='same'\); row 1"):
        model.unfitted().fit(convert(data))


def test_the_label_of_a_tie_cannot_be_an_item() -> None:
    with pytest.raises(AggregationError, match="tie needs to be a label that no item has, got 'a'"):
        Davidson(tie="a").fit(played("ab>", "bc<"))


@pytest.mark.parametrize("model", [BradleyTerry(n_iter=5000, tol=1e-10), Davidson(n_iter=5000, tol=1e-10)])
def test_an_item_that_had_not_won_before_gets_its_strength_once_it_wins(model: Any) -> None:
    early, late = played("ab>", "ab<", "ac>", "bc>"), played("ca>", "cb<")
    assert model.fit(early).scores_["c"] == 0
    stepwise = model.partial_fit(late).scores_
    pd.testing.assert_series_equal(stepwise, model.unfitted().fit(pd.concat([early, late])).scores_, atol=1e-7)
    assert stepwise["c"] > 0


def test_a_game_between_two_groups_links_them() -> None:
    groups = played("ab>", "ab<", "cd>", "cd<")
    model = BradleyTerry(n_iter=5000, tol=1e-10).fit(groups)
    assert model.parts_.tolist() == [0, 0, 1, 1]
    linked = model.partial_fit(played("bc>", "bc<", "bc>"))
    assert linked.parts_.nunique() == 1
    # b took two points of three from c; the others are equal to their partners.
    assert linked.scores_.to_numpy() == pytest.approx([1 / 3, 1 / 3, 1 / 6, 1 / 6], abs=1e-6)


@pytest.mark.parametrize(
    "model", [BradleyTerry(n_iter=9, prior=0.5), Davidson(prior=0.5), NoisyBradleyTerry(n_iter=50)]
)
def test_a_prior_gives_finite_strengths_to_groups_apart_and_to_who_never_won(model: Any) -> None:
    scores = model.unfitted().fit(played("ab>", "ab>", "cd>", "cd<")).scores_
    assert np.isfinite(scores).all()
    assert (scores > 0).all()
    assert scores["b"] < scores["c"] < scores["a"] or type(model) is NoisyBradleyTerry


def test_ties_come_in_parts_too() -> None:
    early, late = played("ab=", "ab>", "ab<", "bc>", "bc<"), played("ab=", "ca=", "ca>", "bc=")
    model = Davidson(n_iter=5000, tol=1e-11)
    stepwise = model.fit(early).partial_fit(late)
    whole = Davidson(n_iter=5000, tol=1e-11).fit(pd.concat([early, late]))
    assert stepwise.tie_rate_ == pytest.approx(whole.tie_rate_, abs=1e-6)
    pd.testing.assert_series_equal(stepwise.scores_, whole.scores_, atol=1e-7)


def test_counts_of_parts_are_the_counts_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    left = rng.integers(0, 6, 200).astype(np.int32)
    right = ((left + rng.integers(1, 6, 200)) % 6).astype(np.int32)
    outcome = rng.choice([0.0, 0.5, 1.0], 200)
    places = np.array([5, 3, 0, 1, 2, 4])  # the parts number the items otherwise than the whole
    turned = np.argsort(places).astype(np.int32)
    parts = [
        (count_pairs(turned[left[some]], turned[right[some]], outcome[some], 6), places)
        for some in (slice(0, 80), slice(80, 200))
    ]
    whole, found = count_pairs(left, right, outcome, 6), added_pairs(parts, 6)
    for name in ("first", "second", "first_wins", "second_wins", "ties"):
        assert (getattr(found, name) == getattr(whole, name)).all()
    assert np.array_equal(win_rates(found), win_rates(whole))


def test_a_prior_of_workers_keeps_a_beginner_near_it() -> None:
    data = played("ab>", "ab>", "ba<")
    free = NoisyBradleyTerry(n_iter=500).fit(data).skills_.iloc[0]
    tied = NoisyBradleyTerry(n_iter=500, worker_prior=(200.0, 800.0)).fit(data).skills_.iloc[0]
    assert tied == pytest.approx(0.2, abs=0.01)
    assert abs(free - 0.2) > 0.01


def test_the_law_of_a_skill_is_the_likelihood_with_the_bias_integrated_out() -> None:
    # A worker who does not look always says left, and right was the better item: an answer tells who looked.
    looked, not_looked = 30, 10
    gap = np.concatenate([np.full(looked, 40.0), np.full(not_looked, -40.0)])
    left_won = np.concatenate([np.zeros(looked, bool), np.ones(not_looked, bool)])
    low, high = looks_of(np.zeros(40, np.int32), gap, left_won, 1, (0.0, 0.0)).skill(0.95)
    # With an unknown bias b the likelihood is (s + (1 - s)(1 - b))^30 ((1 - s) b)^10: integrate it by hand.
    s, b = np.meshgrid((np.arange(4000) + 0.5) / 4000, (np.arange(400) + 0.5) / 400, indexing="ij")
    weight = ((s + (1 - s) * (1 - b)) ** looked * ((1 - s) * b) ** not_looked).sum(axis=1)
    law = np.cumsum(weight) / weight.sum()
    assert low[0] == pytest.approx(np.interp(0.025, law, s[:, 0]), abs=0.01)
    assert high[0] == pytest.approx(np.interp(0.975, law, s[:, 0]), abs=0.01)
