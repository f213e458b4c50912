"""Comparisons that a method cannot take as they are: who never lost, ties of several names, weights."""

import warnings
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from dataforge.aggregation import (
    AverageWinRate,
    BradleyTerry,
    Davidson,
    Elo,
    NoisyBradleyTerry,
    bootstrap_intervals,
)
from dataforge.aggregation.command import aggregate
from dataforge.errors import AggregationWarning

WITH_TIE = (BradleyTerry, NoisyBradleyTerry, Davidson, Elo, AverageWinRate)


def games(*winners: str) -> pd.DataFrame:
    """Games of a against b, b against c and c against a, again and again, won by these."""
    sides = [("a", "b"), ("b", "c"), ("c", "a")]
    rows = [(f"w{n % 2}", *sides[n % 3], winner) for n, winner in enumerate(winners)]
    return pd.DataFrame(rows, columns=["worker", "left", "right", "label"])


def test_an_item_that_never_lost_is_named_and_a_prior_mends_it() -> None:
    data = games("a", "b", "a", "a", "c", "a")
    with pytest.warns(AggregationWarning, match="'a' never lost, so no strength is the likeliest.* set prior above 0"):
        BradleyTerry(n_iter=100).fit(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, later = (BradleyTerry(n_iter=n, prior=1, tol=1e-9).fit_predict(data)["a"] for n in (500, 5000))
        BradleyTerry(n_iter=100).fit(games("a", "b", "c"))
    assert first == pytest.approx(later, abs=1e-6)
    told = aggregate(pa.Table.from_pandas(data), method="bradley-terry").lines()
    assert [line for line in told if line.startswith("warning: BradleyTerry: 'a' never lost")]


def test_resamples_do_not_warn_one_by_one() -> None:
    with pytest.warns(AggregationWarning) as told:
        bootstrap_intervals(BradleyTerry(n_iter=10), games("a", "b", "a", "a", "c", "a"), n_resamples=20)
    assert len(told) <= 1


@pytest.mark.parametrize("kind", WITH_TIE, ids=lambda kind: kind.__name__)
def test_a_tie_may_have_several_names(kind: Any) -> None:
    model = kind(**{"n_iter": 100} if kind is BradleyTerry else {}, tie=["tie", "both bad"])
    if hasattr(model, "ties"):
        model.set_params(ties="drop")
    found = model.fit_predict(games("a", "b", "c", "tie", "both bad", "c"))
    assert found["c"] == max(found)
    one_name = model.unfitted().set_params(tie="tie").fit_predict(games("a", "b", "c", "tie", "tie", "c"))
    assert found.tolist() == one_name.tolist()


def test_weights_of_comparisons_are_not_left_unread_without_a_word() -> None:
    with pytest.warns(AggregationWarning, match="the column 'weight' is not read.* repeat a row as often as it weighs"):
        Elo().fit(games("a", "b", "c").assign(weight=2.0))
