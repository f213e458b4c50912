"""How long the stored files of a page's items play, how large pictures, films, clouds are, for answers about them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import anyio.to_thread
import msgspec

from dataforge.errors import DataError, MissingDependency
from dataforge.issue.rows import StoredItem
from dataforge.issue.run import Run
from dataforge.media.files import look_at, seen_size, sure_seconds
from dataforge.media.films import film_of
from dataforge.workspace import media_path

__all__ = ["lengths_of"]


async def lengths_of(media: Path, run: Run, items: Sequence[StoredItem]) -> dict[str, dict[str, Any]]:
    """What stored files of these items are, by their names, where it is asked for and known: `seconds`, `frames`, …"""
    if not run.timed_inputs:
        return {}
    named = {
        value["media"]
        for item in items
        for name, value in msgspec.json.decode(item.inputs).items()
        if name in run.timed_inputs and value is not None and "media" in value
    }
    return await anyio.to_thread.run_sync(_look, media, named)


def _look(media: Path, names: set[str]) -> dict[str, dict[str, Any]]:
    told = {}
    for name in names:
        with suppress(OSError):  # it may be there with the next answer
            told[name] = _told(media_path(media, name))
    return told


# A stored file never changes: it is looked at once.
@lru_cache(maxsize=10_000)
def _told(path: Path) -> dict[str, Any]:
    try:
        kind = look_at(path).kind
        if kind == "image":
            return dict(zip(("width", "height"), seen_size(path), strict=True))
    except DataError:
        return _cloud(path)
    seconds = sure_seconds(path)
    told: dict[str, Any] = {} if seconds is None else {"seconds": seconds}
    if kind != "video":
        return told
    try:
        film = film_of(path)
    except (DataError, MissingDependency):
        return told
    return told | {"width": film.width, "height": film.height, "frames": film.count}


def _cloud(path: Path) -> dict[str, Any]:
    """Between which places the points of a cloud are; nothing of a file that is none."""
    # Here, because a server without clouds needs no numpy.
    from dataforge.media.point_clouds import bounds_of

    try:
        return dict(zip(("low", "high"), bounds_of(path), strict=True))
    except DataError:
        return {}
