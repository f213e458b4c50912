"""Who is suddenly much faster than they were: further answers and control items, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.runs.core.story import Story
from tests.runs.core.test_decide import of, rules

from dataforge.records import Deal, Restrict, Want
from dataforge.runs.core.checkpoint import load_state, saved_state
from dataforge.runs.core.haste import hurried, hurries
from dataforge.runs.core.log import Fitted
from dataforge.runs.core.notices import notices

TERMS = rules(control_per_page=2, overlap=(1, 3), control_ratio=0.7)
SPARING = replace(TERMS, ration=0.5)


def hurrying(pages: int = 10, quick: int = 4, *, seconds: float = 1.0, controls: int = 12) -> Story:
    """Ann answers two items a page, the last pages in no time."""
    story = Story(real=2 * pages, controls=controls)
    for page in range(pages):
        items = [f"r{2 * page}", f"r{2 * page + 1}"]
        story.now += 100
        took = seconds if page >= pages - quick else 40.0
        story.answered(f"p{page}", "ann", *items, seconds=took)
        story.judged(f"p{page}", "ann")
    return story


def fitted(story: Story) -> None:
    story.fold(Fitted(story.state.responses.accepted_total, ""))


def test_haste_is_noted_with_each_look_at_all_answers_and_not_before() -> None:
    story = hurrying()
    assert not hurries(story.record("ann"), TERMS)
    fitted(story)
    assert hurries(story.record("ann"), TERMS)
    assert story.state.pages.ids[story.record("ann").hurries_since] == "p6"


def test_the_pages_hear_of_a_haste_that_begins_and_of_one_that_is_over() -> None:
    story, number = hurrying(), 0
    story.state.changed_workers.clear()
    fitted(story)
    assert story.state.changed_workers == {number}
    story.state.changed_workers.clear()
    fitted(story)
    assert not story.state.changed_workers, "nothing is new"


@pytest.mark.parametrize(("overlap", "told"), [(1, True), ((1, 3), False)])
def test_where_there_is_no_room_for_one_answer_more_the_requester_hears_of_it(overlap: int, told: bool) -> None:
    story, terms = hurrying(), rules(control_per_page=2, overlap=overlap, control_ratio=0.7)
    assert not any("overlap=(1, 2)" in notice["en"] for notice in notices(story.state, terms))
    fitted(story)
    assert any("overlap=(1, 2)" in notice["en"] for notice in notices(story.state, terms)) is told


def test_items_answered_in_haste_get_one_more_answer_and_nobody_is_barred() -> None:
    story = hurrying()
    fitted(story)
    orders = story.goes_on(TERMS).orders
    wanted = {item: many for order in of(Want, orders) for item, many in order.wanted.items()}
    assert wanted == {f"r{item}": 2 for item in range(12, 20)}
    assert of(Restrict, orders) == []
    [told] = [notice for notice in notices(story.state, TERMS) if "hurries_since" in notice["en"]]
    assert ": 1." in told["en"]


def test_a_haste_that_lasts_is_not_forgotten_and_one_that_is_over_is() -> None:
    story = Story(real=300)
    for page in range(220):
        story.now += 100
        story.answered(f"p{page}", "ann", f"r{page}", seconds=1.0 if 30 <= page < 130 else 40.0)
        if page in (36, 129, 219):
            story.judged(f"p{page}", "ann")
            fitted(story)
            assert hurries(story.record("ann"), TERMS) is (page < 219)
        if page == 129:  # none of those that are looked at is from before
            assert story.state.pages.ids[story.record("ann").hurries_since] == "p30"


def test_no_more_than_the_overlap_allows() -> None:
    story = hurrying()
    fitted(story)
    assert of(Want, story.goes_on(rules(control_per_page=2, overlap=1)).orders) == []


def test_answers_of_others_are_not_counted_as_given_in_haste() -> None:
    story = hurrying()
    for page in range(10):
        story.answered(f"b{page}", "bob", f"r{2 * page}", seconds=20.0)
        story.judged(f"b{page}", "bob")
    fitted(story)
    places = np.array([story.state.numbering.index[f"r{item}"] for item in (18, 0, 19)])
    assert hurried(story.state, TERMS, places).tolist() == [1, 0, 1]


def test_who_hurries_meets_as_many_control_items_as_somebody_new() -> None:
    story = hurrying()
    story.answered("c", "ann", "c0", "c1", seconds=1.0)
    first = story.goes_on(SPARING).orders
    assert [order.controls for order in of(Deal, first)] == [{"ann": 0.5}]
    story.judged("c", "ann")
    fitted(story)
    story.answered("d", "ann", "c2", seconds=1.0)
    assert [order.controls for order in of(Deal, story.goes_on(SPARING).orders)] == [{"ann": 2.0}]


@pytest.mark.parametrize(("wrong", "still"), [((), False), (("c1",), False), (("c1", "c2"), True)])
def test_control_items_that_are_right_show_that_a_worker_is_only_quick(wrong: tuple[str, ...], still: bool) -> None:
    story = hurrying()
    for page in range(4):
        story.now += 100
        story.answered(f"c{page}", "ann", f"c{page}", wrong=wrong, seconds=0.5)
        fitted(story)
    assert story.record("ann").since_then == (4 - len(wrong), 4)
    assert hurries(story.record("ann"), TERMS) is still


def test_to_report_items_takes_no_time_and_is_no_haste() -> None:
    story = Story(real=20)
    for page in range(10):
        story.now += 100
        items = [f"r{2 * page}", f"r{2 * page + 1}"]
        told, seconds = (items, 1.0) if page >= 6 else ([], 40.0)
        story.answered(f"p{page}", "ann", *items, reported=told, seconds=seconds)
    fitted(story)
    assert not hurries(story.record("ann"), TERMS)


def test_pages_of_which_nobody_knows_how_long_they_took_show_nothing() -> None:
    story = Story(real=20)
    for page in range(10):
        story.answered(f"p{page}", "ann", f"r{page}", seconds=None)
    fitted(story)
    assert not hurries(story.record("ann"), TERMS)


def test_a_stored_state_knows_who_hurries() -> None:
    story = hurrying()
    fitted(story)
    story.goes_on(TERMS)
    arrays, again = saved_state(story.state), Story(real=20, controls=12)
    load_state(again.state, arrays)
    assert msgspec.json.encode(again.record("ann")) == msgspec.json.encode(story.record("ann"))
