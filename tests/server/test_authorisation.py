"""Every route of the table against everybody who might ask."""

from __future__ import annotations

import re

import pytest
from tests.server.conftest import running

from dataforge.server.app import ROUTES
from dataforge.server.shared.routes import Route
from dataforge.workspace import sign_in_token

FILE = "a" * 64 + ".png"
VALUES = {
    "run": "run",
    "pipeline": "scenes",
    "loop": "digits",
    "key": "r0",
    "worker": "somebody",
    "invitation": "unknown",
    "session": "unknown",
    "preview": "unknown",
    "page": "00" * 16,
    "message": "1",
    "token": "AAAA",
    "name": FILE,
    "output": "answer",
    "file": "labels.csv",
    "rest": "anything",
}
CLOSED = [route for route in ROUTES if route.role != "anonymous"]
IDS = [f"{route.method} {route.path}" for route in ROUTES]


def path_of(route: Route, **known: str) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: (VALUES | known)[found.group(1)], route.path)


def ask(served, route, *, token=None, cookies=None, headers=None):
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if cookies:
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    sent["Content-Type"] = route.content
    return served.stranger.request(route.method, path_of(route), content=b"{}", headers=sent)


@pytest.fixture
def one_run(served):
    served.publish()
    served.add(real=9, control=3)
    return served


def test_there_are_routes_of_every_role():
    assert {route.role for route in ROUTES} == {"anonymous", "worker", "requester"}
    assert len(IDS) == len(set(IDS))


def test_a_route_without_a_role_cannot_be_built():
    with pytest.raises(TypeError):
        Route("GET", "/x", handler=None, summary="x")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="role"):
        Route("GET", "/x", "everybody", None, "x")  # type: ignore[arg-type]


def test_what_anybody_may_ask_is_known_by_name():
    opened = {f"{route.method} {route.path}" for route in ROUTES if route.role == "anonymous"}
    assert opened == {
        "POST /api/work/join",
        "POST /api/work/return",
        "POST /api/work/whose",
        "POST /api/work/invited",
        "POST /api/session",
        "GET /health",
        "GET /api/workspace",
        "GET /ready",
        "GET /openapi.json",
        "GET /docs",
        "GET /",
        "GET /login",
        "GET /runs",
        "GET /runs/{rest:path}",
        "GET /loops/{rest:path}",
        "GET /pipelines/{rest:path}",
        "GET /inbox",
        "GET /inbox/{rest:path}",
        "GET /payouts",
        "GET /prices",
        "GET /people",
        "GET /people/{rest:path}",
        "GET /preview/{preview}",
        "GET /api/previews/{preview}",
        "GET /api/previews/{preview}/media/{name:path}",
        "GET /join/{invitation}",
        "GET /work",
        "GET /work/{rest:path}",
        "GET /assets/{name:path}",
        "GET /widgets/{digest}/{file}",
        "GET /service-worker.js",
    }


def test_no_closed_route_answers_without_its_own_token(one_run):
    served = one_run
    worker = served.join()
    secret = served.workspace.secret()
    as_worker, as_requester = served.cookies["worker"], served.cookies["requester"]
    for route in CLOSED:
        wrong = [
            {},
            {"token": "guessed"},
            {"token": secret + "x"},
            {"cookies": {as_worker: "guessed", as_requester: "guessed"}},
            {"cookies": {as_requester: secret}},
            {"cookies": {as_worker: worker.token}},
        ]
        if route.role == "requester":
            wrong += [{"token": worker.token}, {"cookies": {as_requester: worker.token, as_worker: worker.token}}]
        else:
            wrong += [{"token": secret}, {"cookies": {as_worker: secret}}]
        for how in wrong:
            reply = ask(served, route, **how)
            assert reply.status_code == 401, (route.method, route.path, how, reply.text)
            assert reply.json()["error"]["code"] in ("join_required", "sign_in_required")


def signed_in(served):
    """A browser in which a worker and the requester are signed in; a route may have deleted the run."""
    served.publish()
    browser = served.client()
    browser.post("/api/work/join", json={"invitation": served.invitation(), "name": "Ann", "language": "en"})
    assert browser.post("/api/session", json={"secret": served.workspace.secret()}).status_code == 200
    return browser


def test_every_closed_route_answers_with_its_own_token_or_cookie(one_run):
    served = one_run
    for route in CLOSED:
        token = served.join().token if route.role == "worker" else served.workspace.secret()
        for reply in (ask(served, route, token=token), ask(served, route, cookies=dict(signed_in(served).cookies))):
            assert reply.status_code not in (401, 403, 500), (route.method, route.path, reply.text)


