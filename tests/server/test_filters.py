"""Who may work at a run, over HTTP: skills given by hand, what workers tell of themselves, how many pass."""

from __future__ import annotations

import pytest
from tests.server.conftest import START

DAY = 86_400.0


def asking(served, run="run", **workers):
    served.publish(run, workers=workers)
    served.add(real=6, control=2, run=run)


def closed(person, run="run", **headers):
    reply = person.client.post(f"/api/work/runs/{run}/pages", json={"have": []}, headers=headers).json()
    return reply["closed"]


def tell(person, status=200, **told):
    reply = person.client.post("/api/work/about", json=told)
    assert reply.status_code == status, reply.text
    return reply.json()


def give(served, person, name, value, status=200):
    return served.ask("POST", f"/api/workers/{person.worker}/skills", {"name": name, "value": value}, status)


# --- skills ------------------------------------------------------------------------------------------


def test_a_skill_given_by_hand_opens_the_run_and_one_that_is_taken_closes_it(served):
    asking(served, skills=[{"name": "medical", "least": 70}])
    ann = served.join()
    refused = closed(ann)
    assert (refused["reason"], refused["until"], refused["untold"]) == ("skill", None, None)
    assert refused["text"]["en"] == "This task needs the skill “medical” at 70. You do not have it yet."
    assert refused["text"]["ru"] == "Для этой задачи нужен навык «medical» не ниже 70. У вас его пока нет."
    give(served, ann, "medical", 40)
    assert closed(ann)["text"]["en"] == "This task needs the skill “medical” at 70. You have 40."
    [listed] = ann.get("/api/work/runs")["runs"]
    assert (listed["open"], listed["closed"]["reason"]) == (False, "skill")
    [skill] = give(served, ann, "medical", 70)["skills"]
    assert skill == {"name": "medical", "value": 70.0, "by": "hand", "at": START}
    assert ann.page()["items"]
    assert give(served, ann, "medical", None)["skills"] == []
    assert served.ask("GET", f"/api/workers/{ann.worker}/skills") == {"skills": []}


@pytest.mark.parametrize("value", [-1, 100.1])
def test_a_skill_that_cannot_be_is_refused(served, value):
    served.publish()
    assert give(served, served.join(), "medical", value, 422)["error"]["code"] == "skill_invalid"


def test_nobody_who_is_not_there_has_skills(served):
    assert served.ask("GET", "/api/workers/nobody/skills", status=404)["error"]["code"] == "worker_unknown"
    body = {"name": "medical", "value": 1}
    assert served.ask("POST", "/api/workers/nobody/skills", body, 404)["error"]["code"] == "worker_unknown"


# --- what workers tell -------------------------------------------------------------------------------


def test_workers_are_asked_only_for_what_a_task_of_theirs_asks(served):
    served.publish("plain")
    asking(served, "elsewhere", speaks=["tr"])
    ann = served.join("plain")
    assert ann.get("/api/work/about") == {"speaks": [], "region": "", "born": None, "asked": [], "fixed": {}}
    asking(served, regions=["KZ"], age=[18, None])
    ann.client.post("/api/work/join", json={"invitation": served.invitation(), "name": "Ann", "language": "en"})
    assert ann.get("/api/work/about")["asked"] == ["region", "born"]
    served.command("set_state", state="closed")
    assert ann.get("/api/work/about")["asked"] == []


def test_what_a_worker_tells_opens_the_run(served):
    asking(served, regions=["KZ"], age=[18, None], speaks=["tr"])
    ann = served.join()
    for untold, told in (("born", {"born": 1990}), ("region", {"region": "kz"}), ("speaks", {"speaks": ["tr"]})):
        assert closed(ann)["untold"] == untold
        tell(ann, **told)
    assert ann.page()["items"]
    about = ann.get("/api/work/about")
    assert (about["speaks"], about["region"], about["born"]) == (["tr"], "KZ", 1990)


def test_a_run_for_people_whom_its_author_knows_opens_to_whom_a_link_has_named(served):
    asking(served, named=True)
    ann = served.join()
    refused = closed(ann)
    assert refused["reason"] == "people"
    assert "a link with their name" in refused["text"]["en"]
    links = served.ask("POST", "/api/invitations/people", {"run": "run", "names": ["Anna"], "expires_in": 60.0})
    token = links["invitations"][0]["path"].rpartition("/")[2]
    ann.client.post("/api/work/join", json={"invitation": token, "language": "en"})
    assert ann.page()["items"]
    assert served.ask("GET", "/api/runs/run/filters") == {"workers": 1, "passing": 1, "by_filter": {"people": 1}}
    served.ask("DELETE", f"/api/workers/{ann.worker}")
    assert served.ask("GET", "/api/runs/run/filters")["workers"] == 0


def test_the_language_of_the_pages_is_none_that_was_told(served):
    asking(served, speaks=["ru"])
    ann = served.join()
    assert closed(ann)["untold"] == "speaks"
    ann.client.post("/api/work/me", json={"language": "ru"})
    assert closed(ann)["untold"] == "speaks"
    served.ask("POST", f"/api/workers/{ann.worker}/skills", {"name": "speaks:ru", "value": 100})
    assert ann.page()["items"]


