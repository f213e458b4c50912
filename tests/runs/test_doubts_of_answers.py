"""Control items that are wrong themselves, found by the answers of good workers, and what workers confuse; by hand."""

import math

import pytest
from tests.runs.conftest import control_rows, crowd
from tests.runs.test_corrections import GOOD, Finish, Start

from dataforge.runs.handle.found.control import evidence


def test_three_able_workers_who_say_the_same_outweigh_the_known_answer_by_the_product_of_their_odds() -> None:
    # Right 9 of 10 times with two labels: odds 9 : 1 each, 9^3 = 729 together.
    doubt = evidence("dog", [("cat", 0.9)] * 3, labels=2)
    assert (doubt.ratio, doubt.rather) == (pytest.approx(729), "cat")
    # With three labels an error falls on one of two others: 0.9 against 0.05, 18^3.
    assert evidence("dog", [("cat", 0.9)] * 3, labels=3).ratio == pytest.approx(5832)
    # One who agrees with the known answer takes as much away.
    assert evidence("dog", [("cat", 0.9)] * 3 + [("dog", 0.9)], labels=2).ratio == pytest.approx(81)


def test_who_guesses_says_nothing_and_nobody_is_surer_than_99_of_100() -> None:
    assert evidence("dog", [("cat", 0.5)] * 50, labels=2).ratio == pytest.approx(1)
    assert evidence("dog", [("cat", 0.1)], labels=2).ratio == pytest.approx(1)
    assert evidence("dog", [("cat", 1.0)], labels=2).ratio == pytest.approx(99)


def test_where_nobody_says_anything_else_there_is_nothing_to_suspect() -> None:
    for said in ([], [("dog", 0.9)], [(None, 0.9)]):
        doubt = evidence("dog", said, labels=2)
        assert math.isnan(doubt.ratio)
        assert doubt.rather is None


def test_what_workers_confuse_is_counted_for_every_question_and_sums_to_their_answers(
    start: Start, finish: Finish
) -> None:
    run = start(items=12, controls=0, workers=crowd(4, 0.7, arrives=0.0), overlap=3, **GOOD)
    finish(run)
    found = run.confusions()
    assert found.columns.tolist() == ["question", "came_out", "given", "count"]
    assert found["question"].unique().tolist() == ["answer"]
    assert found["count"].sum() == run.labels()["overlap"].sum()
    square = run.confusion()
    assert found.set_index(["came_out", "given"])["count"].to_dict() == square.stack().to_dict()


def test_the_one_wrong_control_item_of_a_run_is_the_suspicious_one(start: Start, finish: Finish) -> None:
    known = [*control_rows(8), {"caption": "control 10", "answer": "dog"}]
    run = start(items=24, known=known, workers=crowd(6, 0.95, arrives=0.0), overlap=3, **GOOD)
    finish(run)
    found = run.control().sort_values("suspicion", ascending=False, na_position="last")
    first, second = found.iloc[0], found.iloc[1]
    assert (first["caption"], first["answer"], first["rather"]) == ("control 10", "dog", "cat")
    assert first["suspicion"] > 3
    assert not second["suspicion"] > 1
    assert first["miss_low"] < first["missed"] / first["answered"] <= first["miss_high"]
    run.correct(first["id"], first["rather"])
    finish(run)
    assert not (run.control()["suspicion"] > 1).any()
