"""Chances of pairs against the models' own formulas."""

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import AverageWinRate, BradleyTerry, Davidson, Elo, MajorityVote, NoisyBradleyTerry
from dataforge.aggregation.pairwise._chances import read_pairs
from dataforge.aggregation.tables.frames import encode, read
from dataforge.errors import AggregationError


def games(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["left", "right", "label"]).assign(worker="w")


PAIR = pd.DataFrame({"left": ["a"], "right": ["b"]}, index=["final"])


def test_two_items_win_as_often_as_they_did() -> None:
    model = BradleyTerry(n_iter=500, tol=1e-12).fit(games(*[("a", "b", "a")] * 3, ("b", "a", "b")))
    assert model.predict_proba(PAIR).to_dict("index") == {"final": pytest.approx({"left": 0.75, "right": 0.25})}
    assert model.predict(PAIR).to_dict() == {"final": "a"}


def test_davidson_foretells_ties_as_often_as_there_were() -> None:
    rows = [*[("a", "b", "a")] * 4, ("a", "b", "b"), *[("b", "a", None)] * 5]
    model = Davidson(n_iter=5000, tol=1e-13).fit(games(*rows))
    found = model.predict_proba(PAIR).loc["final"].to_dict()
    assert found == pytest.approx({"left": 0.4, "right": 0.1, "tie": 0.5}, abs=1e-6)


def test_a_gap_of_one_scale_of_elo_is_ten_to_one() -> None:
    model = Elo(step=400.0, scale=400.0).fit(games(("a", "b", "a")))  # 1200 against 800
    assert model.predict_proba(PAIR).loc["final"].to_dict() == pytest.approx({"left": 10 / 11, "right": 1 / 11})
    assert model.predict_scores(PAIR).loc["final"].to_dict() == {"left": 1200.0, "right": 800.0}


def test_the_odds_of_noisy_bradley_terry_are_those_of_its_scores() -> None:
    model = NoisyBradleyTerry(regularization_ratio=0.1).fit(games(*[("a", "b", "a")] * 3, ("b", "a", "b")))
    a, b = model.scores_["a"], model.scores_["b"]
    odds = (a / (1 - a)) / (b / (1 - b))
    assert model.predict_proba(PAIR).loc["final", "left"] == pytest.approx(odds / (1 + odds))


def test_equal_items_leave_it_to_the_lesser_name() -> None:
    model = BradleyTerry(n_iter=100).fit(games(("a", "b", "a"), ("a", "b", "b")))
    assert model.predict(PAIR[["right", "left"]].set_axis(["left", "right"], axis=1)).tolist() == ["a"]


def test_chances_are_equal_by_their_ratio_however_rare_a_win_is_among_ties() -> None:
    table = pd.DataFrame({"left": ["a", "b", "b"], "right": ["b", "a", "a"]})
    items = encode(read(table, ["left"])[0]["left"]).values
    pairs = read_pairs(table, items, "the model")
    rare = {"left": np.array([1e-12, 3e-12, 1e-12]), "right": np.array([2e-12, 1e-12, 1e-12 * (1 + 1e-12)])}
    assert pairs.likelier(rare).tolist() == ["b", "b", "a"]


def test_items_without_a_chain_of_comparisons_have_no_chances_but_with_a_prior() -> None:
    apart = games(("a", "c", "a"), ("b", "d", "b"))
    with pytest.raises(AggregationError, match=r"none between 'a' and 'b' in row 0 .* set prior above 0"):
        BradleyTerry(n_iter=100).fit(apart).predict(PAIR)
    chances = BradleyTerry(n_iter=100, prior=1.0).fit(apart).predict_proba(PAIR)
    assert np.allclose(chances, 0.5)


def test_a_rate_says_how_items_fared_and_foretells_nothing() -> None:
    assert not hasattr(AverageWinRate, "predict")


def test_a_vote_goes_on_with_the_skills_it_was_given() -> None:
    answers = pd.DataFrame({"task": list("tttuuu"), "worker": list("xyzxyz"), "label": list("bbabba")})
    model = MajorityVote().fit(answers, skills={"x": 1.0, "y": 1.0, "z": 5.0})
    more = pd.DataFrame({"task": list("vv"), "worker": list("xz"), "label": list("ba")})
    assert model.predict(more).to_dict() == {"v": "a"}
    assert model.predict_scores(more).loc["v"].to_dict() == {"a": 5.0, "b": 1.0}
    assert model.labels_.index.tolist() == ["t", "u"]
    with pytest.raises(AggregationError, match="skills need every worker"):
        model.predict(more.assign(worker=["x", "stranger"]))
