"""Frames of stored films: pictures of them, and how many there are, of what size, shown when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import anyio.to_thread
import msgspec
from starlette.responses import Response

from dataforge.errors import DataError, MissingDependency, Refused
from dataforge.media.films import film_of
from dataforge.server.shared.routes import Call

__all__ = ["film_part"]

# Who asks for what the film has is told, to the microsecond, when each frame is shown.
ALL = "all"
NUMBER = re.compile(r"[0-9]{1,7}")


class _FilmFrames(msgspec.Struct):
    """What the widget has to know before it asks for frames."""

    width: int
    height: int
    times: tuple[float, ...]


async def film_part(call: Call[None], path: Path, asked: str, headers: Mapping[str, str]) -> Response:
    """The frame of a film that is asked for by its number, as JPEG, or of all of them their size and times as JSON."""
    if asked != ALL and not NUMBER.fullmatch(asked):
        raise Refused(
            f"frame: expected a number from 0 on, or {ALL!r}, got {asked[:20]!r}", status=422, code="query_invalid"
        )
    if asked != ALL and (kept := call.context.frames.kept(path, int(asked))) is not None:
        # It does not queue behind those for whom films are decoded.
        return Response(kept, media_type="image/jpeg", headers=dict(headers))
    make, kind = (_told, "application/json") if asked == ALL else (_picture, "image/jpeg")
    try:
        content = await anyio.to_thread.run_sync(make, call, path, asked, limiter=call.context.decoding)
    except MissingDependency as error:
        raise Refused(str(error), status=501, code="film_unreadable") from None
    except (DataError, OSError) as error:
        raise Refused(str(error), status=422, code="film_unreadable") from None
    return Response(content, media_type=kind, headers=dict(headers))


def _told(call: Call[None], path: Path, asked: str) -> bytes:
    film = film_of(path)
    return msgspec.json.encode(_FilmFrames(film.width, film.height, tuple(film.times)))


def _picture(call: Call[None], path: Path, asked: str) -> bytes:
    return call.context.frames.picture(path, int(asked))
