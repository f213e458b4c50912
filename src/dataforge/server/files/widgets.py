"""Widgets that object types of other packages bring: ES modules at addresses that change with their content."""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.responses import Response

from dataforge.errors import PluginError, Refused, UnknownName
from dataforge.records import TaskSpec
from dataforge.registry import load
from dataforge.server.files.html import KEPT_FOREVER, assets, respond
from dataforge.server.shared.routes import Call, Route

__all__ = ["ROUTES", "widgets_of"]

log = logging.getLogger("dataforge.server")


def widgets_of(task: TaskSpec) -> dict[str, str]:
    """The addresses of the widgets that the task's object types bring, by type; built-in types bring none."""
    types = dict.fromkeys(field.type for field in (*task.inputs, *task.outputs))
    modules = {name: _module_of(name) for name in types}
    return {name: _address(name, path) for name, path in modules.items() if path is not None}


def _module_of(name: str) -> Path | None:
    """The file of a type's own widget; None if the type has none, is not installed or does not load."""
    try:
        path: Path | None = load("objects", name).widget
    except (UnknownName, PluginError):
        return None
    return path


def _address(name: str, path: Path) -> str:
    asset = assets.get(path)
    if asset is None:
        log.error("the widget of the object type %r cannot be read: %s; install its package again", name, path)
    return f"/widgets/{asset.digest if asset is not None else 'absent'}/{name}.js"


async def _widget_file(call: Call[None]) -> Response:
    """A widget's module: a file that a registered type names, and nothing else."""
    name, _, ending = call.path("file").rpartition(".")
    path = _module_of(name) if ending == "js" else None
    asset = assets.get(path) if path is not None else None
    if asset is None or asset.digest != call.path("digest"):
        raise Refused("there is no such widget", status=404, code="not_found")
    response = respond(call, asset)
    response.headers["Cache-Control"] = KEPT_FOREVER
    return response


ROUTES = (Route("GET", "/widgets/{digest}/{file}", "anonymous", _widget_file, "The widget of an object type"),)
