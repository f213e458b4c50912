"""Runs that are gone through in memory, from where they stand."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.runs.conftest import crowd, right

import dataforge as df
from dataforge.errors import RunEnded, RunError
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.checkpoint import saved_state
from dataforge.runs.core.crowd import ARRIVALS
from dataforge.runs.driving import foresight, rehearsal
from dataforge.runs.driving.foresight import Foresight, can_be_rehearsed, foresee, foresee_quickly
from dataforge.runs.driving.rehearsal import TooLong, rehearse
from dataforge.runs.driving.standing import drawn_arrivals, members_of, standing_of
from dataforge.runs.driving.status import status_of
from dataforge.runs.driving.telling import still_foreseen

Start = Callable[..., df.Run]
# A page of four items and a control item costs a tenth; workers of whom little is known are asked once more.
PAID: dict[str, Any] = {"page_price": 0.1, "speed": (), "skips": None, "controls": 30, "control": None}
OPEN = {"overlap": (1, 3), "control_ratio": 0.5, **PAID}


def begun(start: Start, pages: int, **settings: Any) -> df.Run:
    """A run of sixty items, of which a crowd has answered so many pages before it left."""
    workers = crowd(4, share=0.9, arrives=0.0, pages=pages)
    platform = SimulatedPlatform(workers, right, seed=3, events_per_poll=5)
    run = start(items=60, platform=platform, **{**OPEN, **settings})
    with run._held.view.lock:
        run._held.view.progressed.wait_for(lambda: run._held.view.state.pages_accepted >= 4 * pages - 2, 20)
    run._held.driver.let_go()
    return run


def test_a_rehearsal_leaves_the_run_as_it_is_and_the_same_seed_goes_the_same_way(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    before = {name: array.tobytes() for name, array in saved_state(copy.deepcopy(view.state)).items()}
    standing = standing_of(view)
    one, again, other = (rehearse(standing, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert {name: array.tobytes() for name, array in saved_state(view.state).items()} == before


def test_a_rehearsal_ends_and_costs_no_less_than_what_is_wanted_and_no_more_than_may_be(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    found = rehearse(standing_of(view), 5)
    assert found.ended
    assert view.state.paid < found.cost
    assert 60 <= found.answers <= 180
    assert 0.5 < found.right <= 1
    assert found.seconds > 0


def test_a_rehearsal_keeps_to_the_budget(start: Start) -> None:
    view = begun(start, pages=2, budget=1.2)._held.view
    assert max(rehearse(standing_of(view), seed).cost for seed in range(3)) <= 1_200_000


def test_what_is_foreseen_before_the_first_answer_is_near_what_comes(start: Start, finish: Any) -> None:
    # Of a crowd that is as able as is presumed of strangers: where all are right with one probability.
    waiting = start(items=150, platform=SimulatedPlatform(), name="waiting", **OPEN)
    told = waiting.forecast(runs=4)
    found = finish(start(items=150, workers=crowd(8, share=0.85, arrives=0.0), name="going", **OPEN))
    assert told.cost[0] == pytest.approx(found.cost, rel=0.3)
    assert told.cost[1] <= told.cost[0] <= told.cost[2] <= told.most
    assert told.overlap is not None
    assert 1 <= told.overlap[0] <= 3
    assert "about" in str(told)
    assert "right" in repr(told)
    assert "Forecast" in told._repr_html_()


def test_a_crowd_that_is_seen_to_err_is_foreseen_to_cost_more(start: Start) -> None:
    def cost(share: float, name: str) -> float:
        workers = crowd(4, share=share, arrives=0.0, pages=4)
        platform = SimulatedPlatform(workers, right, seed=3, events_per_poll=5)
        run = start(items=80, platform=platform, name=name, **OPEN)
        with run._held.view.lock:
            run._held.view.progressed.wait_for(lambda: run._held.view.state.control_total >= 12, 20)
        run._held.driver.let_go()
        return run.forecast(runs=4).cost[0]

    assert cost(0.6, "erring") > cost(1.0, "right")


def test_a_page_that_a_stranger_holds_has_as_many_control_items_as_its_worker_was_given(start: Start) -> None:
    standing = standing_of(begun(start, pages=2)._held.view)
    state = standing.state
    known = members_of(state)
    first = {state.pages.worker[page]: state.pages.submitted_at[page] for page in reversed(range(len(state.pages)))}
    for worker, at in first.items():
        # Taken in the moment in which the first one was sent, when no verdict on that could be there.
        state.pages.add(f"held {worker}", worker, 5, at)
        state.pages_out += 1
    rehearsed = rehearsal._Rehearsal(standing, 1)
    number = rehearsed.platform.store.runs.number("run")
    held = [page for page in rehearsed.platform.store.pages.rows.values() if page.worker in known]
    assert [page.controls for page in held] == [1] * 4, "a known worker's page has one in about seven"
    for name, before in known.items():
        account = rehearsed.platform.store.accounts.rows[name].id
        member = rehearsed.platform.store.members.load(number, account)
        assert (member.control_wish, member.checked) == (before.control_wish, before.checked), "the next page is usual"


def test_how_many_workers_come_is_drawn_as_far_as_it_is_not_known(start: Start) -> None:
    state = standing_of(start(items=20, platform=SimulatedPlatform(), **OPEN)._held.view).state
    # Before anybody came it is what is presumed: drawn, one rehearsal in twenty would see nobody for a day.
    assert {drawn_arrivals(state, np.random.default_rng(seed)) for seed in range(20)} == {ARRIVALS}
    for number in range(100):
        state.workers[state.number_of(f"w{number}")].joined = state.started + 36.0 * number
    state.now = state.started + 3_600.0
    drawn = [drawn_arrivals(state, np.random.default_rng(seed)) for seed in range(400)]
    assert np.mean(drawn) == pytest.approx(98, rel=0.05)
    assert np.std(drawn) < 15


def test_of_many_items_a_sample_stands_for_all(start: Start) -> None:
    view = start(items=120, platform=SimulatedPlatform(), **OPEN)._held.view
    whole, part = (foresee(view, runs=4, most=most) for most in (None, 40))
    assert whole
    assert part
    assert part.answers.expected == pytest.approx(whole.answers.expected, rel=0.3)
    assert part.answers.expected > 100


def test_a_run_whose_answers_are_counted_by_the_policy_is_not_rehearsed(start: Start) -> None:
    run = start(items=16, platform=SimulatedPlatform(), **{**PAID, "controls": 0}, overlap=2)
    assert foresee(run._held.view) is None
    told = run.forecast()
    assert told.cost == (pytest.approx(0.8), pytest.approx(0.8), pytest.approx(0.8))
    assert (told.overlap, told.accuracy, told.hours) == (None, None, None)


def test_of_a_run_that_has_ended_and_of_one_rehearsal_nothing_is_foretold(start: Start, finish: Any) -> None:
    run = start(items=8, workers=crowd(3, arrives=0.0), **OPEN)
    with pytest.raises(RunError, match="expected 2 or more rehearsals"):
        start(items=8, platform=SimulatedPlatform(), name="other", **OPEN).forecast(runs=1)
    finish(run)
    with pytest.raises(RunEnded, match="has ended"):
        run.forecast()


def test_a_driver_rehearses_in_its_spare_time_and_tells_what_came_of_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(start, pages=2)
    view = run._held.view
    foreseer = Foresight(view)
    foreseer.go_on()
    assert view.foreseen is None, "at first there is most to do"
    monkeypatch.setattr(foresight, "FIRST_AFTER", 0.0)
    foreseer.go_on()
    first = foreseer._courses[:]
    foreseer.go_on()
    assert len(first) == len(foreseer._courses) <= 1, "no more than a small share of the time"
    monkeypatch.setattr(foresight, "SHARE", 1e9)
    for _ in range(foresight.REHEARSALS):
        foreseer.go_on()
    assert view.foreseen is not None
    told = status_of(view)
    assert told.expected_cost == pytest.approx(view.foreseen.cost.expected / 1e6, abs=1e-6)
    there = view.foreseen
    foreseer.go_on()
    assert view.foreseen is there, "nothing new has come"


def test_who_is_away_may_be_told_of_and_a_rehearsal_that_fails_ends_no_run(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = begun(start, pages=2)._held.view
    with view.lock:
        for record in view.state.workers[:2]:
            record.joined -= 10_000
        for page, _ in enumerate(view.state.pages.ids):
            view.state.pages.submitted_at[page] -= 10_000
        # Their pages are looked at anew, and what follows from that is ordered.
        view.state.new_workers.update(range(len(view.state.workers)))
        view.state.workers[0].skips = 9
    found = rehearse(standing_of(view), 1)
    assert found.cost > 0
    monkeypatch.setattr(foresight, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(foresight, "SHARE", 1e9)

    def fails(*_: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(foresight, "rehearse", fails)
    Foresight(view).go_on()
    assert view.foreseen is None


def test_a_rehearsal_to_which_nobody_comes_is_soon_over(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    view = begun(start, pages=2)._held.view
    monkeypatch.setattr(rehearsal, "NEWCOMERS", 0)
    monkeypatch.setattr("dataforge.runs.driving.standing.AWAY", -1.0)
    looks: list[float] = []
    poll = SimulatedPlatform.poll
    monkeypatch.setattr(SimulatedPlatform, "poll", lambda *given: (looks.append(given[3]), poll(*given))[1])
    found = rehearse(standing_of(view), 1)
    assert not found.ended
    # Half of the items have an answer: of the others nothing is right or wrong.
    assert found.right > 0.75
    assert len(looks) < 50, "each look takes a real millisecond, and more on a machine that is busy"
    assert sum(looks) > 86_400


def test_a_rehearsal_that_takes_too_long_is_broken_off_and_a_launch_goes_on_without(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = begun(start, pages=2)._held.view
    with pytest.raises(TooLong):
        rehearse(standing_of(view), 1, longest=0.0)
    assert foresee_quickly(view, 2, most=20) is not None
    monkeypatch.setattr(foresight, "LONGEST", 0.0)
    assert foresee_quickly(view, 2, most=20) is None


def test_a_run_that_closes_and_one_that_is_very_large_are_not_rehearsed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = begun(start, pages=2)._held.view
    assert can_be_rehearsed(view)
    with monkeypatch.context() as changed:
        changed.setattr(foresight, "LARGEST", 30)
        assert not can_be_rehearsed(view)
    view.state.closing = "done"
    assert not can_be_rehearsed(view)


def test_where_no_item_is_open_nothing_more_is_right_or_wrong(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    standing = standing_of(view)
    standing.state.finals.values[:] = 0
    standing.state.responses.want(np.arange(60), standing.state.responses.accepted[:60])
    assert rehearse(standing, 1).right == 1


def test_items_that_come_during_a_rehearsal_do_not_disturb_it(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    standing = standing_of(view)
    before = rehearse(standing, 1)
    view._grow(view._launched.part(0, 5))
    assert standing.items == 60
    assert rehearse(standing, 1) == before


def test_what_was_foreseen_is_told_until_there_are_twice_as_many_answers(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    there = view.state.responses.accepted_total
    found = foresee(view, runs=2)
    assert found is not None
    view.foreseen = found
    assert still_foreseen(view) is found
    view.foreseen = replace(found, at=there // 2 - 1)
    assert still_foreseen(view) is None


def test_what_was_foreseen_is_not_told_once_control_items_have_shown_more(start: Start) -> None:
    view = begun(start, pages=2)._held.view
    found = foresee(view, runs=2)
    assert found is not None
    view.foreseen = found
    # Their pages were rejected: of accepted answers there are as many as before.
    view.state.control_total += found.at + 1
    assert still_foreseen(view) is None
    foreseer = Foresight(view)
    foreseer._of = (view.state.fed, view.state.changes)
    assert foreseer._begun(), "it is rehearsed anew"
