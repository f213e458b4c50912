"""How long pages took, whatever the network and the clock do: time on the screen, and never more than there was."""

from __future__ import annotations

import time

import pytest

import dataforge as df

DAY = 86_400


@df.task(duration="5s")
def question(text: df.Text) -> bool:
    """Say yes or no."""
    raise NotImplementedError


@pytest.fixture
def ann(served):
    served.publish(control_per_page=0)
    served.add(real=8)
    return served.join()


def seconds(served, run="run"):
    """The times of the submitted pages of a run, None where they are not known."""
    return [event.get("seconds") for event in served.events(run) if event["kind"] == "page_submitted"]


def test_pages_answered_without_a_network_arrive_together_and_each_has_its_own_time(served, ann):
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(3_600)
    ann.submit(first, seconds=17.25)
    ann.submit(ahead, seconds=17.5)
    assert seconds(served) == [17.25, 17.5]


def test_both_pages_of_a_time_without_a_network_are_paid_under_the_default_rules(served):
    # Twenty seconds' work a page; the rules of the preset reject below two and close the run below six.
    run = df.launch(
        question,
        [{"id": number, "text": f"{number}"} for number in range(8)],
        policy=df.Policy(overlap=1, page=(4, 0)),
        name="run",
        workspace=served.workspace.root,
        progress=False,
    )
    while served.ask("GET", "/api/runs/run/items")["total"] < 8:
        time.sleep(0.01)
    ann = served.join()
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(34)
    assert ann.submit(first, True, seconds=17).status_code == ann.submit(ahead, True, seconds=17).status_code == 200
    assert run.wait(60, progress=False).stage == "done"
    assert run.workers()[["pages_accepted", "pages_rejected", "restricted"]].values.tolist() == [[2, 0, False]]


def test_telling_more_time_than_there_was_is_of_no_use(served, ann):
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(30)
    ann.submit(first, seconds=600)
    ann.submit(ahead, seconds=600)
    third = ann.page()
    served.clock.move(0.5)
    ann.submit(third, seconds=600)
    assert seconds(served) == [15, 15, 0.5]


def test_pages_that_tell_no_time_and_arrive_together_share_what_there_was(served, ann):
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(50)
    ann.submit(first)
    ann.submit(ahead)
    assert seconds(served) == [25, 25]


@pytest.fixture
def runs(served):
    """Three runs, and somebody who was invited to all of them."""
    names = ("run", "second", "third")
    for name in names:
        served.publish(name, control_per_page=0)
        served.add(run=name, real=8)
    ann = served.join()
    for name in names[1:]:
        order = {"invitation": served.invitation(name), "name": "Ann", "language": "en"}
        assert ann.client.post("/api/work/join", json=order).json()["worker"] == ann.worker
    return ann, names


def test_the_same_seconds_are_not_counted_in_two_runs(served, runs):
    ann, names = runs
    for _ in range(4):
        pages = [ann.page(run=name) for name in names]
        served.clock.move(16)
        for page in pages:
            ann.submit(page, seconds=16)
    # Nobody knows on which of them the time went: each has an equal share, and the first one what it tells.
    assert [seconds(served, name) for name in names] == [[16] * 4, [8] * 4, [5.333] * 4]


def test_pages_of_two_runs_that_are_answered_by_turns_have_the_time_that_each_took(served, runs):
    ann, (one, other, _) = runs
    first, second = ann.page(run=one), ann.page(run=other)
    for _ in range(3):
        # The page in the background tells its time as well.
        served.clock.move(20)
        ann.submit(first, seconds=600)
        first = ann.page(run=one)
        served.clock.move(30)
        ann.submit(second, seconds=600)
        second = ann.page(run=other)
    # At least a half is theirs of the time in which both were on a screen.
    assert seconds(served, one) == [20, 25, 25]
    assert seconds(served, other) == [30, 30, 30]


def test_a_page_that_lies_for_long_beside_the_work_in_another_run_is_not_too_fast(served, runs):
    ann, (one, other, _) = runs
    lying = ann.page(run=one)
    served.clock.move(25)
    for _ in range(4):
        page = ann.page(run=other)
        served.clock.move(100)
        ann.submit(page, seconds=100)
    ann.submit(lying, seconds=425)
    assert seconds(served, other) == [100] * 4
    assert seconds(served, one)[0] >= 25


def test_pages_of_two_runs_answered_without_a_network_share_what_there_was(served, runs):
    ann, (one, other, _) = runs
    pages = [ann.page(run=name) for name in (one, other)]
    pages += [ann.page(run=name, have=[page["page"]]) for name, page in zip((one, other), pages, strict=True)]
    served.clock.move(100)
    for page in pages:
        ann.submit(page, seconds=50)
    assert all(took >= 25 for name in (one, other) for took in seconds(served, name))


@pytest.mark.parametrize("told", [-1, "17", [17]])
def test_a_time_that_is_none_is_refused(ann, told):
    reply = ann.submit(ann.page(), seconds=told)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "body_invalid")


def test_a_page_skipped_before_the_answers_to_another_arrive_leaves_them_their_time(served, ann):
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    served.clock.move(25)
    ann.do("skip", ahead)
    ann.submit(first, seconds=24)
    assert seconds(served) == [24]


def test_answers_that_arrive_after_their_lease_have_their_time(served, ann):
    page = ann.page()
    served.clock.move(700)
    served.events(after=2, wait=30)
    served.clock.move(2)
    ann.submit(page, seconds=580)
    assert seconds(served) == [580]


@pytest.mark.parametrize("step", [-60, -20, -DAY])
def test_how_long_a_page_took_is_unknown_and_not_short_if_the_clock_was_set_back_meanwhile(served, ann, step):
    page = ann.page()
    served.clock.move(33)
    ann.get("/api/work/runs")  # the server looks at its clock
    served.clock.move(step)
    assert ann.submit(page, seconds=32).json()["state"] == "submitted"
    again = ann.page()
    served.clock.move(21)
    ann.submit(again, seconds=20)
    assert seconds(served) == [None, 20]


def test_a_clock_set_back_lengthens_no_lease(served, ann):
    served.clock.move(DAY)
    page = ann.page()
    served.clock.move(-DAY)
    bob = served.join(name="Bob")
    assert bob.take()["page"] is not None
    assert ann.page()["seconds_left"] == 600
    served.clock.move(601)
    served.events(after=4, wait=30)
    assert page["page"] in {event["page"] for event in served.events() if event["kind"] == "page_expired"}


def test_a_clock_set_back_while_nobody_served_is_noticed_at_the_start(run_server):
    with run_server() as served:
        served.publish(control_per_page=0)
        served.add(real=2)
        ann = served.join()
        page, clock = ann.page(), served.clock
    clock.move(-20)
    with run_server(clock=clock) as served:
        ann.client = served.client(ann.token)
        served.clock.move(35)
        ann.submit(page, seconds=33)
        assert seconds(served) == [None]


def test_a_clock_set_forward_ends_the_lease_and_loses_nothing(served, ann):
    page = ann.page()
    served.clock.move(33 + DAY)
    served.events(after=2, wait=30)
    assert ann.submit(page, seconds=32).json()["state"] == "submitted"
    assert seconds(served) == [32]
