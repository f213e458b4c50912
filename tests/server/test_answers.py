"""Submitting: once, whole and only what fits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dataforge.issue.rows import Member, NewPage, Worker


@pytest.fixture
def ann(served):
    served.publish()
    served.add(real=8, control=3)
    return served.join()


def submitted(served):
    return [event for event in served.events() if event["kind"] == "page_submitted"]


def test_a_repeated_submit_gets_the_same_reply_and_of_other_answers_the_first_stand(served, ann):
    page = ann.page()
    first = ann.submit(page, "yes")
    assert first.json() == ann.submit(page, "yes").json()
    assert first.json() == {"state": "submitted", "counted": True, "earned": 0, "pending": 30_000}
    assert ann.submit(page, "no").json() == {**first.json(), "counted": False}
    [event] = submitted(served)
    assert event["answers"] == [{"answer": "yes"}] * 3
    assert event["page"] == page["page"]


def test_nothing_sent_along_with_answers_changes_what_a_page_is_worth_and_whose_it_is(served, ann):
    served.accept_a_page(ann)
    bob = served.join(name="Bob")
    names = {*NewPage.__struct_fields__, *Member.__struct_fields__, *Worker.__struct_fields__} - {"seconds"}
    stray = {**dict.fromkeys(names, 999_999), "worker": bob.worker, "state": "accepted", "amount": 999_999}
    page = ann.page()
    body = {**stray, "answers": [{"answer": "yes"}] * 3}
    reply = ann.client.post(f"/api/work/pages/{page['page']}/submit", json=body)
    assert reply.json() == {"state": "submitted", "counted": True, "earned": 30_000, "pending": 30_000}
    served.command("judge", accepted=[page["page"]])
    assert [(event["worker"], event["amount"]) for event in served.events() if event["kind"] == "page_judged"] == [
        (ann.worker, 30_000)
    ] * 2


def test_twenty_submits_at_once_count_once(served, ann):
    page = ann.page()
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda number: ann.submit(page, "yes" if number % 2 else "no"), range(20)))
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.json()["pending"] for reply in replies} == {30_000}
    [event] = submitted(served)
    counted = {reply.json()["counted"]: number % 2 for number, reply in enumerate(replies)}
    assert event["answers"] == [{"answer": "yes" if counted[True] else "no"}] * 3
    assert sum(reply.json()["counted"] for reply in replies) == 10
    assert ann.get("/api/work/me")["pending"] == 30_000


def test_a_submit_after_the_verdict_gets_the_reply_of_a_submit(served, ann):
    page = ann.page()
    ann.submit(page)
    served.command("judge", accepted=[page["page"]])
    assert ann.submit(page).json() == {"state": "submitted", "counted": True, "earned": 30_000, "pending": 0}


@pytest.mark.parametrize(
    ("answers", "item", "output"),
    [
        ([{"answer": "yes"}, {"answer": "maybe"}, {"answer": "no"}], 1, "answer"),
        ([{"answer": "yes"}, {"answer": "no"}, {}], 2, "answer"),
        ([{"answer": "yes"}, {"answer": "no"}, {"answer": None}], 2, "answer"),
        ([{"answer": ["yes"]}, {"answer": "no"}, {"answer": "no"}], 0, "answer"),
        ([{"answer": "yes", "other": 1}, {"answer": "no"}, {"answer": "no"}], 0, "other"),
        ([{"answer": "<script>alert(1)</script>"}] * 3, 0, "answer"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_its_place(served, ann, answers, item, output):
    page = ann.page()
    reply = ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers})
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert error["code"] == "answer_invalid"
    assert error["details"] == {"item": item, "output": output}
    assert not submitted(served)
    assert ann.submit(page).status_code == 200


@pytest.mark.parametrize("count", [0, 2, 4])
def test_answers_for_another_number_of_items_are_refused(ann, count):
    page = ann.page()
    reply = ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": [{"answer": "yes"}] * count})
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "answer_invalid")


def test_a_text_of_ten_megabytes_is_refused_by_the_task_and_of_thirty_by_the_server(served):
    task = served.publish("other")["task"]
    task["outputs"] = [{"name": "answer", "type": "text", "title": {"en": "Answer"}}]
    served.publish("texts", name="texts", task=task)
    served.add(real=3, run="texts")
    ann = served.join("texts")
    page = ann.page("texts")
    reply = ann.submit(page, "a" * 5_000_000)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "answer_invalid")
    assert len(reply.text) < 1_000
    reply = ann.submit(page, "a" * 15_000_000)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")
    assert ann.submit(page, "a short one").status_code == 200


def test_html_in_every_field_comes_back_as_the_text_it_is(served):
    nasty = "<img src=x onerror=alert(1)>{{7*7}}'\"--"
    task = served.publish("other")["task"]
    task["outputs"] = [{"name": "answer", "type": "text", "title": {"en": nasty}}]
    task["name"] = {"en": nasty}
    task["instruction"] = {"en": nasty}
    served.publish("html", name="html", task=task, control_per_page=0, real_per_page=1)
    served.command("add_items", "html", items=[{"key": nasty, "inputs": {"text": nasty}}])
    ann = served.join("html", name=nasty)
    shown = ann.get("/api/work/runs/html")
    assert shown["task"]["name"] == {"en": nasty}
    assert "<img" not in shown["instruction_html"]["en"]
    page = ann.page("html")
    assert page["items"] == [{"inputs": {"text": nasty}}]
    assert ann.submit(page, nasty).status_code == 200
    served.command("judge", "html", rejected=[page["page"]], reasons={page["page"]: {"en": nasty}})
    assert ann.get("/api/work/history")["pages"][0]["reason"] == {"en": nasty}
    [item] = served.ask("GET", "/api/runs/html/items")["items"]
    assert item["key"] == nasty
    reply = served.requester.get("/api/runs/html/items")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_values_stay_beside_their_items(served, ann):
    page = ann.page()
    values = ["yes", "no", "yes"]
    answers = [{"answer": value} for value in values]
    ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers})
    [event] = submitted(served)
    by_text = {item["inputs"]["text"]: value for item, value in zip(page["items"], values, strict=True)}
    for key, answer in zip(event["items"], event["answers"], strict=True):
        text = ("real " if key[0] == "r" else "control ") + key[1:]
        assert answer == {"answer": by_text[text]}
        [response] = served.item(key)["responses"]
        assert response["values"] == answer


def test_an_item_can_be_reported_instead_of_answered_and_the_requester_sees_why(served, ann):
    page = ann.page()
    told = [{"answer": "yes"}, "broken", {"answer": "no"}]
    assert ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": told}).status_code == 200
    [event] = submitted(served)
    assert event["answers"] == told
    [response] = served.ask("GET", f"/api/runs/run/items/{event['items'][1]}")["responses"]
    assert (response["values"], response["report"]) == (None, "broken")
    [response] = served.ask("GET", f"/api/runs/run/items/{event['items'][0]}")["responses"]
    assert (response["values"], response["report"]) == ({"answer": "yes"}, None)


@pytest.mark.parametrize("reason", ["boring", "", 1, None, ["broken"]])
def test_a_report_for_no_known_reason_is_refused(served, ann, reason):
    page = ann.page()
    told = [{"answer": "yes"}, reason, {"answer": "no"}]
    assert ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": told}).status_code in (400, 422)
    assert not submitted(served)


def test_a_worker_can_ask_what_became_of_their_pages(served, ann):
    ann.submit(good := ann.page())
    ann.submit(bad := ann.page())
    why, until = {"en": "not accurate"}, served.clock() + 3600
    served.command("judge", accepted=[good["page"]], rejected=[bad["page"]], reasons={bad["page"]: why})
    served.command("restrict", worker=ann.worker, until=until, reason={"en": "read again"})
    standing = ann.get("/api/work/runs/run/standing")
    assert [one["page"] for one in standing.pop("objectionable")] == [bad["page"]]
    assert (standing.pop("replies"), standing.pop("today")["pages"]) == (0, 2)
    assert standing == {
        "pages_accepted": 1,
        "pages_rejected": 1,
        "pages_pending": 0,
        "earned": 30_000,
        "pending": 0,
        "reason": why,
        "closed": {"reason": "restricted", "until": until, "text": {"en": "read again"}, "untold": None},
    }


def test_who_is_invited_to_a_finished_run_reads_that_it_is_finished(served, ann):
    served.command("set_state", state="closed")
    [listed] = ann.get("/api/work/runs")["runs"]
    assert (listed["open"], listed["closed"]["reason"]) == (False, "finished")
