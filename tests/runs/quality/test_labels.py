"""Answers as numbers: small while they are labels, and nothing is lost where they are none."""

from typing import Any

import numpy as np
import pytest

from dataforge.runs.quality._labels import LabelColumn


def said(*values: Any) -> list[dict[str, Any]]:
    return [{"answer": value} for value in values]


def everything(column: LabelColumn) -> list[Any]:
    return column.given(np.arange(len(column.codes))).tolist()


def test_labels_are_numbered_in_their_order() -> None:
    column = LabelColumn("answer", ["dog", "cat"])
    assert column.take(said("cat", "dog", "cat")).tolist() == [1, 0, 1]
    assert column.codes.tolist() == [1, 0, 1]
    assert everything(column) == ["cat", "dog", "cat"]


@pytest.mark.parametrize("odd", ["Dog", "", 7, 0.5, ["dog"], {"label": "dog"}])
def test_what_is_no_label_has_no_code_and_is_given_back_as_it_came(odd: Any) -> None:
    column = LabelColumn("answer", ["dog", "cat"])
    assert column.take(said("cat", odd)).tolist() == [1, -1]
    assert column.take(said("dog")).tolist() == [0]
    assert everything(column) == ["cat", odd, "dog"]


def test_a_number_is_no_answer_to_yes_or_no_and_yes_is_no_rating() -> None:
    yes_or_no, rating = LabelColumn("answer", [True, False]), LabelColumn("answer", [0, 1, 2])
    assert yes_or_no.take(said(True, 1, 0, False)).tolist() == [0, -1, -1, 1]
    assert rating.take(said(1, True, False, 0)).tolist() == [1, -1, -1, 0]
    assert [repr(value) for value in everything(yes_or_no)] == ["True", "1", "0", "False"]
    assert [repr(value) for value in everything(rating)] == ["1", "True", "False", "0"]


def test_json_has_one_kind_of_number() -> None:
    assert LabelColumn("answer", [1, 2]).take(said(2.0)).tolist() == [1]


def test_no_answer_is_none_or_where_it_may_be_left_out_a_label() -> None:
    required, optional = LabelColumn("answer", ["dog"]), LabelColumn("answer", ["dog", None])
    answers = [{"answer": "dog"}, {"answer": None}, {}]
    assert required.take(answers).tolist() == [0, -1, -1]
    assert optional.take(answers).tolist() == [0, 1, 1]
    assert everything(required) == everything(optional) == ["dog", None, None]


def test_an_answer_that_is_a_label_costs_two_bytes() -> None:
    column = LabelColumn("answer", ["dog", "cat"])
    for _ in range(300):
        column.take(said(*["dog", "cat"] * 500))
    assert column.codes.dtype.itemsize == 2
    assert len(column.codes) == 300_000
    assert not column._no_labels


def test_a_report_is_neither_a_label_nor_the_lack_of_an_answer() -> None:
    column = LabelColumn("answer", ["dog", None])
    assert column.take([{"answer": "dog"}, "broken", {}]).tolist() == [0, -1, 1]
    assert everything(column) == ["dog", None, None]