def test_the_pages_of_another_worker_are_unknown(one_run):
    ann, bob = one_run.join(name="Ann"), one_run.join(name="Bob")
    page = ann.page()
    for action in ("submit", "skip", "release"):
        body = {"answers": [{"answer": "yes"}] * 3}
        stranger = bob.client.post(f"/api/work/pages/{page['page']}/{action}", json=body)
        nowhere = bob.client.post(f"/api/work/pages/{'11' * 16}/{action}", json=body)
        assert stranger.status_code == nowhere.status_code == 404
        assert stranger.json()["error"]["code"] == nowhere.json()["error"]["code"] == "page_unknown"
    assert bob.take()["page"]["page"] != page["page"]
    assert ann.submit(page).status_code == 200
    assert bob.get("/api/work/history")["pages"][0]["state"] == "held"
    assert bob.get("/api/work/me")["pending"] == 0


def test_a_run_that_a_worker_was_not_invited_to_is_unknown(one_run):
    one_run.publish("secret-run", name="secret-run")
    ann = one_run.join("run")
    for method, path in (("GET", ""), ("POST", "/pages")):
        known = ann.client.request(method, f"/api/work/runs/secret-run{path}", json={})
        unknown = ann.client.request(method, f"/api/work/runs/nothing{path}", json={})
        assert known.status_code == unknown.status_code == 404
        assert known.json()["error"]["code"] == unknown.json()["error"]["code"] == "run_unknown"
    assert [run["run"] for run in ann.get("/api/work/runs")["runs"]] == ["run"]


def test_no_worker_reply_holds_a_key_a_control_mark_or_another_workers_data(one_run):
    ann, bob = one_run.join(name="Ann Smith"), one_run.join(name="Bob Jones")
    page = ann.page()
    bob.submit(bob.page())
    one_run.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT)
    ann.submit(page)
    replies = [
        ann.client.get(path).text
        for path in ("/api/work/me", "/api/work/runs", "/api/work/runs/run", "/api/work/history")
    ]
    replies.append(ann.client.post("/api/work/runs/run/pages", json={}).text)
    for reply in replies:
        for secret in ("Bob", bob.worker, '"r1"', '"c1"', '"control"', "confidence", "stalled"):
            assert secret not in reply, (secret, reply)


SNAPSHOT = {
    "at": 1,
    "stage": "stalled",
    "items_total": 9,
    "items_final": 0,
    "control_total": 3,
    "responses": 0,
    "pages_accepted": 0,
    "pages_rejected": 0,
    "pages_pending": 0,
    "cost": 0,
}


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[::1"},
    {"Sec-Fetch-Site": "cross-site"},
)


@pytest.mark.parametrize("role", ["worker", "requester"])
def test_a_cookie_opens_nothing_for_another_sites_page(one_run, role):
    served = one_run
    changing = [route for route in CLOSED if route.role == role and route.method != "GET"]
    for route in changing:
        cookies = dict(signed_in(served).cookies)
        for headers in FOREIGN:
            reply = ask(served, route, cookies=cookies, headers=headers)
            assert (reply.status_code, reply.json()["error"]["code"]) == (403, "foreign_origin"), route.path
        form = served.client()
        form.cookies.update(cookies)
        reply = form.request(route.method, path_of(route), data={"a": "b"})
        assert reply.status_code == 415, route.path
        same = ask(served, route, cookies=cookies, headers={"Origin": served.url, "Sec-Fetch-Site": "same-origin"})
        assert same.status_code not in (401, 403, 415, 500), route.path


def test_cookies_cannot_be_read_by_scripts_nor_sent_by_other_sites(one_run):
    served = one_run
    joined = served.client().post(
        "/api/work/join", json={"invitation": served.invitation(), "name": "Ann", "language": "en"}
    )
    signed_in = served.client().post("/api/session", json={"secret": served.workspace.secret()})
    worker, requester = joined.headers["set-cookie"], signed_in.headers["set-cookie"]
    assert "HttpOnly" in worker
    assert "SameSite=lax" in worker
    assert "HttpOnly" in requester
    assert "SameSite=strict" in requester
    assert "Secure" not in worker
    assert served.workspace.secret() not in requester
    assert joined.json()["token"] not in worker


def test_a_proxy_is_believed_if_it_was_named(run_server):
    behind = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    for proxies, name in (([], "df_requester_"), (["127.0.0.1"], "__Host-df_requester_")):
        with run_server(proxies=proxies) as served:
            secret = {"secret": served.workspace.secret()}
            cookie = served.client().post("/api/session", json=secret, headers=behind).headers["set-cookie"]
            assert (cookie.startswith(name), "Secure" in cookie) == (True, bool(proxies))
            guesses = [served.client().post("/api/session", json={"secret": "x"}, headers=behind) for _ in range(31)]
            assert guesses[-1].status_code == 429
            elsewhere = served.client().post("/api/session", json={"secret": "x"})
            assert elsewhere.status_code == (401 if proxies else 429)


