"""A requester accepts and rejects pages by hand: log, results and money follow, whoever drives the run."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.runs.conftest import crowd
from tests.runs.test_corrections import GOOD, truths, wrong

import dataforge as df
from dataforge.errors import DataError, RunError
from dataforge.platforms.simulated import SimulatedWorker

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]


def pages_of(run: df.Run, worker: str) -> list[str]:
    responses = run.responses()
    return responses.loc[responses["worker"] == worker, "page"].unique().tolist()


def test_pages_of_a_bad_worker_are_rejected_after_the_end_and_others_are_asked(start: Start, finish: Finish) -> None:
    bad = SimulatedWorker("bad", wrong, arrives=0.0)
    run = start(items=12, controls=0, workers=[bad, *crowd(3, arrives=0.0)], overlap=2, **GOOD)
    assert finish(run).stage == "done"
    cost = run.status().cost
    pages = pages_of(run, "bad")
    assert pages
    run.reject(*pages, reason="the answers have nothing to do with the captions")
    assert finish(run).stage == "done"
    assert run.labels()["answer"].tolist() == truths(run)
    assert run.labels()["overlap"].min() == 2
    bads = run.workers().set_index("worker").loc["bad"]
    assert (bads["earned"], bads["pages_accepted"], bads["pages_rejected"]) == (0, 0, len(pages))
    assert run.status().cost == pytest.approx(cost)


def test_a_rejected_page_is_accepted_by_hand_and_paid(start: Start, finish: Finish) -> None:
    run = start(items=12, controls=4, workers=[SimulatedWorker("bad", wrong, arrives=0.0), *crowd(4)], overlap=2)
    finish(run)
    workers = run.workers().set_index("worker")
    assert workers.loc["bad", "earned"] == 0
    assert workers.loc["bad", "pages_rejected"] > 0
    page = pages_of(run, "bad")[0]
    run.accept(page)
    finish(run)
    after = run.workers().set_index("worker")
    assert after.loc["bad", "earned"] > 0
    assert after.loc["bad", "pages_accepted"] == 1
    responses = run.responses()
    assert responses.loc[responses["page"] == page, "accepted"].all()


def test_rejecting_twice_and_accepting_again_ends_where_it_began(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=0, workers=crowd(3, arrives=0.0), overlap=2, **GOOD)
    finish(run)
    before = run.workers()["earned"].sum()
    page = run.responses()["page"].iloc[0]
    run.reject(page)
    run.reject(page)
    run.accept(page)
    finish(run)
    assert run.responses().set_index("page").loc[page, "accepted"].all()
    # Others may have been asked meanwhile; nobody is paid less than for what they did.
    assert run.workers()["earned"].sum() >= before


def test_what_cannot_be_decided_is_said(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=0, workers=crowd(2, arrives=0.0), overlap=1, **GOOD)
    finish(run)
    with pytest.raises(RunError, match=r"has no answers on a page 'nonsense'; see the column `page`"):
        run.accept("nonsense")
    with pytest.raises(RunError, match="expected pages"):
        run.reject()
    with pytest.raises(RunError, match="one in English"):
        run.reject(run.responses()["page"].iloc[0], reason={"ru": "нет"})
    with pytest.raises(RunError, match="reason: the text has half a character at position 2"):
        run.reject(run.responses()["page"].iloc[0], reason="no\ud83d")


def test_a_budget_that_does_not_pay_for_a_rejected_page_is_said(start: Start, finish: Finish) -> None:
    people = [SimulatedWorker("bad", wrong, arrives=0.0), *crowd(4, arrives=0.0)]
    run = start(items=40, controls=6, workers=people, overlap=2, budget=0.08, page_price=0.02)
    assert finish(run).stage == "budget"
    with pytest.raises(RunError, match=r"these pages cost 0\.02, and of its budget 0 is left; .*run\.change"):
        run.accept(pages_of(run, "bad")[0])


def test_a_bonus_is_paid_once_under_its_key_and_counts_against_the_budget(start: Start, finish: Finish) -> None:
    run = start(items=6, controls=0, workers=crowd(2, arrives=0.0), overlap=1, budget=1.0, **GOOD)
    finish(run)
    cost = run.status().cost
    for _ in range(2):
        run.bonus("worker0", 0.25, "Thank you", key="june")
    finish(run)
    workers = run.workers().set_index("worker")
    assert run.status().cost == pytest.approx(cost + 0.25)
    assert workers["earned"].sum() == pytest.approx(cost + 0.25)
    with pytest.raises(RunError, match=r"the bonus is 0\.9, and of its budget .* is left"):
        run.bonus("worker0", 0.9)
    with pytest.raises(RunError, match="more than 0"):
        run.bonus("worker0", -1)
    # What was given is not asked of the budget again, and another amount is not taken for the same bonus.
    run.bonus("worker0", 0.6, key="july")
    finish(run)
    run.bonus("worker0", 0.6, key="july")
    with pytest.raises(DataError, match=r"key 'july': a bonus of 0\.6 .* was given under it, .*choose another key"):
        run.bonus("worker0", 0.1, key="july")
    finish(run)
    cost += 0.6
    assert run.status().cost == pytest.approx(cost + 0.25)
