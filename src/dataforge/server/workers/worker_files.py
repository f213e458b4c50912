"""Files of workers: each sent for an output of a page that its worker holds, piece by piece, and looked at when whole.

A piece is written at its place in a file aside, so that a piece that comes twice does no harm and a connection that was
lost goes on where it stopped, also after the server was killed. What is whole is put among the media under the SHA-256
of its bytes; only then may an answer name it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import anyio.to_thread

from dataforge.errors import DataError, Refused
from dataforge.files.durable import put_in_place, sync_folder
from dataforge.issue.change import Transaction
from dataforge.issue.rows import PageRow
from dataforge.issue.sqlite.store import SqliteStore
from dataforge.issue.sqlite.worker_files import SentFile
from dataforge.media.files import look_at
from dataforge.objects.base import FileRules
from dataforge.server.files.shown import MEDIA_NAME
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.worker import FileState
from dataforge.server.workers.work import own_page
from dataforge.workspace import media_path

__all__ = ["ROUTES", "sweeping"]

log = logging.getLogger("dataforge.server")

# Written to the disk in pieces of this size, each in a thread.
PIECE = 1 << 18
COPIED = 1 << 20
# What a worker may have sent, in bytes, that no submitted answer names.
QUOTA = 2 << 30
# What stays free on the disk, in bytes, whatever workers send; of a small disk a tenth.
RESERVE = 1 << 30
# How long, in seconds, a file waits for its answer.
PATIENCE = 86_400.0
SWEEP_SECONDS = 600.0
PART = "part-"
# A browser's clock and that of its sound card differ a little.
TOLERANCE = 0.1
MAY_SEND = ("held", "expired")


async def _state(call: Call[None]) -> FileState:
    """How much of a file is here."""
    page, _, name = _place(call)
    known = _known(call, page, name)
    if known is not None:
        return FileState(known.size, (call.path("output"), name) in call.context.store.worker_files.of_page(page))
    return FileState(max(map(_size_of, _parts(call, f"*-{name}")), default=0), False)


async def _receive(call: Call[None]) -> FileState:
    """Take a piece of a file that begins at a byte; the last one makes it whole."""
    page, rules, name = _place(call)
    size = int(call.number("size", 0, least=0, most=2**60))
    begin = int(call.number("begin", 0, least=0, most=2**60))
    part = _part(call, name, size)
    _check_size(call, rules, part, size)
    if page.state not in MAY_SEND and (call.path("output"), name) not in call.context.store.worker_files.of_page(page):
        raise Refused(f"this page is {page.state}: no files are taken for it", status=409, code="page_not_held")
    known = _known(call, page, name)
    if known is not None:
        call.context.asked_media.asked(name, call.context.loop_time())
        return await _add(call, page, known)
    if begin > _size_of(part):
        return FileState(_size_of(part), False)
    _check_room(call, part, size)
    # Since the size was checked nothing was awaited: files that come at the same time count for each other.
    call.context.receiving.append((part, size))
    try:
        there = await _write(call, part, begin, size)
        if there < size:
            return FileState(there, False)
        return await _finish(call, page, rules, part)
    except OSError as error:
        raise Refused(f"the file could not be stored: {error.strerror}", status=507, code="storage_full") from error
    finally:
        call.context.receiving.remove((part, size))


def _place(call: Call[None]) -> tuple[PageRow, FileRules, str]:
    """The page, what its output takes, and the file's name; raises `Refused` where the worker has no such page."""
    page, name = own_page(call), call.path("name")
    run = call.context.runs.by_id(call.context.store, page.run)
    found = [slot.type.file_rules() for slot in run.task.outputs if slot.name == call.path("output")]
    if not found or found[0] is None:
        raise Refused(f"no file is asked for by {call.path('output')[:80]!r}", status=404, code="output_unknown")
    if not MEDIA_NAME.fullmatch(name) or name.partition(".")[2] not in found[0].extensions:
        raise Refused(
            f"expected the SHA-256 of the file, a dot, and one of {', '.join(found[0].extensions)}, got {name[:80]!r}",
            status=422,
            code="file_kind",
        )
    return page, found[0], name


