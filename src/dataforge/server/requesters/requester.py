"""The requester's routes about runs: publish, command, follow, show."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from dataforge.errors import Refused
from dataforge.issue import commands
from dataforge.issue import run as issue
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.checked_commands import check_item
from dataforge.issue.run import Run, check_publication
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.views import WORKER_ORDERS, MemberRow, WorkersPart
from dataforge.records import AddItems, Command, Publication, Republish, Snapshot, Values, WorkerQuality
from dataforge.server.entrance import invitations
from dataforge.server.files.widgets import widgets_of
from dataforge.server.shared import auth
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import LONGEST_WAIT, Call, Route
from dataforge.server.wire.requester import (
    Commands,
    Done,
    Published,
    Restriction,
    RunList,
    RunSummary,
    RunView,
    Version,
    WorkerList,
    WorkerState,
    WorkerView,
)

__all__ = ["ROUTES", "worker_view"]

RUN_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}")
MOST_WORKERS = 500
LARGEST_COMMANDS = 128 << 20
LARGEST_PUBLICATION = 8 << 20
# Others who wait are served while many items are checked.
CHECKED_AT_ONCE = 500
VIEW_GATHERS = 0.25
AWAY_AFTER = 300.0


async def _publish(call: Call[Publication]) -> Published:
    """Put a run on the platform; the same again changes nothing."""
    context, publication = call.context, call.body
    name = call.path("run")
    if not RUN_NAME.fullmatch(name) or name in (".", ".."):
        raise Refused(
            f"run: expected 1 to 200 characters without / and \\, got {name[:80]!r}", status=422, code="name_invalid"
        )
    if publication.name != name:
        raise Refused(
            f"run: the path says {name!r}, the publication {publication.name!r}", status=422, code="name_invalid"
        )
    check_publication(publication)
    created = await context.writer.write(lambda transaction: _add_run(transaction, context.keys, publication))
    context.asked_media.came(_media_in(_taught(publication)), context.loop_time())
    return Published(name, created)


def _add_run(transaction: Transaction[SqliteStore], keys: auth.Keys, publication: Publication) -> bool:
    """Add the run and its invitation; False if the same is already there."""
    run = issue.publish(transaction, publication)
    if run is None:
        return False
    invitations.invite(transaction, keys, run, uses=invitations.MOST_BY_RUN, of_run=True)
    return True


async def _execute(call: Call[Commands]) -> Done:
    """Carry out commands, all or none."""
    context, run = call.context, call.run
    for command in call.body.commands:
        if isinstance(command, AddItems):
            await _check_items(run, command)
    done, repeated = await context.writer.write(
        lambda transaction: commands.execute(transaction, run, call.body.commands)
    )
    if run.has_media:
        brought = (inputs for one in call.body.commands for inputs in _brought(one))
        context.asked_media.came(_media_in(brought), context.loop_time())
    return Done(done, repeated)


def _brought(command: Command) -> Iterable[Values]:
    """The inputs of the items that a command brings, to be asked or to train with."""
    match command:
        case AddItems():
            return (item.inputs for item in command.items)
        case Republish():
            return _taught(command.publication)
        case _:
            return ()


def _taught(publication: Publication) -> Iterable[Values]:
    return () if publication.training is None else (item.inputs for item in publication.training.items)


def _media_in(inputs: Iterable[Values]) -> Iterator[str]:
    """The files of items with these inputs."""
    values = (value for one in inputs for value in one.values())
    return (str(value["media"]) for value in values if isinstance(value, dict) and "media" in value)


async def _check_items(run: Run, command: AddItems) -> None:
    for index, item in enumerate(command.items):
        if index % CHECKED_AT_ONCE == CHECKED_AT_ONCE - 1:
            await asyncio.sleep(0)
        check_item(run, item)


async def _list_runs(call: Call[None]) -> RunList:
    """All runs."""
    context = call.context
    rows, judged = await context.readers.read(
        lambda store: (
            [(run, store.runs.counters(run).state, store.runs.snapshot(run)) for run in store.runs.newest_first()],
            store.runs.judged(),
        )
    )
    summaries = []
    for number, state, snapshot in rows:
        try:
            run, judges = context.runs.by_id(context.store, number), _name_of(context, judged.get(number))
        except Refused:  # it was deleted just now
            continue
        publication = run.publication
        shown = msgspec.json.decode(snapshot, type=Snapshot) if snapshot is not None else None
        summaries.append(
            RunSummary(
                run.name,
                publication.task.name,
                state,
                run.created,
                publication.currency,
                publication.budget,
                shown,
                judges,
            )
        )
    return RunList(summaries)


def _name_of(context: Context, run: int | None) -> str | None:
    return None if run is None else context.runs.by_id(context.store, run).name


async def _show_run(call: Call[None]) -> RunView:
    """One run; with `after`, once its version is larger."""
    context, run = call.context, call.run
    after = call.number("after", -1, least=-1, most=2**60)
    wait = call.number("wait", 0, least=0, most=LONGEST_WAIT)
    if after >= 0:
        end = context.loop_time() + wait
        change = context.notifier.next_change(run.id)
        while context.store.runs.counters(run.id).version <= after:
            if not await context.change_of(change, end - context.loop_time()):
                break
            change = context.notifier.next_change(run.id)
        if not context.stopping:
            await asyncio.sleep(min(VIEW_GATHERS, wait))
    return await context.readers.read(lambda store: _run_view(store, context, run.id))


def _run_view(store: SqliteStore, context: Context, number: int) -> RunView:
    # While somebody waited the run may have been published anew.
    run = context.runs.by_id(store, number)
    counted = store.runs.counters(run.id)
    snapshot = store.runs.snapshot(run.id)
    publication = run.publication
    return RunView(
        run=run.name,
        name=publication.task.name,
        state=counted.state,
        created=run.created,
        currency=publication.currency,
        budget=publication.budget,
        snapshot=msgspec.json.decode(snapshot, type=Snapshot) if snapshot is not None else None,
        judges=_name_of(context, store.runs.judged().get(run.id)),
        checks=[context.runs.by_id(store, number).name for number in store.runs.checks_of(run.id)],
        version=counted.version,
        publication=publication,
        invitation_path=invitations.path_of_run(store, context.keys, run.id, context.now()),
        active_workers=store.views.active_workers(run.id, context.now() - AWAY_AFTER, context.now()),
        widgets=widgets_of(publication.task),
    )


async def _save_snapshot(call: Call[Snapshot]) -> Version:
    """Show what the run knows of itself; items and workers are added to those already shown."""
    context, run, snapshot = call.context, call.run, call.body
    encode = msgspec.json.encode
    workers = [(quality, encode(quality)) for quality in snapshot.workers]
    items = [
        (
            quality,
            min(quality.confidence.values(), default=0.0),
            encode(quality.answer),
            encode(quality.confidence),
            encode(quality.grades) if quality.grades else None,
        )
        for quality in snapshot.items
    ]
    head = encode(msgspec.structs.replace(snapshot, workers=(), items=()))

    def save(transaction: Transaction[SqliteStore]) -> int:
        store = transaction.store
        with RunChange(transaction, run.id) as change:
            store.runs.save_snapshot(run.id, head)
            store.views.save_worker_qualities(run.id, run.publication.task.duration, workers)
            store.views.save_item_qualities(run.id, items)
        return change.counters.version

    return Version(await context.writer.write(save))


async def _list_workers(call: Call[None]) -> WorkerList:
    """A part of the run's workers."""
    run, query, now = call.run, call.request.query_params, call.context.now()
    order = query.get("order") or "joined"
    if order not in WORKER_ORDERS:
        raise Refused(
            f"order: expected one of {', '.join(WORKER_ORDERS)}, got {order[:40]!r}", status=422, code="query_invalid"
        )
    part = WorkersPart(
        order=order,
        down=call.number("down", 0, least=0, most=1) == 1,
        offset=int(call.number("offset", 0, least=0, most=2**40)),
        limit=int(call.number("limit", 50, least=1, most=MOST_WORKERS)),
        now=now,
        away=now - AWAY_AFTER,
    )
    total, rows = await call.context.readers.read(lambda store: store.views.workers(run.id, part))
    return WorkerList(total, [worker_view(row, now) for row in rows])


