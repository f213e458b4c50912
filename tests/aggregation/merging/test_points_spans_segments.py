"""Points, spans and segments of several people become those that are there."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.merging.base import Answers, Merged, Merger
from dataforge.registry import load

SETTINGS = {"options": [{"value": "person"}, {"value": "place"}]}
TEXT = "Anna Maria flew from New York to Rome"


def merged(kind: str, *values: Any, known: dict[int, Any] | None = None, **settings: Any) -> Merged:
    """What becomes of answers of as many people to one item."""
    count = len(values)
    merger: Merger = load("merging", kind)({**SETTINGS, **settings})
    return merger.merge(Answers(values, np.zeros(count, np.int64), np.arange(count), 1, count, known or {}))


def marked(*points: tuple[str, float, float]) -> dict[str, Any]:
    shapes = [{"label": label, "point": [x, y]} for label, x, y in points]
    return {"width": 800, "height": 600, "shapes": shapes}


def span(piece: str, label: str = "person") -> dict[str, Any]:
    start = TEXT.index(piece)
    return {"start": start, "end": start + len(piece), "label": label, "text": piece}


def segment(start: float, end: float, text: str | None = None, label: str = "person") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label} | ({} if text is None else {"text": text})


def places(found: Merged) -> list[tuple[str, Any]]:
    """Label and point of each shape of the one item."""
    return [(shape["label"], pytest.approx(shape["point"], abs=1)) for shape in found.values[0]["shapes"]]


def test_a_point_is_in_the_middle_of_those_near_it_and_inventions_go() -> None:
    found = merged(
        "points",
        marked(("person", 100, 100), ("place", 400, 300)),
        marked(("person", 106, 100), ("person", 700, 500)),
        marked(("person", 103, 106), ("place", 402, 300)),
    )
    assert places(found) == [("person", [103, 102]), ("place", [401, 300])]


def test_points_of_one_person_that_are_close_stay_two() -> None:
    """A twentieth of the diagonal is 50: farther than the way from one to the other."""
    both = marked(("person", 100, 100), ("person", 120, 100))
    found = merged("points", both, both, marked(("person", 121, 100)))
    assert places(found) == [("person", [100, 100]), ("person", [120, 100])]


def test_known_points_without_a_size_are_measured_by_the_picture_of_the_answers() -> None:
    known = {"shapes": marked(("person", 100, 100))["shapes"]}
    found = merged("points", marked(("person", 110, 100)), marked(("person", 700, 100)), known={0: known})
    assert found.values == [known]
    assert found.skills[0] > found.skills[1]


def test_a_span_has_the_ends_that_most_say_and_the_text_between_them() -> None:
    """Nobody marked "New York" with both of these ends; together the three quote all of it."""
    found = merged(
        "spans", [span("from New York", "place")], [span("New York to", "place")], [span("New York", "place")]
    )
    assert found.values == [[span("New York", "place")]]
    found = merged("spans", [span("Anna")], [span("Anna Maria")], [span("Anna Maria")])
    assert found.values == [[span("Anna Maria")]]


def test_spans_that_may_not_overlap_do_not_and_others_do() -> None:
    values = [[span("Anna Maria"), span("Rome", "place")], [span("Maria flew"), span("Rome", "place")]]
    both = [[span("Anna Maria"), span("Maria flew", "place")]] * 2
    for found in merged("spans", *values).values:
        assert all(one["end"] <= other["start"] for one, other in pairwise(found))
        assert all(one["text"] == TEXT[one["start"] : one["end"]] for one in found)
    assert merged("spans", *both, overlapping=True).values == [both[0]]
    apart = merged("spans", *both).values[0]
    assert [one["text"] for one in apart] == ["Anna Maria", "flew"]


def test_spans_of_turns_are_merged_turn_by_turn_and_keep_their_turns() -> None:
    """Equal places in two turns are two things, and no end of one turn pulls on the next."""
    one, two, three = span("New York", "place"), span("Anna Maria"), span("Anna")
    first = [{"turn": 1, **two}, {"turn": 3, **one}]
    found = merged("turn_spans", first, first, [{"turn": 1, **three}, {"turn": 4, **one}, {"turn": 3, **one}])
    assert found.values == [first]
    alone = merged("spans", [two], [two], [three])
    assert merged("turn_spans", *([{"turn": 2, **one}] for one in (two, two, three))).confidence == alone.confidence


def test_known_spans_of_turns_tell_who_marks_well() -> None:
    known = [{"turn": 2, **span("Rome", "place")}]
    found = merged("turn_spans", known, [{"turn": 3, **span("Rome", "place")}], [], known={0: known})
    assert found.skills[0] > found.skills[1]
    assert found.values == [known]


def test_a_segment_is_between_the_mean_ends_and_neighbours_meet_in_the_middle() -> None:
    found = merged("segments", [segment(0, 2), segment(2, 5)], [segment(0, 2.2), segment(2.2, 5)])
    assert found.values == [[segment(0, 2.1), segment(2.1, 5)]]
    crossed = [[segment(0, 2.4), segment(2.4, 5)], [segment(0, 2), segment(2, 5)], [segment(0, 2.2)], [segment(2, 5)]]
    one, other = merged("segments", *crossed).values[0]
    assert one["end"] == other["start"]
    assert merged("segments", *crossed, overlapping=True).values[0][0]["end"] > other["start"]


def test_words_of_segments_are_joined() -> None:
    said = ["the cat sat here", "the cat sad here", "a cat sat here"]
    found = merged("segments", *([segment(1, 3, text)] for text in said), text=True)
    assert found.values == [[segment(1, 3, "the cat sat here")]]


@pytest.mark.parametrize("kind", ["spans", "segments"])
def test_nothing_here_is_an_answer(kind: str) -> None:
    found = merged(kind, [], [], [])
    assert found.values == [[]]
    assert found.confidence[0] > 0.9
    assert np.isnan(merged(kind, []).confidence[0])
