"""The requester's routes about workers over all runs: the list, one worker with all that is kept of them, notes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from dataforge.errors import Refused
from dataforge.intervals import wilson
from dataforge.issue.change import Transaction
from dataforge.issue.sqlite.people import PERSON_ORDERS, GivenPage, PartOfPeople, PersonRow, StateAsked, WorkedRun
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.records import Answer, WorkerQuality
from dataforge.server.entrance.sessions import session_view
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.people import (
    CameBy,
    GivenAnswer,
    Note,
    People,
    Person,
    PersonAnswers,
    PersonPage,
    PersonRun,
    PersonState,
    PersonView,
)
from dataforge.server.wire.requester import WorkerState
from dataforge.server.wire.worker import Amount
from dataforge.server.workers.work import deleted_run

__all__ = ["ROUTES"]

MOST_PEOPLE = 500
MOST_RUNS = 500
MOST_PAGES = 100
LONGEST_NOTE = 10_000
STATES: tuple[StateAsked, ...] = ("", "active", "restricted", "shut_out")


async def _list_people(call: Call[None]) -> People:
    """A part of all workers."""
    part, context = _part(call), call.context

    def ask(store: SqliteStore) -> People:
        total, rows = store.people.part(part)
        return People(total, _views(store, context, rows), store.people.labels())

    return await context.readers.read(ask)


def _part(call: Call[None]) -> PartOfPeople:
    query = call.request.query_params
    order, asked = query.get("order") or "joined", query.get("state") or ""
    state = next((one for one in STATES if one == asked), None)
    if order not in PERSON_ORDERS:
        raise _not_so("order", ", ".join(PERSON_ORDERS), order)
    if state is None:
        raise _not_so("state", ", ".join(STATES[1:]), asked)
    return PartOfPeople(
        order=order,
        down=call.number("down", 0, least=0, most=1) == 1,
        offset=int(call.number("offset", 0, least=0, most=2**40)),
        limit=int(call.number("limit", 50, least=1, most=MOST_PEOPLE)),
        now=call.context.now(),
        search=query.get("search", "").strip(),
        state=state,
        label=query.get("label", ""),
    )


def _not_so(name: str, expected: str, got: str) -> Refused:
    return Refused(f"{name}: expected one of {expected}, got {got[:40]!r}", status=422, code="query_invalid")


async def _show_person(call: Call[None]) -> Person:
    """One worker with all that is kept of them."""
    context, name, now = call.context, call.path("worker"), call.context.now()

    def ask(store: SqliteStore) -> Person | None:
        row = store.people.one(name, now)
        if row is None:
            return None
        [view] = _views(store, context, [row])
        return Person(
            **{field: getattr(view, field) for field in PersonView.__struct_fields__},
            note=store.people.note(row.id),
            runs=[_in_run(store, context, row, run, now) for run in store.people.runs(row.id, MOST_RUNS)],
            deleted=[deleted_run(past) for past in store.removal.past_work(row.id)],
            sessions=[session_view(one) for one in store.sessions.of(row.id, now)],
        )

    found = await context.readers.read(ask)
    if found is None:
        raise _unknown(name)
    return found


def _unknown(worker: str) -> Refused:
    return Refused(f"there is no worker {worker[:40]!r}", status=404, code="worker_unknown")


def _views(store: SqliteStore, context: Context, rows: Sequence[PersonRow]) -> list[PersonView]:
    money = _money(store, context, [row.id for row in rows])
    return [_view(store, row, money[row.id]) for row in rows]


def _money(store: SqliteStore, context: Context, workers: Sequence[int]) -> dict[int, list[Amount]]:
    """By worker what they have in each currency, the most first."""
    earned, pending = defaultdict[int, Counter[str]](Counter), defaultdict[int, Counter[str]](Counter)
    for worker, currency, amount in store.people.earned(workers) if workers else ():
        earned[worker][currency] += amount
    for worker, run, amount in store.people.pending(workers) if workers else ():
        pending[worker][context.runs.by_id(store, run).publication.currency] += amount
    return {
        worker: [
            Amount(currency, earned[worker][currency], pending[worker][currency])
            for currency, _ in (earned[worker] + pending[worker]).most_common()
        ]
        for worker in workers
    }


def _view(store: SqliteStore, row: PersonRow, money: list[Amount]) -> PersonView:
    low, high = wilson(row.control_correct, row.control_total) or (None, None)
    return PersonView(
        worker=row.worker,
        name=row.name,
        language=row.language,
        joined=row.joined,
        seen=row.seen,
        state=_state(row),
        came_by=[CameBy(*one) for one in store.people.invited(row.id)],
        responses=row.responses,
        pages_accepted=row.pages_accepted,
        pages_rejected=row.pages_rejected,
        control_correct=row.control_correct,
        control_total=row.control_total,
        control_low=low,
        control_high=high,
        seconds_per_item=row.seconds / row.timed if row.timed else None,
        pace=row.seconds / row.hinted if row.hinted else None,
        money=money,
        noted=bool(row.noted),
    )


def _state(row: PersonRow) -> PersonState:
    if not row.name:
        return "forgotten"
    if row.shut_out is not None:
        return "shut_out"
    return "restricted" if row.restricted else "active"


def _in_run(store: SqliteStore, context: Context, row: PersonRow, worked: WorkedRun, now: float) -> PersonRun:
    run = context.runs.by_id(store, worked.run)
    quality = msgspec.json.decode(worked.quality, type=WorkerQuality) if worked.quality is not None else None
    correct, total = (quality.control_correct, quality.control_total) if quality else (0, 0)
    low, high = wilson(correct, total) or (None, None)
    restricted = worked.until > now
    state: WorkerState = "shut_out" if row.shut_out is not None else "restricted" if restricted else "active"
    return PersonRun(
        run=run.name,
        name=run.publication.task.name,
        run_state=worked.run_state,
        state=state,
        until=worked.until if restricted else None,
        reason=msgspec.json.decode(worked.reason) if restricted and worked.reason is not None else None,
        joined=worked.joined,
        active=worked.active,
        responses=worked.responses,
        pages_accepted=worked.pages_accepted,
        pages_rejected=worked.pages_rejected,
        pages_pending=worked.pages_pending,
        control_correct=correct,
        control_total=total,
        control_low=low,
        control_high=high,
        seconds_per_item=quality.seconds_per_item if quality else None,
        hint=run.publication.task.duration,
        earned=worked.earned,
        pending=worked.pending,
        currency=run.publication.currency,
        discarded=quality.discarded if quality else False,
        hurries_since=quality.hurries_since if quality else None,
    )


async def _list_answers(call: Call[None]) -> PersonAnswers:
    """Pages of a worker with their answers, the newest first."""
    context, query, name = call.context, call.request.query_params, call.path("worker")
    limit = int(call.number("limit", 20, least=1, most=MOST_PAGES))
    before = int(call.number("before", 0, least=0, most=2**62)) or None
    run = context.runs.by_name(context.store, query["run"]).id if query.get("run") else None

    def ask(store: SqliteStore) -> PersonAnswers | None:
        worker = store.accounts.worker_by_name(name)
        if worker is None:
            return None
        found = store.people.pages(worker.id, run, before, limit + 1)
        pages = [_page_view(store, context, page) for page in found[:limit]]
        return PersonAnswers(pages, found[limit - 1].id if len(found) > limit else None)

    answers = await context.readers.read(ask)
    if answers is None:
        raise _unknown(name)
    return answers


def _page_view(store: SqliteStore, context: Context, page: GivenPage) -> PersonPage:
    decode, run = msgspec.json.decode, context.runs.by_id(store, page.run)
    numbers = decode(page.items, type=list[int])
    keys, answers = store.people.items(numbers), decode(page.answers, type=list[Answer]) if page.answers else None
    return PersonPage(
        page=page.page.hex(),
        run=run.name,
        state=page.state,
        at=page.at,
        seconds=page.seconds,
        price=page.price,
        currency=run.publication.currency,
        reason=decode(page.reason) if page.reason is not None else None,
        answers=[
            _answer(*keys[number], answers[place] if answers else None)
            for place, number in enumerate(numbers)
            if number in keys
        ],
    )


def _answer(key: str, control: bool, answer: Answer | None) -> GivenAnswer:
    values, report = (None, answer) if isinstance(answer, str) else (answer, None)
    return GivenAnswer(key, control, values, report)


async def _write_note(call: Call[Note]) -> Empty:
    """Keep a note of a worker, for the requester alone."""
    name, note = call.path("worker"), call.body.note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(
            f"note: expected up to {LONGEST_NOTE:,} characters, got {len(note):,}", status=422, code="body_invalid"
        )

    def write(transaction: Transaction[SqliteStore]) -> None:
        worker = transaction.store.accounts.worker_by_name(name)
        if worker is None:
            raise _unknown(name)
        if note and not worker.name:
            raise Refused("this worker was forgotten: nothing is noted of them", status=409, code="worker_forgotten")
        transaction.store.people.set_note(worker.id, note, transaction.now)

    await call.context.writer.write(write)
    return Empty()


PERSON = "/api/workers/{worker}"

ROUTES = (
    Route(
        "GET",
        "/api/workers",
        "requester",
        _list_people,
        "A part of all workers, over all runs",
        reply=People,
        query=("offset", "limit", "order", "down", "search", "state", "label"),
    ),
    Route("GET", PERSON, "requester", _show_person, "One worker with all that is kept of them", reply=Person),
    Route(
        "GET",
        f"{PERSON}/pages",
        "requester",
        _list_answers,
        "Pages of a worker with their answers, newest first",
        reply=PersonAnswers,
        query=("run", "before", "limit"),
    ),
    Route("POST", f"{PERSON}/note", "requester", _write_note, "Keep a note of a worker", body=Note, reply=Empty),
)
