"""The description of the API for machines (OpenAPI 3.1) and for people, made from the table of routes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from dataforge.server.files.html import CONTENT_SECURITY_POLICY
from dataforge.server.shared.auth import COOKIE
from dataforge.server.shared.routes import LONGEST_WAIT, Call, Route

__all__ = ["describing", "description"]

SCHEMAS = "#/components/schemas/"
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
REFUSAL = {
    "title": "Refusal",
    "description": "What every refusal says; `code` is stable, `message` is for the log.",
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object"},
            },
            "required": ["code", "message", "details"],
        }
    },
    "required": ["error"],
}
SCHEMES = {
    "workerToken": {"type": "http", "scheme": "bearer", "description": "the token that joining gives"},
    "workerCookie": {"type": "apiKey", "in": "cookie", "name": COOKIE.format(role="worker", mark="{workspace}")},
    "secret": {"type": "http", "scheme": "bearer", "description": "the workspace's secret"},
    "requesterCookie": {"type": "apiKey", "in": "cookie", "name": COOKIE.format(role="requester", mark="{workspace}")},
}
QUERY: dict[str, dict[str, Any]] = {
    "after": {"description": "what comes after this cursor", "schema": {"type": "integer"}},
    "wait": {
        "description": "seconds to wait where there is nothing new yet",
        "schema": {"type": "number", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
    },
    "extension": {"description": "how the file's name ends, such as `png`", "schema": {"type": "string"}},
    "frame": {
        "description": "of a film: the number of a frame, from 0, as JPEG; or `all`: their size and times as JSON",
        "schema": {"type": "string"},
    },
    "points": {
        "description": "1: of a cloud its points as pages read them, see `dataforge.media.point_clouds.packed`",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1},
    },
    "revision": {"description": "how often the run was changed", "schema": {"type": "integer", "minimum": 0}},
    "since": {"description": "the revision to compare with", "schema": {"type": "integer", "minimum": 0}},
    "offset": {"description": "how many to leave out", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    "limit": {"description": "how many at most", "schema": {"type": "integer", "minimum": 1}},
    "down": {"description": "1: the largest come first", "schema": {"type": "integer", "minimum": 0, "maximum": 1}},
    "all": {
        "description": "1: also those to whom nothing is owed",
        "schema": {"type": "integer", "minimum": 0, "maximum": 1},
    },
    "order": {"description": "the column to sort by", "schema": {"type": "string"}},
    "search": {
        "description": "a part of an item's key, of what it shows, or of its answer's label in any language; or the "
        "whole name of a worker who answered it; of workers, a part of the name or the beginning of the id",
        "schema": {"type": "string"},
    },
    "flag": {"description": "only items with this flag", "schema": {"type": "string"}},
    "control": {
        "description": "1: control items only; 0: none of them",
        "schema": {"type": "integer", "minimum": 0, "maximum": 1},
    },
    "answer": {
        "description": 'only items with this answer, as JSON: `{"animal": "dog"}`',
        "schema": {"type": "string"},
    },
    "worker": {"description": "only items that this worker answered", "schema": {"type": "string"}},
    "confidence": {
        "description": "only items of this confidence, from what to what: `0.5-0.8`, `0.5-`, `-0.8`",
        "schema": {"type": "string"},
    },
    "overlap": {
        "description": "only items with so many answers, from what to what: `2-3`",
        "schema": {"type": "string"},
    },
    "item": {"description": "only what was said of the item with this key", "schema": {"type": "string"}},
    "day": {"description": "when the worker's day began", "schema": {"type": "number"}},
    "run": {"description": "only of this run", "schema": {"type": "string"}},
    "state": {"description": "only those of this state", "schema": {"type": "string"}},
    "label": {"description": "only who came by an invitation with this label", "schema": {"type": "string"}},
    "before": {"description": "what comes behind this one, as the reply told", "schema": {"type": "integer"}},
    "identity": {"description": "only if the run has this identity", "schema": {"type": "string"}},
    "begin": {
        "description": "at which byte the piece begins",
        "schema": {"type": "integer", "minimum": 0, "default": 0},
    },
    "size": {"description": "how many bytes the whole file has", "schema": {"type": "integer", "minimum": 1}},
    "nonce": {"description": "anything that was not asked before", "schema": {"type": "string"}},
}
"""What may stand in a query. Handlers hold numbers between their bounds, so that none is refused for its size."""
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "anonymous": [],
    "worker": [{"workerToken": []}, {"workerCookie": []}],
    "requester": [{"secret": []}, {"requesterCookie": []}],
}


def description(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The OpenAPI description of the routes under /api, of /health and /ready."""
    described = [route for route in routes if route.path.startswith(("/api/", "/health", "/ready"))]
    types = list({type_: None for route in described for type_ in (route.body, route.reply) if type_ is not None})
    schemas, components = msgspec.json.schema_components(types, ref_template=f"{SCHEMAS}{{name}}")
    by_type = dict(zip(types, schemas, strict=True))
    named: dict[str, Any] = {}
    components = {name: _hoisted(schema, named, inner=False) for name, schema in components.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        path = PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "DataForge", "version": version},
        "paths": paths,
        "components": {"schemas": {**components, **named, "Refusal": REFUSAL}, "securitySchemes": SCHEMES},
    }


