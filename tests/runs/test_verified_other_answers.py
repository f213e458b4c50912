"""Somebody trusted judges answers that other workers have judged, or that are merged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs import test_judged_answers as judged
from tests.runs.quality import test_merge as merged

import dataforge as df

start = judged.start
Finish = Callable[[df.Run], Any]


def test_an_answer_that_others_found_right_is_wrong_if_somebody_trusted_says_so(start: Any, finish: Finish) -> None:
    run = start(judged.crowd(*[judged.hears] * 6))
    finish(run)
    [first, second, third] = run.labels()["id"].head(3)
    counts = run.verified(
        [
            {"id": first, "_ok": False, "_right": None},
            {"id": second, "_ok": False, "_right": "something else"},
            {"id": third, "_ok": True, "_right": None},
        ]
    )
    assert counts == (1, 2, 0)
    finish(run)
    now = run.labels().set_index("id").loc[[first, second, third]]
    assert now["flag"].tolist() == ["wrong", "corrected", "verified"]
    assert now["verdict"].tolist() == ["wrong", "right", "right"]
    assert now["confidence"].tolist() == [0, 1, 1]
    assert now["answer"].tolist()[1] == "something else"


def test_a_sample_of_judged_answers_shows_how_many_are_right(start: Any, finish: Finish) -> None:
    run = start(judged.crowd(*[judged.hears] * 6), items=16)
    finish(run)
    drawn = run.to_verify(8)
    run.verified(drawn.assign(_ok=[True] * 7 + [False]))
    finish(run)
    found = run.certificate().figures
    [answer] = found.outputs
    assert (found.verified.sample, found.verified.right) == (8, 7)
    assert answer.accuracy is not None
    assert answer.assumptions == ("drawn",)
    assert answer.accuracy.low < 15 / 16 <= answer.accuracy.high


def test_a_merged_answer_near_the_right_one_is_verified_and_a_far_one_is_put_right(
    workspace: Path, finish: Finish
) -> None:
    run = merged.launched(workspace, finish, overlap=2)
    labels = run.labels()
    near = {"id": labels["id"][0], "grams": labels["grams"][0] * 1.01, "heavy": labels["heavy"][0]}
    far = {"id": labels["id"][1], "grams": labels["grams"][1] * 3, "heavy": labels["heavy"][1]}
    counts = run.verified([{**row, "heavy": bool(row["heavy"])} for row in (near, far)])
    assert counts == (1, 1, 0)
    finish(run)
    now = run.labels()
    assert now["flag"].tolist()[:2] == ["verified", "corrected"]
    assert now["grams"][0] == labels["grams"][0], "what was near enough stays"
    assert now["grams"][1] == pytest.approx(labels["grams"][1] * 3)
    assert now["grams_confidence"].tolist()[:2] == [1, 1]
    assert run.certificate().figures.verified.picked == 2
