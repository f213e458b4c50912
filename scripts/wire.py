"""Writes the TypeScript types of the HTTP API, made from its description: `make wire`.

What travels is typed once, by the records and replies in Python; `ui/src/lib/wire.ts` says the same to the pages, and a
test holds it to the description.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dataforge.server.app import DESCRIBED, VERSION
from dataforge.server.openapi import description

WIRE = Path(__file__).parents[1] / "ui/src/lib/wire.ts"
HEAD = "/** What travels between the server and its pages. Made by `make wire`; do not edit. */"
SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript(described: dict[str, Any]) -> str:
    """One type for each schema of the description, by name, then all routes that take or give JSON."""
    schemas = described["components"]["schemas"]
    types = [declaration(name, schemas[name]) for name in sorted(schemas)]
    return "\n\n".join([HEAD, *types, routes(described["paths"])]) + "\n"


def declaration(name: str, schema: dict[str, Any]) -> str:
    doc = comment(schema.get("description", ""))
    if "properties" in schema:
        return f"{doc}export interface {name} {fields(schema)}"
    return f"{doc}export type {name} = {type_of(schema)};"


def fields(schema: dict[str, Any], indent: str = "") -> str:
    """The properties of an object, one a line; those that the server may leave out have a question mark."""
    if not schema["properties"]:
        return "{}"
    required = schema.get("required", ())
    lines = [
        f"{indent}  {name}{'' if name in required else '?'}: {type_of(inner, indent + '  ')};"
        for name, inner in schema["properties"].items()
    ]
    return "\n".join(["{", *lines, f"{indent}}}"])


def type_of(schema: dict[str, Any], indent: str = "") -> str:
    """A schema as a TypeScript type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(type_of(one, indent) for one in schema["anyOf"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return list_of(schema, indent)
    if kind == "object" and "properties" in schema:
        return fields(schema, indent)
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Readonly<Record<string, {type_of(inner, indent) if isinstance(inner, dict) else 'unknown'}>>"
    return SIMPLE[kind] if kind is not None else "unknown"


def list_of(schema: dict[str, Any], indent: str) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(one, indent) for one in schema['prefixItems'])}]"
    inner = type_of(schema["items"], indent) if schema.get("items") else "unknown"
    return f"({inner})[]" if " | " in inner else f"{inner}[]"


def comment(text: str) -> str:
    lines = text.replace("*/", "* /").splitlines()
    if len(lines) < 2:
        return f"/** {lines[0]} */\n" if lines else ""
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"]) + "\n"


def routes(paths: dict[str, Any]) -> str:
    """What each route takes and gives, by its method and path."""
    lines = [
        "/** What each route takes and gives; those that give files are not here. */",
        "export interface Routes {",
    ]
    for path, methods in paths.items():
        for method, about in methods.items():
            reply = about["responses"]["200"].get("content")
            if reply is not None:
                lines += [f"  /** {about['summary']} */", f'  "{method.upper()} {path}": {{ {route(about, reply)} }};']
    return "\n".join([*lines, "}"])


def route(about: dict[str, Any], reply: dict[str, Any]) -> str:
    asked = about.get("parameters", ())
    path = [f"{one['name']}: string" for one in asked if one["in"] == "path"]
    query = [f"{one['name']}?: {type_of(one['schema'])}" for one in asked if one["in"] == "query"]
    parts = [f"path: {{ {'; '.join(path)} }}"] if path else []
    parts += [f"query?: {{ {'; '.join(query)} }}"] if query else []
    if "requestBody" in about:
        content = about["requestBody"]["content"]
        parts.append(
            f"body: {type_of(content['application/json']['schema']) if 'application/json' in content else 'Blob'}"
        )
    return "; ".join([*parts, f"reply: {type_of(reply['application/json']['schema'])}"])


if __name__ == "__main__":
    WIRE.write_text(typescript(description(DESCRIBED, VERSION)), "utf-8")
