"""The requester's routes that feed a run: rows become items in the run's feed, and whoever drives the run takes them.

The server itself does nothing with them: items reach it as commands of the run, like those of the launch.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from dataforge.changes.gone import Gone, gone
from dataforge.errors import DataError, Overtaken, Refused, RunEnded, RunError, SpecError
from dataforge.issue.run import Run
from dataforge.objects.base import shorten
from dataforge.records import Added, Values
from dataforge.server.shared.routes import Body, Call, Route
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.requester import NewItems
from dataforge.tasks.task import Task

__all__ = ["ROUTES", "folder_of", "open_folder_of", "refusal_of", "refuse_files", "refuse_moving", "refusing"]

LARGEST_BATCH = 32 << 20
CODES = {"archived": "run_archived", "renamed": "run_moving", "deleted": "run_deleted"}
STORED = 'store it by `PUT /api/media/<sha256>.<extension>` and give {"media": …}, or give its address on the web'


async def _add(call: Call[NewItems]) -> Added:
    """Put rows into the run's feed, all or none."""
    folder, run, body = open_folder_of(call), call.run, call.body
    return await asyncio.to_thread(_add_rows, folder, run, body)


async def _finish(call: Call[None]) -> Empty:
    """Say that no more items come."""
    await asyncio.to_thread(_finish_feed, open_folder_of(call))
    return Empty()


def _add_rows(folder: Path, run: Run, body: NewItems) -> Added:
    # Tables are for those who feed over HTTP only; the server starts without them.
    from dataforge.changes.terms import publications_of, terms_of
    from dataforge.data.drafts import Planting, planted
    from dataforge.data.reading import gather_items
    from dataforge.data.rows import free_name
    from dataforge.data.stored_items import stored_drafts
    from dataforge.data.studies import check_study
    from dataforge.data.training import refuse_taught
    from dataforge.data.voters import check_voters
    from dataforge.feed import ITEMS_FILE, Feed, refuse_idle_controls
    from dataforge.policy import Policy

    with refusing(), closing(Feed(folder)) as feed:
        for rows in (body.items, body.control):
            refuse_files(run.task, rows)
        key, items, control = _key_column(folder), body.items, body.control
        if body.by_content:
            key = key or free_name(None, [slot.name for slot in run.task.inputs])
            items, control = (_named_by_content(rows, key) for rows in (items, control))
        batch = gather_items(run.task, items, control, key, prefill=body.prefill, may_be_empty=True)
        if not batch.count:
            return Added(0, 0)
        policy = Policy.from_json(terms_of(folder).policy)
        check_study(run.task, batch)
        if policy.voters is not None:
            check_voters(run.task, policy.voters, batch)
        batch = planted(batch, body.prefill, Planting.under(policy), stored_drafts(folder / ITEMS_FILE))
        refuse_idle_controls(batch, run.publication.control_per_page, run.name)
        refuse_taught(publications_of(folder), batch)
        return feed.add(batch)


def _named_by_content(rows: Sequence[Values], column: str) -> list[Values]:
    """The rows, those without a name called by what they say; in a column that no input has."""
    named: list[Values] = []
    first: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if row.get(column) not in (None, ""):
            named.append(row)
            continue
        name = _name_of(row)
        if (other := first.setdefault(name, number)) != number:
            raise DataError(f"row {other} and row {number} say the same; remove one, or name each in {column!r}")
        named.append({**row, column: name})
    return named


def _name_of(row: Values) -> str:
    return f"page-{hashlib.sha256(msgspec.json.encode(row, order='deterministic')).hexdigest()[:16]}"


def _finish_feed(folder: Path) -> None:
    from dataforge.feed import Feed

    with refusing(), closing(Feed(folder)) as feed:
        feed.finish()


@contextmanager
def refusing() -> Iterator[None]:
    """Tell what is wrong with rows from a run that has ended, and both from a run whose files cannot be used."""
    try:
        yield
    except (DataError, SpecError) as error:
        raise Refused(str(error), status=422, code="item_invalid") from None
    except RunEnded as error:
        raise Refused(str(error), status=409, code="run_closed") from None
    except Overtaken as error:
        raise Refused(str(error), status=409, code="overtaken") from None
    except RunError as error:
        raise Refused(str(error), status=503, code="feed_unusable") from error


def _key_column(folder: Path) -> str | None:
    from dataforge.data.stored_items import stored_keys
    from dataforge.feed import ITEMS_FILE

    try:
        return stored_keys(folder / ITEMS_FILE).column
    except DataError as error:
        raise RunError(str(error)) from error


def refuse_files(task: Task, rows: Sequence[Values]) -> None:
    """Raise `DataError` for a path: the files of this machine are not for those who ask over HTTP."""
    for number, name, value in _media_of(task, rows):
        if isinstance(value, str) and not value.strip().lower().startswith(("http://", "https://")):
            raise DataError(f"row {number}, column {name!r}: {shorten(value)} is no address of a file; {STORED}")


def _media_of(task: Task, rows: Sequence[Values]) -> Iterator[tuple[int, str, object]]:
    media = [slot.name for slot in task.inputs if slot.type.media]
    return ((number, name, row.get(name)) for number, row in enumerate(rows, 1) for name in media)


def open_folder_of(call: Call[Body]) -> Path:
    """The folder of a run that may be fed and corrected; raises `Refused` 409 if it is archived or being deleted."""
    folder = folder_of(call)
    if (mark := gone(folder)) is not None:
        raise refusal_of(mark, folder.name)
    return folder


def refusal_of(mark: Gone, run: str) -> Refused:
    """Why nothing can be done with a run of which this was to become."""
    return Refused(mark.told(run), status=409, code=CODES[mark.what])


def folder_of(call: Call[Body]) -> Path:
    """The run's folder; a run that another workspace has launched onto this server has it there."""
    run, runs = call.run, call.context.workspace.runs
    folder = runs / run.name
    if (folder / "run.json").exists():
        return folder
    refuse_moving(runs, run.name)
    raise Refused(
        f"the run {run.name!r} has no folder in this workspace: if it was launched from another one, add to it and "
        "read its results there; if its folder was deleted, its results are gone, and the rest goes when you delete "
        "the run",
        status=409,
        code="run_elsewhere",
    )


def refuse_moving(runs: Path, name: str) -> None:
    """Raise `Refused` 409 if a run has just got the name, and its folder still has the old one."""
    if any(_gets_name(each, name) for each in runs.glob("*/")):
        raise Refused(
            f"the run is getting the name {name!r}: try again in a few seconds", status=409, code="run_moving"
        )


def _gets_name(folder: Path, name: str) -> bool:
    with suppress(RunError):  # a mark that is damaged says so where its run is asked for
        mark = gone(folder)
        return mark is not None and mark.to == name
    return False


RUN = "/api/runs/{run}"

ROUTES = (
    Route(
        "POST",
        f"{RUN}/items",
        "requester",
        _add,
        "Add rows to a run as items, all or none; those it knows are left out",
        body=NewItems,
        reply=Added,
        limit=LARGEST_BATCH,
    ),
    Route("POST", f"{RUN}/finish", "requester", _finish, "Say that no more items come", reply=Empty),
)
