"""Which items are given once more to strangers, whose pay does not follow from what they say of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import pytest
from tests.runs.core.story import Story
from tests.runs.core.test_decide import of, rules

from dataforge.records import Judge, Recheck
from dataforge.runs.core.rechecking import STAYED, rechecks

RULES = rules(control_per_page=1, control_ratio=0.7, overlap=(1, 3))


def stayed(*people: str) -> Story:
    """A run with one control item, where these people have had enough pages accepted."""
    story = Story(real=40, controls=1)
    story.goes_on(RULES)
    for place, name in enumerate(people):
        story.joined(name)
        for page in range(STAYED):
            story.accepted(f"{name} {page}", name, f"r{place * STAYED + page}")
            story.goes_on(RULES)
    return story


def answered(story: Story, worker: str, item: str, *also: str) -> list[str]:
    """What is given once more when somebody has answered an item and it counts."""
    story.accepted(f"{worker} at {item}", worker, item, *also)
    found = of(Recheck, story.goes_on(RULES).orders)
    return [name for order in found for name in order.items]


def test_of_what_has_become_sure_by_who_stays_as_much_is_given_as_newcomers_lack() -> None:
    story = stayed("ann", "bob")
    # Of two people, and as many who may come, one has the control item. The third page of each showed that they stay.
    assert {story.state.numbering.keys[item] for item in story.state.rechecked} == {"r2", "r5"}
    assert answered(story, "ann", "r30") == ["r30"]
    assert answered(story, "ann", "r31") == []
    story.joined("eve")
    assert answered(story, "bob", "r32", "r33", "r34") == [], "who looks at a page and goes may come with many accounts"
    answered(story, "eve", "r20", "c0")
    assert answered(story, "bob", "r35", "r36", "r37") == ["r35", "r36"]
    assert answered(story, "ann", "r38") == []


def test_no_item_gets_more_answers_than_the_policy_allows() -> None:
    story = stayed("ann", "bob")
    one = rules(control_per_page=1, control_ratio=0.7, overlap=1)
    story.accepted("ann at r30", "ann", "r30")
    assert of(Recheck, story.goes_on(one).orders) == []


def test_where_control_items_suffice_nothing_is_given_once_more() -> None:
    story = Story(real=40, controls=12)
    story.goes_on(RULES)
    story.joined("ann")
    for page in range(6):
        assert answered(story, "ann", f"r{page}") == []


@pytest.mark.parametrize("doubted", [True, False])
def test_what_is_in_doubt_or_was_answered_by_who_has_just_come_is_not(doubted: bool) -> None:
    story = stayed("ann", "bob")
    if doubted:
        story.doubts.doubted.add(story.state.numbering.index["r30"])
    else:
        story.joined("eve")
    assert answered(story, "ann" if doubted else "eve", "r30") == []


@pytest.mark.parametrize(("control", "accepted"), [("right", True), ("wrong", False)])
def test_a_stranger_is_paid_by_control_items_whatever_they_say_of_what_is_sure(control: str, accepted: bool) -> None:
    story = stayed("ann", "bob")
    assert answered(story, "ann", "r30") == ["r30"]
    story.joined("eve")
    wrong = ("r30",) if control == "right" else ("c0",)
    story.answered("first", "eve", "r30", "r20", "c0", wrong=wrong)
    (verdict,) = of(Judge, story.goes_on(RULES).orders)
    assert (verdict.accepted, verdict.rejected) == ((("first",), ()) if accepted else ((), ("first",)))


class Asked(set[int]):
    """A set that is asked for what it has, and never gone through: it grows with the run."""

    def __iter__(self) -> Iterator[int]:
        raise AssertionError("what is given once more is gone through for a round")

    def __or__(self, other: object) -> NoReturn:
        raise AssertionError("what is given once more is copied for a round")


def test_no_round_goes_through_all_that_was_given_once_more() -> None:
    story = stayed("ann", "bob")
    given = set(story.state.rechecked)
    story.state.rechecked = Asked(given)
    story.joined("eve")
    story.accepted("eve at r30", "eve", "r30")
    assert list(rechecks(story.state, story.doubts, RULES)) == [], "who gave it has just come"
    story.accepted("bob at r32", "bob", "r32", "r33")
    [order] = rechecks(story.state, story.doubts, RULES)
    assert order.items == ("r32", "r33")
