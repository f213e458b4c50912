"""The description of the API is made from the routes and holds for them."""

from __future__ import annotations

import re

from dataforge.server.app import DESCRIBED


def references(value):
    if isinstance(value, dict):
        yield from (value["$ref"],) if isinstance(value.get("$ref"), str) else ()
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_route_is_described_with_its_role_and_all_references_lead_somewhere(served):
    described = served.client().get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operations = {
        (method.upper(), path): about
        for path, methods in described["paths"].items()
        for method, about in methods.items()
    }
    assert len(operations) == len(DESCRIBED)
    for route in DESCRIBED:
        about = operations[route.method, re.sub(r":\w+\}", "}", route.path)]
        assert about["tags"] == [route.role]
        assert bool(about["security"]) == (route.role != "anonymous")
        takes_file = route.method == "PUT" or (route.content == "application/octet-stream" and route.method != "GET")
        assert ("requestBody" in about) == (route.body is not None or takes_file)
    assert len({about["operationId"] for about in operations.values()}) == len(operations)
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known


def inner(value):
    """A value and everything in it."""
    yield value
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from inner(one)


def test_makers_of_clients_understand_the_description(served):
    """What stopped them or made them guess: `items: false`, numbers called texts, a list of one word with no name."""
    described = served.client().get("/openapi.json").json()
    schemas = [one for one in inner(described) if isinstance(one, dict)]
    assert [one for one in schemas if one.get("items") is False or len(one.get("enum", "..")) < 2] == []
    events = described["paths"]["/api/runs/{run}/events"]["get"]
    assert {one["name"]: one["schema"]["type"] for one in events["parameters"] if one["in"] == "query"} == {
        "after": "integer",
        "limit": "integer",
        "wait": "number",
    }
    assert set(events["responses"]) == {"200", "401", "404", "422", "default"}
    upload = described["paths"]["/api/media/{name}"]["put"]
    assert set(upload["requestBody"]["content"]) == {"application/octet-stream"}
    names = list(described["components"]["schemas"])
    assert len({name.lower() for name in names}) == len(names)


def test_the_readable_description_runs_no_scripts(served):
    reply = served.client().get("/docs")
    assert reply.status_code == 200
    assert "<script" not in reply.text
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    for route in DESCRIBED:
        assert re.sub(r":\w+\}", "}", route.path) in reply.text


def test_every_html_page_has_a_policy_without_unsafe_scripts(served):
    for path in ("/work", "/work/runs/x", "/join/abc", "/login", "/runs", "/runs/x", "/preview/x", "/", "/docs"):
        reply = served.client().get(path)
        policy = reply.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "object-src 'none'" in policy or reply.status_code == 503
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "geolocation=()" in reply.headers["permissions-policy"]


def test_pages_that_are_not_built_say_how_to_build_them(served, tmp_path):
    served.listener.context.static = tmp_path / "nothing"
    reply = served.client().get("/work")
    assert reply.status_code == 503
    assert "make pages" in reply.text


def test_built_files_are_sent_packed_and_kept_by_browsers(served, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "worker.html").write_text('<!doctype html><script src="./assets/app-1a2b.js"></script>')
    (tmp_path / "assets" / "app-1a2b.js").write_text("let a = 1;\n" * 500)
    served.listener.context.static = tmp_path
    client = served.client()
    page = client.get("/join/anything")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.url.join(page.text.split('"')[1]).path == "/assets/app-1a2b.js"
    script = client.get("/assets/app-1a2b.js")
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.text == "let a = 1;\n" * 500
    assert client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"}).text == script.text


def test_the_service_worker_is_asked_for_anew_and_may_only_fetch_from_its_own_server(served, tmp_path):
    served.listener.context.static = tmp_path
    client = served.client()
    assert client.get("/service-worker.js").status_code == 404
    (tmp_path / "service-worker.js").write_text("self.addEventListener('fetch', () => undefined);")
    script = client.get("/service-worker.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "no-cache"
    assert script.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
