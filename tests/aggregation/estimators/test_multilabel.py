"""Answers that are sets of labels."""

import pandas as pd
import polars as pl
import pytest

from dataforge.aggregation import KOS, BinaryRelevance, DawidSkene, MajorityVote
from dataforge.aggregation.base import BaseClassificationAggregator
from dataforge.errors import AggregationError

DATA = pd.DataFrame(
    {
        "task": ["t1", "t1", "t1", "t2", "t2", "t2"],
        "worker": ["x", "y", "z", "x", "y", "z"],
        "label": [["car", "tree"], ["tree"], ["tree", "car"], ["house"], ["house"], []],
    }
)


def test_a_label_belongs_if_its_aggregator_says_so() -> None:
    labels = BinaryRelevance().fit_predict(DATA)
    assert labels.to_dict() == {"t1": ["car", "tree"], "t2": ["house"]}
    assert (labels.name, labels.index.name) == ("agg_label", "task")


@pytest.mark.parametrize("base", [MajorityVote(), DawidSkene(10), KOS(5)])
def test_any_estimator_serves_as_the_base_even_where_all_agree(base: BaseClassificationAggregator) -> None:
    unanimous = DATA.assign(label=[["a"]] * 6)
    assert BinaryRelevance(base).fit_predict(unanimous).to_dict() == {"t1": ["a"], "t2": ["a"]}


def test_estimators_share_nothing() -> None:
    first, second = BinaryRelevance(), BinaryRelevance()
    first.fit(DATA)
    second.fit(DATA.assign(label=[["a"]] * 6))
    assert sorted(first.aggregators_) == ["car", "house", "tree"]
    assert sorted(second.aggregators_) == ["a"]


def test_empty_answers_give_empty_lists() -> None:
    assert BinaryRelevance().fit_predict(DATA.assign(label=[[]] * 6)).to_dict() == {"t1": [], "t2": []}
    assert len(BinaryRelevance().fit_predict(DATA.head(0))) == 0


def test_polars_comes_back_as_polars() -> None:
    found = BinaryRelevance().fit_predict(pl.from_pandas(DATA))
    assert dict(found.iter_rows()) == {"t1": ["car", "tree"], "t2": ["house"]}


def test_an_answer_that_is_no_list_is_named() -> None:
    with pytest.raises(AggregationError, match="column 'label': row 0 needs a list of labels, got 'car'; split it"):
        BinaryRelevance().fit(DATA.assign(label="car"))


def test_a_missing_list_is_no_answer_and_an_empty_one_is() -> None:
    lists = [["car"], None, None, [], [], ["house"]]
    assert BinaryRelevance().fit_predict(DATA.assign(label=lists)).to_dict() == {"t1": ["car"], "t2": []}


@pytest.mark.parametrize("labels", [["car", None], ["car", float("nan")], {"car": 1}])
def test_a_list_without_a_label_in_a_place_is_named(labels: object) -> None:
    with pytest.raises(AggregationError, match="column 'label': row 1 needs"):
        BinaryRelevance().fit(DATA.assign(label=[["car"], labels, *[["car"]] * 4]))


def test_a_base_that_is_no_estimator_is_named() -> None:
    with pytest.raises(AggregationError, match="classification estimator such as MajorityVote"):
        BinaryRelevance(MajorityVote).fit(DATA)  # type: ignore[arg-type]


def test_other_answers_are_judged_by_the_aggregators_as_they_are() -> None:
    answers = pd.DataFrame({"task": list("ttuu"), "worker": list("xyxy"), "label": [["a"], ["a", "b"], ["b"], ["b"]]})
    more = pd.DataFrame({"task": ["v"], "worker": ["x"], "label": [["b"]]})
    model = BinaryRelevance(DawidSkene(n_iter=5)).fit(answers)
    assert model.predict(more).to_dict() == {"v": ["b"]}
    with pytest.raises(AggregationError, match=r"labels \['c'\] were not seen"):
        model.predict(more.assign(label=[["c"]]))
    with pytest.raises(AggregationError, match=r"base_aggregator that has it, such as DawidSkene"):
        BinaryRelevance(KOS()).fit(answers).predict(more)
