"""Requests that make no sense get a clear error, and the server goes on."""

from __future__ import annotations

import pytest


def code(reply):
    return reply.status_code, reply.json()["error"]["code"]


@pytest.fixture
def ann(served):
    served.publish()
    served.add(real=5)
    return served.join()


@pytest.mark.parametrize(
    "content",
    [b"{", b"not json", b'{"have": [}', b"\xff\xfe", b'{"a":' * 100_000, b'{"have": "\\ud800"}'],
    ids=["open", "words", "hole", "bytes", "deep", "half character"],
)
def test_what_is_not_json_is_refused(ann, content):
    reply = ann.client.post("/api/work/runs/run/pages", content=content, headers={"Content-Type": "application/json"})
    assert code(reply) == (400, "json_invalid")
    assert ann.take()["page"] is not None


@pytest.mark.parametrize("body", [[], "text", 3, {"have": "x"}, {"have": [1]}, {"have": {"a": 1}}])
def test_json_of_the_wrong_shape_is_refused(ann, body):
    assert code(ann.client.post("/api/work/runs/run/pages", json=body)) == (422, "body_invalid")


def test_answers_nested_without_end_are_refused(ann):
    page = ann.page()
    for bomb in (b"[" * 200_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        reply = ann.client.post(
            f"/api/work/pages/{page['page']}/submit",
            content=b'{"answers": [{"answer": ' + bomb,
            headers={"Content-Type": "application/json"},
        )
        assert code(reply) == (400, "json_invalid")


@pytest.mark.parametrize("body", [{}, {"answers": None}, {"answers": ["yes"]}, {"answers": {"answer": "yes"}}])
def test_answers_of_the_wrong_shape_are_refused(ann, body):
    page = ann.page()
    assert code(ann.client.post(f"/api/work/pages/{page['page']}/submit", json=body)) == (422, "body_invalid")


def test_a_body_that_is_not_called_json_is_refused(ann):
    reply = ann.client.post("/api/work/runs/run/pages", content=b'{"have": []}', headers={"Content-Type": "text/plain"})
    assert code(reply) == (415, "json_required")


def test_a_small_route_takes_no_large_body(ann):
    reply = ann.client.post("/api/work/runs/run/pages", json={"have": ["a" * 2_000_000]})
    assert code(reply) == (413, "too_large")


def test_page_ids_that_are_none_are_not_found(ann):
    for page in ("x", "00", "zz" * 16, "0" * 32, "%00", "a" * 5_000):
        reply = ann.client.post(f"/api/work/pages/{page}/submit", json={"answers": []})
        assert code(reply) == (404, "page_unknown")
    assert ann.take(have=["nonsense", "00" * 16])["page"] is not None


def test_unknown_runs_items_and_paths_are_not_found(served, ann):
    for path in ("/api/runs/none", "/api/runs/none/events", "/api/runs/none/items", "/api/runs/none/workers"):
        assert served.ask("GET", path, status=404)["error"]["code"] == "run_unknown"
    assert served.ask("GET", "/api/runs/run/items/none", status=404)["error"]["code"] == "item_unknown"
    assert served.ask("GET", "/api/nothing", status=404)["error"]["code"] == "not_found"
    assert served.ask("DELETE", "/api/runs", status=405)["error"]["code"] == "method_not_allowed"
    assert served.ask("GET", "/api/previews/none", status=404)["error"]["code"] == "preview_unknown"


def test_a_person_who_follows_a_wrong_link_reads_a_page_and_a_program_an_error(served):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    reply = served.stranger.get("/rnus", headers=browser)
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    under_a_path = served.stranger.get("/labels<b>/work", headers=browser).text
    assert "There is no page at /labels&lt;b&gt;/work. If a proxy has the server under a path" in under_a_path
    for path in ("/rnus", "/api/nothing", "/assets/nothing.js"):
        headers = {} if path == "/rnus" else browser
        assert code(served.stranger.get(path, headers=headers)) == (404, "not_found")


@pytest.mark.parametrize("query", ["after=x", "limit=many", "wait=soon", "after=nan"])
def test_a_query_that_is_no_number_is_refused(served, ann, query):
    assert served.ask("GET", f"/api/runs/run/events?{query}", status=422)["error"]["code"] == "query_invalid"


def test_an_order_that_does_not_exist_is_refused(served, ann):
    for query in (
        "order=secret",
        "confidence=half",
        "confidence=0.9-0.5",
        "confidence=0.5",
        "overlap=2-x",
        "overlap=--1",
    ):
        assert served.ask("GET", f"/api/runs/run/items?{query}", status=422)["error"]["code"] == "query_invalid"


@pytest.mark.parametrize("command", [{"kind": "explode", "key": "k"}, {"kind": "want", "key": "k"}, {"key": "k"}, 3])
def test_commands_that_do_not_exist_are_refused(served, ann, command):
    reply = served.ask("POST", "/api/runs/run/commands", {"commands": [command]}, 422)
    assert reply["error"]["code"] == "body_invalid"


@pytest.mark.parametrize("name", ["a%5cb", "%01", "..", "a" * 201])
def test_a_run_needs_a_name_that_can_be_a_folder(served, name):
    reply = served.requester.put(f"/api/runs/{name}", json=served.publication("x"))
    assert reply.status_code in (404, 405, 422)


INVISIBLE = ("\x00\x1b", "\u200b\u202e", "\u200d", "\u3164", "\u2800\u115f", "\u034f", "\ufe0f\u0301", "\u2065")


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, *INVISIBLE])
def test_a_worker_needs_a_name(served, ann, name):
    body = {"invitation": served.invitation(), "name": name, "language": "en"}
    assert code(served.client().post("/api/work/join", json=body)) == (422, "name_invalid")