def test_a_bearer_token_needs_no_origin(one_run):
    reply = ask(
        one_run,
        next(route for route in ROUTES if route.path == "/api/invitations" and route.method == "POST"),
        token=one_run.workspace.secret(),
        headers={"Origin": "https://notebook.example"},
    )
    assert reply.status_code == 200


def test_secrets_cannot_be_guessed_at_leisure_and_guesses_keep_nobody_out_who_is_right(one_run):
    client = one_run.client()
    codes = [client.post("/api/session", json={"secret": f"guess {number}"}).status_code for number in range(40)]
    assert codes == [401] * 30 + [429] * 10
    join = {"invitation": "guess", "name": "Eve", "language": "en"}
    reply = client.post("/api/work/join", json=join)
    assert reply.status_code == 429
    assert int(reply.headers["retry-after"]) > 0
    # Of an office behind one address some mistype; the others go on.
    assert client.post("/api/session", json={"secret": one_run.workspace.secret()}).status_code == 200
    joined = client.post("/api/work/join", json=join | {"invitation": one_run.invitation()})
    assert joined.status_code == 200
    assert client.post("/api/work/return", json={"token": joined.json()["token"]}).status_code == 200


def test_leaving_and_signing_out_end_the_session_wherever_its_cookie_was_copied_to(one_run):
    served = one_run
    thief = served.client()
    for role, path, ending in (
        ("worker", "/api/work/me", ("POST", "/api/work/leave")),
        ("requester", "/api/runs", ("DELETE", "/api/session")),
    ):
        client = signed_in(served)
        thief.cookies.update(dict(client.cookies))
        assert thief.get(path).status_code == 200, role
        assert client.request(*ending, json={}).status_code == 200
        assert served.cookies[role] not in client.cookies
        assert thief.get(path).status_code == 401


@pytest.mark.parametrize("role", ["worker", "requester"])
def test_whoever_signs_in_again_ends_the_session_that_the_browser_had(one_run, role):
    served, copied, path = one_run, one_run.client(), {"worker": "/api/work/me", "requester": "/api/runs"}[role]
    browser = signed_in(served)
    copied.cookies.update(dict(browser.cookies))
    assert copied.get(path).status_code == 200
    if role == "worker":
        again = browser.post("/api/work/return", json={"token": served.join().token})
    else:
        again = browser.post("/api/session", json={"secret": served.workspace.secret()})
    assert again.status_code == browser.get(path).status_code == 200
    assert copied.get(path).status_code == 401


def test_every_sign_in_is_a_session_of_its_own_that_can_be_ended_from_elsewhere(one_run):
    served, secret = one_run, {"secret": one_run.workspace.secret()}
    office, home = served.client(), served.client()
    for browser, name in ((office, "office"), (home, "home")):
        browser.headers["User-Agent"] = name
        assert browser.post("/api/session", json=secret).status_code == 200
    assert dict(office.cookies) != dict(home.cookies)
    sessions = {one["browser"]: one for one in office.get("/api/sessions").json()["sessions"]}
    assert {name: one["here"] for name, one in sessions.items()} == {"home": False, "office": True}
    ended = office.request("DELETE", f"/api/sessions/{sessions['home']['session']}", json={})
    assert (ended.status_code, home.get("/api/runs").status_code, office.get("/api/runs").status_code) == (
        200,
        401,
        200,
    )
    assert office.request("DELETE", "/api/sessions/nonsense", json={}).status_code == 404
    served.clock.move(181 * 86_400)
    assert office.get("/api/runs").status_code == 401


def test_a_printed_link_signs_in_for_ten_minutes_and_then_only_leads_on_who_is_signed_in(one_run):
    served, browser, late = one_run, one_run.client(), one_run.client()
    until = int(served.clock()) + 600
    printed = {"secret": sign_in_token(served.workspace.secret(), until)}
    longer = {"secret": printed["secret"].replace(str(until), str(until + 600))}
    assert served.workspace.secret() not in printed["secret"]
    assert late.post("/api/session", json=longer).json()["error"]["code"] == "secret_wrong"
    served.clock.move(599)
    assert browser.post("/api/session", json=printed).status_code == 200
    assert browser.get("/api/runs").status_code == 200
    served.clock.move(2)
    assert late.post("/api/session", json=printed).json()["error"]["code"] == "link_expired"
    assert browser.post("/api/session", json=printed).status_code == 200
    assert browser.get("/api/runs").status_code == 200
    assert late.get("/api/runs", headers={"Authorization": f"Bearer {printed['secret']}"}).status_code == 401


def test_two_workspaces_are_open_in_one_browser(one_run, tmp_path):
    with running(tmp_path / "other") as other:
        other.publish()
        browser = one_run.client()
        for served in (one_run, other):
            # A browser sends cookies to every port of a machine.
            browser.cookies.update(dict(signed_in(served).cookies))
        for served in (one_run, other):
            assert browser.get(f"{served.url}/api/runs").status_code == 200
            assert browser.get(f"{served.url}/api/work/me").status_code == 200
