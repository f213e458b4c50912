"""The requester's routes about items: a list of them, narrowed by what is asked for, and one with its responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import normalize

import msgspec

from dataforge.errors import Refused
from dataforge.issue.run import Run
from dataforge.issue.sqlite.conditions import piece
from dataforge.issue.sqlite.item_lists import ORDERS, Asked, Found, ItemRow, Range, ResponseRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.objects.base import Label
from dataforge.records import Answer, Field
from dataforge.server.files.shown import for_requester
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import ItemList, ItemView, ResponseView

__all__ = ["ROUTES", "item_view"]

MOST_ITEMS = 500
LONGEST_SEARCH = 1_000


async def _list_items(call: Call[None]) -> ItemList:
    """A part of the run's items."""
    run = call.run
    asked = _asked(call, run)

    def ask(store: SqliteStore) -> tuple[Found, list[list[ResponseRow]]]:
        found = store.item_lists.items(run.id, asked)
        return found, [store.item_lists.responses(row.id) if row.reported else [] for row in found.rows]

    found, responses = await call.context.readers.read(ask)
    views = map(item_view, found.rows, responses)
    return ItemList(found.total, found.more, [msgspec.structs.replace(view, responses=None) for view in views])


def _asked(call: Call[None], run: Run) -> Asked:
    """What a query asks for; raises `Refused` 422 if it cannot be asked."""
    query = call.request.query_params
    order, search = query.get("order") or "key", query.get("search", "")
    if order not in ORDERS:
        raise _not_so("order", f"one of {', '.join(ORDERS)}", order)
    if len(search) > LONGEST_SEARCH:
        raise _not_so("search", f"at most {LONGEST_SEARCH} characters", str(len(search)))
    if "\0" in search:
        raise _not_so("search", "a text without zero characters, which no item shows", search)
    return Asked(
        order=order,
        search=search,
        flag=query.get("flag", ""),
        control=None if not query.get("control") else call.number("control", 0, least=0, most=1) == 1,
        answer=_pieces(query.get("answer", "")),
        named=list(_named(run.publication.task.outputs, search)) if search else (),
        written=any(slot.type.labels() is None for slot in run.task.outputs),
        worker=query.get("worker", ""),
        confidence=_range("confidence", query.get("confidence", ""), most=1),
        overlap=_range("overlap", query.get("overlap", ""), most=2**31),
        offset=int(call.number("offset", 0, least=0, most=2**40)),
        limit=int(call.number("limit", 50, least=1, most=MOST_ITEMS)),
    )


def _range(name: str, asked: str, most: float) -> Range | None:
    """From what to what a column is to be: `0.5-0.8`, `0.5-` or `-0.8`."""
    if not asked:
        return None
    low, dash, high = asked.partition("-")
    try:
        found = Range(float(low or 0), float(high or most))
    except ValueError:
        dash = ""
    if not dash or not 0 <= found.low <= found.high <= most:
        raise _not_so(name, f"two numbers from 0 to {most} such as 0.5-0.8, the smaller one first", asked)
    return found


def _pieces(answer: str) -> list[bytes]:
    """What an answer is to have, as pieces of its JSON."""
    try:
        wanted = msgspec.json.decode(answer, type=dict[str, Any]) if answer else {}
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise _not_so("answer", 'a JSON object such as {"animal": "dog"}', answer) from None
    return [piece(name, value) for name, value in wanted.items()]


def _named(outputs: Sequence[Field], search: str) -> Iterator[tuple[str, Label]]:
    """The answers whose labels have a text in them, in whatever language and case, each with its output."""
    sought = _folded(search)
    for output in outputs:
        for option in (*output.settings.get("options", ()), *output.settings.get("points", ())):
            said = (str(option["value"]), *option["label"].values())
            if any(sought in _folded(text) for text in said):
                yield output.name, option["value"]


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()


def _not_so(name: str, expected: str, got: str) -> Refused:
    return Refused(f"{name}: expected {expected}, got {got[:40]!r}", status=422, code="query_invalid")


async def _show_item(call: Call[None]) -> ItemView:
    """One item with its responses."""
    run, key = call.run, call.path("key")

    def ask(store: SqliteStore) -> ItemView | None:
        row = store.item_lists.item(run.id, key)
        if row is None:
            return None
        view = item_view(row, store.item_lists.responses(row.id))
        checks = store.runs.checks_of(run.id)
        if not checks or view.control:
            return view
        judged = [_judged(store, run, checks, key, response) for response in view.responses or ()]
        return msgspec.structs.replace(view, responses=judged)

    found = await call.context.readers.read(ask)
    if found is None:
        raise Refused(f"the run {run.name!r} has no item with the key {key[:80]!r}", status=404, code="item_unknown")
    return found


def _judged(store: SqliteStore, run: Run, checks: Sequence[int], key: str, response: ResponseView) -> ResponseView:
    """The response with what other workers found of it."""
    # The checks of a task read tables, and the server starts without them.
    from dataforge.checks import check_key

    if response.values is None:
        return response
    solution = check_key(run.task.outputs, key, response.values)
    found = (store.item_lists.item(check, solution) for check in checks)
    row = next((row for row in found if row is not None and row.final), None)
    if row is None:
        return response
    [(asked, right)] = (msgspec.json.decode(row.answer) if row.answer else {"": None}).items()
    if right is None:
        return msgspec.structs.replace(response, verdict="unchecked")
    sure = msgspec.json.decode(row.confidences or b"{}").get(asked)
    chance = sure if sure is None or right else 1 - sure
    return msgspec.structs.replace(response, verdict="right" if right else "wrong", confidence=chance)


def item_view(row: ItemRow, responses: Sequence[ResponseRow]) -> ItemView:
    """An item with its responses as its requester sees them."""
    decode = msgspec.json.decode
    given = [_response_view(response) for response in responses]
    return ItemView(
        key=row.key,
        inputs=for_requester(decode(row.inputs)),
        control=bool(row.control),
        wanted=row.wanted,
        held=row.held,
        submitted=row.submitted,
        answer=decode(row.answer) if row.answer is not None else None,
        confidence=decode(row.confidences) if row.confidences is not None else None,
        overlap=row.overlap,
        final=bool(row.final),
        flag=row.flag,
        reports=Counter(one.report for one in given if one.report is not None and one.state == "accepted"),
        notes=decode(row.notes) if row.notes is not None else {},
        responses=given,
        draft=decode(row.draft) if row.draft is not None else None,
        grades=decode(row.grades) if row.grades is not None else None,
    )


def _response_view(row: ResponseRow) -> ResponseView:
    answer = msgspec.json.decode(row.answers, type=list[Answer])[row.place] if row.answers is not None else None
    values, report = (None, answer) if isinstance(answer, str) else (answer, None)
    return ResponseView(row.worker, row.name, row.page.hex(), values, report, row.at, row.state, row.seconds)


ITEMS = "/api/runs/{run}/items"

ROUTES = (
    Route(
        "GET",
        ITEMS,
        "requester",
        _list_items,
        "A part of the run's items",
        reply=ItemList,
        query=("offset", "limit", "order", "search", "flag", "control", "answer", "worker", "confidence", "overlap"),
    ),
    Route("GET", f"{ITEMS}/{{key:path}}", "requester", _show_item, "One item with its responses", reply=ItemView),
)
