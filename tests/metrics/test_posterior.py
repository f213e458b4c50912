import numpy as np
import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import DawidSkene, MajorityVote
from dataforge.errors import AggregationError
from dataforge.metrics.data import consistency, uncertainty


def answers() -> pd.DataFrame:
    rows = [("X", "A", "Yes"), ("X", "B", "No"), ("Y", "A", "Yes"), ("Y", "B", "Yes"), ("Z", "A", "Maybe")]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def test_consistency_is_the_posterior_of_the_chosen_label() -> None:
    # X is a tie and goes to No. Three labels: P(No) ~ 0.1 * 0.6, P(Yes) ~ 0.8 * 0.2, P(Maybe) ~ 0.1 * 0.2.
    found = consistency(answers(), workers_skills={"A": 0.8, "B": 0.6}, by_task=True)
    assert found["X"] == pytest.approx(0.06 / (0.06 + 0.16 + 0.02))
    assert found["Y"] == pytest.approx(0.48 / (0.48 + 0.1 * 0.2 * 2))
    assert found["Z"] == pytest.approx(0.8)
    assert (found.name, found.index.name) == (None, "task")
    assert consistency(answers(), workers_skills={"A": 0.8, "B": 0.6}) == pytest.approx(found.mean())


def test_the_skills_are_those_of_the_majority_vote_unless_given() -> None:
    # Majority vote takes No for X, Yes for Y, Maybe for Z: A is right in two of three, B in both.
    expected = consistency(answers(), workers_skills={"A": 2 / 3, "B": 1.0}, by_task=True)
    pd.testing.assert_series_equal(consistency(answers(), by_task=True), expected)
    pd.testing.assert_series_equal(consistency(answers(), aggregator=MajorityVote(), by_task=True), expected)


def test_thousands_of_answers_do_not_vanish() -> None:
    data = pd.DataFrame({"task": "t", "worker": range(5000), "label": ["a"] * 2501 + ["b"] * 2499})
    found = consistency(data, workers_skills=dict.fromkeys(range(5000), 0.6))
    assert found == pytest.approx(0.6**2 / (0.6**2 + 0.4**2))


def test_impossible_answers_have_no_consistency() -> None:
    data = pd.DataFrame({"task": "t", "worker": ["a", "b"], "label": ["x", "y"]})
    assert consistency(data, workers_skills={"a": 1.0, "b": 1.0}) == 0


def test_a_worker_without_skill_is_ignored() -> None:
    one = consistency(answers(), workers_skills={"A": 0.8}, by_task=True)
    assert one["Z"] == pytest.approx(0.8)
    assert one["Y"] == pytest.approx(0.8)


def test_uncertainty_is_the_entropy_of_the_answers() -> None:
    found = uncertainty(answers(), aggregate=False)
    assert found.to_dict() == pytest.approx({"X": np.log(2), "Y": 0, "Z": 0})
    assert uncertainty(answers()) == pytest.approx(np.log(2) / 3)
    by_worker = uncertainty(answers(), compute_by="worker", aggregate=False)
    assert by_worker.to_dict() == pytest.approx({"A": -2 / 3 * np.log(2 / 3) - np.log(1 / 3) / 3, "B": np.log(2)})


def test_skills_spread_the_answers() -> None:
    # X: Yes 0.8 + 0.2, No 0.1 + 0.6, Maybe 0.1 + 0.2 of three labels.
    found = uncertainty(answers(), workers_skills={"A": 0.8, "B": 0.6}, aggregate=False)
    shares = np.array([1.0, 0.7, 0.3]) / 2
    assert found["X"] == pytest.approx(-(shares * np.log(shares)).sum())


@pytest.mark.parametrize("name", ["task", "worker", "skill", "denominator", 7])
def test_labels_may_have_any_name(name: str | int) -> None:
    data = answers().replace({"label": {"Yes": name}}) if isinstance(name, str) else answers()
    if not isinstance(name, str):
        data = data.assign(label=data.label.map({"Yes": 7, "No": 5, "Maybe": 6}))
    assert uncertainty(data) == pytest.approx(uncertainty(answers()))
    assert consistency(data.assign(task="t")) >= 0


def test_every_worker_needs_a_skill_for_uncertainty() -> None:
    with pytest.raises(AggregationError, match="1 have none, such as 'B'"):
        uncertainty(answers(), workers_skills={"A": 1.0})


@pytest.mark.parametrize("skill", [-0.1, 1.5])
def test_a_skill_is_a_probability(skill: float) -> None:
    with pytest.raises(AggregationError, match="between 0 and 1"):
        consistency(answers(), workers_skills={"A": skill, "B": 0.5})


def test_an_aggregator_without_skills_is_refused() -> None:
    with pytest.raises(AggregationError, match="finds no skills"):
        consistency(answers(), aggregator=DawidSkeneWithoutSkills())


class DawidSkeneWithoutSkills:
    def fit_predict(self, data: pd.DataFrame) -> pd.Series:
        return DawidSkene().fit_predict(data)


def test_polars_comes_back_as_polars() -> None:
    found = uncertainty(pl.from_pandas(answers()), aggregate=False)
    assert found.columns == ["task", "uncertainty"]
    assert consistency(pl.from_pandas(answers())) == pytest.approx(consistency(answers()))
