"""Clients follow a run by cursor and see what the requester sees."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize
from urllib.parse import quote

import msgspec
import pytest

from dataforge.records import Batch, PageSubmitted


@pytest.fixture
def ann(served):
    served.publish()
    served.add(real=30, control=5)
    return served.join()


def batch(served, query):
    reply = served.requester.get(f"/api/runs/run/events?{query}")
    assert reply.status_code == 200
    return msgspec.json.decode(reply.content, type=Batch)


def test_every_change_is_an_event_in_order_and_reads_as_a_record(served, ann):
    first = ann.page()
    ahead = ann.page(have=[first["page"]])
    ann.do("release", ahead)
    ann.submit(first)
    served.command("judge", accepted=[first["page"]])
    ann.do("skip", ann.page())
    served.command("set_state", state="closed")
    events = batch(served, "after=0").events
    names = [type(event).__name__ for event in events]
    assert names == [
        "WorkerJoined",
        "PageTaken",
        "PageTaken",
        "PageReleased",
        "PageSubmitted",
        "PageJudged",
        "PageTaken",
        "PageSkipped",
        "RunStateChanged",
    ]
    assert [event.cursor for event in events] == list(range(1, 10))
    assert {event.at for event in events} == {served.clock()}
    assert sorted(key[0] for key in events[1].items) == ["c", "r", "r"]
    assert events[4].answers == ({"answer": "yes"},) * 3


def test_events_come_in_parts_without_a_gap(served, ann):
    for _ in range(4):
        ann.submit(ann.page())
    cursor, seen = 0, []
    while True:
        part = batch(served, f"after={cursor}&limit=2")
        seen += [event.cursor for event in part.events]
        assert part.cursor == (seen[-1] if seen else 0)
        cursor = part.cursor
        if not part.more:
            break
    assert seen == list(range(1, 10))
    end = batch(served, "after=9")
    assert (end.events, end.cursor, end.more) == ((), 9, False)


def test_a_batch_says_what_it_goes_on_from_and_events_that_never_were_are_refused(served, ann):
    ann.page()
    served.clock.move(5)
    ann.submit(ann.page())
    first, last = batch(served, "after=0"), batch(served, "after=3")
    assert (first.since, last.since) == (None, served.clock())
    assert (first.commands, last.commands) == (1, 1)
    assert first.epoch == last.epoch != ""
    served.command("set_state", state="open", key="again")
    served.command("set_state", state="open", key="again")
    assert batch(served, "after=3").commands == 3
    refused = served.requester.get("/api/runs/run/events?after=4&wait=30")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "events_unknown")
    assert refused.json()["error"]["details"] == {"cursor": 3}


def test_waiting_ends_with_the_next_event(served, ann):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(served.client(served.workspace.secret()).get, "/api/runs/run/events?after=0&wait=30")
        page = ann.page()
        events = waiting.result(30).json()["events"]
    assert events[0]["kind"] == "worker_joined"
    assert page["page"] in {event.get("page") for event in served.events()}


def test_waiting_for_a_run_ends_with_its_next_version(served, ann):
    version = served.ask("GET", "/api/runs/run")["version"]
    with ThreadPoolExecutor(1) as pool:
        path = f"/api/runs/run?after={version}&wait=30"
        waiting = pool.submit(served.client(served.workspace.secret()).get, path)
        ann.page()
        view = waiting.result(30).json()
    assert view["version"] > version
    assert served.ask("GET", f"/api/runs/run?after={view['version']}&wait=0.01")["version"] == view["version"]


def test_asking_in_vain_wakes_nobody(served, ann):
    while (page := ann.take()["page"]) is not None:
        ann.submit(page)
    version = served.ask("GET", "/api/runs/run")["version"]
    for _ in range(3):
        assert ann.take()["page"] is None
    assert served.ask("GET", "/api/runs/run")["version"] == version


def test_the_events_of_one_run_are_not_those_of_another(served, ann):
    served.publish("second", name="second")
    served.add(real=3, run="second")
    served.join("second", name="Bob").page("second")
    ann.page()
    assert len(served.events("second")) == len(served.events("run")) == 2


SNAPSHOT = {
    "at": 10,
    "stage": "running",
    "items_total": 30,
    "items_final": 1,
    "control_total": 5,
    "responses": 6,
    "pages_accepted": 1,
    "pages_rejected": 0,
    "pages_pending": 0,
    "cost": 30_000,
    "series": {"answers": [[0, 0], [1, 6]]},
}


def quality(key, confidence, **more):
    return {"key": key, "answer": {"answer": "yes"}, "confidence": {"answer": confidence}, "overlap": 2} | more


def test_the_items_that_were_reported_are_listed_with_how_often_and_why_taken_out_or_not(served, ann):
    page = ann.page()
    body = {"answers": ["unclear", {"answer": "yes"}, {"answer": "yes"}]}
    assert ann.client.post(f"/api/work/pages/{page['page']}/submit", json=body).status_code == 200
    served.command("judge", accepted=[page["page"]])
    [key] = [event.items[0] for event in batch(served, "after=0").events if isinstance(event, PageSubmitted)]
    served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"items": [quality(key, 0.9) | {"reported": 1}]})
    for search in ("", f"&search={key}"):
        reported = served.ask("GET", f"/api/runs/run/items?flag=reported{search}")
        assert (reported["total"], [item["key"] for item in reported["items"]]) == (1, [key])
        assert (reported["items"][0]["reports"], reported["items"][0]["flag"]) == ({"unclear": 1}, "")
    assert served.item(key)["reports"] == {"unclear": 1}
    assert served.ask("GET", "/api/runs/run/items?flag=unsure")["total"] == 0


def test_a_run_that_is_over_is_not_opened_by_hand(served, ann):
    served.ask("POST", "/api/runs/run/state", {"state": "closed"})
    for stage, opens in (("finishing", 200), ("done", 409), ("stopped", 409), ("running", 200)):
        served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"stage": stage})
        reply = served.requester.post("/api/runs/run/state", json={"state": "open"})
        assert (stage, reply.status_code) == (stage, opens)


def test_a_snapshot_shows_on_the_run_and_its_items_and_workers_add_up(served, ann):
    ann.submit(ann.page())
    worker = {
        "worker": ann.worker,
        "responses": 2,
        "pages_accepted": 1,
        "pages_rejected": 0,
        "control_correct": 1,
        "control_total": 1,
        "skill": 0.75,
    }
    served.ask(
        "PUT",
        "/api/runs/run/snapshot",
        SNAPSHOT | {"items": [quality("r1", 0.9, grades={"answer": [3.5, 3, 4]})], "workers": [worker]},
    )
    served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"items": [quality("r2", 0.6, final=True, flag="budget")]})
    view = served.ask("GET", "/api/runs/run")
    assert view["snapshot"]["series"] == SNAPSHOT["series"]
    assert "items" not in view["snapshot"]
    assert served.ask("GET", "/api/runs")["runs"][0]["snapshot"]["stage"] == "running"
    assert served.item("r1")["confidence"] == {"answer": 0.9}
    assert (served.item("r1")["grades"], served.item("r2")["grades"]) == ({"answer": [3.5, 3, 4]}, None)
    assert (served.item("r2")["flag"], served.item("r2")["final"]) == ("budget", True)
    [row] = served.ask("GET", "/api/runs/run/workers")["workers"]
    assert (row["skill"], row["control_correct"], row["pages_held"], row["state"]) == (0.75, 1, 0, "active")
    assert view["active_workers"] == 1
    served.clock.move(3600)
    [row] = served.ask("GET", "/api/runs/run/workers")["workers"]
    assert row["state"] == "away"


def test_items_are_listed_by_key_confidence_or_responses_searched_flagged_and_in_parts(served, ann):
    items = [quality(f"r{n}", 0.5 + n / 100, overlap=9 - n, flag="unsure" if n < 2 else "") for n in range(9)]
    served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"items": items})

    def listed(query):
        reply = served.ask("GET", f"/api/runs/run/items?{query}")
        return reply["total"], [item["key"] for item in reply["items"]]

    total, keys = listed("limit=3&offset=2")
    assert (total, keys) == (35, ["c2", "c3", "c4"])
    total, keys = listed("order=confidence&offset=21&limit=100")
    assert (total, keys[:9]) == (35, [f"r{n}" for n in range(9)])
    # Nothing is asked about control items, whatever is unsure.
    assert sorted(keys[9:]) == [f"c{n}" for n in range(5)]
    total, keys = listed("order=responses&offset=33")
    assert keys == ["r1", "r0"]
    assert listed("search=R2&limit=100")[1] == ["r2", *(f"r{n}" for n in range(20, 30))]
    assert listed("search=r2")[0] == 11
    assert listed("flag=unsure") == (2, ["r0", "r1"])
    assert listed("flag=unsure&order=confidence&search=1") == (1, ["r1"])
    assert listed("flag=none") == (0, [])
    assert listed("control=1") == (5, [f"c{n}" for n in range(5)])
    assert listed("control=0&order=confidence&offset=21&limit=100") == (30, [f"r{n}" for n in range(9)])
    assert listed("search=%25") == (0, [])


def test_items_are_found_by_what_they_show(served, ann):
    texts = ['Says "no" to C:\\temp', "Котёл кипит", "text of 100%"]
    items = [{"key": f"t{n}", "inputs": {"text": text}, "wanted": 1} for n, text in enumerate(texts)]
    served.command("add_items", items=items)

    def found(search, more=""):
        reply = served.ask("GET", f"/api/runs/run/items?search={quote(search)}&limit=100{more}")
        assert reply["total"] == len(reply["items"])
        return [item["key"] for item in reply["items"]]

    assert found('"NO" to c:\\T') == ["t0"]
    assert found("Котёл") == ["t1"]
    assert found("100%") == ["t2"]
    assert found("100%", "&order=confidence") == ["t2"]
    # The input's name is no part of what is shown: it would be found in every item.
    assert found("text") == ["t2"]
    assert found('"real 1"') == ["r1", *(f"r{n}" for n in range(10, 20))]
    assert found("1 real") == ["r1", *(f"r{n}" for n in range(10, 20)), "r21"], "each word, wherever it stands"


def test_items_are_found_by_their_answers_labels_and_by_who_answered(served, ann):
    publication = served.publication("run2")
    options = [{"value": "yes", "label": {"en": "certainly", "ru": "Да"}}, {"value": "no", "label": {"en": "no"}}]
    publication["task"]["outputs"][0]["settings"] = {"options": options}
    served.ask("PUT", "/api/runs/run2", publication)
    served.add(4, run="run2")
    bob = served.join("run2", name="Bob")
    bob.submit(bob.page("run2"))
    [seen] = [event["items"] for event in served.events("run2") if event["kind"] == "page_submitted"]
    told = [quality(f"r{n}", 0.9) | {"answer": {"answer": "yes" if n else "no"}} for n in range(3)]
    served.ask("PUT", "/api/runs/run2/snapshot", SNAPSHOT | {"items": told})

    def found(query):
        return [item["key"] for item in served.ask("GET", f"/api/runs/run2/items?{query}")["items"]]

    assert found(f"search={quote('да')}") == found("search=CERTAIN") == ["r1", "r2"]
    assert found(f"answer={quote(json.dumps({'answer': 'no'}))}") == ["r0"]
    assert found(f"answer={quote(json.dumps({'answer': 'yes'}))}&search=2") == ["r2"]
    assert found(f"worker={bob.worker}") == found("search=Bob") == found(f"search={bob.worker}") == sorted(seen)
    assert found(f"worker={ann.worker}") == found("worker=nobody") == []
    for none in ("yes", '{"answer":' + "[" * 2_000):
        refusal = served.ask("GET", f"/api/runs/run2/items?answer={quote(none)}", status=422)
        assert refusal["error"]["code"] == "query_invalid"


def test_a_preview_takes_nothing(served, ann):
    preview = served.ask("GET", "/api/runs/run/preview")
    assert len(preview["page"]["items"]) == 3
    assert "<em>yes</em>" in preview["instruction_html"]["en"]
    assert served.events() == []


def test_a_task_can_be_looked_at_before_it_is_published(served):
    task = served.publication()["task"]
    made = served.ask("POST", "/api/previews", {"task": task, "items": [{"text": "one"}, {"text": "two"}]})
    assert made["path"] == f"/preview/{made['preview']}"
    shown = served.ask("GET", f"/api/previews/{made['preview']}")
    assert shown["run"] is None
    assert [item["inputs"] for item in shown["page"]["items"]] == [{"text": "one"}, {"text": "two"}]
    reply = served.ask("POST", "/api/previews", {"task": task, "items": [{"wrong": 1}]}, 422)
    assert reply["error"]["code"] == "preview_invalid"
    # Whoever has the address sees this preview, and nothing else.
    assert served.stranger.get(f"/api/previews/{made['preview']}").json() == shown
    assert len(made["preview"]) >= 22
    task["outputs"][0]["type"] = "nonsense"
    served.ask("POST", "/api/previews", {"task": task, "items": []}, 422)


def test_a_worker_chooses_a_language_and_sees_what_was_earned(served, ann):
    page = ann.page()
    ann.submit(page)
    served.command("judge", accepted=[page["page"]])
    reply = ann.client.post("/api/work/me", json={"language": "ru", "name": "Анна"})
    assert reply.json() == {
        "worker": ann.worker,
        "name": "Анна",
        "language": "ru",
        "currency": "USD",
        "earned": 30_000,
        "pending": 0,
        "pages_accepted": 1,
        "pages_pending": 0,
        "pages_rejected": 0,
        "replies": 0,
        "others": [],
    }
    assert ann.get("/api/work/me") == reply.json()
    [run] = ann.get("/api/work/runs")["runs"]
    assert (run["page_price"], run["page_items"], run["page_seconds"], run["pages_done"], run["open"]) == (
        30_000,
        3,
        15,
        1,
        True,
    )
    assert ann.client.post("/api/work/me", json={"language": "no such"}).status_code == 422


def test_workers_are_listed_in_parts_by_what_is_asked_for(served):
    served.publish()
    served.add(real=12, control=4, wanted=3)
    people = [served.join(name=name) for name in ("Cem", "ann", "Bob")]
    for pages, person in enumerate(people, 1):
        for _ in range(pages):
            person.submit(person.page())
        served.clock.move(10)
    told = [
        {"worker": person.worker, "responses": 3, "pages_accepted": 0, "pages_rejected": 0, "control_correct": right,
         "control_total": total, "seconds_per_item": 1.0, "skill": skill}
        for person, right, total, skill in zip(people, (1, 0, 3), (2, 0, 4), (0.5, None, 0.9), strict=True)
    ]  # fmt: skip
    served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"workers": told})
    served.ask(
        "POST", f"/api/runs/run/workers/{people[0].worker}/restrict", {"until": served.clock() + 99, "reason": {}}
    )

    def listed(query):
        reply = served.ask("GET", f"/api/runs/run/workers?{query}")
        assert reply["total"] == 3
        return [worker["name"] for worker in reply["workers"]]

    assert listed("") == ["Cem", "ann", "Bob"]
    assert listed("order=name") == ["ann", "Bob", "Cem"]
    assert listed("order=responses&down=1&limit=2") == ["Bob", "ann"]
    assert listed("order=responses&down=1&limit=2&offset=2") == ["Cem"]
    # Of Ann nothing is known of control items or skill: she comes last either way.
    assert (listed("order=control"), listed("order=skill&down=1")) == (["Cem", "Bob", "ann"], ["Bob", "Cem", "ann"])
    assert listed("order=state&down=1")[0] == "Cem"
    assert served.ask("GET", "/api/runs/run/workers?order=luck", status=422)["error"]["code"] == "query_invalid"


def test_items_are_found_by_what_their_requester_knows_them_by_and_by_nothing_hidden(served, ann):
    publication = served.publication("run2")
    publication["task"]["inputs"][0]["type"] = "image"
    options = [{"value": "c1", "label": {"en": "feline"}}, {"value": "d1", "label": {"en": "canine"}}]
    asked = {"told": ("text", {}), "pets": ("several", {"options": options}), "drawn": ("points", {"options": options})}
    for name, (kind, settings) in asked.items():
        publication["task"]["outputs"].append({"name": name, "type": kind, "title": {"en": name}, "settings": settings})
    served.ask("PUT", "/api/runs/run2", publication)
    notes = [{"text": "фото/Кот 7.png", "shop": "Berlin", "shelf": 33}, {}]
    items = [
        {"key": f"p{n}", "inputs": {"text": {"media": f"{'10' * 31}0{n}.png"}}, "notes": notes[n]} for n in range(2)
    ]
    served.command("add_items", run="run2", items=items)
    point = {"width": 80, "height": 80, "shapes": [{"label": "d1", "point": [17.5, 21.5]}]}
    told = {"told": "A tabby of 9 lives", "pets": ["c1"], "drawn": point}
    served.ask("PUT", "/api/runs/run2/snapshot", SNAPSHOT | {"items": [quality("p1", 0.9) | {"answer": told}]})

    def found(search):
        return [item["key"] for item in served.ask("GET", f"/api/runs/run2/items?search={quote(search)}")["items"]]

    assert found("10") == found("media") == found(".png/") == []
    assert found("berlin") == found("33") == found("кот 7.PNG") == found(normalize("NFD", "ФОТО")) == ["p0"]
    assert found("tabby") == found("9 li") == found("felin") == found("CANINE") == ["p1"]
    assert found("17") == []
    assert served.item("p0", "run2")["notes"] == notes[0]
    page = served.join("run2").page("run2")
    assert not {"notes", "Berlin"} & set(str(page).replace("'", " ").split())
    refusal = served.ask("GET", "/api/runs/run2/items?search=%00", status=422)
    assert "zero" in refusal["error"]["message"]


def test_money_is_told_in_the_currency_of_its_run(served):
    served.publish()
    served.publish("roubles", currency="RUB", prices=[1_000_000, 2_000_000, 3_000_000])
    served.add(real=4, control=2)
    served.add(real=4, control=2, run="roubles", prefix="p")
    ann = served.join()
    second = {"invitation": served.invitation("roubles"), "name": "Ann", "language": "en"}
    assert ann.client.post("/api/work/join", json=second).status_code == 200
    served.accept_a_page(ann, "roubles")
    ann.submit(ann.page("roubles"))
    served.clock.move(10)
    served.accept_a_page(ann)
    me = ann.get("/api/work/me")
    assert (me["currency"], me["earned"], me["pending"]) == ("USD", 30_000, 0)
    assert me["others"] == [{"currency": "RUB", "earned": 3_000_000, "pending": 3_000_000}]
    pages = ann.get("/api/work/history")["pages"]
    assert sorted((page["run"], page["currency"]) for page in pages) == [("roubles", "RUB")] * 2 + [("run", "USD")]


@pytest.mark.parametrize("real", [1, 2, 5])
def test_the_list_promises_the_page_that_is_given(served, real):
    served.publish()
    served.add(real=real, control=1)
    ann = served.join()
    [listed] = ann.get("/api/work/runs")["runs"]
    page = ann.page()
    told = len(page["items"]), page["price"], 5 * len(page["items"])
    assert (listed["page_items"], listed["page_price"], listed["page_seconds"]) == told
    [held] = ann.get("/api/work/runs")["runs"]
    assert (held["page_items"], held["page_price"], held["page_seconds"]) == told


def test_the_list_promises_no_more_than_the_budget_pays_for(served):
    served.publish(budget=20_000)
    served.add(real=5, control=1)
    ann = served.join()
    [listed] = ann.get("/api/work/runs")["runs"]
    assert (listed["page_items"], listed["page_price"]) == (2, 20_000) == (len(ann.page()["items"]), 20_000)
