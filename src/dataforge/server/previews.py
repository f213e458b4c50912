"""Previews: a page as a worker would get it, of a run or of a task that is not published; nothing is taken."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from dataforge.errors import DataError, Refused, SpecError
from dataforge.issue.run import instruction_html
from dataforge.server.replies import Page, PageItem, PreviewOrder, PreviewPlace, PreviewView
from dataforge.server.routes import Call, Route
from dataforge.server.shown import for_requester
from dataforge.server.widgets import widgets_of
from dataforge.task import Task

__all__ = ["ROUTES"]

LARGEST_PREVIEW = 16 << 20
MOST_ITEMS = 100
KEPT = 200


async def _preview_run(call: Call[None]) -> PreviewView:
    """A page of a run."""
    context = call.context
    run = context.runs.by_name(context.store, call.path("run"))
    inputs = await context.readers.read(lambda store: store.views.sample(run.id, run.size))
    publication = run.publication
    shown = [msgspec.json.decode(one) for one in inputs]
    price = publication.prices[len(shown) - 1] if shown else 0
    page = _preview_page(run.name, shown, price, publication.currency, publication.lease)
    return PreviewView(run.name, publication.task, run.instruction_html, page, widgets_of(publication.task))


async def _make(call: Call[PreviewOrder]) -> PreviewPlace:
    """Keep a task and items to look at."""
    order = call.body
    _check(order)
    name = secrets.token_hex(8)
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
    except (SpecError, DataError) as error:
        raise Refused(str(error), status=422, code="preview_invalid") from None


async def _show(call: Call[None]) -> PreviewView:
    """A page of a task that is not published."""
    name = call.path("preview")
    content = call.context.store.previews.content(name)
    if content is None:
        raise Refused(
            f"there is no preview {name[:40]!r}; only the last {KEPT} are kept", status=404, code="preview_unknown"
        )
    order = msgspec.json.decode(content, type=PreviewOrder)
    task = order.task
    page = _preview_page("", order.items, 0, "USD", task.duration * max(1, len(order.items)))
    return PreviewView(None, task, instruction_html(task.instruction), page, widgets_of(task))


def _preview_page(run: str, items: Sequence[dict[str, Any]], price: int, currency: str, seconds: float) -> Page:
    shown = [PageItem(msgspec.Raw(msgspec.json.encode(for_requester(inputs)))) for inputs in items]
    return Page("preview", run, shown, price, currency, seconds)


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
    Route("GET", "/api/previews/{preview}", "requester", _show, "A page of an unpublished task", reply=PreviewView),
)
