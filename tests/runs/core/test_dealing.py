"""How many control items the run wishes for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.issue.histories import publication
from tests.runs.core.story import Story
from tests.runs.core.test_decide import of, rules

import dataforge as df
from dataforge.records import Deal
from dataforge.runs.core.dealing import ration_of
from dataforge.runs.core.log import Declined

FEW = 0.5


SPARING = replace(rules(control_per_page=2, control_ratio=0.7), ration=FEW)
"""Pages with two control items, of which half a one is enough for who is known."""


def wishes(story: Story) -> dict[str, float]:
    """What is wished once all that happened is taken in."""
    return {
        worker: wish for order in of(Deal, story.goes_on(SPARING).orders) for worker, wish in order.controls.items()
    }


def test_who_passes_the_first_control_items_gets_few_from_then_on() -> None:
    story = Story(real=6, controls=6)
    story.answered("p", "ann", "r0", "c0", "c1")
    assert wishes(story) == {"ann": FEW}
    story.answered("q", "ann", "r1", "c2")
    assert wishes(story) == {}


def test_who_is_in_doubt_gets_as_many_as_a_page_has_until_they_are_not() -> None:
    story = Story(real=6, controls=6)
    story.answered("p", "ann", "r0", "c0", "c1", wrong=("c1",))
    assert wishes(story) == {"ann": 2.0}
    story.answered("q", "ann", "r1", "c2")
    # Two of three are less than 0.7 of them, three of four are not.
    assert wishes(story) == {}
    story.answered("s", "ann", "r2", "c3")
    assert wishes(story) == {"ann": FEW}


def test_who_answers_worse_than_before_meets_as_many_again() -> None:
    story = Story(real=6, controls=6)
    story.answered("p", "ann", "r0", "c0", "c1")
    assert wishes(story) == {"ann": FEW}
    story.doubts.worse.add(0)
    story.answered("q", "ann", "r1", "c2")
    assert wishes(story) == {"ann": 2.0}


def test_who_may_say_one_grade_of_everything_meets_as_many_until_they_have_shown_more() -> None:
    story = Story(real=6, controls=6)
    story.doubts.guessing.add(0)
    story.answered("p", "ann", "r0", "c0", "c1")
    assert wishes(story) == {"ann": 2.0}
    story.doubts.guessing.clear()
    story.answered("q", "ann", "r1", "c2")
    assert wishes(story) == {"ann": FEW}


def test_of_whom_nothing_is_known_nothing_is_wished() -> None:
    story = Story(real=6, controls=6)
    story.answered("p", "ann", "r0", "r1")
    assert wishes(story) == {}


def test_the_same_wish_after_another_is_another_order() -> None:
    story = Story(real=6, controls=8)
    pages = {"p": ("r0", "c0", "c1"), "q": ("r1", "c2"), "s": ("r2", "c3")}
    keys = []
    for page, items in pages.items():
        story.answered(page, "ann", *items, wrong=("c2",))
        keys += [order.key for order in of(Deal, story.goes_on(SPARING).orders)]
    # Few, two, few.
    assert len(set(keys)) == len(keys) == 3


def test_a_platform_that_declines_a_wish_is_no_matter_to_the_requester() -> None:
    story = Story(real=6, controls=6)
    story.answered("p", "ann", "r0", "c0", "c1")
    [wish] = of(Deal, story.goes_on(SPARING).orders)
    story.fold(Declined(wish.key, "what is a wish?"))
    assert story.state.refused_order == ""
    assert wish.key not in story.state.unsent


@pytest.mark.parametrize(
    ("page", "real", "control", "ration"),
    [
        (None, 20, 5, 0.75),
        (None, 8, 2, 0.3),
        ((20, 5), 20, 5, None),  # the policy says what a page has
        (None, 30, 1, 0.93),
        (None, 40, 1, None),  # nothing is saved
        (None, 10, 0, None),
    ],
)
def test_three_of_a_hundred_items_are_control_items_unless_the_policy_says_otherwise(
    page: tuple[int, int] | None, real: int, control: int, ration: float | None
) -> None:
    published = publication(real_per_page=real, control_per_page=control)
    assert ration_of(df.Policy(page=page), published) == (None if ration is None else pytest.approx(ration))
