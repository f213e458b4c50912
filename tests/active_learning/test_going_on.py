"""Loops that are looked at while they go on, whose items people change, and that processes take turns at."""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tests.active_learning.conftest import CENTRES, POLICY, Colour, colour, features, people, points, right
from tests.active_learning.test_loop import asked

import dataforge as df
from dataforge.active_learning.learners import learner_of
from dataforge.active_learning.rounds import course_in
from dataforge.active_learning.samplers import Candidates
from dataforge.errors import DataError, SpecError
from dataforge.runs.handle import fed

Begin = Callable[..., df.Loop]


def until(so: Callable[[], bool]) -> None:
    """Wait for what the driver of the run does with a correction."""
    give_up = time.monotonic() + 60
    while not so():
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns so often that what can come between the steps of another one does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_whoever_asks_how_it_stands_holds_up_nothing(begin: Begin, often: None) -> None:
    found = begin(
        points(900), wait=False, batch=200, holdout=500, stop=df.StopRule(labels=700), platform=people(count=20)
    )
    until = time.monotonic() + 120
    while not found.status().ended:
        found.notices  # noqa: B018 - it reads
        assert time.monotonic() < until
    assert found.wait(60, progress=False).status().labelled == 700


def test_answers_are_taken_in_once_and_in_their_order(begin: Begin) -> None:
    found = begin(points(40), holdout=8, batch=8, stop=df.StopRule(labels=16))
    rounds = found._rounds
    last = dict(rounds._cursors)
    rounds._take(0, next(iter(found.run.follow(0, 0))))
    assert rounds._cursors == last, "another thread was farther by then"


def test_what_is_set_aside_is_neither_learnt_from_nor_measured_on(begin: Begin) -> None:
    on = people()
    first = begin(stop=df.StopRule(labels=50), platform=on)
    held, taught = asked(first)[0][0], asked(first)[1][0]
    first.run.set_aside([100 + held, 100 + taught])
    until(lambda: {100 + held, 100 + taught}.isdisjoint(first.labelled()["id"]))
    assert len(first.predict()) == 90
    first.close()
    more = begin(None, stop=df.StopRule(labels=60), platform=on)
    assert more.curve()["labels"].tolist() == [10, 20, 30, 39]
    assert held not in course_in(more._rounds.folder.path).measured[-1].held


def test_what_is_corrected_is_learnt_anew_and_is_sure(begin: Begin) -> None:
    found = begin(stop=df.StopRule(labels=40))
    course = course_in(found._rounds.folder.path)
    before = found._rounds.model(course)
    assert found._rounds.model(course) is before
    assert len(found.held_out()) == 0, "one person answered each"
    taught = course.taught[0]
    said = found._rounds.answers()[taught].value
    found.run.correct(100 + taught, "blue" if said != "blue" else "red")
    found.run.correct(100 + course.holdout[0], "green")
    until(lambda: len(found.held_out()) == 1)
    assert found._rounds.model(course) is not before
    assert found.held_out()[["id", "answer"]].to_numpy().tolist() == [[100 + course.holdout[0], "green"]]


def test_a_reported_item_is_not_waited_for(begin: Begin) -> None:
    def reports_some(inputs: Any, truth: Any, chance: Any) -> Any:
        return "broken" if inputs["point"] == points(90)[0]["point"] else {"answer": right(inputs)}

    found = begin(stop=df.StopRule(labels=89), holdout=20, batch=69, platform=people(reports_some))
    status = found.status()
    asked_of = {place for places in asked(found) for place in places}
    assert status.labelled == len(asked_of - {0})
    assert status.waiting == 0
    assert "waits for" not in str(status)


def test_notices_say_why_no_more_is_asked(begin: Begin) -> None:
    def broken(items: Any, labels: Any) -> Any:
        raise ValueError("no memory left")

    found = begin(model=broken, wait=False)
    until = time.monotonic() + 60
    while found._feeder.at_work:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert "no memory left" in found.notices[0]


def test_two_handles_that_take_turns_write_over_nothing(begin: Begin) -> None:
    on, policy = people(), POLICY.changed(page_price=0.01)
    first = begin(points(150), policy=policy, budget=0.1, platform=on)
    first.run.change(budget=0.16)
    second = begin(None, policy=policy, budget=0.1, platform=on)
    between = asked(second)
    assert len(between) > 4
    first.run.change(budget=1.0)
    first.wait(60, progress=False)
    course = course_in(first._rounds.folder.path)
    assert [one.places for one in course.asked][: len(between)] == between
    assert [one.round for one in course.asked] == list(range(len(course.asked)))
    assert [one.round for one in course.measured] == [one.round for one in course.asked[1:]]
    assert {place for places in asked(first) for place in places} == set(range(150))


