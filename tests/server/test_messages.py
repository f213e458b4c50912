"""Workers write to their requester, who answers on their page."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from dataforge.server.between.messages import HOUR, MOST_IN_AN_HOUR


@pytest.fixture
def two_runs(served: Any) -> Any:
    served.publish()
    served.publish("other")
    served.add(real=4, control=2)
    return served


def write(person: Any, text: str, key: str = "1", **about: Any) -> Any:
    return person.client.post("/api/work/messages", json={"run": "run", "text": text, "key": key, **about})


def reply(served: Any, message: int, text: str, status: int = 200) -> Any:
    return served.ask("POST", f"/api/messages/{message}/reply", {"text": text}, status)


def test_a_question_about_an_item_reaches_the_requester_with_its_key_and_the_answer_the_worker(two_runs: Any) -> None:
    ann = two_runs.join()
    page = ann.page()
    shown = page["items"][1]["inputs"]["text"]
    asked = write(ann, "Is a \u202esmile a yes?", page=page["page"], place=1).json()
    assert (asked["text"], asked["reply"], asked["new"]) == ("Is a smile a yes?", None, False)
    [listed] = two_runs.ask("GET", "/api/messages")["messages"]
    kind, number = shown.split()
    assert listed["item"] == f"{kind[0]}{number}"
    assert (listed["name"], listed["page"], listed["run"]) == ("Ann", page["page"], "run")
    reply(two_runs, asked["message"], "Yes, it is.")
    assert ann.get("/api/work/runs/run/standing")["replies"] == 1
    own = ann.get("/api/work/messages")
    assert (own["new"], own["messages"][0]["reply"]) == (1, "Yes, it is.")
    ann.client.post("/api/work/messages/seen", json={"until": own["messages"][0]["replied"]})
    assert ann.get("/api/work/messages")["new"] == 0
    assert two_runs.ask("GET", "/api/messages")["waiting"] == 0
    assert two_runs.ask("GET", "/api/messages?state=answered&run=run")["answered"] == 1
    assert two_runs.ask("GET", "/api/messages?state=answered&run=other")["messages"] == []


def test_what_the_worker_gets_tells_no_item_by_its_key(two_runs: Any) -> None:
    ann = two_runs.join()
    asked = write(ann, "what?", page=ann.page()["page"], place=0).json()
    assert "item" not in asked
    assert asked["place"] == 0


def test_a_message_that_is_sent_twice_is_one(two_runs: Any) -> None:
    ann = two_runs.join()
    first = write(ann, "Is a smile a yes?").json()
    assert write(ann, "Is a smile a yes?").json() == first
    assert two_runs.ask("GET", "/api/messages")["waiting"] == 1


def test_of_two_who_answer_at_once_the_second_reads_the_first(two_runs: Any) -> None:
    ann = two_runs.join()
    message = write(ann, "Is a smile a yes?").json()["message"]
    reply(two_runs, message, "Yes.")
    assert reply(two_runs, message, "Yes.")["reply"] == "Yes."
    assert reply(two_runs, message, "No.", 409)["error"]["code"] == "message_answered"
    assert ann.get("/api/work/messages")["messages"][0]["reply"] == "Yes."
    assert reply(two_runs, 99, "Yes.", 404)["error"]["code"] == "message_unknown"


def test_nobody_writes_about_what_is_not_theirs(two_runs: Any) -> None:
    ann, bob = two_runs.join(), two_runs.join(name="Bob")
    page = ann.page()["page"]
    assert write(bob, "mine?", page=page).status_code == 404
    assert write(ann, "which?", page=page, place=3).status_code == 404
    assert write(ann, "which?", page="beef").status_code == 404
    assert write(ann, "which?", run="other").status_code == 404
    assert write(ann, " \u200b ").json()["error"]["code"] == "text_invalid"
    assert bob.get("/api/work/messages") == {"new": 0, "messages": []}


def test_who_floods_the_inbox_waits(two_runs: Any) -> None:
    ann, bob = two_runs.join(), two_runs.join(name="Bob")
    for number in range(MOST_IN_AN_HOUR):
        assert write(ann, f"question {number}", f"{number}").status_code == 200
    refused = write(ann, "one more", "more")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_messages")
    assert refused.headers["Retry-After"].isdecimal()
    assert write(bob, "and I?").status_code == 200
    two_runs.clock.move(HOUR)
    assert write(ann, "one more", "more").status_code == 200


def test_messages_go_when_their_worker_is_forgotten_and_with_their_run(two_runs: Any) -> None:
    ann, bob = two_runs.join(), two_runs.join(name="Bob")
    write(ann, "call me at 555")
    write(bob, "Is a smile a yes?")
    two_runs.ask("DELETE", f"/api/workers/{ann.worker}")
    assert [one["name"] for one in two_runs.ask("GET", "/api/messages")["messages"]] == ["Bob"]
    two_runs.ask("DELETE", "/api/runs/run")
    assert two_runs.ask("GET", "/api/messages") == {"waiting": 0, "answered": 0, "messages": []}
    assert bob.get("/api/work/messages")["messages"] == []


def test_messages_are_counted_in_one_run_and_in_all(two_runs: Any) -> None:
    ann = two_runs.join()
    ann.client.post(
        "/api/work/join", json={"invitation": two_runs.invitation("other"), "name": "Ann", "language": "en"}
    )
    first = write(ann, "one").json()["message"]
    write(ann, "two", key="2")
    write(ann, "three", key="3", run="other")
    reply(two_runs, first, "yes")
    counts = {
        run: (told["waiting"], told["answered"])
        for run in ("run", "other", "")
        for told in [two_runs.ask("GET", f"/api/messages?run={run}" if run else "/api/messages")]
    }
    assert counts == {"run": (1, 1), "other": (1, 0), "": (2, 1)}


def test_what_was_written_to_somebody_goes_when_they_are_forgotten(two_runs: Any) -> None:
    ann, bob = two_runs.join(), two_runs.join(name="Bob")
    for person in (ann, bob):
        page = person.page()
        person.submit(page)
        about = {"en": f"This is not your best, {person.worker}."}
        two_runs.command("judge", rejected=[page["page"]], reasons={page["page"]: about})
        two_runs.command("restrict", worker=person.worker, until=two_runs.clock() + 60, reason=about)
        two_runs.command("pay_bonus", worker=person.worker, amount=1, reason=about)
    two_runs.ask("DELETE", f"/api/workers/{ann.worker}")
    # Its run is told of a restriction by an event, which goes with the run.
    lines = [line for line in sqlite3.connect(two_runs.workspace.database).iterdump() if '"events"' not in line]
    kept = "\n".join(lines).lower()
    assert f"not your best, {ann.worker}".encode().hex() not in kept
    assert kept.count(f"not your best, {bob.worker}".encode().hex()) == 3
    assert bob.get("/api/work/history")["pages"][0]["reason"] == {"en": f"This is not your best, {bob.worker}."}


def test_the_day_of_a_worker_is_summed_over_all_runs_of_a_currency(two_runs: Any) -> None:
    two_runs.publish("euros", currency="EUR")
    two_runs.add(real=4, control=2, run="other")
    two_runs.add(real=4, control=2, run="euros")
    ann = two_runs.join()
    for run in ("other", "euros"):
        invitation = two_runs.invitation(run)
        ann.client.post("/api/work/join", json={"invitation": invitation, "name": "Ann"})
    pages = {}
    for run in ("run", "other", "euros"):
        pages[run] = ann.page(run)["page"]
        two_runs.clock.move(90)
        assert ann.submit({"page": pages[run], "items": [{}] * 3}, seconds=60).status_code == 200
    two_runs.command("judge", accepted=[pages["run"]])
    today = ann.get("/api/work/runs/run/standing")["today"]
    assert today == {
        "pages": 2,
        "earned": 30_000,
        "pending": 30_000,
        "seconds": 120,
        "judged_seconds": 60,
        "bonuses": 0,
    }
    two_runs.command("judge", "other", rejected=[pages["other"]])
    today = ann.get("/api/work/runs/run/standing")["today"]
    assert (today["earned"], today["pending"], today["judged_seconds"]) == (30_000, 0, 120)
    for number, run in enumerate(("run", "other", "euros")):
        two_runs.command("pay_bonus", run, worker=ann.worker, amount=1_000 * 10**number, reason={})
    assert ann.get("/api/work/runs/run/standing")["today"]["bonuses"] == 11_000
    assert ann.get("/api/work/runs/euros/standing")["today"]["bonuses"] == 100_000
    later = two_runs.clock() - 30
    assert ann.get(f"/api/work/runs/run/standing?day={later}")["today"]["pages"] == 0
    assert ann.get(f"/api/work/runs/run/standing?day={two_runs.clock()}")["today"]["bonuses"] == 11_000
    two_runs.clock.move(10)
    assert ann.get(f"/api/work/runs/run/standing?day={two_runs.clock()}")["today"]["bonuses"] == 0
    assert ann.get("/api/work/runs/euros/standing")["today"]["pending"] == 30_000


def test_pages_that_may_be_objected_to_come_with_the_standing(two_runs: Any) -> None:
    ann = two_runs.join()
    page = ann.page()
    ann.submit(page)
    two_runs.command("judge", rejected=[page["page"]], reasons={page["page"]: {"en": "not accurate"}})
    [shown] = ann.get("/api/work/runs/run/standing")["objectionable"]
    assert (shown["page"], shown["reason"], shown["appeal"]) == (page["page"], {"en": "not accurate"}, None)
    ann.client.post(f"/api/work/pages/{page['page']}/appeal", json={"text": "I looked"})
    two_runs.ask("POST", f"/api/runs/run/appeals/{page['page']}", {"upheld": True, "reply": "You did."})
    [shown] = ann.get("/api/work/runs/run/standing")["objectionable"]
    assert (shown["state"], shown["appeal"]["state"], shown["appeal"]["reply"]) == ("accepted", "upheld", "You did.")


@pytest.mark.parametrize("text", ["\u3164", "\u2800 \u1160\n\uffa0", "\u034f", "\u17b4\n\ufe0f"])
def test_a_text_of_blank_letters_is_no_text(two_runs: Any, text: str) -> None:
    assert write(two_runs.join(), text).json()["error"]["code"] == "text_invalid"