def _known(call: Call[None], page: PageRow, name: str) -> SentFile | None:
    """The file, if this worker has sent it before: what others have sent counts for nobody else."""
    known = call.context.store.worker_files.of_worker(page.worker_id, name)
    return known if known is not None and media_path(call.context.workspace.media, name).exists() else None


def _check_size(call: Call[None], rules: FileRules, part: Path, size: int) -> None:
    if not 0 < size <= rules.largest:
        raise Refused(
            f"size: expected 1 to {rules.largest:,} bytes, got {size:,}",
            status=413,
            code="file_too_large",
            details={"largest": rules.largest},
        )
    if call.context.store.worker_files.unkept_bytes(call.worker.id) + _coming(call, part) + size > QUOTA:
        raise Refused(
            f"you have sent {QUOTA:,} bytes that belong to no submitted answer: submit your pages first",
            status=413,
            code="file_quota",
        )


def _check_room(call: Call[None], part: Path, size: int) -> None:
    """Refuse what would leave the disk less than the reserve, for the answers of all; whole files are there twice."""
    disk = shutil.disk_usage(call.context.workspace.root)
    coming = sum(2 * whole - _size_of(one) for one, whole in (*call.context.receiving, (part, size)))
    if disk.free - coming < min(RESERVE, disk.total // 10):
        raise Refused(
            "the server's disk is nearly full: no files are taken until there is room on it",
            status=507,
            code="storage_full",
        )


def _coming(call: Call[None], part: Path) -> int:
    """The bytes of the worker's unfinished files beside a part; those that come right now count whole."""
    prefix = f"{PART}{call.worker.id}-"
    now = [(one, size) for one, size in call.context.receiving if one.name.startswith(prefix)]
    waiting = set(_parts(call, "*")) - {one for one, _ in now} - {part}
    return sum(size for _, size in now) + sum(map(_size_of, waiting))


def _part(call: Call[None], name: str, size: int) -> Path:
    """Where the file is gathered: each worker has their own, so that nobody finishes what another began.

    Another size is another part: what was gathered for it is no beginning of this one.
    """
    return call.context.workspace.media / f"{PART}{call.worker.id}-{size}-{name}"


def _parts(call: Call[None], which: str) -> Iterator[Path]:
    return call.context.workspace.media.glob(f"{PART}{call.worker.id}-{which}")


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def _write(call: Call[None], part: Path, begin: int, size: int) -> int:
    """Write what comes in at its place; give how much of the file is there."""
    part.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(part, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        gathered, at = bytearray(), begin
        async for piece in call.request.stream():
            gathered += piece
            if at + len(gathered) > size:
                raise Refused(f"more came than the {size:,} bytes announced", status=413, code="file_too_large")
            if len(gathered) >= PIECE:
                at += await anyio.to_thread.run_sync(os.pwrite, file, bytes(gathered), at)
                gathered = bytearray()
        await anyio.to_thread.run_sync(os.pwrite, file, bytes(gathered), at)
        return os.fstat(file).st_size
    finally:
        os.close(file)


async def _finish(call: Call[None], page: PageRow, rules: FileRules, part: Path) -> FileState:
    """Look at a whole file and put it among the media; what it should not be is thrown away."""
    media = call.path("name")
    whole = part.with_name(f"{PART}whole-{secrets.token_hex(8)}")
    try:
        seconds = await anyio.to_thread.run_sync(_looked_at, part, whole, media, rules)
        sent = SentFile(media, whole.stat().st_size, seconds)
        state = await _keep(call, page, whole, sent)
    except FileNotFoundError:  # another request has just finished it, and the next one finds it so
        return FileState(0, False)
    except Refused:
        part.unlink(missing_ok=True)
        raise
    finally:
        whole.unlink(missing_ok=True)
    for other in _parts(call, f"*-{media}"):
        other.unlink(missing_ok=True)
    return state


async def _keep(call: Call[None], page: PageRow, whole: Path, sent: SentFile) -> FileState:
    context, media = call.context, sent.media
    context.asked_media.asked(media, context.loop_time())
    # Noted first as one to be removed if nobody names it: a server that is killed leaves no file that nobody knows.
    await context.writer.write(lambda transaction: transaction.store.worker_files.coming(media))
    await anyio.to_thread.run_sync(_put, whole, media_path(context.workspace.media, media))
    return await _add(call, page, sent)


async def _add(call: Call[None], page: PageRow, sent: SentFile) -> FileState:
    """Note that the file was sent for this page; until then nobody removes it."""
    context, output = call.context, call.path("output")
    await context.writer.write(
        lambda transaction: transaction.store.worker_files.add(page, output, sent, transaction.now)
    )
    context.asked_media.came([sent.media], context.loop_time())
    return FileState(sent.size, True)


def _looked_at(part: Path, whole: Path, name: str, rules: FileRules) -> float | None:
    """How long the file plays, if it is what its name says and within the rules; `whole` then has its bytes.

    What is looked at and kept is a copy: other requests may still have the part open, and write into it at any time.
    """
    digest, _, extension = name.partition(".")
    found = _copied(part, whole)
    if found != digest:
        raise Refused(f"the file's SHA-256 is {found}, its name says {digest}", status=422, code="media_differs")
    try:
        seen = look_at(whole)
    except DataError as error:
        raise Refused(str(error), status=422, code="file_kind") from None
    if seen.extension != extension:
        raise Refused(f"the file is {seen.extension!r}, its name says {extension!r}", status=422, code="file_kind")
    if seen.placed:
        raise Refused(
            "the file tells where it was taken: remove that (GPS of Exif or XMP, a film's location), and send it anew",
            status=422,
            code="file_place",
        )
    _check_length(rules, seen.seconds)
    return seen.seconds


def _copied(part: Path, whole: Path) -> str:
    """The SHA-256 of what was copied."""
    digest = hashlib.sha256()
    with part.open("rb") as source, whole.open("xb") as copy:
        while piece := source.read(COPIED):
            digest.update(piece)
            copy.write(piece)
    return digest.hexdigest()


def _check_length(rules: FileRules, seconds: float | None) -> None:
    shortest, longest = rules.shortest, rules.longest
    if shortest is None and longest is None:
        return
    if seconds is None:
        raise Refused(
            "the recording does not tell how long it plays, or tells what cannot be: record it anew or save it as WAV",
            status=422,
            code="file_length",
        )
    too_short = shortest is not None and seconds < shortest - TOLERANCE
    if too_short or (longest is not None and seconds > longest + TOLERANCE):
        raise Refused(
            f"the recording has {seconds:.2f} s, expected {shortest or 0:g} to {longest or 0:g} s",
            status=422,
            code="file_too_short" if too_short else "file_too_long",
        )


def _put(whole: Path, target: Path) -> None:
    """Put the file among the media, where it is not there already: its name tells its bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        sync_folder(target.parent)  # who put it there may have been killed just then
    else:
        put_in_place(whole, target)
    sync_folder(target.parent.parent)


async def sweeping(context: Context) -> None:
    """Remove again and again what was sent and belongs to no answer, once its worker had a day for it."""

    def sweep(transaction: Transaction[SqliteStore]) -> None:
        transaction.store.worker_files.sweep(transaction.now - PATIENCE)

    while True:
        try:
            await context.writer.write(sweep)
            await asyncio.to_thread(_remove_parts, context.workspace.media, time.time() - PATIENCE)
            context.deleted.set()
        except Exception as error:  # whatever it is: it is tried again
            log.error("files that no answer names could not be removed: %s", error)
        await asyncio.sleep(SWEEP_SECONDS)


def _remove_parts(folder: Path, before: float) -> None:
    for part in folder.glob(f"{PART}*"):
        if part.stat().st_mtime < before:
            part.unlink(missing_ok=True)


FILE = "/api/work/pages/{page}/files/{output}/{name}"
ROUTES = (
    Route("GET", FILE, "worker", _state, "How much of a file for an output of a page is here", reply=FileState),
    Route(
        "PUT",
        FILE,
        "worker",
        _receive,
        "Send a piece of a file for an output of a page; repeating it changes nothing",
        reply=FileState,
        query=("begin", "size"),
        content="application/octet-stream",
    ),
)