def worker_view(row: MemberRow, now: float) -> WorkerView:
    """What the run says of the worker's quality, and what the server knows of their pages and money."""
    quality = msgspec.json.decode(row.quality, type=WorkerQuality) if row.quality is not None else None
    state = _state_of(row, now)
    restricted = state == "restricted"
    return WorkerView(
        worker=row.worker,
        responses=row.responses,
        pages_accepted=row.pages_accepted,
        pages_rejected=row.pages_rejected,
        control_correct=quality.control_correct if quality else 0,
        control_total=quality.control_total if quality else 0,
        seconds_per_item=quality.seconds_per_item if quality else None,
        skill=quality.skill if quality else None,
        earned=row.earned,
        name=row.name,
        language=row.language,
        joined=row.joined,
        state=state,
        until=row.until if restricted else None,
        reason=msgspec.json.decode(row.reason) if restricted and row.reason is not None else None,
        pages_held=row.pages_held,
        discarded=quality.discarded if quality else False,
        hourly=quality.hourly if quality else None,
        hurries_since=quality.hurries_since if quality else None,
    )


def _state_of(row: MemberRow, now: float) -> WorkerState:
    if row.shut_out is not None:
        return "shut_out"
    if row.until > now:
        return "restricted"
    return "away" if row.active < now - AWAY_AFTER and row.pages_held == 0 else "active"


