import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import BradleyTerry, MajorityVote, utils
from dataforge.errors import AggregationError


def answers() -> pd.DataFrame:
    rows = [("t1", "a", "x"), ("t1", "b", "y"), ("t2", "a", "y"), ("t2", "b", "y"), ("t3", "c", "x")]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def test_the_most_probable_label_does_not_depend_on_the_order_of_columns() -> None:
    table = pd.DataFrame([[0.5, 0.5], [0.2, 0.8]], columns=["b", "a"])
    assert utils.get_most_probable_labels(table).tolist() == ["a", "a"]
    assert utils.get_most_probable_labels(table[["a", "b"]]).tolist() == ["a", "a"]


def test_rows_are_scaled_to_one() -> None:
    table = pd.DataFrame([[1.0, 3.0], [0.0, 0.0]])
    assert utils.normalize_rows(table).to_numpy().tolist() == [[0.25, 0.75], [0.5, 0.5]]


def test_accuracy_counts_any_true_label_and_each_answer_once() -> None:
    gold = pd.Series(["x", "y", "y"], index=["t1", "t1", "t2"])
    assert utils.get_accuracy(answers(), gold) == 1
    data = pd.concat([answers(), answers()[:1]])
    assert utils.get_accuracy(data, pd.Series({"t1": "y", "t2": "y"})) == pytest.approx(0.75)
    assert utils.get_accuracy(data, pd.Series({"t1": "y", "t2": "y"}), by="worker").to_dict() == {"a": 0.5, "b": 1}


def test_weights_weigh_the_accuracy() -> None:
    data = answers().assign(weight=[3, 1, 1, 1, 1])
    assert utils.get_accuracy(data, pd.Series({"t1": "x"})) == pytest.approx(0.75)


def test_skills_come_by_worker() -> None:
    skills = pd.Series({"a": 0.9, "b": 0.4, "c": 0.7})
    assert utils.manage_data(answers(), skills=skills)["skill"].tolist() == [0.9, 0.4, 0.9, 0.4, 0.7]
    assert utils.add_skills_to_data(answers(), skills, "error", None)["skill"].tolist() == [0.9, 0.4, 0.9, 0.4, 0.7]


def test_missing_skills_follow_the_rule() -> None:
    skills = pd.Series({"a": 0.9})
    with pytest.raises(AggregationError, match="3 answers have none"):
        utils.add_skills_to_data(answers(), skills, "error", None)
    with pytest.raises(AggregationError, match="1 tasks have none"):
        utils.add_skills_to_data(answers(), skills, "ignore", None)
    assert len(utils.add_skills_to_data(answers()[:4], skills, "ignore", None)) == 2
    assert utils.add_skills_to_data(answers(), skills, "value", 0.1)["skill"].tolist() == [0.9, 0.1, 0.9, 0.1, 0.1]


def test_a_clone_has_the_parameters_and_nothing_else() -> None:
    model = MajorityVote().fit(answers())
    copy = utils.clone_aggregator(model)
    assert not hasattr(copy, "labels_")
    assert utils.clone_aggregator(BradleyTerry(n_iter=3)).n_iter == 3
    with pytest.raises(AggregationError, match="an aggregator is needed"):
        utils.clone_aggregator("no aggregator")  # type: ignore[type-var]


def test_predictions_are_evaluated_by_task() -> None:
    true = pd.DataFrame({"task": [1, 2], "label": ["a", "b"]})
    assert utils.evaluate(true, pd.DataFrame({"task": [2, 1], "label": ["b", "c"]}), utils.evaluate_equal) == 0.5
    with pytest.raises(AggregationError, match="1 matched"):
        utils.evaluate(true, true[:1])


def test_factors_keep_the_shape() -> None:
    values, codes = utils.factorize(np.array([["b", "a"], ["a", "c"]]))
    assert values[codes].tolist() == [["b", "a"], ["a", "c"]]


def test_a_named_attribute_names_what_is_put_into_it() -> None:
    class Model:
        skills_ = utils.named_series_attrib("skill")

    model = Model()
    assert not hasattr(model, "skills_")
    model.skills_ = pd.Series([1.0], name="anything")
    assert model.skills_.name == "skill"
