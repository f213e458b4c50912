"""Answers of any kind, a row a response."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import dataforge as df
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.pages import Pages
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._values import ValueColumn, Values


@dataclass
class Said:
    words: str
    kind: bool | None = None


@df.task(duration="10s")
def say(caption: df.Text) -> Said:
    """What is it, and is it kind?"""
    raise NotImplementedError


def values(known: list[Mapping[str, Any]], **policy: Any) -> Values:
    """Two items to ask, and then control items with these answers."""
    real = df.read_items(say, [{"caption": "a"}, {"caption": "b"}])
    control = df.read_items(say, [{"caption": f"c{n}", **one} for n, one in enumerate(known)], control=True)
    responses = Responses(Numbering("salt"), Pages())
    found = Values(say.outputs, df.Policy(**policy), responses)
    for items in (real, control):
        responses.numbering.grow(items)
        found.grow(items)
    return found


def test_a_column_gives_back_what_came_whatever_it_was() -> None:
    column = ValueColumn("x")
    column.take([{"x": "hé\u0000\n"}, "broken", {}])
    column.take([{"x": [{"box": [1.5, 2, 3, 4]}]}, {"x": None}, {"x": ""}, {"x": False}])
    expected = ["hé\u0000\n", None, None, [{"box": [1.5, 2, 3, 4]}], None, "", False]
    assert column.given(np.arange(7)).tolist() == expected
    assert column.given(np.array([5, 0, 3])).tolist() == [expected[row] for row in (5, 0, 3)]
    again = ValueColumn("x")
    again.load(column.arrays())
    assert again.given(np.arange(7)).tolist() == expected


def test_a_control_item_is_right_if_every_known_output_is_similar_enough() -> None:
    known = [{"words": "a red dog", "kind": True}, {"words": "a dog"}]
    answers: list[Any] = [
        {"words": "anything"},
        {"words": "a red dog", "kind": True},
        {"words": "a red dog"},
        {"words": "a dog", "kind": False},
        {"words": "a cat"},
        "broken",
    ]
    found = values(known)
    checked = found.take(np.array([0, 2, 2, 3, 3, 3]), answers)
    assert checked.controls.tolist() == [False, True, True, True, True, False]
    assert checked.correct.tolist() == [False, True, False, True, False, False]
    known_now = {name: answers.tolist() for name, answers in found.known(np.array([0, 2])).items()}
    assert known_now == {"words": [None, "a red dog"], "kind": [None, True]}


def test_what_is_known_may_change_and_is_stored() -> None:
    found = values([{"words": "a dog"}])
    found.take(np.array([2, 2]), [{"words": "a dog"}, {"words": "a cat"}])
    checked = found.know(2, np.array([0, 1]), {"words": "a cat"})
    assert (checked.controls.tolist(), checked.correct.tolist()) == ([True, True], [False, True])
    again = values([{"words": "a dog"}])
    again.load(found.arrays())
    assert again.known_to(2) == {"words": "a cat"}
    assert again.given(np.arange(2))["words"].tolist() == ["a dog", "a cat"]
    # An item that was corrected has all its outputs from then on; a withdrawn one has none.
    found.know(0, np.array([], int), {"words": "a hen"})
    assert found.known_to(0) == {"words": "a hen", "kind": None}
    assert not found.know(2, np.array([0, 1]), None).controls.any()
    assert found.is_known(np.arange(3)).tolist() == [True, False, False]
