"""Previews: a page as a worker would get it, of a run or of a task that is not published; nothing is taken."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from dataforge.errors import AnswerError, DataError, Refused, SpecError
from dataforge.issue.run import instruction_html
from dataforge.server.files.media import served
from dataforge.server.files.shown import for_requester, with_addresses
from dataforge.server.files.widgets import widgets_of
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import PreviewOrder, PreviewPlace, PreviewView
from dataforge.server.wire.worker import Page, PageItem
from dataforge.tasks.task import Task

__all__ = ["ROUTES"]

LARGEST_PREVIEW = 16 << 20
MOST_ITEMS = 100
KEPT = 200
# A preview's name is all that it takes to see it, so that no address of one has to carry the requester's secret.
PREVIEW_BYTES = 16


async def _preview_run(call: Call[None]) -> PreviewView:
    """A page of a run."""
    context = call.context
    run = call.run
    found = await context.readers.read(lambda store: store.views.sample(run.id, run.size))
    publication = run.publication
    shown = [for_requester(msgspec.json.decode(inputs)) for inputs, _ in found]
    drafts = [{} if draft is None else msgspec.json.decode(draft) for _, draft in found]
    price = publication.prices[len(shown) - 1] if shown else 0
    page = _preview_page(run.name, shown, drafts, price, publication.currency, publication.lease)
    return PreviewView(run.name, publication.task, run.instruction_html, page, widgets_of(publication.task))


async def _make(call: Call[PreviewOrder]) -> PreviewPlace:
    """Keep a task and items to look at."""
    order = call.body
    _check(order)
    name = secrets.token_urlsafe(PREVIEW_BYTES)
    content = msgspec.json.encode(order)
    await call.context.writer.write(
        lambda transaction: transaction.store.previews.add(name, content, transaction.now, KEPT)
    )
    return PreviewPlace(name, f"/preview/{name}")


def _check(order: PreviewOrder) -> None:
    if len(order.items) > MOST_ITEMS:
        raise Refused(
            f"items: expected at most {MOST_ITEMS}, got {len(order.items)}", status=422, code="preview_invalid"
        )
    try:
        task = Task.from_spec(order.task)
        for inputs in order.items:
            task.check_item(inputs)
        for draft, inputs in zip(order.drafts, order.items, strict=False):
            task.check_draft(draft, inputs)
    except (SpecError, DataError, AnswerError) as error:
        raise Refused(str(error), status=422, code="preview_invalid") from None


async def _show(call: Call[None]) -> PreviewView:
    """A page of a task that is not published."""
    name, order = call.path("preview"), _order(call)
    task = order.task
    shown = [with_addresses(inputs, lambda media: f"/api/previews/{name}/media/{media}") for inputs in order.items]
    page = _preview_page("", shown, order.drafts, 0, "USD", task.duration * max(1, len(order.items)))
    return PreviewView(None, task, instruction_html(task.instruction), page, widgets_of(task))


async def _media(call: Call[None]) -> Response:
    """A file of an item of the preview, and of nothing else."""
    name = call.path("name")
    values = (value for inputs in _order(call).items for value in inputs.values())
    if not any(isinstance(value, dict) and value.get("media") == name for value in values):
        raise Refused("there is no such file in this preview", status=404, code="media_unknown")
    return await served(call, name)


def _order(call: Call[None]) -> PreviewOrder:
    name = call.path("preview")
    content = call.context.store.previews.content(name)
    if content is None:
        raise Refused(
            f"there is no preview {name[:40]!r}; only the last {KEPT} are kept", status=404, code="preview_unknown"
        )
    return msgspec.json.decode(content, type=PreviewOrder)


def _preview_page(
    run: str,
    items: Sequence[dict[str, Any]],
    drafts: Sequence[dict[str, Any]],
    price: int,
    currency: str,
    seconds: float,
) -> Page:
    encoded = [msgspec.Raw(msgspec.json.encode(inputs)) for inputs in items]
    shown = [PageItem(inputs, draft or UNSET) for inputs, draft in zip_longest(encoded, drafts[: len(items)])]
    return Page("preview", run, shown, price, currency, seconds, 0)


ROUTES = (
    Route(
        "GET",
        "/api/runs/{run}/preview",
        "requester",
        _preview_run,
        "A page as a worker would get it; nothing is taken",
        reply=PreviewView,
    ),
    Route(
        "POST",
        "/api/previews",
        "requester",
        _make,
        "Keep a task and items to look at before anything is published",
        body=PreviewOrder,
        reply=PreviewPlace,
        limit=LARGEST_PREVIEW,
    ),
    Route(
        "GET",
        "/api/previews/{preview}",
        "anonymous",
        _show,
        "A page of an unpublished task, for who has its address",
        reply=PreviewView,
    ),
    Route(
        "GET",
        "/api/previews/{preview}/media/{name:path}",
        "anonymous",
        _media,
        "A file that a preview shows, a frame of a film, or the points of a cloud",
        query=("frame", "points"),
    ),
)
