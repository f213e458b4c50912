"""The requester's routes by which a run is renamed, put aside or deleted, and what a deletion leaves to do.

What becomes of a run stands in its folder before anything of it changes here: whoever drives it lets go of it, and the
runner does the rest to the folder.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from dataforge.changes.gone import Gone, bring_back, gone, mark_gone
from dataforge.endings import OVER
from dataforge.errors import Refused, RunError, SpecError
from dataforge.issue import commands
from dataforge.issue import run as issue
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.run import Run
from dataforge.issue.sqlite.checkpoints import cut_off
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.verdicts import accept
from dataforge.names import check_name
from dataforge.records import Snapshot, State
from dataforge.server.requesters.feeding import refusal_of, refuse_moving
from dataforge.server.shared.context import Context
from dataforge.server.shared.media_use import noted_media
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.requester import Called, NewName, NewState, RunContents, Version
from dataforge.workspace import media_path

__all__ = ["ROUTES", "removing"]

log = logging.getLogger("dataforge.server")

REST = 5.0
# How soon a log is emptied that somebody was reading, in seconds.
AGAIN = 0.5
# Others are served while files are removed.
REMOVED_AT_ONCE = 50
# So many pages that nobody has judged are accepted in one transaction before a run is deleted.
ACCEPTED_AT_ONCE = 200
ALL_PAGES = 1 << 62


# --- what goes ------------------------------------------------------------------------------------


async def _show_contents(call: Call[None]) -> RunContents:
    """What a deletion would remove, and what would be cut off by it."""
    context, run = call.context, call.run
    return await context.readers.read(lambda store: _contents(store, run))


def _contents(store: SqliteStore, run: Run) -> RunContents:
    held, counted = store.removal.held(run.id), store.runs.counters(run.id)
    media = store.removal.media_of(run.id) if run.has_media or run.takes_files else set()
    return RunContents(
        items=counted.reals,
        control_items=counted.controls,
        responses=held.responses,
        workers=held.workers,
        files=len(media - store.removal.used(media, run.id)) if media else 0,
        pages_held=held.pages_held,
        pages_pending=held.pages_pending,
        owed=held.owed,
        earned=held.earned,
        currency=run.publication.currency,
        appeals=held.appeals,
        appealed=held.appealed,
    )


# --- a name ---------------------------------------------------------------------------------------


async def _rename(call: Call[NewName]) -> Called:
    """Call a run otherwise."""
    context, name, new = call.context, call.path("run"), _checked(call.body.name)
    identity = call.body.identity
    if identity is None:
        identity = call.run.publication.identity
    there = context.store.runs.by_name(name)
    if there is not None and there.publication.identity == identity:
        _refuse_of_checks(context, context.runs.by_id(context.store, there.id))
    folder = _folder_of(context, name, identity)
    _refuse_taken(context, new, identity)
    marked = await asyncio.to_thread(_mark, folder, Gone("renamed", new))
    try:
        number = await context.writer.write(lambda transaction: issue.rename(transaction, name, new, identity))
    except Refused:
        if folder is not None and marked:
            await asyncio.to_thread(bring_back, folder)
        raise
    if number is not None:
        context.runs.forget(number)
    return Called(new)


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except SpecError as error:
        raise Refused(str(error), status=422, code="name_invalid") from None


def _refuse_taken(context: Context, new: str, identity: str) -> None:
    """Raise `Refused` 409 if the workspace has another run of the new name, on whatever platform."""
    there = context.workspace.runs / new
    if (there / "run.json").exists() and _identity(there) != identity:
        raise Refused(f"another run is named {new!r} already; choose another name", status=409, code="run_differs")


# --- put aside ------------------------------------------------------------------------------------


async def _set_state(call: Call[NewState]) -> Version:
    """Open, pause, close or archive the run, by hand; one that is over is not opened: nobody would see the answers.

    With a run that is archived or brought back goes that in which its answers are judged.
    """
    context, run, state = call.context, call.run, call.body.state
    if state == "open" and _is_over(context, run):
        raise Refused(
            "the run is over and gives out no pages: open it again if it was stopped, add items if it is done, or "
            "give it more money or time",
            status=409,
            code="run_over",
        )
    moved = [run]
    if "archived" in (state, context.store.runs.counters(run.id).state):
        _refuse_of_checks(context, run)
        moved += [context.runs.by_id(context.store, number) for number in context.store.runs.checks_of(run.id)]
    states = {one.id: _state_of(context, one, state) for one in moved}
    folders = [folder for one in moved if (folder := _folder_of(context, one.name, one.publication.identity))]
    if state == "archived":
        for one in moved:
            _refuse_busy(context, one)
        for folder in folders:
            await asyncio.to_thread(_mark, folder, Gone("archived"))

    def change_states(transaction: Transaction[SqliteStore]) -> int:
        for one in reversed(moved):
            with RunChange(transaction, one.id) as change:
                commands.set_state(change, states[one.id])
        return change.counters.version

    version = await context.writer.write(change_states)
    if state != "archived":
        for folder in folders:
            await asyncio.to_thread(_take_out, folder)
    return Version(version)


def _is_over(context: Context, run: Run) -> bool:
    snapshot = context.store.runs.snapshot(run.id)
    return snapshot is not None and msgspec.json.decode(snapshot, type=Snapshot).stage in OVER


def _state_of(context: Context, run: Run, asked: State) -> State:
    """What a run becomes: one that is brought back from the archive is closed if it is over."""
    archived = context.store.runs.counters(run.id).state == "archived"
    return "closed" if asked == "paused" and archived and _is_over(context, run) else asked


def _refuse_of_checks(context: Context, run: Run) -> None:
    """Raise `Refused` 409 for a run that judges the answers of another, which is there."""
    judged = context.store.runs.judged().get(run.id)
    if judged is None:
        return
    name = context.runs.by_id(context.store, judged).name
    raise Refused(
        f"the run judges the answers of {name!r}: it is put aside with that one, and keeps its name; it can be deleted "
        "by itself: answers that are not judged by then stay so",
        status=409,
        code="run_judges",
    )


def _take_out(folder: Path) -> None:
    """Let a run go on that was put aside, also where the server was killed before it had done so."""
    if gone(folder) == Gone("archived"):
        bring_back(folder)


def _refuse_busy(context: Context, run: Run) -> None:
    """Raise `Refused` 409 while somebody works at the run or waits for a verdict."""
    held = context.store.removal.held(run.id)
    if held.pages_held or held.pages_pending:
        raise Refused(
            f"people are at work at the run, pages that workers hold: {held.pages_held}, that wait for a verdict: "
            f"{held.pages_pending}; close it, and archive it when these are done",
            status=409,
            code="run_busy",
        )


# --- deletion -------------------------------------------------------------------------------------


async def _delete(call: Call[None]) -> Empty:
    """Delete a run; with an identity only the run of that identity."""
    context, run = call.context, call.run
    identity = run.publication.identity
    if call.request.query_params.get("identity", identity) != identity:
        raise issue.unknown_run(run.name)
    await asyncio.to_thread(_mark, _folder_of(context, run.name, identity), Gone("deleted"))

    # A million pages in one transaction would keep every worker waiting; a deletion that is cut off here is asked for
    # again, and goes on with those that wait still.
    while run.publication.wage_floor and await context.writer.write(partial(_accept_some, run)):
        pass

    def begin(transaction: Transaction[SqliteStore]) -> None:
        row, removal = transaction.store.runs.by_id(run.id), transaction.store.removal
        if run.publication.wage_floor:
            # What has come since the last part, which is little.
            accept(transaction, run, removal.waiting(run.id, ALL_PAGES) + removal.objected(run.id))
        removal.begin(row, transaction.now)
        transaction.touched.add(run.id)

    await context.writer.write(begin)
    context.runs.forget(run.id)
    context.readers.texts.forget(run.id)
    context.deleted.set()
    return Empty()


def _accept_some(run: Run, transaction: Transaction[SqliteStore]) -> bool:
    """Accept some of the pages that wait for a verdict, with what the wage floor brings; whether more wait."""
    transaction.store.runs.by_id(run.id)
    pages = transaction.store.removal.waiting(run.id, ACCEPTED_AT_ONCE)
    accept(transaction, run, pages)
    return len(pages) == ACCEPTED_AT_ONCE


async def removing(context: Context) -> None:
    """Remove what deleted runs and, in the log, forgotten people have left behind, now and whenever there is more."""
    context.deleted.set()
    while True:
        await context.deleted.wait()
        context.deleted.clear()
        try:
            while await context.writer.between_batches(lambda store: store.removal.part()):
                await asyncio.sleep(0)
            await _remove_files(context)
            # What was removed stands in the database's log until that is emptied, also after a start anew.
            if not await context.writer.between_batches(cut_off):
                context.deleted.set()
                await asyncio.sleep(AGAIN)
        except Exception as error:  # whatever it is: what is left stays noted, and is gone on with later
            log.error("what is left of a deleted run could not be removed: %s", error)
            context.deleted.set()
            await asyncio.sleep(REST)


async def _remove_files(context: Context) -> None:
    """Remove files that only deleted runs used."""
    began = context.loop_time()
    # Both by readers, in this order: what is to go was committed before it is asked what is used.
    noted = await context.readers.read(lambda store: store.removal.leaving_media())
    if not noted:
        return
    used = await context.readers.read(lambda store: store.removal.used(noted.keys()))
    used |= await asyncio.to_thread(noted_media, context.workspace.runs, set(noted))
    spared = set()
    for number, name in enumerate(sorted(noted.keys() - used)):
        # Without a pause between the question and the deed.
        if context.asked_media.waited_for(name, began, context.loop_time()):
            spared.add(name)
        else:
            media_path(context.workspace.media, name).unlink(missing_ok=True)
        if number % REMOVED_AT_ONCE == REMOVED_AT_ONCE - 1:
            await asyncio.sleep(0)
    done = {name: times for name, times in noted.items() if name not in spared}
    await context.writer.write(lambda transaction: transaction.store.removal.forget_media(done))


# --- folders --------------------------------------------------------------------------------------


def _mark(folder: Path | None, mark: Gone) -> bool:
    """Write down what becomes of the run in a folder; whether that was news."""
    if folder is None:
        return False
    before = gone(folder)
    try:
        mark_gone(folder, mark)
    except RunError:
        if before is None:
            raise
        raise refusal_of(before, folder.name) from None
    return before != mark


def _folder_of(context: Context, name: str, identity: str) -> Path | None:
    """The folder of the run of that identity; None if it was launched elsewhere, or the folder is gone."""
    folder = context.workspace.runs / name
    if (folder / "run.json").exists() and _identity(folder) == identity:
        return folder
    refuse_moving(context.workspace.runs, name)
    return None


def _identity(folder: Path) -> str:
    with suppress(FileNotFoundError):
        return (folder / "identity").read_text()
    return ""


RUN = "/api/runs/{run}"

ROUTES = (
    Route(
        "DELETE", RUN, "requester", _delete, "Delete a run and all that is kept of it", reply=Empty, query=("identity",)
    ),
    Route("GET", f"{RUN}/contents", "requester", _show_contents, "What a deletion would remove", reply=RunContents),
    Route("POST", f"{RUN}/name", "requester", _rename, "Call a run otherwise", body=NewName, reply=Called),
    Route(
        "POST", f"{RUN}/state", "requester", _set_state, "Open, pause, close or archive", body=NewState, reply=Version
    ),
)
