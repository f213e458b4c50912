"""Simulated workers of some skill: tasks are told apart by their inputs, and judged answers by the truth."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated, Any

import pytest

import dataforge as df
from dataforge.errors import SpecError
from dataforge.simulation import skilled


class Kind(df.Choice):
    CAR = "car"
    BUS = "bus"


@df.task
def kind(photo: df.Image, hint: df.Text | None) -> Kind:
    """What is it?"""
    ...


@df.task
def boxes(front: df.Image) -> Annotated[dict[str, Any], df.Boxes(Kind)]:
    """Draw a box around each."""
    ...


TASKS = [kind, boxes]
PHOTO = {"url": "https://example.org/a.jpg"}
RIGHT = {"width": 100, "height": 100, "shapes": [{"label": "car", "box": [10, 10, 50, 50]}]}


def test_each_task_is_answered_by_its_type_whether_an_input_is_there_or_not() -> None:
    answer, chance = skilled(TASKS, 1.0), Random(1)
    assert answer({"photo": PHOTO}, {"answer": "car"}, chance) == {"answer": "car"}
    assert answer({"photo": PHOTO, "hint": "x"}, {"answer": "bus"}, chance) == {"answer": "bus"}
    assert answer({"front": PHOTO}, {"answer": RIGHT}, chance) == {"answer": RIGHT}


def test_skill_is_how_often_an_answer_is_right() -> None:
    answer, chance = skilled(TASKS, 0.7), Random(1)
    given = [answer({"photo": PHOTO}, {"answer": "car"}, chance)["answer"] for _ in range(2_000)]
    assert given.count("car") / 2_000 == pytest.approx(0.7, abs=0.04)
    assert set(given) == {"car", "bus"}


def test_who_judges_an_answer_says_whether_it_is_as_alike_to_the_truth_as_its_type_asks() -> None:
    answer, chance = skilled(TASKS, 1.0), Random(1)
    near = {**RIGHT, "shapes": [{"label": "car", "box": [10, 10, 50, 49]}]}
    far = {**RIGHT, "shapes": [{"label": "car", "box": [30, 30, 70, 70]}]}
    assert answer({"front": PHOTO, "answer": near}, {"answer": RIGHT}, chance) == {"ok": True}
    assert answer({"front": PHOTO, "answer": far}, {"answer": RIGHT}, chance) == {"ok": False}
    assert answer({"photo": PHOTO, "answer": "bus"}, {"answer": "car"}, chance) == {"ok": False}
    judged = [
        skilled(TASKS, 0.8)({"front": PHOTO, "answer": far}, {"answer": RIGHT}, chance)["ok"] for _ in range(1_000)
    ]
    assert sum(judged) / 1_000 == pytest.approx(0.2, abs=0.05)


@dataclass
class Seen:
    kind: Kind
    doors: Annotated[int, df.Number(0, 9)] | None = None


@df.task
def seen(scene: df.Text) -> Seen:
    """What is it, and how many doors has it?"""
    ...


def test_a_question_that_needs_no_answer_gets_none_where_none_is_right() -> None:
    answer, chance = skilled([seen], 1.0), Random(1)
    for right in ({"kind": "car", "doors": None}, {"kind": "car"}):
        assert answer({"scene": "x"}, right, chance) == {"kind": "car", "doors": None}
    assert answer({"scene": "x"}, {"kind": "car", "doors": 4}, chance) == {"kind": "car", "doors": 4}
    assert answer({"scene": "x", "kind": "car", "doors": None}, {"kind": "car"}, chance) == {"ok": True}
    assert answer({"scene": "x", "kind": "car", "doors": 3}, {"kind": "car"}, chance) == {"ok": False}
    with pytest.raises(SpecError, match="expected a right answer to 'kind' of every item"):
        answer({"scene": "x"}, {"doors": 4}, chance)


def test_what_no_task_asks_and_a_skill_that_is_none_are_refused() -> None:
    with pytest.raises(SpecError, match="no task has the inputs 'text'; tasks are: 'kind', 'boxes'"):
        skilled(TASKS, 1.0)({"text": "x"}, {"answer": "car"}, Random(1))
    with pytest.raises(SpecError, match="skill: expected a number from 0 to 1, got 2"):
        skilled(TASKS, 2)
