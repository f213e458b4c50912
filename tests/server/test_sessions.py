"""Browsers that are signed in, as long as they are used and nobody ends them."""

from __future__ import annotations

import pytest
from tests.server.test_invitations import join

DAY = 86_400


@pytest.fixture
def server(served):
    served.publish()
    served.add(real=9)
    return served


def returned(server, token):
    """Another browser in which the account of a personal token is open."""
    browser = server.client()
    assert browser.post("/api/work/return", json={"token": token}).status_code == 200
    return browser


def test_a_session_ends_when_it_was_not_used_for_ninety_days_and_not_before(server):
    worker, requester = server.client(), server.client()
    join(server, server.invitation(), worker)
    requester.post("/api/session", json={"secret": server.workspace.secret()})
    for _ in range(3):
        server.clock.move(89 * DAY)
        for browser, path in ((worker, "/api/work/me"), (requester, "/api/runs")):
            reply = browser.get(path)
            assert reply.status_code == 200
            assert "Max-Age=7776000" in reply.headers["set-cookie"], "the browser keeps it for as long again"
            assert "set-cookie" not in browser.get(path).headers, "once a day is enough"
    server.clock.move(90 * DAY)
    assert (worker.get("/api/work/me").status_code, requester.get("/api/runs").status_code) == (401, 401)


def test_who_signs_out_after_a_long_time_is_not_signed_in_again_by_that(server):
    worker = server.client()
    join(server, server.invitation(), worker)
    copied = dict(worker.cookies)
    server.clock.move(10 * DAY)
    left = worker.post("/api/work/leave", json={})
    assert [cookie for cookie in left.headers.get_list("set-cookie") if "Max-Age=7776000" in cookie] == []
    cookie = "; ".join(f"{name}={value}" for name, value in copied.items())
    assert server.client().get("/api/work/me", headers={"Cookie": cookie}).status_code == 401


def test_a_worker_lists_the_browsers_and_signs_out_of_one_and_of_all_others(server):
    here = server.client()
    here.headers["User-Agent"] = "Firefox"
    token = join(server, server.invitation(), here).json()["token"]
    lost, old, stolen = (returned(server, token) for _ in range(3))
    listed = here.get("/api/work/sessions").json()["sessions"]
    assert [(one["browser"], one["here"]) for one in listed][-1] == ("Firefox", True)
    assert [one["here"] for one in listed] == [False, False, False, True]
    newest = listed[0]["session"]
    assert here.request("DELETE", f"/api/work/sessions/{newest}", json={}).status_code == 200
    assert [browser.get("/api/work/me").status_code for browser in (lost, old, stolen)] == [200, 200, 401]
    assert here.request("DELETE", "/api/work/sessions", json={}).status_code == 200
    assert [browser.get("/api/work/me").status_code for browser in (lost, old, here)] == [401, 401, 200]
    assert here.request("DELETE", "/api/work/sessions/12345", json={}).json()["error"]["code"] == "session_unknown"


def test_nobody_ends_a_session_of_somebody_else(server):
    ann, ben = server.client(), server.client()
    join(server, server.invitation(), ann)
    join(server, server.invitation(), ben, name="Ben")
    of_ann = ann.get("/api/work/sessions").json()["sessions"][0]["session"]
    assert ben.request("DELETE", f"/api/work/sessions/{of_ann}", json={}).status_code == 404
    assert ben.request("DELETE", "/api/work/sessions", json={}).status_code == 200
    assert server.requester.request("DELETE", f"/api/sessions/{of_ann}", json={}).status_code == 404
    assert ann.get("/api/work/me").status_code == 200


def test_a_requester_signs_a_worker_out_of_all_browsers_and_the_link_still_opens_the_account(server):
    here = server.client()
    joined = join(server, server.invitation(), here).json()
    elsewhere = returned(server, joined["token"])
    assert len(server.ask("GET", f"/api/workers/{joined['worker']}")["sessions"]) == 2
    server.ask("DELETE", f"/api/workers/{joined['worker']}/sessions", {})
    assert [browser.get("/api/work/me").status_code for browser in (here, elsewhere)] == [401, 401]
    assert returned(server, joined["token"]).get("/api/work/me").json()["worker"] == joined["worker"]
    server.ask("DELETE", "/api/workers/nobody/sessions", {}, 404)


def test_an_ended_session_takes_no_page_and_sends_no_answers(server):
    here = server.client()
    joined = join(server, server.invitation(), here).json()
    page = here.post("/api/work/runs/run/pages", json={"have": []}).json()["page"]
    server.ask("DELETE", f"/api/workers/{joined['worker']}/sessions", {})
    body = {"answers": [{"answer": "yes"} for _ in page["items"]], "seconds": 5}
    replies = [
        here.post("/api/work/runs/run/pages", json={"have": []}),
        here.post(f"/api/work/pages/{page['page']}/submit", json=body),
    ]
    assert [(reply.status_code, reply.json()["error"]["code"]) for reply in replies] == [(401, "join_required")] * 2
    # What was answered meanwhile is sent once the account is open again.
    again = returned(server, joined["token"])
    assert again.post(f"/api/work/pages/{page['page']}/submit", json=body).status_code == 200
