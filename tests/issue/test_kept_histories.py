"""Histories in which two texts of the same rule once differed; now there is one, and every store plays them alike."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.issue.histories import History, better, publication

from dataforge.records import (
    AddItems,
    Deal,
    Item,
    Judge,
    PageExpired,
    PageJudged,
    PageReleased,
    PageSubmitted,
    PageTaken,
    Restrict,
    SetState,
    Want,
    Withhold,
)


@pytest.fixture
def history() -> History:
    """A run with four items of one place each."""
    played = History()
    played.publish(publication())
    played.execute("run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(4)))])
    return played


def kinds(history: History) -> list[str]:
    return [type(event).__name__ for event in history.events()]


@pytest.mark.parametrize("answer", ["maybe", None, 1, ["yes"]])
def test_an_answer_that_is_none_is_refused(history: History, answer: Any) -> None:
    page = history.take("run", "ann", [])["page"]
    reply = history.submit(page, [{"answer": True}, {"answer": answer}])
    assert (reply["status"], reply["code"], reply["details"]) == (
        422,
        "answer_invalid",
        {"item": 1, "output": "answer"},
    )
    assert kinds(history) == ["WorkerJoined", "PageTaken"]
    assert history.submit(page, [{"answer": True}, {"answer": False}])["pages_pending"] == 1


def test_late_answers_count_while_all_places_are_free(history: History) -> None:
    page = history.take("run", "ann", [])["page"]
    history.now += 700
    history.expire()
    assert history.submit(page, [{"answer": True}] * 2)["pages_pending"] == 1
    assert kinds(history) == ["WorkerJoined", "PageTaken", "PageExpired", "PageTaken", "PageSubmitted"]


def test_late_answers_do_not_count_once_one_place_is_taken(history: History) -> None:
    page = history.take("run", "ann", [])["page"]
    history.now += 700
    history.expire()
    while "page" in (history.take("run", "bob", []) or {}):
        history.submit(bob_page(history), [{"answer": True}] * 2)
    for _ in range(2):
        reply = history.submit(page, [{"answer": True}] * 2)
        assert (reply["status"], reply["code"], reply["details"]) == (409, "lease_expired", {"state": "late"})
    assert not [e for e in history.events() if isinstance(e, PageSubmitted) and e.worker == "ann"]


def bob_page(history: History) -> str:
    return [event.page for event in history.events() if isinstance(event, PageTaken) and event.worker == "bob"][-1]


def test_a_page_that_was_shown_cannot_be_released_and_one_fetched_ahead_can(history: History) -> None:
    shown = history.take("run", "ann", [])["page"]
    ahead = history.take("run", "ann", [shown])["page"]
    reply = history.release(shown)
    assert (reply["status"], reply["code"]) == (409, "page_shown")
    assert history.release(ahead) == "released"
    assert [event.page for event in history.events() if isinstance(event, PageReleased)] == [ahead]


def test_a_page_fetched_ahead_that_came_on_the_screen_cannot_be_released(history: History) -> None:
    first = history.take("run", "ann", [])["page"]
    second = history.take("run", "ann", [first])["page"]
    history.submit(first, [{"answer": True}] * 2)
    assert history.take("run", "ann", [])["page"] == second
    reply = history.release(second)
    assert (reply["status"], reply["code"]) == (409, "page_shown")


@pytest.mark.parametrize("over", ["skipped", "expired"])
def test_the_lease_of_a_page_that_waits_starts_when_the_one_before_it_is_over_unanswered(
    history: History, over: str
) -> None:
    first = history.take("run", "ann", [])["page"]
    ahead = history.take("run", "ann", [first])["page"]
    if over == "skipped":
        history.skip(first)
    else:
        history.now += 600
        history.expire()
    history.now += 599
    history.expire()
    assert history.take("run", "ann", [])["page"] == ahead
    history.now += 1
    history.expire()
    assert [event.page for event in history.events() if isinstance(event, PageExpired)][-1] == ahead


def test_a_page_that_comes_back_has_its_lease_from_then_on(history: History) -> None:
    first = history.take("run", "ann", [])["page"]
    ahead = history.take("run", "ann", [first])["page"]
    history.release(ahead)
    history.submit(first, [{"answer": True}] * 2)
    history.now += 5000
    assert history.take("run", "ann", [])["page"] == ahead
    history.now += 599
    history.expire()
    assert "PageExpired" not in kinds(history)
    history.now += 1
    history.expire()
    assert kinds(history)[-1] == "PageExpired"


def test_a_released_page_comes_back_as_it_was_or_not_at_all(history: History) -> None:
    first = history.take("run", "ann", [])["page"]
    ahead = history.take("run", "ann", [first])
    history.release(ahead["page"])
    assert history.take("run", "ann", [first]) == ahead
    history.release(ahead["page"])
    taken = history.take("run", "bob", [])["page"]
    assert history.take("run", "ann", [first])[0] == "all_done"
    history.skip(taken)
    assert history.take("run", "ann", [first]) == ahead


def test_a_page_that_came_back_waits_behind_the_one_on_the_screen(history: History) -> None:
    first = history.take("run", "ann", [])["page"]
    ahead = history.take("run", "ann", [first])["page"]
    history.release(ahead)
    bobs = history.take("run", "bob", [])["page"]
    more = tuple(Item(f"more{n}", {"caption": f"more {n}"}) for n in range(2))
    history.execute("run", [AddItems("more", more)])
    history.submit(first, [{"answer": True}] * 2)
    shown = history.take("run", "ann", [])["page"]
    history.skip(bobs)
    assert history.take("run", "ann", [shown])["page"] == ahead
    assert history.take("run", "ann", [])["page"] == shown


@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside others"])
def test_to_a_worker_who_fetches_and_releases_whole_pages_come_back_and_nothing_else(others: bool) -> None:
    history = History()
    history.publish(publication(real_per_page=4, control_per_page=1))
    controls = tuple(Item(f"control{n}", {"caption": f"control {n}"}, True) for n in range(6))
    history.execute("run", [AddItems("controls", controls)])
    reals = tuple(Item(f"real{n}", {"caption": f"real {n}"}, wanted=2) for n in range(100))
    history.execute("run", [AddItems("reals", reals)])
    first = history.take("run", "ann", [])
    looks = [first]
    for _ in range(40):
        looks.append(history.take("run", "ann", [first["page"]]))
        history.release(looks[-1]["page"])
        if others and "page" in (bobs := history.take("run", "bob", [])):
            history.submit(bobs["page"], [{"answer": True}] * len(bobs["shown"]))
    pages = {look["page"]: look["shown"] for look in looks}
    assert len(looks) > len(pages)
    assert all(look["shown"] == pages[look["page"]] for look in looks)
    shown = [inputs["caption"] for items in pages.values() for inputs in items]
    assert len(shown) == len(set(shown))


def test_newcomers_of_one_address_leave_to_others_what_a_budget_still_pays_for() -> None:
    history = History()
    # It pays for eight pages, and there are items for a hundred.
    history.publish(publication(budget=160))
    history.execute("run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(200)))])
    for worker in ("bob", "cem"):
        first = history.take("run", worker, [])["page"]
        assert "page" in history.take("run", worker, [first])
    assert history.take("run", "eve", [])[0] == "newcomers"
    assert "page" in history.take("run", "ann", [])


def test_an_unknown_item_in_a_command_refuses_the_whole_call(history: History) -> None:
    reply = history.execute("run", [SetState("pause", "paused"), Want("more", {"item0": 2, "unknown": 2})])
    assert (reply["status"], reply["code"]) == (422, "item_unknown")
    assert kinds(history) == []
    # Neither key was used up, and an item may be wanted in the call that adds it.
    new = AddItems("new", (Item("unknown", {"caption": "new"}),))
    assert history.execute("run", [SetState("pause", "paused"), new, Want("more", {"unknown": 2})]) == [3, 0]


def test_an_unknown_worker_in_a_command_refuses_the_whole_call(history: History) -> None:
    reply = history.execute("run", [SetState("pause", "paused"), Restrict("stop", "nobody", 1.0, {})])
    assert (reply["status"], reply["code"]) == (404, "worker_unknown")
    assert kinds(history) == []


def test_an_item_is_never_given_to_those_it_is_withheld_from() -> None:
    history = History()
    history.publish(publication(control_per_page=1))
    items = tuple(Item(key, {"caption": key}, key == "check", 3) for key in ("one", "two", "check"))
    withheld = {"one": ("ann", "bob"), "two": ("ann",), "check": ("cem",)}
    history.execute("run", [AddItems("add", items), Withhold("not them", withheld)])
    assert history.take("run", "ann", [])[0] == "busy"
    for worker in ("bob", "cem", "eve"):
        history.take("run", worker, [])
    given = {event.worker: set(event.items) for event in history.events() if isinstance(event, PageTaken)}
    assert given == {"bob": {"two", "check"}, "cem": {"one", "two"}, "eve": {"one", "two", "check"}}
    assert history.execute("run", [Withhold("who", {"one": ("nobody",)})])["code"] == "worker_unknown"
    assert history.execute("run", [Withhold("what", {"none": ("ann",)})])["code"] == "item_unknown"


def test_where_groups_are_apart_what_is_withheld_from_one_of_them_is_withheld_from_all() -> None:
    """Bob and Cem came by one invitation, Eve by another, and Ann by none that is known."""
    history = History()
    history.publish(publication(groups_apart=True))
    items = tuple(Item(key, {"caption": key}, wanted=4) for key in ("one", "two"))
    history.execute("run", [AddItems("add", items), Withhold("not them", {"one": ("bob",), "two": ("ann",)})])
    for worker in ("ann", "bob", "cem", "eve"):
        history.take("run", worker, [])
    given = {event.worker: set(event.items) for event in history.events() if isinstance(event, PageTaken)}
    assert given == {"ann": {"one"}, "bob": {"two"}, "cem": {"two"}, "eve": {"one", "two"}}


def test_a_page_that_was_handed_back_does_not_come_again_with_what_is_withheld_since(history: History) -> None:
    history.take("run", "ann", [])
    first = [given.page for given in history.events() if isinstance(given, PageTaken)]
    ahead = history.take("run", "ann", first)
    history.release(ahead["page"])
    taken = next(event for event in history.events() if isinstance(event, PageTaken) and event.page == ahead["page"])
    history.execute("run", [Withhold("late", {taken.items[0]: ("ann",)})])
    again = history.take("run", "ann", first)
    assert not isinstance(again, dict) or again["page"] != ahead["page"]


def test_a_command_twice_in_one_call_is_done_once(history: History) -> None:
    pause = SetState("pause", "paused")
    assert history.execute("run", [pause, pause]) == [1, 1]
    assert history.execute("run", [SetState("pause", "closed")]) == [0, 1]
    assert kinds(history) == ["RunStateChanged"]


def test_two_sides_are_shown_the_other_way_each_time_and_answers_are_put_right() -> None:
    history = History()
    history.publish(publication(task=better, real_per_page=3))
    items = tuple(Item(f"item{n}", {"left": "good", "right": "bad"}, wanted=4) for n in range(3))
    history.execute("run", [AddItems("add", items)])
    shown = []
    for worker in ("ann", "bob", "cem", "eve"):
        page = history.take("run", worker, [])
        lefts = [inputs["left"] for inputs in page["shown"]]
        shown += lefts
        history.submit(page["page"], [{"answer": "left" if left == "good" else "right"} for left in lefts])
    assert (shown.count("good"), shown.count("bad")) == (6, 6)
    answers = [answer for event in history.events() if isinstance(event, PageSubmitted) for answer in event.answers]
    assert answers == [{"answer": "left"}] * 12


def test_items_mixed_in_before_the_first_page_are_found(history: History) -> None:
    nothing, one = Item("nothing", {"caption": "nobody is asked"}, wanted=0), Item("one", {"caption": "one"})
    history.publish(publication("other"))
    for number, items in enumerate([(one,), (nothing,), (Item("two", {"caption": "two"}), Item("three", {}))]):
        history.execute("other", [AddItems(f"add {number}", items)])
        history.look()
    assert len(history.take("other", "ann", [])["shown"]) == 1


def test_a_run_whose_package_has_gone_is_refused_before_anything_changes(history: History) -> None:
    whole = publication().task
    gone = replace(whole, outputs=[replace(slot, type="gone") for slot in whole.outputs])
    for tried in history.tried:
        row = tried.store.runs.by_name("run")
        assert row is not None
        tried.runs.keep(replace(row, publication=replace(row.publication, task=gone)))
    before = history.look()
    reply = history.take("run", "ann", [])
    assert (reply["status"], reply["code"]) == (503, "task_unreadable")
    assert (history.look(), kinds(history)) == (before, [])


def test_a_verdict_of_another_run_and_a_second_one_change_nothing(history: History) -> None:
    history.publish(publication("other"))
    page = history.take("run", "ann", [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    history.execute("other", [Judge("stranger", (page,))])
    history.execute("run", [Judge("first", (page, page))])
    history.execute("run", [Judge("second", (), (page,))])
    assert kinds(history)[3:] == ["PageJudged"]
    assert history.events("other") == []


def test_a_rejected_page_may_be_accepted_after_all_once_and_takes_nothing_from_others(history: History) -> None:
    page = history.take("run", "ann", [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    history.execute("run", [Judge("no", (), (page,), {page: {"en": "wrong"}})])
    taken = [history.take("run", "bob", have) for have in ([], [history.take("run", "bob", [])["page"]])]
    for key in ("yes", "again"):
        history.execute("run", [Judge(key, (page,))])
        history.look()
    history.execute("run", [Judge("no more", (), (page,))])
    verdicts = [(event.accepted, event.amount) for event in history.events() if isinstance(event, PageJudged)]
    assert verdicts == [(False, 0), (True, 20)]
    # All four places went to bob meanwhile, and stay his.
    for other in taken:
        assert history.submit(other["page"], [{"answer": True}] * 2)["pages_pending"] > 0


def test_a_rejected_page_is_accepted_after_all_only_if_the_budget_pays_for_it() -> None:
    history = History()
    history.publish(publication(budget=30))
    history.execute("run", [AddItems("add", tuple(Item(f"item{n}", {"caption": f"item {n}"}) for n in range(4)))])
    page = history.take("run", "ann", [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    history.execute("run", [Judge("no", (), (page,))])
    bobs = history.take("run", "bob", [])["page"]
    history.execute("run", [Judge("too much", (page,))])
    history.skip(bobs)
    history.execute("run", [Judge("enough", (page,))])
    assert [event.accepted for event in history.events() if isinstance(event, PageJudged)] == [False, True]


def test_a_control_item_that_is_wanted_no_more_is_shown_to_nobody() -> None:
    history = History()
    history.publish(publication(control_per_page=1))
    controls = tuple(Item(f"control{n}", {"caption": f"control {n}"}, True) for n in range(2))
    reals = tuple(Item(f"real{n}", {"caption": f"real {n}"}, wanted=9) for n in range(6))
    history.execute("run", [AddItems("add", controls + reals), Want("broken", {"control0": 0})])
    for _ in range(2):
        for worker in ("ann", "bob", "cem"):
            page = history.take("run", worker, [])
            assert {"caption": "control 0"} not in page["shown"]
            history.submit(page["page"], [{"answer": True}] * len(page["shown"]))
    assert sum("control1" in event.items for event in history.events() if isinstance(event, PageTaken)) == 3


@pytest.mark.parametrize("controls", [-0.1, float("inf"), float("nan")])
def test_a_wish_for_control_items_is_a_number_of_them(history: History, controls: float) -> None:
    reply = history.execute("run", [Deal("wish", {"ann": controls})])
    assert (reply["status"], reply["code"]) == (422, "wish_invalid")
    assert "controls of 'ann': expected a number of control items, 0 or more" in reply["refused"]
    # Nothing of it happened: the same key is still free.
    assert history.execute("run", [Deal("wish", {"ann": 0.5})]) == [1, 0]


def test_a_wish_about_nobody_is_refused(history: History) -> None:
    assert history.execute("run", [Deal("wish", {"nobody": 1.0})])["code"] == "worker_unknown"


# --- the order in which items that were asked before are given out ---------------------------------------------------


def seen(page: dict[str, Any]) -> set[str]:
    return {inputs["caption"] for inputs in page["shown"]}


def all_answered_once(history: History) -> None:
    """Each of the four items has an answer by ann."""
    while isinstance(page := history.take("run", "ann", []), dict):
        history.submit(page["page"], [{"answer": True}] * len(page["shown"]))


def test_of_items_that_are_asked_again_those_are_first_of_which_an_answer_is_worth_most(history: History) -> None:
    all_answered_once(history)
    worth = {"item0": 0.01, "item1": 0.2, "item2": 0.05, "item3": 0.15}
    history.execute("run", [Want("more", dict.fromkeys(worth, 2), worth)])
    assert seen(history.take("run", "bob", [])) == {"item 1", "item 3"}
    assert seen(history.take("run", "eve", [])) == {"item 2", "item 0"}


def test_first_answers_come_before_all_that_is_asked_again(history: History) -> None:
    page = history.take("run", "ann", [])
    history.submit(page["page"], [{"answer": True}] * 2)
    asked = [caption.replace(" ", "") for caption in seen(page)]
    history.execute("run", [Want("more", dict.fromkeys(asked, 2), dict.fromkeys(asked, 0.3))])
    assert seen(history.take("run", "bob", [])).isdisjoint(seen(page))


def test_what_comes_back_waits_again_where_it_was(history: History) -> None:
    all_answered_once(history)
    wanted = {"item0": 2, "item1": 2, "item2": 2, "item3": 2}
    history.execute("run", [Want("more", wanted, {"item0": 0.2, "item1": 0.2, "item2": 0.05, "item3": 0.05})])
    page = history.take("run", "bob", [])
    history.skip(page["page"])
    assert seen(history.take("run", "eve", [])) == seen(page) == {"item 0", "item 1"}


def test_what_turns_out_to_be_worth_more_while_it_waits_comes_earlier(history: History) -> None:
    all_answered_once(history)
    wanted = {"item0": 2, "item1": 2, "item2": 2, "item3": 2}
    history.execute("run", [Want("more", wanted, dict.fromkeys(wanted, 0.05))])
    history.execute("run", [Want("dear", {"item3": 2, "item0": 2}, {"item3": 0.5, "item0": 0.5})])
    assert seen(history.take("run", "bob", [])) == {"item 0", "item 3"}


def test_of_what_no_worth_is_told_all_goes_to_the_tail_as_ever(history: History) -> None:
    all_answered_once(history)
    for key in ("item2", "item0"):
        history.execute("run", [Want(key, {key: 2})])
    history.execute("run", [Want("item1", {"item1": 2})])
    assert seen(history.take("run", "bob", [])) == {"item 2", "item 0"}


@pytest.mark.parametrize("worth", [-0.1, 1.1, float("nan")])
def test_a_worth_is_a_share(history: History, worth: float) -> None:
    reply = history.execute("run", [Want("more", {"item0": 2}, {"item0": worth})])
    assert (reply["status"], reply["code"]) == (422, "wish_invalid")
    assert "worth of 'item0'" in reply["refused"]


# --- workers who should answer an item rather than others -------------------------------------------------------------


def test_who_should_answer_an_item_finds_it_on_their_page_and_others_find_something_else(history: History) -> None:
    all_answered_once(history)
    wanted = dict.fromkeys(("item0", "item1", "item2", "item3"), 2)
    history.execute("run", [Want("more", wanted, dict.fromkeys(wanted, 0.2), {"item3": ("bob",), "item0": ("bob",)})])
    for_eve = seen(history.take("run", "eve", []))
    assert len(for_eve) == 2
    assert for_eve & {"item 1", "item 2"}
    assert seen(history.take("run", "bob", [])) & {"item 0", "item 3"}


def test_where_all_waits_for_others_nobody_goes_without_a_page(history: History) -> None:
    all_answered_once(history)
    wanted = dict.fromkeys(("item0", "item1", "item2", "item3"), 2)
    history.execute("run", [Want("more", wanted, dict.fromkeys(wanted, 0.2), dict.fromkeys(wanted, ("bob",)))])
    pages = [history.take("run", "eve", [])]
    while isinstance(pages[-1], dict):
        history.submit(pages[-1]["page"], [{"answer": True}] * len(pages[-1]["shown"]))
        pages.append(history.take("run", "eve", []))
    assert {caption for page in pages[:-1] for caption in seen(page)} == {"item 0", "item 1", "item 2", "item 3"}


def test_who_has_answered_an_item_does_not_get_it_again_whatever_is_wished(history: History) -> None:
    all_answered_once(history)
    history.execute("run", [Want("more", {"item0": 3}, {"item0": 0.2}, {"item0": ("ann",)})])
    assert not isinstance(history.take("run", "ann", []), dict)
    assert seen(history.take("run", "bob", [])) == {"item 0"}


def test_a_page_shows_nothing_of_who_should_answer_its_items(history: History) -> None:
    all_answered_once(history)
    wanted = dict.fromkeys(("item0", "item1", "item2", "item3"), 3)
    history.execute("run", [Want("more", wanted, dict.fromkeys(wanted, 0.2), {"item0": ("bob",)})])
    bobs, eves = history.take("run", "bob", []), history.take("run", "eve", [])
    assert bobs.keys() == eves.keys()
    assert [one.keys() for one in bobs["shown"]] == [one.keys() for one in eves["shown"]]


def test_a_later_wish_takes_the_place_of_an_earlier_one(history: History) -> None:
    all_answered_once(history)
    wanted = dict.fromkeys(("item0", "item1", "item2", "item3"), 2)
    history.execute("run", [Want("more", wanted, dict.fromkeys(wanted, 0.2), dict.fromkeys(wanted, ("bob",)))])
    later = dict.fromkeys(wanted, 3)
    history.execute("run", [Want("again", later, dict.fromkeys(later, 0.2), {"item2": ("eve",)})])
    for_bob = seen(history.take("run", "bob", []))
    assert for_bob != {"item 2"}
    assert len(for_bob) == 2


def test_a_wish_for_people_names_some_who_are_there(history: History) -> None:
    reply = history.execute("run", [Want("more", {"item0": 2}, {}, {"item0": ("nobody",)})])
    assert reply["code"] == "worker_unknown"
    reply = history.execute("run", [Want("more", {"item0": 2}, {}, {"item0": ("ann",) * 11})])
    assert (reply["status"], reply["code"]) == (422, "wish_invalid")
    assert "prefers of 'item0': expected 10 workers at most, got 11" in reply["refused"]