def _hoisted(schema: Any, named: dict[str, Any], *, inner: bool = True) -> Any:
    """The schema with a reference in place of each inner one that has a title; those are put into `named`."""
    if isinstance(schema, list):
        return [_hoisted(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: value if key == "default" else _hoisted(value, named) for key, value in _plain(schema).items()}
    if "description" in found and isinstance(found["description"], str):
        found["description"] = inspect.cleandoc(found["description"])
    if not (inner and isinstance(found.get("title"), str)):
        return found
    default = {"default": found.pop("default")} if "default" in found else {}
    named[found["title"]] = found
    return {"$ref": f"{SCHEMAS}{found['title']}"} | default


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema in words that makers of clients know."""
    found = dict(schema)
    if found.get("items") is False and found.get("maxItems") == len(found.get("prefixItems", ())):
        del found["items"]
    if len(found.get("enum", ())) == 1:
        found["const"] = found.pop("enum")[0]
    return found


def _operation(route: Route, schemas: dict[type, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PARAMETER.findall(route.path)
    ]
    parameters += [{"name": name, "in": "query"} | QUERY[name] for name in route.query]
    good: dict[str, Any] = {"description": "the reply"}
    if route.reply is not None:
        good["content"] = {"application/json": {"schema": schemas[route.reply]}}
    described: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "summary": route.summary,
        "tags": [route.role],
        "security": SECURITY[route.role],
        "responses": {"200": good} | _refusals(route),
    }
    if parameters:
        described["parameters"] = parameters
    if (content := _body(route, schemas)) is not None:
        described["requestBody"] = {"required": True, "content": content}
    return described


def _body(route: Route, schemas: dict[type, Any]) -> dict[str, Any] | None:
    if route.body is not None:
        return {"application/json": {"schema": schemas[route.body]}}
    if _of_a_file(route):
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return None


def _of_a_file(route: Route) -> bool:
    return route.method == "PUT" or (route.content == "application/octet-stream" and route.method == "POST")


def _refusals(route: Route) -> dict[str, Any]:
    """What a route may answer instead of its reply, by status; all have the same form."""
    found = {"default": "it cannot be done; `code` says why"}
    if route.role != "anonymous":
        found["401"] = "nobody is signed in in that role"
    if PARAMETER.search(route.path):
        found["404"] = "there is nothing by that name"
    if route.body is not None or _of_a_file(route):
        found["413"] = "the body is too large"
    if route.body is not None or route.query:
        found["422"] = "it does not fit what is described here; `message` says where"
    content = {"application/json": {"schema": {"$ref": f"{SCHEMAS}Refusal"}}}
    return {status: {"description": what, "content": content} for status, what in sorted(found.items())}


def describing(routes: Sequence[Route], version: str) -> tuple[Route, ...]:
    """The two routes that describe the others, and themselves not."""

    @cache
    def as_json() -> bytes:
        return msgspec.json.encode(description(routes, version))

    @cache
    def as_html() -> str:
        return _page(description(routes, version))

    async def openapi(_: Call[None]) -> Response:
        """The description as JSON."""
        return Response(as_json(), media_type="application/json")

    async def docs(_: Call[None]) -> Response:
        """The description as a page without scripts."""
        return HTMLResponse(as_html(), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    return (
        Route("GET", "/openapi.json", "anonymous", openapi, "This description, for machines"),
        Route("GET", "/docs", "anonymous", docs, "This description, for people"),
    )


def _page(described: dict[str, Any]) -> str:
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>DataForge HTTP API</title>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'></head><body>",
        f"<h1>DataForge HTTP API {escape(described['info']['version'])}</h1>",
        "<p>Bodies and replies are JSON. An error is <code>{&quot;error&quot;: {code, message, details}}</code>. ",
        "For machines: <a href='/openapi.json'>/openapi.json</a></p>",
    ]
    for role in ("worker", "requester", "anonymous"):
        parts.append(f"<h2>Role: {role}</h2><dl>")
        for path, methods in described["paths"].items():
            parts += [_entry(path, method, about) for method, about in methods.items() if about["tags"] == [role]]
        parts.append("</dl>")
    parts.append("<h2>Records</h2>")
    parts += [_record(name, schema) for name, schema in sorted(described["components"]["schemas"].items())]
    return "".join([*parts, "</body></html>"])


def _entry(path: str, method: str, about: dict[str, Any]) -> str:
    lines = [f"<dt><code>{method.upper()} {escape(path)}</code></dt><dd>{escape(about['summary'])}"]
    asked = [parameter["name"] for parameter in about.get("parameters", ()) if parameter["in"] == "query"]
    if asked:
        lines.append(f"<br>query: {escape(', '.join(asked))}")
    if "requestBody" in about:
        lines.append(f"<br>body: {_shown(about['requestBody']['content'])}")
    if "content" in about["responses"]["200"]:
        lines.append(f"<br>reply: {_shown(about['responses']['200']['content'])}")
    return "".join([*lines, "</dd>"])


def _shown(content: dict[str, Any]) -> str:
    return _kind(content["application/json"]["schema"]) if "application/json" in content else "the bytes of the file"


def _record(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<li><code>{escape(field)}</code>: {_kind(about)}</li>"
        for field, about in schema.get("properties", {}).items()
    )
    what = f"<ul>{rows}</ul>" if rows else f"<p>{_kind(schema)}</p>"
    return f"<h3 id='{escape(name)}'>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>{what}"


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words, with links to other records."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#{name}'>{name}</a>"
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {})}" if "items" in schema else "list"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_kind(schema['additionalProperties'])}"
    return escape(str(schema.get("type", "any value")))