def test_who_is_refused_for_their_age_cannot_simply_tell_another(served):
    asking(served, age=[18, None])
    ann = served.join()
    tell(ann, born=2015)
    refused = closed(ann)
    assert (refused["reason"], refused["untold"]) == ("age", None)
    assert refused["text"]["en"] == (
        "This task is for people of 18 years or more. By the year of birth that you told, 2015, you are not certainly "
        "among them."
    )
    error = tell(ann, 409, born=1990)["error"]
    assert (error["code"], error["details"]) == ("told_lately", {"what": "born", "until": START + 30 * DAY})
    tell(ann, born=None)
    assert tell(ann, 409, born=1990)["error"]["code"] == "told_lately", "to take it back first does not help"
    assert ann.get("/api/work/about")["born"] is None
    served.clock.move(30 * DAY)
    tell(ann, born=1990)
    assert ann.page()["items"]


def test_what_was_told_may_be_told_again_and_taken_back_at_any_time(served):
    asking(served, regions=["KZ"])
    ann = served.join()
    tell(ann, region="RU")
    served.clock.move(29 * DAY)
    assert tell(ann, region="RU")["fixed"] == {"region": START + 30 * DAY}, "that it was said once more changes nothing"
    assert tell(ann, region="")["region"] == ""


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"born": 1800}, "born: expected a year from 1905 to 2025, got 1800"),
        ({"born": 2030}, "born: expected a year from 1905 to 2025, got 2030"),
        ({"region": "Kazakhstan"}, "region: 'Kazakhstan' is no code of a country"),
        ({"speaks": ["turkish"]}, "speaks: 'turkish' is no language code"),
        ({"speaks": ["en"] * 21}, "speaks: expected 20 languages at most, got 21"),
    ],
)
def test_what_nobody_can_tell_of_themselves_is_refused(served, told, said):
    served.publish()
    error = tell(served.join(), 422, **told)["error"]
    assert error["code"] == "told_invalid"
    assert said in error["message"]


def test_who_is_forgotten_leaves_nothing_of_what_they_told(served):
    asking(served, regions=["KZ"])
    ann = served.join()
    tell(ann, born=1990, region="KZ", speaks=["tr"])
    ann.client.get("/api/work/me", headers={"DataForge-Device": "phone"})
    give(served, ann, "medical", 70)
    served.ask("DELETE", f"/api/workers/{ann.worker}")
    row = served.listener.context.store.accounts.worker_by_name(ann.worker)
    assert (row.born, row.region, row.speaks, row.device) == (0, "", "", "")
    assert not any(served.listener.context.store.accounts.told(row.id).values())
    assert not served.listener.context.store.skills.of(row.id)


# --- the device --------------------------------------------------------------------------------------


def test_the_device_is_that_of_the_page_that_asks_and_the_last_one_where_it_says_nothing(served):
    asking(served, device="phone")
    ann = served.join()
    phone, computer = {"DataForge-Device": "phone"}, {"DataForge-Device": "computer"}
    assert closed(ann)["text"]["en"] == "This task is done on a phone. Open your personal link there."
    ann.client.get("/api/work/me", headers=computer)
    assert closed(ann)["reason"] == "device"
    assert ann.client.get("/api/work/runs", headers=phone).json()["runs"][0]["open"]
    assert closed(ann, **phone) is None
    ann.client.get("/api/work/me", headers={"DataForge-Device": "toaster"})
    assert served.listener.context.store.accounts.worker_by_name(ann.worker).device == "computer"


# --- how many pass -----------------------------------------------------------------------------------


def test_it_is_told_how_many_workers_pass_before_and_after_the_launch(served):
    served.publish("plain")
    people = [served.join("plain", name) for name in ("Ann", "Bob", "Cem")]
    for person, born in zip(people, (1990, 2015, 1980), strict=True):
        tell(person, born=born)
    give(served, people[0], "medical", 60)
    give(served, people[1], "medical", 90)
    asked = {"age": [18, None], "skills": [{"name": "medical", "least": 70}]}
    counted = {"workers": 3, "passing": 0, "by_filter": {"age": 2, "skill medical": 1}}
    assert served.ask("POST", "/api/filters", {"workers": asked, "languages": []}) == counted
    asking(served, **asked)
    assert served.ask("GET", "/api/runs/run/filters") == counted
    served.ask("DELETE", f"/api/workers/{people[2].worker}/link")
    assert served.ask("GET", "/api/runs/run/filters")["workers"] == 2, "whose account is closed is not counted"
    assert served.ask("GET", "/api/runs/plain/filters") == {"workers": 2, "passing": 2, "by_filter": {}}


def test_a_run_that_asks_what_nobody_can_have_is_not_published(served):
    publication = served.publication() | {"workers": {"age": [40, 18]}}
    error = served.ask("PUT", "/api/runs/run", publication, 422)["error"]
    assert "swap them" in error["message"]
