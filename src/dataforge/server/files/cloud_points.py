"""The points of a stored cloud, as the pages read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import anyio
import anyio.to_thread
from starlette.responses import Response

from dataforge.errors import DataError, Refused
from dataforge.server.shared.routes import Call

__all__ = ["cloud_points"]


async def cloud_points(call: Call[None], path: Path, headers: Mapping[str, str]) -> Response:
    """The points of a file; raises `Refused` if it is no cloud."""
    # Who asks for a cloud that is being read waits for it, and holds up nobody who wants another one.
    async with call.context.reading.setdefault(path, anyio.Lock()):
        content = await anyio.to_thread.run_sync(_points, path, limiter=call.context.decoding)
    return Response(content, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=4)  # several people look at the same cloud at a time
def _points(path: Path) -> bytes:
    # Here, because a server without clouds needs no numpy.
    from dataforge.media.point_clouds import packed, read_cloud

    try:
        return packed(read_cloud(path))
    except DataError as error:
        raise Refused(str(error), status=422, code="cloud_unreadable") from None
