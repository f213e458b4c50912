import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.metrics import precision_recall_fscore_support

from dataforge.metrics.workers import accuracy_on_aggregates, precision_recall


def answers() -> pd.DataFrame:
    rows = [("t1", "a", "x"), ("t1", "b", "x"), ("t1", "c", "y"), ("t2", "a", "y"), ("t2", "b", "y"), ("t2", "c", "y")]
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def test_accuracy_is_against_the_majority_unless_labels_are_given() -> None:
    assert accuracy_on_aggregates(answers()) == pytest.approx(5 / 6)
    assert accuracy_on_aggregates(answers(), by="worker").to_dict() == {"a": 1, "b": 1, "c": 0.5}
    gold = pd.Series({"t1": "y"})
    assert accuracy_on_aggregates(answers(), aggregates=gold) == pytest.approx(1 / 3)
    assert accuracy_on_aggregates(answers(), aggregates=gold, by="task").to_dict() == pytest.approx({"t1": 1 / 3})


def test_each_of_several_true_labels_is_right() -> None:
    gold = pd.Series(["x", "y"], index=["t1", "t1"])
    assert accuracy_on_aggregates(answers(), aggregates=gold, by="worker").to_dict() == {"a": 1, "b": 1, "c": 1}


def test_an_answer_given_twice_counts_once() -> None:
    data = pd.concat([answers(), answers()[2:3], answers()[2:3]])
    assert accuracy_on_aggregates(data, aggregates=pd.Series({"t1": "x", "t2": "y"})) == pytest.approx(5 / 6)


def test_without_any_true_label_there_is_no_accuracy() -> None:
    gold = pd.Series({"elsewhere": "x"})
    assert np.isnan(accuracy_on_aggregates(answers(), aggregates=gold))
    assert len(accuracy_on_aggregates(answers(), aggregates=gold, by="worker")) == 0


def test_precision_and_recall_equal_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = pd.Series(rng.choice(list("abc"), 400))
    data = pd.DataFrame({"task": range(400), "worker": "w", "label": truth.where(rng.random(400) < 0.7, "b")})
    table = precision_recall(data, truth)
    precision, recall, f1, support = precision_recall_fscore_support(truth, data.label, labels=list("abc"))
    assert table["precision"].to_numpy() == pytest.approx(precision)
    assert table["recall"].to_numpy() == pytest.approx(recall)
    assert table["f1"].to_numpy() == pytest.approx(f1)
    assert table["n_true"].tolist() == support.tolist()


def test_each_worker_has_rows_of_his_own() -> None:
    table = precision_recall(answers(), pd.Series({"t1": "x", "t2": "y"}), by="worker")
    of_c = table.loc["c"].set_index("label")
    assert of_c.loc["x", "recall"] == 0
    assert np.isnan(of_c.loc["x", "precision"])
    assert of_c.loc["y", "precision"] == 0.5
    assert table.loc["a"].set_index("label")["f1"].tolist() == [1, 1]


def test_aggregated_labels_are_judged_too() -> None:
    chosen = pd.Series({"t1": "x", "t2": "y"}, name="agg_label").rename_axis("task")
    table = precision_recall(chosen, {"t1": "x", "t2": "z"})
    assert table.loc["x", "f1"] == 1
    assert table.loc["z", "recall"] == 0
    frame = pl.from_pandas(chosen.reset_index())
    assert precision_recall(frame, {"t1": "x", "t2": "z"})["label"].to_list() == ["x", "y", "z"]
