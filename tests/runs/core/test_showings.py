"""Which answers to control items were given before the item could be known by its coming again."""

import numpy as np

from dataforge.runs.core.showings import Showings


def showings(wanted: int) -> Showings:
    """Of one control item, `c`, number 1; item `r`, number 0, is none."""
    found = Showings()
    found.again.grow(2)
    found.add(["c"], [1], wanted)
    return found


def first(found: Showings, responses: int) -> list[bool]:
    return found.first(np.arange(responses), np.ones(responses, np.int64)).tolist()


def test_a_control_item_comes_again_when_more_workers_are_given_it_than_a_real_item_is_given_to() -> None:
    found = showings(wanted=2)
    for number in range(4):
        found.given(f"p{number}", ("r", "c"))
        found.answered(f"p{number}", items=1)
    # The third worker was given it when two answers were there: theirs and all after it are to an item that came again.
    assert first(found, 4) == [True, True, False, False]
    assert not found.out


def test_who_answers_late_answers_to_an_item_that_others_know_by_then() -> None:
    found = showings(wanted=2)
    for number in range(3):
        found.given(f"p{number}", ("r", "c"))
    assert first(found, 1) == [False]


def test_a_page_that_came_back_unanswered_showed_nothing() -> None:
    found = showings(wanted=1)
    for _ in range(3):
        found.given("ahead", ("c",))
        found.came_back("ahead")
    found.given("p", ("c",))
    found.answered("p", items=1)
    assert first(found, 1) == [True]
    found.given("q", ("c",))
    assert first(found, 2) == [True, False]
