"""Training over HTTP: item by item, each told at once, and pages for who has passed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

ITEMS = [
    {
        "inputs": {"text": f"to learn {number}"},
        "answers": {"answer": "no" if number % 2 else "yes"},
        "hint": {"en": f"because of {number}", "ru": f"из-за {number}"},
    }
    for number in range(4)
]
TRAINING = "/api/work/runs/run/training"


@pytest.fixture
def ann(served):
    served.publish(training={"items": ITEMS, "page": 4, "score": 75})
    served.add(real=8, control=3)
    return served.join()


def known(item):
    return next(one["answers"]["answer"] for one in ITEMS if one["inputs"] == item["inputs"])


def other(answer):
    return "no" if answer == "yes" else "yes"


def begin(person, after=0):
    reply = person.client.post(TRAINING, json={"after": after})
    assert reply.status_code == 200, reply.text
    return reply.json()


def answer(person, standing, place, value):
    body = {"number": standing["number"], "place": place, "answer": {"answer": value}}
    return person.client.post(f"{TRAINING}/answer", json=body)


def attempt(person, after=0, wrong=0):
    standing = begin(person, after)
    for place, item in enumerate(standing["items"]):
        right = known(item)
        standing = answer(person, standing, place, other(right) if place < wrong else right).json()
    return standing


def test_a_run_says_that_it_begins_with_a_training_and_opens_once_that_is_passed(served, ann):
    [listed] = ann.get("/api/work/runs")["runs"]
    assert (listed["open"], listed["closed"]["reason"]) == (False, "training")
    assert "75 % of its answers have to be right" in listed["closed"]["text"]["en"]
    assert "не меньше 75\N{NO-BREAK SPACE}%" in listed["closed"]["text"]["ru"]
    assert "en az %75" in listed["closed"]["text"]["tr"]
    assert ann.take()["closed"]["reason"] == "training"
    standing = attempt(ann, wrong=1)
    assert (standing["score"], standing["passed"], standing["trained"], standing["closed"]) == (75, True, True, None)
    assert ann.page()["items"]


def test_what_is_right_is_told_after_the_answer_and_why_to_who_was_wrong(served, ann):
    standing = begin(ann)
    assert standing["answered"] == []
    assert all(set(item) == {"inputs"} for item in standing["items"])
    right = known(standing["items"][0])
    told = answer(ann, standing, 0, other(right)).json()
    hint = next(one["hint"] for one in ITEMS if one["inputs"] == standing["items"][0]["inputs"])
    assert told["answered"] == [
        {"answer": {"answer": other(right)}, "right": False, "known": {"answer": right}, "hint": hint}
    ]
    told = answer(ann, standing, 1, known(standing["items"][1])).json()
    assert told["answered"][1]["right"]
    assert told["answered"][1]["hint"] == {}


def test_nothing_that_is_not_answered_yet_is_told(served, ann):
    standing = begin(ann)
    told = answer(ann, standing, 0, "yes").json()
    assert len(told["answered"]) == 1
    assert "because of" not in str({**told, "answered": []})
    task = ann.get("/api/work/runs/run")
    assert "to learn" not in str(task)


def test_who_comes_back_in_the_middle_goes_on_there(served, ann):
    standing = begin(ann)
    answer(ann, standing, 0, "yes")
    again = ann.get(TRAINING)
    assert (again["number"], len(again["answered"]), again["items"]) == (1, 1, standing["items"])
    assert begin(ann) == again


def test_twenty_answers_at_once_are_one(served, ann):
    standing = begin(ann)
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: answer(ann, standing, 0, "yes" if n % 2 else "no").json(), range(20)))
    assert len({str(reply["answered"]) for reply in replies}) == 1
    assert all(len(reply["answered"]) == 1 for reply in replies)


def test_who_has_failed_reads_when_to_try_again(served, ann):
    standing = attempt(ann, wrong=2)
    assert (standing["score"], standing["passed"], standing["trained"]) == (50, False, False)
    assert standing["until"] == served.clock.time + 600
    closed = ann.take()["closed"]
    assert (closed["reason"], closed["until"]) == ("training", standing["until"])
    assert "You had 50 %. You may try again later." in closed["text"]["en"]
    assert begin(ann, after=1)["number"] == 1
    served.clock.move(601)
    assert begin(ann, after=1)["number"] == 2


def test_a_training_earns_nothing_and_is_in_no_history(served, ann):
    attempt(ann)
    me = ann.get("/api/work/me")
    assert (me["earned"], me["pending"], me["pages_pending"]) == (0, 0, 0)
    assert ann.get("/api/work/history")["pages"] == []
    event = served.events()[-1]
    told = (event["kind"], event["score"], event["passed"], event["worker"])
    assert told == ("worker_trained", 100, True, ann.worker)


def test_a_training_is_nobody_elses(served, ann):
    standing = begin(ann)
    bob = served.join(name="Bob")
    assert bob.get(TRAINING)["number"] == 0
    assert answer(bob, standing, 0, "yes").status_code == 409
    served.publish("other")
    stranger = served.join("other")
    assert stranger.client.get(TRAINING).status_code == 404


def test_a_run_without_a_training_says_so(served):
    served.publish()
    reply = served.join().client.get(TRAINING)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "training_unknown")


def test_answers_that_do_not_fit_are_refused(served, ann):
    standing = begin(ann)
    assert answer(ann, standing, 0, "maybe").json()["error"]["code"] == "answer_invalid"
    assert answer(ann, standing, 2, "yes").json()["error"]["code"] == "training_over"
    body = {"number": 1, "place": 0, "answer": "yes"}
    assert ann.client.post(f"{TRAINING}/answer", json=body).status_code in (400, 422)


def test_files_are_shown_at_addresses_that_only_their_worker_has(served):
    media = f"{'ab' * 32}.png"
    publication = served.publication()
    publication["task"]["inputs"] = [{"name": "photo", "type": "image", "title": {"en": "Photo"}}]
    items = [{"inputs": {"photo": {"media": media}}, "answers": {"answer": "yes"}} for _ in range(2)]
    served.ask("PUT", "/api/runs/run", {**publication, "training": {"items": items, "page": 2, "score": 80}})
    served.command("add_items", items=[{"key": "r", "inputs": {"photo": {"media": f"{'cd' * 32}.png"}}, "wanted": 1}])
    shown = begin(served.join())["items"][0]["inputs"]["photo"]
    assert shown["url"].startswith("/api/work/media/")
    assert media not in str(shown)


def test_a_training_that_cannot_work_is_refused_when_it_is_published(served):
    publication = {**served.publication(), "training": {"items": ITEMS[:1], "page": 2, "score": 80}}
    reply = served.requester.put("/api/runs/run", json=publication)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "publication_invalid")
    assert "expected as many items as a page has, 2, or more, got 1" in reply.json()["error"]["message"]


def test_an_item_is_told_by_the_training_whether_what_it_lacks_is_null_or_left_out(served):
    publication = served.publication()
    note = {"name": "note", "type": "text", "title": {"en": "Note"}, "required": False}
    publication["task"]["inputs"].append(note)
    served.ask("PUT", "/api/runs/run", {**publication, "training": {"items": ITEMS, "page": 4, "score": 75}})
    for inputs in ({"text": "to learn 1"}, {"text": "to learn 1", "note": None}):
        told = served.command("add_items", status=422, items=[{"key": "c", "inputs": inputs, "control": True}])
        assert "workers are told its answer in the training" in told["error"]["message"]
    served.command("add_items", items=[{"key": "c", "inputs": {"text": "to learn 1", "note": "new"}, "control": True}])


def test_who_failed_in_another_run_of_the_task_reads_with_what_score_and_until_when_they_wait(served, ann):
    attempt(ann, wrong=2)
    served.publish("next", name="next", training={"items": ITEMS, "page": 4, "score": 75})
    served.add(real=3, run="next")
    invitation = {"invitation": served.invitation("next"), "name": "Ann", "language": "en"}
    assert ann.client.post("/api/work/join", json=invitation).status_code == 200
    standing = ann.client.post("/api/work/runs/next/training", json={"after": 0}).json()
    assert (standing["number"], standing["score"], standing["until"]) == (0, 50, served.clock.time + 600)
    served.clock.move(600)
    assert ann.client.post("/api/work/runs/next/training", json={"after": 0}).json()["number"] == 1


def test_who_passed_in_another_run_reads_that_score_and_none_of_the_try_that_was_broken_off_here(served, ann):
    begin(ann)
    served.publish("other", training={"items": ITEMS, "page": 4, "score": 75})
    served.add(real=1, run="other", prefix="other ")
    ann.client.post("/api/work/join", json={"invitation": served.invitation("other"), "name": "Ann", "language": "en"})
    elsewhere = TRAINING.replace("/run/", "/other/")
    standing = ann.client.post(elsewhere, json={"after": 0}).json()
    broken = ann.get(TRAINING)
    assert (broken["answered"], broken["passed"], broken["until"]) == ([], False, None)
    for place, item in enumerate(standing["items"]):
        given = {"number": 1, "place": place, "answer": {"answer": known(item)}}
        assert ann.client.post(f"{elsewhere}/answer", json=given).status_code == 200
    here = ann.get(TRAINING)
    assert (here["trained"], here["score"], here["passed"]) == (True, 100, False)


def test_who_passes_while_a_page_of_another_run_is_out_is_known_by_that_at_once(served):
    served.publish("other")
    served.add(real=4, control=2, run="other")
    served.publish(training={"items": ITEMS, "page": 4, "score": 75})
    served.add(real=8, control=3)
    ann = served.join("other", known=False)
    ann.client.post("/api/work/join", json={"invitation": served.invitation(), "name": "Ann", "language": "en"})
    assert ann.page("other")
    standing = attempt(ann)
    assert (standing["trained"], standing["closed"]) == (True, None)
    assert ann.page()["items"]
