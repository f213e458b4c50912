"""Links join objects of two inputs, or of one, and those that cannot be are refused with the reason."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from typing import Annotated, Any

import pytest

import dataforge as df
from dataforge.errors import AnswerError, DataError, SpecError
from dataforge.objects.links import Links, _by_lot


class Relation(df.Choice):
    PART = "part of"
    OWNER = "owner of"


class Thing(df.Choice):
    CAR = "car"
    PERSON = "person"


SOLID = [{"label": "car", "centre": [n, 0, 0], "size": [4, 2, 1.5], "heading": 0} for n in (1, 9, 20)]
FOUND = {"width": 9, "height": 9, "shapes": [{"label": "car", "box": [n, 0, n + 1, 1]} for n in range(3)]}
SPANS = [{"start": n, "end": n + 3, "label": "car", "text": text} for n, text in enumerate(("Ann", "she", "her"))]
INPUTS = {"solid": SOLID, "found": FOUND}


@df.task
def linked(
    solid: Annotated[Any, df.Cuboids(Thing)], found: Annotated[Any, df.Boxes(Thing)]
) -> Annotated[list[Any], df.Links("solid", "found", single=True)]:
    """Which box is which cuboid?"""
    ...


def test_links_come_back_in_the_order_of_their_objects() -> None:
    answer = linked.check_answers({"answer": [(2, 0), {"from": 0, "to": 1}]}, INPUTS)
    assert answer == {"answer": [{"from": 0, "to": 1}, {"from": 2, "to": 0}]}
    assert linked.check_answers({"answer": []}, INPUTS) == {"answer": []}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([(0, 3)], "to: 'found' has 3 objects, counted from 0, got 3"),
        ([(3, 0)], "from: 'solid' has 3 objects"),
        ([(0, 0), (0, 0)], "from 0 to 0 is there twice"),
        ([(0, 0), (0, 1)], "object 0 of 'solid' has two links"),
        ([(0, 1), (1, 1)], "object 1 of 'found' has two links"),
        ([(0, -1)], "link 1: to: expected the place of an object"),
        ([(0, True)], "link 1: to: expected the place"),
        ([(0, 1.0)], "link 1: to: expected the place"),
        ([(0, 10**12)], "link 1: to: expected the place"),
        ([(0, 1, "part of")], "link 1: expected no label"),
        ([{"from": 0}], "link 1: expected"),
        ([{"from": 0, "to": 1, "why": "so"}], "link 1: expected"),
        ("0-1", "expected a list of links"),
        ([(0, 1)] * 10_001, "at most 10,000 links"),
    ],
)
def test_what_joins_no_objects_of_the_item_is_refused_with_a_reason(answer: Any, why: str) -> None:
    with pytest.raises(AnswerError, match=why):
        linked.outputs[0].type.check_answer(answer, INPUTS)


def test_an_item_without_objects_cannot_be_linked_and_an_empty_input_has_none() -> None:
    kind = Links("solid", "found")
    with pytest.raises(AnswerError, match="no objects 'found'"):
        kind.check_answer([], {"solid": []})
    with pytest.raises(AnswerError, match="'found' has 0 objects"):
        kind.check_answer([(0, 0)], {"solid": SOLID, "found": None})


def test_within_one_input_nothing_is_linked_with_itself_and_without_direction_the_order_is_one() -> None:
    kind = Links("text", "text", Relation, directed=False)
    inputs = {"text": SPANS}
    assert kind.check_answer([(2, 0, "part of")], inputs) == [{"from": 0, "to": 2, "label": "part of"}]
    with pytest.raises(AnswerError, match="from 0 to 2 is there twice"):
        kind.check_answer([(2, 0, "part of"), (0, 2, "owner of")], inputs)
    with pytest.raises(AnswerError, match="1 linked with itself"):
        kind.check_answer([(1, 1, "part of")], inputs)
    with pytest.raises(DataError, match="expected a label"):
        kind.to_json([(0, 1)])
    one = Links("text", "text", single=True)
    with pytest.raises(DataError, match="object 1 of 'text' has two links"):
        one.to_json([(0, 1), (1, 2)])


def test_likeness_is_the_f1_of_links_with_their_labels() -> None:
    kind = Links("text", "text", Relation)
    three = kind.to_json([(0, 1, "part of"), (1, 2, "part of"), (2, 0, "owner of")])
    other = kind.to_json([(0, 1, "part of"), (1, 2, "owner of")])
    assert kind.similarity(three, other) == pytest.approx(2 * 1 / 5)
    assert kind.similarity([], []) == 1
    assert kind.similarity(three, []) == 0


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"a": "", "b": "found"}, "a must be the name of an input"),
        ({"a": "solid", "b": "found", "single": 1}, "single must be True or False"),
        ({"a": "solid", "b": "found", "directed": False}, "links within one input"),
        ({"a": "solid", "b": "found", "label": "car"}, "expected a class of labels"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, why: str) -> None:
    with pytest.raises(SpecError, match=why):
        Links(**settings)


def test_a_task_needs_both_inputs_and_objects_in_them() -> None:
    with pytest.raises(SpecError, match="links the input 'found', which does not exist"):

        @df.task
        def alone(solid: Annotated[Any, df.Cuboids(Thing)]) -> Annotated[list[Any], df.Links("solid", "found")]:
            """Which?"""
            ...

    with pytest.raises(SpecError, match="'found' of the type image, which has no objects"):

        @df.task
        def pictured(
            solid: Annotated[Any, df.Cuboids(Thing)], found: df.Image
        ) -> Annotated[list[Any], df.Links("solid", "found")]:
            """Which?"""
            ...


@pytest.mark.parametrize(
    "kind", [Links("solid", "found"), Links("solid", "found", single=True), Links("solid", "found", Relation)]
)
def test_a_spoilt_answer_is_told_from_the_right_one_by_the_usual_bound(kind: Links) -> None:
    rng = Random(1)
    for many in (0, 1, 2, 3):
        right = kind.to_json([(n, n, *(["part of"] if kind.label else [])) for n in range(many)])
        for _ in range(20):
            wrong = kind.spoil(right, rng, INPUTS)
            assert kind.similarity(kind.check_answer(wrong, INPUTS), right) < 0.75


def test_who_does_not_look_links_each_object_once_at_most() -> None:
    for kind, inputs in ((linked.outputs[0].type, INPUTS), (Links("text", "text", directed=False), {"text": SPANS})):
        for seed in range(20):
            guessed = kind.guess(Random(seed), inputs)
            assert kind.check_answer(guessed, inputs) == guessed


def test_a_wrong_link_and_links_by_lot_of_thousands_of_objects_need_no_list_of_all_pairs() -> None:
    objects = [{"label": "person", "start": n, "end": n + 1, "text": "a"} for n in range(3000)]
    kind, inputs = Links("one", "other", single=True), {"one": objects, "other": objects}
    before = time.process_time()
    assert len(kind.spoil([], Random(1), inputs)) == 1
    guessed = kind.guess(Random(1), inputs)
    assert time.process_time() - before < 1.0, "all pairs take many seconds"
    assert len(guessed) == 3000
    assert kind.check_answer(guessed, inputs) == guessed


def test_numbers_by_lot_are_each_drawn_once_and_none_more_often_first() -> None:
    assert all(sorted(_by_lot(7, Random(seed))) == list(range(7)) for seed in range(20))
    first = Counter(next(_by_lot(4, Random(seed))) for seed in range(400))
    last = Counter(list(_by_lot(4, Random(seed)))[-1] for seed in range(400))
    assert all(60 < times[number] < 140 for times in (first, last) for number in range(4))


def test_in_a_notebook_links_are_told_by_what_they_join() -> None:
    kind = Links("text", "text", Relation)
    spans = [{**SPANS[0], "text": "<b>Ann</b>"}, SPANS[1]]
    shown = kind.drawn([{"from": 1, "to": 0, "label": "part of"}], {"text": spans})
    assert shown == "<div>2 she → 1 &lt;b&gt;Ann&lt;/b&gt; (part of)</div>"
    assert "1 car → 3 car" in linked.outputs[0].type.drawn([{"from": 0, "to": 2}], INPUTS)
    assert kind.drawn([], {}) == "<div>nothing is linked</div>"