async def _restrict(call: Call[Restriction]) -> Version:
    """Close the run to a worker, by hand."""
    worker, body = call.path("worker"), call.body
    return await _changed(call, lambda change: commands.restrict(change, worker, body.until, body.reason))


async def _allow(call: Call[None]) -> Version:
    """Open the run to a worker again, by hand."""
    worker = call.path("worker")
    return await _changed(call, lambda change: commands.allow(change, worker))


async def _changed(call: Call[Restriction] | Call[None], act: Callable[[RunChange], None]) -> Version:
    run = call.run

    def change_run(transaction: Transaction[SqliteStore]) -> int:
        with RunChange(transaction, run.id) as change:
            act(change)
        return change.counters.version

    return Version(await call.context.writer.write(change_run))


RUN = "/api/runs/{run}"
WORKER = f"{RUN}/workers/{{worker}}"

ROUTES = (
    Route(
        "PUT", RUN, "requester", _publish, "Publish a run", body=Publication, reply=Published, limit=LARGEST_PUBLICATION
    ),
    Route("GET", "/api/runs", "requester", _list_runs, "All runs, newest first", reply=RunList),
    Route(
        "GET",
        RUN,
        "requester",
        _show_run,
        "One run; with `after`, waits until its version is larger",
        reply=RunView,
        query=("after", "wait"),
    ),
    Route(
        "POST",
        f"{RUN}/commands",
        "requester",
        _execute,
        "Carry out commands, each key once, all or none",
        body=Commands,
        reply=Done,
        limit=LARGEST_COMMANDS,
    ),
    Route(
        "PUT",
        f"{RUN}/snapshot",
        "requester",
        _save_snapshot,
        "Show what the run knows of its quality",
        body=Snapshot,
        reply=Version,
        limit=LARGEST_COMMANDS,
    ),
    Route(
        "GET",
        f"{RUN}/workers",
        "requester",
        _list_workers,
        "A part of the run's workers",
        reply=WorkerList,
        query=("offset", "limit", "order", "down"),
    ),
    Route(
        "POST",
        f"{WORKER}/restrict",
        "requester",
        _restrict,
        "Close the run to a worker",
        body=Restriction,
        reply=Version,
    ),
    Route("POST", f"{WORKER}/allow", "requester", _allow, "Open the run to a worker again", reply=Version),
)