def test_who_lets_go_while_it_learns_has_no_more_asked(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fed, "LETTING_GO", 0.1)
    at_it, free = threading.Event(), threading.Event()

    def slow(among: Candidates, count: int) -> list[int]:
        at_it.set()
        assert free.wait(60)
        return list(range(count))

    found = begin(sampler=slow, wait=False)
    assert at_it.wait(60)
    found.close()
    before = asked(found)
    free.set()
    found._feeder.join(60)
    assert not found._feeder.at_work
    assert asked(found) == before


def test_a_model_is_no_other_one_where_memory_is_laid_out_otherwise() -> None:
    def marked(model: Any) -> str:
        return learner_of(model, colour, ("red",), 1.0).mark

    def with_function() -> Any:
        return make_pipeline(FunctionTransformer(lambda rows: rows), LogisticRegression())

    def model(items: Any, labels: Any) -> Any:
        return lambda others: [one in {0, 8} for one in others]

    one, other = with_function(), with_function()
    assert repr(one) != repr(other)
    assert marked(one) == marked(other)
    # As in another process, where the same set has another order.
    sets = frozenset([0, 8]), frozenset([8, 0])
    assert repr(sets[0]) != repr(sets[1])
    made = [types.FunctionType(_with_set(model.__code__, one), {}, "model") for one in sets]
    assert marked(made[0]) == marked(made[1])


def _with_set(code: types.CodeType, given: frozenset[int]) -> types.CodeType:
    def put(one: Any) -> Any:
        if isinstance(one, types.CodeType):
            return _with_set(one, given)
        return given if isinstance(one, frozenset) else one

    return code.replace(co_consts=tuple(map(put, code.co_consts)))


def test_a_voter_that_knows_features_of_its_pool_alone_says_so(begin: Begin) -> None:
    found = begin(stop=df.StopRule(labels=40), features=features(points(90)))
    voter = found.voter()
    assert voter.ask([{"point": points(90)[3]["point"]}], colour)[0] in CENTRES
    with pytest.raises(DataError, match=r"has features of its pool alone, and .* is none of its items"):
        voter.ask([{"point": "0.5 0.5"}], colour)


def test_no_more_is_asked_than_the_rule_says(begin: Begin) -> None:
    found = begin(holdout=20, batch=15, stop=df.StopRule(labels=45))
    assert [len(places) for places in asked(found)] == [20, 15, 10]
    assert (found.status().labelled, found.status().ended) == (45, "labels")


def test_a_rule_that_leaves_nothing_to_learn_from_is_refused(begin: Begin) -> None:
    with pytest.raises(SpecError, match="labels=20: 20 items are held out, and the model learns from others"):
        begin(stop=df.StopRule(labels=20))


@df.task(duration="5s")
def told(point: df.Text, confidence: df.Text) -> Colour:
    """Which colour has the point?"""
    raise NotImplementedError


def test_columns_of_the_pool_are_not_written_over(begin: Begin) -> None:
    pool = [{"probability": row["id"], "point": row["point"], "confidence": "as told"} for row in points(60)]
    found = begin(pool, task=told, id="probability", stop=df.StopRule(labels=40))
    assert found.predict()["probability_given"].tolist() == [row["id"] for row in points(60)]
    assert found.predict()["probability"].between(0, 1).all()
    labelled = found.labelled()
    assert set(labelled["confidence_given"]) == {"as told"}
    assert labelled["confidence"].dtype == float
    found.run.correct(int(labelled["probability"][0]), "red")
    until(lambda: len(found.held_out()) == 1)
    assert found.held_out()["confidence"].tolist() == ["as told"]


def test_drafts_are_made_where_nothing_is_there_to_measure_the_model_on(begin: Begin) -> None:
    found = begin(points(60), stop=df.StopRule(labels=40))
    assert found.held_out().empty
    policy = df.Policy(page=(5, 0), overlap=1, speed=())
    with found.apply(policy, drafts=True, platform=people(), progress=False) as run:
        assert run.wait(120, progress=False).ended
        assert len(run.labels()) == 20
