"""What a run asks for takes effect once, whole, and is paid once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest


@pytest.fixture
def ann(served):
    served.publish()
    served.add(real=8, control=3)
    return served.join()


def test_an_accepted_page_is_paid_once_however_often_it_is_accepted(served, ann):
    page = ann.page()
    ann.submit(page)
    for _ in range(3):
        served.command("judge", accepted=[page["page"], page["page"]])
    me = ann.get("/api/work/me")
    assert (me["earned"], me["pending"], me["pages_accepted"], me["pages_pending"]) == (30_000, 0, 1, 0)
    judged = [event for event in served.events() if event["kind"] == "page_judged"]
    assert [(event["accepted"], event["amount"]) for event in judged] == [(True, 30_000)]
    with closing(sqlite3.connect(served.workspace.database)) as db:
        assert db.execute("SELECT amount FROM ledger WHERE kind = 'accepted'").fetchall() == [(30_000,)]


def test_what_was_accepted_stays_so_and_is_paid_once(served, ann):
    page = ann.page()
    ann.submit(page)
    for verdict in ("accepted", "rejected", "accepted"):
        served.command("judge", **{verdict: [page["page"]]})
    me = ann.get("/api/work/me")
    assert (me["earned"], me["pending"], me["pages_rejected"]) == (30_000, 0, 0)


def test_a_rejected_page_is_not_paid_and_its_worker_reads_why(served, ann):
    page = ann.page()
    ann.submit(page)
    served.command("judge", rejected=[page["page"]], reasons={page["page"]: {"en": "too fast"}})
    me = ann.get("/api/work/me")
    assert (me["earned"], me["pending"], me["pages_rejected"]) == (0, 0, 1)
    [entry] = ann.get("/api/work/history")["pages"]
    assert (entry["state"], entry["reason"], entry["price"], entry["items"]) == (
        "rejected",
        {"en": "too fast"},
        30_000,
        3,
    )


def test_who_rejects_a_page_again_by_hand_tells_its_worker_another_reason(served, ann):
    page = ann.page()
    ann.submit(page)
    served.command("judge", rejected=[page["page"]], reasons={page["page"]: {"en": "too fast"}})
    for reason in ({"en": "the answers are about other pictures"}, {}):
        served.command("judge", taken_back=[page["page"]], reasons={page["page"]: reason})
    [entry] = ann.get("/api/work/history")["pages"]
    assert (entry["state"], entry["reason"]) == ("rejected", {"en": "the answers are about other pictures"})


def test_a_rejected_page_gives_its_places_to_others(served, ann):
    page = ann.page()
    ann.submit(page)
    served.command("judge", rejected=[page["page"]])
    bob = served.join(name="Bob")
    seen = []
    while (other := bob.take()["page"]) is not None:
        seen += [item["inputs"]["text"] for item in other["items"]]
        bob.submit(other)
    given_back = {text for item in page["items"] if (text := item["inputs"]["text"]).startswith("real")}
    assert given_back
    assert given_back <= set(seen)


def test_a_verdict_on_a_page_that_waits_for_none_is_passed_over(served, ann):
    page = ann.page()
    served.command("judge", accepted=[page["page"], "no such page", "00" * 16])
    assert ann.submit(page).json()["pending"] == 30_000
    assert not [event for event in served.events() if event["kind"] == "page_judged"]


def test_a_command_of_a_known_key_is_skipped(served):
    served.publish()
    commands = [
        {"kind": "add_items", "key": "one", "items": [{"key": "a", "inputs": {"text": "a"}}]},
        {"kind": "set_state", "key": "two", "state": "paused"},
    ]
    assert served.ask("POST", "/api/runs/run/commands", {"commands": commands[:1]}) == {"done": 1, "repeated": 0}
    assert served.ask("POST", "/api/runs/run/commands", {"commands": commands}) == {"done": 1, "repeated": 1}
    assert served.ask("POST", "/api/runs/run/commands", {"commands": commands}) == {"done": 0, "repeated": 2}
    assert served.ask("GET", "/api/runs/run/items")["total"] == 1


def test_commands_take_effect_together_or_not_at_all(served):
    served.publish()
    commands = [
        {"kind": "add_items", "key": "one", "items": [{"key": "a", "inputs": {"text": "a"}}]},
        {"kind": "want", "key": "two", "wanted": {"unheard of": 3}},
    ]
    reply = served.ask("POST", "/api/runs/run/commands", {"commands": commands}, 422)
    assert reply["error"]["code"] == "item_unknown"
    assert served.ask("GET", "/api/runs/run/items")["total"] == 0
    assert served.ask("POST", "/api/runs/run/commands", {"commands": commands[:1]}) == {"done": 1, "repeated": 0}


def test_an_item_that_is_there_is_left_as_it_is(served):
    served.publish()
    served.command("add_items", items=[{"key": "a", "inputs": {"text": "a"}, "wanted": 2}])
    served.command("add_items", items=[{"key": "a", "inputs": {"text": "a"}}, {"key": "b", "inputs": {"text": "b"}}])
    listed = served.ask("GET", "/api/runs/run/items")["items"]
    assert [(item["key"], item["wanted"]) for item in listed] == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    "other",
    [{"inputs": {"text": "second"}}, {"inputs": {"text": "first"}, "control": True}],
    ids=["inputs", "control item"],
)
def test_another_item_under_a_known_key_refuses_the_whole_call_by_its_name(served, other):
    served.publish()
    served.command("add_items", items=[{"key": "a", "inputs": {"text": "first"}}])
    items = [{"key": "new", "inputs": {"text": "new"}}, {"key": "a", **other}]
    refusal = served.command("add_items", items=items, status=409)["error"]
    assert (refusal["code"], refusal["details"]) == ("run_differs", {"fields": ["items"], "item": "a"})
    assert "'a'" in refusal["message"]
    assert "first" in refusal["message"]
    twice = [{"key": "b", "inputs": {"text": "one"}}, {"key": "b", "inputs": {"text": "other"}}]
    assert served.command("add_items", items=twice, status=409)["error"]["details"]["item"] == "b"
    assert [item["inputs"]["text"] for item in served.ask("GET", "/api/runs/run/items")["items"]] == ["first"]


@pytest.mark.parametrize(
    "inputs", [{}, {"text": None}, {"text": 3}, {"text": "a", "gold": "yes"}], ids=["none", "null", "number", "stray"]
)
def test_an_item_that_does_not_fit_the_task_is_refused_by_its_key(served, inputs):
    served.publish()
    reply = served.command("add_items", items=[{"key": "bad", "inputs": inputs}], status=422)
    assert reply["error"]["code"] == "item_invalid"
    assert "'bad'" in reply["error"]["message"]


def test_a_restricted_worker_reads_why_and_until_when_and_can_be_allowed_again(served, ann):
    page = ann.page()
    until = served.clock() + 3600
    served.command("restrict", worker=ann.worker, until=until, reason={"en": "too fast", "ru": "слишком быстро"})
    assert ann.submit(page).status_code == 200
    assert ann.take() == {
        "page": None,
        "closed": {
            "reason": "restricted",
            "until": until,
            "text": {"en": "too fast", "ru": "слишком быстро"},
            "untold": None,
        },
    }
    [listed] = ann.get("/api/work/runs")["runs"]
    assert listed["closed"]["reason"] == "restricted"
    [worker] = served.ask("GET", "/api/runs/run/workers")["workers"]
    assert (worker["state"], worker["until"]) == ("restricted", until)
    assert served.ask("GET", "/api/runs/run")["active_workers"] == 0
    served.ask("POST", f"/api/runs/run/workers/{ann.worker}/allow", {})
    assert ann.take()["page"] is not None
    assert served.ask("GET", "/api/runs/run")["active_workers"] == 1
    served.ask("POST", f"/api/runs/run/workers/{ann.worker}/restrict", {"until": served.clock() + 9, "reason": {}})
    kinds = [event["kind"] for event in served.events()]
    assert kinds[-4:] == ["worker_restricted", "page_submitted", "worker_allowed", "page_taken"] or kinds[-1] == (
        "worker_restricted"
    )


def test_a_restriction_ends_by_itself(served, ann):
    served.command("restrict", worker=ann.worker, until=served.clock() + 60, reason={"en": "rest"})
    assert ann.take()["page"] is None
    served.clock.move(60)
    assert ann.take()["page"] is not None


def test_restricting_a_stranger_is_refused(served):
    served.publish()
    reply = served.command("restrict", worker="nobody", until=1.0, reason={}, status=404)
    assert reply["error"]["code"] == "worker_unknown"


def test_publishing_again_changes_nothing_and_another_under_the_name_is_refused(served):
    publication = served.publish()
    assert served.ask("PUT", "/api/runs/run", publication) == {"run": "run", "created": False}
    reply = served.ask("PUT", "/api/runs/run", publication | {"lease": 1, "budget": 5}, 409)
    assert reply["error"]["code"] == "run_differs"
    assert reply["error"]["details"] == {"fields": ["lease", "budget"]}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"prices": [1, 2]}, "prices"),
        ({"prices": [1, 2, -3]}, "prices"),
        ({"real_per_page": 0}, "real_per_page"),
        ({"control_per_page": -1}, "control_per_page"),
        ({"lease": 0}, "lease"),
        ({"budget": -1}, "budget"),
    ],
)
def test_a_publication_that_cannot_work_is_refused_with_what_is_wrong(served, changes, word):
    reply = served.ask("PUT", "/api/runs/run", served.publication("run") | changes, 422)
    assert reply["error"]["code"] == "publication_invalid"
    assert word in reply["error"]["message"]


def test_a_publication_with_a_task_that_makes_no_sense_is_refused(served):
    publication = served.publish("other")
    publication["task"]["outputs"][0]["type"] = "no such type"
    reply = served.ask("PUT", "/api/runs/run", publication | {"name": "run"}, 422)
    assert reply["error"]["code"] == "publication_invalid"
