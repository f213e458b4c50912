"""Appeals against rejected pages, on every store."""

from __future__ import annotations

from typing import Any

import pytest
from tests.issue.histories import History, likes, publication

from dataforge.issue.written import LONGEST_TEXT
from dataforge.records import AddItems, Item, Judge, PageJudged, Republish, SetState


def with_a_rejected_page(**settings: Any) -> tuple[History, str]:
    """A run of two items on one page of 20 millionths, which ann has answered; it was rejected."""
    history = History()
    history.publish(publication(task=likes, **settings))
    history.execute("run", [AddItems("add", tuple(Item(key, {"caption": key}) for key in ("a", "b")))])
    page = history.take("run", "ann", [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    history.execute("run", [Judge("judge", (), (page,), {page: {"en": "not accurate enough"}})])
    return history, page


def spent(history: History) -> set[int]:
    return {tried.store.runs.counters(tried.runs.by_name(tried.store, "run").id).spent for tried in history.tried}


def member(history: History) -> Any:
    """Ann in the run, after every store was found to say the same of her."""
    first = history.tried[0]
    history.look()
    ann = first.store.accounts.worker_by_name("ann")
    assert ann is not None
    return first.store.members.load(first.runs.by_name(first.store, "run").id, ann.id)


def test_an_appeal_that_is_upheld_pays_the_page_and_the_run_hears_of_it() -> None:
    history, page = with_a_rejected_page()
    assert history.appeal(page, "  I looked\u200b at each\n")["text"] == "I looked at each"
    assert spent(history) == {0}
    decided = history.decide(page, "upheld", "")
    assert (decided["state"], decided["decided"]) == ("upheld", history.now)
    assert spent(history) == {20}
    assert (member(history).earned, member(history).pages_accepted, member(history).pages_rejected) == (20, 1, 0)
    told = history.events()[-1]
    assert isinstance(told, PageJudged)
    assert (told.page, told.accepted, told.amount) == (page, True, 20)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("all three are people: 👩\u200d👩\u200d👧", "all three are people: 👩\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("1\u00a0000\tof\u00a0them\r\nare right", "1 000 of them\nare right"),
        ("yes\u202e and\u200b no\u200d ", "yes and no"),
    ],
)
def test_what_is_written_keeps_its_letters_its_signs_and_the_spaces_between_its_words(given: str, kept: str) -> None:
    history, page = with_a_rejected_page()
    assert history.appeal(page, given)["text"] == kept


def test_an_appeal_that_is_dismissed_says_why_and_changes_nothing_else() -> None:
    history, page = with_a_rejected_page()
    history.appeal(page, "I looked")
    before = len(history.events())
    assert history.decide(page, "dismissed", " ")["code"] == "text_invalid"
    assert history.decide(page, "dismissed", "Both answers are wrong.")["reply"] == "Both answers are wrong."
    assert len(history.events()) == before
    assert (member(history).earned, member(history).pages_rejected) == (0, 1)


def test_there_is_one_appeal_for_a_page_and_a_second_click_changes_nothing() -> None:
    history, page = with_a_rejected_page()
    first = history.appeal(page, "I looked")
    history.now += 60
    assert history.appeal(page, "I looked") == first
    assert history.appeal(page, "and looked again")["code"] == "appealed"
    history.decide(page, "dismissed", "no")
    assert history.appeal(page, "and looked again")["code"] == "appealed"


def test_of_two_who_decide_at_once_the_second_reads_what_the_first_did() -> None:
    history, page = with_a_rejected_page()
    history.appeal(page, "I looked")
    history.decide(page, "upheld", "You are right.")
    assert history.decide(page, "upheld", "Of course.")["reply"] == "You are right."
    refused = history.decide(page, "dismissed", "no")
    assert (refused["status"], refused["details"]) == (409, {"state": "upheld"})
    assert spent(history) == {20}


def test_what_was_not_rejected_needs_no_appeal() -> None:
    history, page = with_a_rejected_page()
    history.execute("run", [Judge("again", (page,))])
    assert history.appeal(page, "I looked")["code"] == "not_rejected"
    assert history.decide(page, "upheld", "")["code"] == "appeal_unknown"
    assert history.appeal("beef", "I looked")["code"] == "page_unknown"


def test_a_page_that_is_accepted_otherwise_upholds_its_appeal() -> None:
    history, page = with_a_rejected_page()
    history.appeal(page, "I looked")
    history.execute("run", [Judge("a control item was wrong", (page,))])
    assert history.decide(page, "dismissed", "no")["details"] == {"state": "upheld"}
    assert spent(history) == {20}


def test_a_budget_that_does_not_pay_the_page_keeps_its_appeal_open_until_it_is_raised() -> None:
    history, page = with_a_rejected_page(budget=30)
    history.appeal(page, "I looked")
    history.execute("run", [AddItems("more", (Item("c", {"caption": "c"}), Item("d", {"caption": "d"})))])
    history.take("run", "bob", [])
    refused = history.decide(page, "upheld", "")
    assert (refused["code"], refused["details"]) == ("budget_spent", {"lacking": 10})
    assert spent(history) == {20}
    raised = publication(task=likes, budget=40)
    history.execute("run", [Republish("raise", raised)])
    assert history.decide(page, "upheld", "")["state"] == "upheld"
    assert spent(history) == {40}


def test_an_appeal_may_be_made_and_upheld_after_the_run_was_closed() -> None:
    history, page = with_a_rejected_page()
    history.execute("run", [SetState("close", "closed")])
    history.appeal(page, "I looked")
    assert history.decide(page, "upheld", "")["state"] == "upheld"
    assert member(history).earned == 20


def test_an_appeal_says_something_and_not_a_book() -> None:
    history, page = with_a_rejected_page()
    assert history.appeal(page, "\u200b \n")["code"] == "text_invalid"
    assert history.appeal(page, "x" * (LONGEST_TEXT + 1))["code"] == "text_invalid"
    assert history.appeal(page, "x" * LONGEST_TEXT)["state"] == "open"
