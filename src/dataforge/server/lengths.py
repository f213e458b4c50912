"""How long the stored files of a page's items play, for answers that are about times in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import anyio.to_thread
import msgspec

from dataforge.issue.rows import StoredItem
from dataforge.issue.run import Run
from dataforge.media_files import sure_seconds
from dataforge.workspace import media_path

__all__ = ["lengths_of"]

# A stored file never changes: it is looked at once.
_seconds = lru_cache(maxsize=10_000)(sure_seconds)


async def lengths_of(media: Path, run: Run, items: Sequence[StoredItem]) -> dict[str, float]:
    """The seconds that stored files of these items play, by their names, where they are asked for and known."""
    if not run.timed_inputs:
        return {}
    named = {
        value["media"]
        for item in items
        for name, value in msgspec.json.decode(item.inputs).items()
        if name in run.timed_inputs and value is not None and "media" in value
    }
    return await anyio.to_thread.run_sync(_look, media, named)


def _look(media: Path, names: set[str]) -> dict[str, float]:
    known = {name: _seconds(media_path(media, name)) for name in names}
    return {name: seconds for name, seconds in known.items() if seconds is not None}