@pytest.mark.parametrize(("given", "kept"), [("Ann\u202e\x00 \nLee", "Ann Lee"), ("می\u200cخواهم", "می\u200cخواهم")])
def test_invisible_signs_of_a_name_are_dropped(served, ann, given, kept):
    assert ann.client.post("/api/work/me", json={"name": given}).json()["name"] == kept


@pytest.mark.parametrize("language", ["", "EN", "x", "en\n", "../..", "en" + "-aaaaaaaa" * 5])
def test_a_language_is_a_short_code(served, ann, language):
    assert code(ann.client.post("/api/work/me", json={"language": language})) == (422, "language_invalid")


@pytest.mark.parametrize("number", [2**63, 10**30, -(2**63) - 1])
def test_numbers_that_no_database_holds_are_refused_and_change_nothing(served, ann, number):
    before = served.item("r0")
    served.command("want", status=422, wanted={"r0": number})
    served.command("add_items", status=422, items=[{"key": "big", "inputs": {"text": "x"}, "wanted": number}])
    served.ask("POST", "/api/invitations", {"uses": number}, 422)
    quality = {"key": "r0", "answer": {}, "confidence": {}, "overlap": number}
    served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | {"items": [quality]}, 422)
    for changes in ({"prices": [number] * 3}, {"budget": number}, {"real_per_page": number}):
        assert served.ask("PUT", "/api/runs/other", served.publication("other") | changes, 422)
    assert served.item("r0") == before


COUNTS = ("items_total", "items_final", "control_total", "responses", "cost")
PAGES = ("pages_accepted", "pages_rejected", "pages_pending")
SNAPSHOT = dict.fromkeys(("at", *COUNTS, *PAGES), 0) | {"stage": "running"}


def test_a_snapshot_of_a_stage_or_with_a_flag_that_there_is_not_is_refused(served, ann):
    quality = {"key": "r0", "answer": {}, "confidence": {}, "overlap": 1, "flag": "<b>odd</b>"}
    for changes in ({"stage": "resting"}, {"items": [quality]}):
        reply = served.ask("PUT", "/api/runs/run/snapshot", SNAPSHOT | changes, 422)
        assert reply["error"]["code"] == "body_invalid"


def test_a_search_without_end_is_refused(served, ann):
    reply = served.ask("GET", f"/api/runs/run/items?search={'a' * 60_000}", status=422)
    assert reply["error"]["code"] == "query_invalid"


def test_a_mistake_of_the_server_is_told_without_its_inner_life(served, ann, caplog):
    served.listener.context.store.close()
    reply = served.requester.get("/api/runs/run/events")
    assert code(reply) == (500, "internal")
    assert "sqlite" not in reply.text.lower()
