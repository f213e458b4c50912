"""Somebody of whom nothing is known shows one page before they get another, on every store."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.issue.histories import START, History, publication, training

from dataforge.issue import first_verdict
from dataforge.issue.first_verdict import FIRST_VERDICT
from dataforge.issue.rows import Member, Worker
from dataforge.issue.skills import skill_of_training
from dataforge.records import AddItems, Item, Judge

PATIENT = {"en": "Look again."}


def newcomers(**settings: Any) -> History:
    """A run of many items, pages of two, and people of whom nothing is known."""
    history = History(known=())
    history.publish(publication(**settings))
    items = tuple(Item(f"item{n}", {"caption": f"item {n}"}, False, 9) for n in range(40))
    history.execute("run", [AddItems("add", items)])
    return history


def in_many_runs(count: int) -> History:
    """So many runs in which everybody is unknown."""
    history = History(known=())
    for n in range(count):
        history.publish(publication(f"run{n}"))
        items = tuple(Item(f"item{k}", {"caption": f"item {k}"}, False, 9) for k in range(90))
        history.execute(f"run{n}", [AddItems("add", items)])
    return history


def answered(history: History, worker: str = "ann") -> str:
    page: str = history.take("run", worker, [])["page"]
    history.submit(page, [{"answer": True}] * 2)
    return page


def test_nothing_is_fetched_ahead_before_the_first_verdict() -> None:
    history = newcomers()
    page = history.take("run", "ann", [])["page"]
    assert history.take("run", "ann", [page]) is None, "they hold as many as they may"
    assert history.take("run", "ann", [])["page"] == page, "one that got lost comes again"


@pytest.mark.parametrize("accepted", [True, False])
def test_with_the_first_verdict_there_are_two_pages(accepted: bool) -> None:
    history = newcomers()
    page = answered(history)
    reason, until, *_ = history.take("run", "ann", [])
    assert (reason, until) == ("judging", START + FIRST_VERDICT)
    history.execute("run", [Judge("judge", (page,)) if accepted else Judge("judge", (), (page,), {page: PATIENT})])
    first = history.take("run", "ann", [])["page"]
    assert history.take("run", "ann", [first])["page"] != first


def test_a_verdict_in_one_run_counts_in_all() -> None:
    history = newcomers()
    history.publish(publication("other"))
    history.execute("other", [AddItems("more", tuple(Item(f"i{n}", {"caption": f"{n}"}, False, 9) for n in range(9)))])
    history.execute("run", [Judge("judge", (answered(history),))])
    first = history.take("other", "ann", [])["page"]
    assert history.take("other", "ann", [first])["page"] != first


def test_who_cannot_do_a_task_skips_its_page_and_may_have_one_of_another_at_once() -> None:
    history = in_many_runs(2)
    page = history.take("run0", "ann", [])["page"]
    assert history.take("run1", "ann", [])[0] == "elsewhere"
    history.skip(page)
    assert history.take("run1", "ann", [])["page"]
    assert history.take("run0", "ann", [])[0] == "elsewhere", "one page, whichever task it is of"


def test_who_holds_a_page_of_one_run_gets_none_of_another_until_its_verdict() -> None:
    history = in_many_runs(2)
    page = history.take("run0", "ann", [])["page"]
    assert history.take("run1", "ann", [])[0] == "elsewhere"
    history.submit(page, [{"answer": True}] * 2)
    reason, until, *_ = history.take("run1", "ann", [])
    assert (reason, until) == ("judging", START + FIRST_VERDICT), "it is the same page that is looked at"
    history.execute("run0", [Judge("judge", (page,))])
    assert history.take("run1", "ann", [])["page"]
    assert history.take("run0", "ann", [])["page"]


def test_a_page_that_was_skipped_or_ran_out_elsewhere_leaves_room_here() -> None:
    history = in_many_runs(3)
    history.skip(history.take("run0", "ann", [])["page"])
    late = history.take("run1", "ann", [])["page"]
    history.now += 601
    here = history.take("run2", "ann", [])["page"]
    assert history.submit(late, [{"answer": True}] * 2)["code"] == "lease_expired", "another one is out by now"
    history.submit(here, [{"answer": True}] * 2)
    assert [history.take(f"run{n}", "ann", [])[0] for n in range(3)] == ["judging"] * 3


def test_a_page_that_comes_late_is_the_one_that_is_looked_at() -> None:
    history = in_many_runs(2)
    late = history.take("run0", "ann", [])["page"]
    history.now += 601
    history.skip(history.take("run1", "ann", [])["page"])
    assert history.submit(late, [{"answer": True}] * 2)["pages_pending"] == 1
    assert history.take("run1", "ann", [])[0] == "judging"


def test_runs_that_others_judge_bound_what_waits_by_themselves() -> None:
    history = in_many_runs(1)
    history.publish(publication("judged", most_waiting=1))
    history.execute("judged", [AddItems("add", (Item("one", {"caption": "one"}, False, 9),))])
    assert history.take("run0", "ann", [])["page"]
    assert history.take("judged", "ann", [])["page"]


@pytest.mark.parametrize("seed", range(5))
def test_one_account_in_eight_runs_never_has_two_pages_before_somebody_looked_at_one(seed: int) -> None:
    chance, history, out, given = random.Random(seed), in_many_runs(8), set[str](), 0
    while given < 40:
        run = f"run{chance.randrange(8)}"
        got = history.take(run, "ann", [])
        if isinstance(got, dict):
            given += got["page"] not in out
            out.add(got["page"])
        assert len(out) <= 1
        page = next(iter(out), None)
        match chance.choice(["look", "look", "skip", "submit", "late"]):
            case "skip" if page:
                history.skip(page)
                out.clear()
            case "submit" if page:
                waiting = history.submit(page, [{"answer": True}] * 2)["pages_pending"]
                if waiting == 1:
                    assert {history.take(f"run{n}", "ann", [])[0] for n in range(8)} == {"judging"}
                history.now += FIRST_VERDICT
                out.clear()
            case "late" if page:
                history.now += 601
                history.expire()
                out.clear()


def test_a_skill_by_hand_and_one_by_training_stand_for_a_verdict() -> None:
    history = newcomers(training=training(page=2, score=0.0))
    history.give_skill("ann", "medical", 80.0, "hand")
    history.give_skill("ann", skill_of_training(publication()), 90.0, "hand")
    first = history.take("run", "ann", [])["page"]
    assert history.take("run", "ann", [first])["page"] != first
    history.begin_training("run", "bob", 0)
    for place in range(2):
        history.answer_training("run", "bob", 1, place, {"answer": True})
    assert history.tried[0].account("bob").known


def test_a_training_that_was_failed_tells_nothing_good() -> None:
    history = newcomers(training=training(page=4))
    history.begin_training("run", "eve", 0)
    for place in range(4):
        history.answer_training("run", "eve", 1, place, {"answer": False})
    assert not any(tried.account("eve").known for tried in history.tried), "half of them were wrong"


def test_where_nobody_judges_the_wait_is_a_minute_once() -> None:
    history = newcomers()
    answered(history)
    history.now += FIRST_VERDICT - 1
    assert history.take("run", "ann", [])[0] == "judging"
    history.now += 1
    answered(history)
    third = history.take("run", "ann", [])["page"]
    assert history.take("run", "ann", [third]) is None, "one at a time all the same"


@pytest.mark.parametrize("way", ["skip", "expire", "release"])
def test_no_way_round_gives_a_second_page_beside_the_first(way: str) -> None:
    history = newcomers()
    first = history.take("run", "ann", [])["page"]
    if way == "skip":
        history.skip(first)
    elif way == "release":
        assert history.release(first)["code"] == "page_shown"
    else:
        history.now += 600
        history.expire()
    second = history.take("run", "ann", [])["page"]
    assert history.take("run", "ann", [second]) is None
    if way == "expire":
        assert history.submit(first, [{"answer": True}] * 2)["code"] == "lease_expired", "it is late: another is out"
        history.submit(second, [{"answer": True}] * 2)
        assert history.take("run", "ann", [])[0] == "judging"


def test_a_first_page_that_was_answered_without_a_network_counts_when_it_comes() -> None:
    history = newcomers()
    page = history.take("run", "ann", [])["page"]
    history.now += 700
    history.expire()
    assert history.submit(page, [{"answer": True}] * 2)["pages_pending"] == 1


@pytest.mark.parametrize(
    ("settings", "worker", "unknown"),
    [
        ({}, {}, True),
        ({}, {"known": 1}, False),
        ({}, {"named": 1}, False),
        # Others judge, which takes a while, and most_waiting bounds what waits for them.
        ({"most_waiting": 2}, {}, False),
        # Who labels alone waits for nobody.
        ({"alone": True}, {}, False),
    ],
)
def test_unknown_is_of_whom_no_verdict_skill_or_link_says_anything(
    settings: dict[str, Any], worker: dict[str, int], unknown: bool
) -> None:
    run, who = publication(**settings), Worker(1, "ann", "Ann", "en", **worker)
    waiting = Member(pages_pending=1, worked_until=100.0)
    assert first_verdict.is_unknown(run, who) is unknown
    assert first_verdict.most_held(run, who) == (1 if unknown else 2)
    assert first_verdict.first_verdict_by(run, who, waiting) == (160.0 if unknown else None)
    assert first_verdict.first_verdict_by(run, who, Member()) is None
