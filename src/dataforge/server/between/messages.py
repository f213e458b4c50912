"""Routes of messages: a worker writes about a task, a page or an item, a requester answers on their page."""

from __future__ import annotations

from dataforge.errors import Refused
from dataforge.issue.change import RunChange, Transaction
from dataforge.issue.run import Run
from dataforge.issue.sqlite import messages
from dataforge.issue.sqlite.messages import MessageRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.submit import unknown_page
from dataforge.issue.written import written
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.everybody import Empty
from dataforge.server.wire.messages import (
    Inbox,
    Message,
    MessageList,
    NewMessage,
    NewReply,
    OwnMessage,
    OwnMessages,
    Seen,
)
from dataforge.server.workers.work import open_run

__all__ = ["ROUTES"]

MOST_SHOWN = 200
MOST_LISTED = 500
# A worker who asks about each item of a page has room; one who floods an inbox has not.
MOST_IN_AN_HOUR = 30
HOUR = 3600.0


async def _write(call: Call[NewMessage]) -> OwnMessage:
    """Keep a message of a worker."""
    context, worker, body = call.context, call.worker, call.body
    run = open_run(context, worker, body.run)
    message = messages.NewMessage(
        worker.id,
        run.id,
        None if body.page is None else _own_page(call, run, body.page, body.place),
        None if body.page is None else body.place,
        written(body.text, "text"),
        0.0,
        body.key,
    )
    row = await context.writer.write(lambda transaction: _keep(transaction, message))
    return _own(context, row)


def _own_page(call: Call[NewMessage], run: Run, name: str, place: int | None) -> int:
    """The number of the worker's page in the run; raises `Refused` 404 if it is none, or has no such item."""
    try:
        page = call.context.store.pages.by_page(bytes.fromhex(name))
    except ValueError:
        page = None
    if page is None or (page.worker_id, page.run) != (call.worker.id, run.id) or (place or 0) >= len(page.items):
        raise unknown_page(name)
    return page.id


def _keep(transaction: Transaction[SqliteStore], message: messages.NewMessage) -> MessageRow:
    store, now = transaction.store, transaction.now
    if (known := store.messages.by_key(message.worker, message.key)) is not None:
        return known
    if store.messages.written_since(message.worker, now - HOUR) >= MOST_IN_AN_HOUR:
        raise Refused(
            f"you wrote {MOST_IN_AN_HOUR} messages within an hour: wait for answers, or write again later",
            status=429,
            code="too_many_messages",
            retry_after=int(HOUR / MOST_IN_AN_HOUR),
        )
    with RunChange(transaction, message.run):
        store.messages.add(message._replace(at=now))
    row = store.messages.by_key(message.worker, message.key)
    assert row is not None, "it was just written"
    return row


async def _list_own(call: Call[None]) -> OwnMessages:
    """A worker's messages with what they were answered."""
    context, worker = call.context, call.worker
    rows = context.store.messages.of_worker(worker.id, MOST_SHOWN)
    return OwnMessages(context.store.messages.unseen(worker.id), [_own(context, row) for row in rows])


async def _note_seen(call: Call[Seen]) -> Empty:
    """Note that a worker has read what they were answered."""
    worker, until = call.worker.id, call.body.until
    await call.context.writer.write(lambda transaction: transaction.store.messages.note_seen(worker, until))
    return Empty()


async def _show_inbox(call: Call[None]) -> Inbox:
    """What waits for a requester."""
    waiting = await call.context.readers.read(lambda store: (store.appeals.open(), store.messages.waiting()))
    return Inbox(*waiting)


async def _list(call: Call[None]) -> MessageList:
    """A part of the messages of workers, in all runs or in one."""
    context, query = call.context, call.request.query_params
    run = context.runs.by_name(context.store, name).id if (name := query.get("run")) else None
    if (state := query.get("state") or "waiting") not in ("waiting", "answered"):
        raise Refused(f"state: expected waiting or answered, got {state[:40]!r}", status=422, code="query_invalid")
    offset = int(call.number("offset", 0, least=0, most=2**40))
    limit = int(call.number("limit", 50, least=1, most=MOST_LISTED))
    rows, counts = await context.readers.read(
        lambda store: (store.messages.listed(run, state == "answered", offset, limit), store.messages.counts(run))
    )
    return MessageList(*counts, [_shown(context, row) for row in rows])


async def _reply(call: Call[NewReply]) -> Message:
    """Answer a message; the first answer stands."""
    context, text = call.context, written(call.body.text, "text")
    name = call.path("message")
    number = int(name) if name.isdecimal() and len(name) < 19 else -1

    def reply(transaction: Transaction[SqliteStore]) -> MessageRow:
        store = transaction.store
        row = store.messages.by_number(number)
        if row is None:
            raise Refused(f"there is no message {name[:40]!r}", status=404, code="message_unknown")
        if row.reply is not None and row.reply != text:
            raise Refused(
                "the message was answered already, at another place or by somebody else; look at it again",
                status=409,
                code="message_answered",
            )
        if row.reply is None:
            with RunChange(transaction, row.run):
                store.messages.reply(number, text, transaction.now)
        return store.messages.by_number(number) or row

    return _shown(context, await context.writer.write(reply))


def _own(context: Context, row: MessageRow) -> OwnMessage:
    run = context.runs.by_id(context.store, row.run)
    return OwnMessage(
        message=row.id,
        run=run.name,
        task=run.publication.task.name,
        page=None if row.page is None else row.page.hex(),
        place=row.place,
        text=row.text,
        at=row.at,
        reply=row.reply,
        replied=row.replied,
        new=row.reply is not None and not row.seen,
    )


def _shown(context: Context, row: MessageRow) -> Message:
    own = _own(context, row)
    known = {name: getattr(own, name) for name in own.__struct_fields__}
    return Message(**known, worker=row.worker, name=row.name, language=row.language, item=row.item)


ROUTES = (
    Route(
        "POST",
        "/api/work/messages",
        "worker",
        _write,
        "Write to the requester about a task, a page or an item",
        body=NewMessage,
        reply=OwnMessage,
    ),
    Route(
        "GET", "/api/work/messages", "worker", _list_own, "The worker's messages and their replies", reply=OwnMessages
    ),
    Route(
        "POST", "/api/work/messages/seen", "worker", _note_seen, "Note which replies were read", body=Seen, reply=Empty
    ),
    Route("GET", "/api/inbox", "requester", _show_inbox, "What waits for a requester", reply=Inbox),
    Route(
        "GET",
        "/api/messages",
        "requester",
        _list,
        "A part of the messages of workers",
        reply=MessageList,
        query=("run", "state", "offset", "limit"),
    ),
    Route(
        "POST",
        "/api/messages/{message}/reply",
        "requester",
        _reply,
        "Answer a worker's message",
        body=NewReply,
        reply=Message,
    ),
)
