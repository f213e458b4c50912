"""Items that are given once more, to people of whom nothing is known, beside control items that others know."""

from __future__ import annotations

import pytest
from tests.issue.histories import History, publication

from dataforge.records import AddItems, Item, Judge, PageTaken, Recheck, Want


@pytest.fixture
def history() -> History:
    """Two items that have all their answers, one control item that has come to as many, and items to be answered."""
    history = History()
    history.publish(publication(real_per_page=2, control_per_page=1, prices=(1,) * 3))
    known = [Item("control", {"caption": "control"}, True, 1)]
    first = [Item(f"first{n}", {"caption": f"first {n}"}, wanted=1) for n in range(2)]
    history.execute("run", [AddItems("first", (*known, *first))])
    works(history, "ann")
    more = [Item(f"more{n}", {"caption": f"more {n}"}, wanted=9) for n in range(4)]
    history.execute("run", [AddItems("more", tuple(more))])
    return history


def works(history: History, worker: str, *, accepted: bool = True) -> set[str]:
    """A page that is taken, answered and judged; what was on it."""
    page = history.take("run", worker, [])
    shown = {inputs["caption"] for inputs in page["shown"]}
    history.submit(page["page"], [{"answer": True}] * len(page["shown"]))
    verdict = {"accepted": (page["page"],)} if accepted else {"rejected": (page["page"],)}
    history.execute("run", [Judge(f"verdict {page['page']}", **verdict)])
    return shown


def test_a_stranger_gets_what_nobody_else_knows_beside_the_control_item_and_each_goes_to_one(history: History) -> None:
    assert "control" in works(history, "bob")
    history.execute("run", [Recheck("again", ("first0", "first1"))])
    seen = [works(history, name) & {"first 0", "first 1", "control"} for name in ("cem", "eve")]
    assert sorted(map(sorted, seen)) == [["control", "first 0"], ["control", "first 1"]]


def test_a_page_of_mostly_control_items_is_no_larger_for_it_and_asks_for_something() -> None:
    history = History()
    history.publish(publication(real_per_page=1, control_per_page=2, prices=(1,) * 3))
    known = [Item(f"control{n}", {"caption": f"control {n}"}, True, 1) for n in range(2)]
    first = [Item(f"first{n}", {"caption": f"first {n}"}, wanted=1) for n in range(2)]
    history.execute("run", [AddItems("first", (*known, *first))])
    assert len(works(history, "ann")) == 3
    more = [Item(f"more{n}", {"caption": f"more {n}"}, wanted=9) for n in range(4)]
    keys = tuple(item.key for item in first)
    history.execute("run", [AddItems("more", tuple(more)), Recheck("again", keys)])
    shown = works(history, "bob")
    assert {"control 0", "control 1"} < shown
    assert len(shown) == 3


def test_who_is_known_gets_none_and_a_repeated_command_gives_it_to_nobody_else(history: History) -> None:
    works(history, "bob")
    for _ in range(2):
        history.execute("run", [Recheck("again", ("first0",))])
    assert "first 0" not in works(history, "bob")
    assert "first 0" in works(history, "cem")
    assert "first 0" not in works(history, "eve")


def test_who_fails_may_come_with_another_account_so_no_other_stranger_gets_what_they_have_seen(
    history: History,
) -> None:
    free = history.tried[0].store.runs.counters(1).free
    history.execute("run", [Recheck("again", ("first0",))])
    assert "first 0" in works(history, "cem", accepted=False)
    assert history.tried[0].store.runs.counters(1).free == free
    assert "first 0" not in works(history, "eve")


def test_what_a_stranger_hands_back_unanswered_goes_to_the_next_one(history: History) -> None:
    history.execute("run", [Recheck("again", ("first0",))])
    page = history.take("run", "cem", [])
    assert "first 0" in {inputs["caption"] for inputs in page["shown"]}
    history.skip(page["page"])
    assert "first 0" in works(history, "eve")


@pytest.mark.parametrize("failed", [False, True])
def test_an_item_that_lost_an_answer_is_for_everybody_again(history: History, failed: bool) -> None:
    works(history, "bob")
    history.execute("run", [Recheck("again", ("first0", "first1"))])
    if failed:
        assert "first 0" in works(history, "cem", accepted=False) | works(history, "eve", accepted=False)
    (page,) = {event.page for event in history.events() if isinstance(event, PageTaken) and event.worker == "ann"}
    history.execute("run", [Judge("after all", taken_back=(page,), reasons={page: {"en": "no"}})])
    assert {"first 0", "first 1"} <= works(history, "bob") | works(history, "bob")


def test_an_item_of_which_more_is_wanted_is_for_everybody_again(history: History) -> None:
    works(history, "bob")
    history.execute("run", [Recheck("again", ("first0",)), Want("one more", {"first0": 2})])
    assert "first 0" in works(history, "bob")


def test_an_unknown_item_is_refused_and_control_items_and_those_that_lack_answers_are_left_alone(
    history: History,
) -> None:
    assert history.execute("run", [Recheck("none", ("nothing",))])["code"] == "item_unknown"
    before = history.tried[0].store.runs.counters(1).free
    history.execute("run", [Recheck("these", ("control", "more0"))])
    assert history.tried[0].store.runs.counters(1).free == before


@pytest.mark.parametrize("accepted", [True, False])
def test_of_which_more_is_wanted_while_a_stranger_has_it_is_for_everybody_unless_that_is_the_answer(
    history: History, accepted: bool
) -> None:
    works(history, "bob")
    history.execute("run", [Recheck("again", ("first0",))])
    page = history.take("run", "cem", [])
    assert "first 0" in {inputs["caption"] for inputs in page["shown"]}
    history.execute("run", [Want("one more", {"first0": 2})])
    history.submit(page["page"], [{"answer": True}] * len(page["shown"]))
    verdict = {"accepted": (page["page"],)} if accepted else {"rejected": (page["page"],)}
    history.execute("run", [Judge("verdict", **verdict)])
    assert ("first 0" in works(history, "bob")) is not accepted
