"""Uploaded files: stored under the SHA-256 of their bytes, given to the requester and to workers who hold a token."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path
from typing import IO

import anyio.to_thread
from starlette.responses import FileResponse, Response
from starlette.types import Message, Receive, Scope, Send

from dataforge.errors import Refused
from dataforge.files.durable import put_in_place, sync_folder
from dataforge.server.files.cloud_points import cloud_points
from dataforge.server.files.film_frames import film_part
from dataforge.server.files.shown import MEDIA_NAME
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.requester import MediaName
from dataforge.workspace import media_path

__all__ = ["ROUTES", "forget_unfinished", "served"]

LARGEST_FILE = 4 << 30
# Written to the disk in pieces of this size, each in a thread.
PIECE = 1 << 20
UNFINISHED = "upload-"
EXTENSION = re.compile(r"[a-z0-9]{1,8}")

# What browsers show without running anything of it; everything else is offered as a download.
SHOWN = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "ogv": "video/ogg",
    "webm": "video/webm",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}
NEVER = "Thu, 01 Jan 1970 00:00:00 GMT"
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


async def _upload(call: Call[None]) -> MediaName:
    """Store a file whose bytes hash to its name."""
    name = _media_name(call.path("name"))
    target = media_path(call.context.workspace.media, name)
    # Before anything is awaited: from now on somebody counts on the file.
    call.context.asked_media.asked(name, call.context.loop_time())
    if not target.exists():
        await _store(call, name.partition(".")[2], name)
    return MediaName(name)


async def _take_in(call: Call[None]) -> MediaName:
    """Store a file under the name that its bytes and its extension give it; the same file again is the same name."""
    extension = call.request.query_params.get("extension", "").lower()
    if not EXTENSION.fullmatch(extension):
        raise Refused(
            f"extension: expected 1 to 8 letters and digits such as png, got {extension[:20]!r}",
            status=422,
            code="query_invalid",
        )
    return MediaName(await _store(call, extension))


def forget_unfinished(folder: Path) -> None:
    """Remove what is left of uploads that a server did not live to finish; nobody may serve the folder meanwhile."""
    for aside in folder.glob(f"{UNFINISHED}*"):
        aside.unlink(missing_ok=True)


async def _store(call: Call[None], extension: str, wanted: str | None = None) -> str:
    """The name of the file that comes; raises `Refused` if it is not the one that is wanted."""
    media = call.context.workspace.media
    aside = media / f"{UNFINISHED}{secrets.token_hex(8)}"
    to_thread = anyio.to_thread.run_sync
    try:
        file = await to_thread(_begin, aside)
        try:
            found = await _receive(call, file)
            name = f"{found}.{extension}"
            if wanted not in (None, name):
                raise Refused(
                    f"the file's SHA-256 is {found}, its name says {wanted}", status=422, code="media_differs"
                )
            call.context.asked_media.asked(name, call.context.loop_time())
            await to_thread(_finish, file, aside, media_path(media, name))
        finally:
            file.close()
    except OSError as error:
        raise Refused(f"the file could not be stored: {error.strerror}", status=507, code="storage_full") from error
    finally:
        aside.unlink(missing_ok=True)
    return name


async def _receive(call: Call[None], file: IO[bytes]) -> str:
    """Write the body to the file; give its SHA-256."""
    sha = hashlib.sha256()
    gathered, size = bytearray(), 0

    def flush() -> None:
        sha.update(gathered)
        file.write(gathered)

    async for part in call.request.stream():
        gathered += part
        size += len(part)
        if size > LARGEST_FILE:
            raise Refused(
                f"the file has more than {LARGEST_FILE:,} bytes, the most that is stored", status=413, code="too_large"
            )
        if len(gathered) >= PIECE:
            await anyio.to_thread.run_sync(flush)
            gathered = bytearray()
    await anyio.to_thread.run_sync(flush)
    return sha.hexdigest()


def _begin(aside: Path) -> IO[bytes]:
    aside.parent.mkdir(parents=True, exist_ok=True)
    return open(aside, "xb")


def _finish(file: IO[bytes], aside: Path, target: Path) -> None:
    """Make the file appear whole or not at all, also after a power cut."""
    file.flush()
    target.parent.mkdir(exist_ok=True)
    put_in_place(aside, target)
    sync_folder(target.parent.parent)


async def _for_requester(call: Call[None]) -> Response:
    """The file, to the requester; who only asks whether it is here is about to count on it."""
    name = _media_name(call.path("name"))
    if call.request.method == "HEAD":
        call.context.asked_media.asked(name, call.context.loop_time())
    return await served(call, name)


async def _for_worker(call: Call[None]) -> Response:
    """The file, to the worker whom the token was made for."""
    name = call.context.keys.media_of(call.worker.worker, call.path("token"))
    if name is None or not MEDIA_NAME.fullmatch(name):
        raise Refused("there is no such file for you", status=404, code="media_unknown")
    return await served(call, name)


async def served(call: Call[None], name: str) -> Response:
    """The stored file of that name; of a film also one frame, `?frame=12`, or what frames it has, `?frame=all`.

    Of a cloud also its points as the pages read them, `?points=1`.
    """
    path = media_path(call.context.workspace.media, name)
    if not await anyio.to_thread.run_sync(path.is_file):
        raise Refused("there is no such file", status=404, code="media_unknown")
    frame = call.request.query_params.get("frame")
    if frame is not None:
        return await film_part(call, path, frame, HEADERS | {"ETag": f'"{name}-{frame}"'})
    if "points" in call.request.query_params:
        return await cloud_points(call, path, HEADERS | {"ETag": f'"{name}-points"'})
    extension = name.partition(".")[2]
    shown = SHOWN.get(extension)
    return _UndatedFile(
        path,
        media_type=shown or "application/octet-stream",
        filename=None if shown else name,
        headers=HEADERS | {"ETag": f'"{name}"', "Last-Modified": NEVER},
    )


class _UndatedFile(FileResponse):
    """A file without the time of its upload, which may tell control items from others; a date of it matches nothing.

    Its name is its content's, so the ETag says all that a browser has to know.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_undated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [(name, value) for name, value in message["headers"] if name != b"last-modified"]
            await send(message)

        await super().__call__(scope, receive, send_undated)


def _media_name(name: str) -> str:
    """The name, if it is one; raises `Refused` 404, so that no other path can be built of it."""
    if not MEDIA_NAME.fullmatch(name):
        raise Refused(
            "expected the name of a file: 64 hexadecimal digits, a dot, an extension", status=404, code="media_unknown"
        )
    return name


ROUTES = (
    Route(
        "GET",
        "/api/work/media/{token:path}",
        "worker",
        _for_worker,
        "A file of an item that the worker was given, a frame of a film, or the points of a cloud",
        query=("frame", "points"),
    ),
    Route(
        "POST",
        "/api/uploads",
        "requester",
        _take_in,
        "Upload a file; its name comes back",
        reply=MediaName,
        query=("extension",),
        content="application/octet-stream",
    ),
    Route("PUT", "/api/media/{name:path}", "requester", _upload, "Upload a file under its SHA-256", reply=MediaName),
    Route(
        "GET",
        "/api/media/{name:path}",
        "requester",
        _for_requester,
        "An uploaded file, a frame of a film, or the points of a cloud",
        query=("frame", "points"),
    ),
)
