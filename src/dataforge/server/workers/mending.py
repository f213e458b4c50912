"""The route by which whoever labels alone mends an answer that was sent: it becomes a correction of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from dataforge.corrections import Correct
from dataforge.errors import Refused
from dataforge.issue import submit
from dataforge.issue.rows import PageRow, StoredItem
from dataforge.issue.run import Run
from dataforge.server.files.lengths import lengths_of
from dataforge.server.requesters.feeding import open_folder_of, refusing
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.worker import Answers
from dataforge.server.workers.work import LARGEST_ANSWERS, own_page
from dataforge.tasks.task import Task

__all__ = ["ROUTES"]

SENT = ("submitted", "accepted")


async def _mend(call: Call[Answers]) -> Empty:
    """Put other answers in place of those of a page that was sent."""
    context, page = call.context, own_page(call)
    run, folder = call.run, open_folder_of(call)
    _check_mendable(run, page)
    items = context.store.items.of_page(page)
    _check_theirs_alone(items)
    lengths = await lengths_of(context.workspace.media, run, items)
    clean = submit.checked(run, page, items, call.body.answers, lengths)
    mended = [Correct(item.key, one) for item, one in zip(items, clean, strict=True) if not isinstance(one, str)]
    if len(mended) < len(items):
        raise Refused("an answer is mended by an answer, not by a report", status=422, code="answer_invalid")
    await asyncio.to_thread(_put, folder, run.task, mended)
    return Empty()


def _check_mendable(run: Run, page: PageRow) -> None:
    if page.run != run.id:
        raise submit.unknown_page(page.page.hex())
    if not run.publication.alone:
        raise Refused("answers of this task stay as they were sent", status=403, code="not_alone")
    if page.state not in SENT:
        raise Refused(f"only a page that was sent is mended; this one is {page.state}", status=409, code="not_sent")


def _check_theirs_alone(items: Sequence[StoredItem]) -> None:
    # A correction stands above all answers, and this one would stand above those of others.
    if any(item.held > 1 for item in items):
        raise Refused(
            "others were given this item as well, so each answer stays as it was sent; ask the requester to correct it",
            status=409,
            code="others_answered",
        )


def _put(folder: Path, task: Task, corrections: Sequence[Correct]) -> None:
    # Tables are for those who correct over HTTP only; the server starts without them.
    from dataforge.feed import Feed

    with refusing(), closing(Feed(folder)) as feed:
        feed.correct(task, *corrections)


ROUTES = (
    Route(
        "POST",
        "/api/work/runs/{run}/pages/{page}/mend",
        "worker",
        _mend,
        "Mend the answers of a page that was sent, where one person labels alone",
        body=Answers,
        reply=Empty,
        limit=LARGEST_ANSWERS,
    ),
)
