"""Whether the server lives, and whether it can do its work: for service managers and monitors."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

from dataforge.errors import Refused
from dataforge.issue.sqlite.writer import DatabaseBusy, StorageFull
from dataforge.server.shared.context import Context
from dataforge.server.shared.routes import Call, Route
from dataforge.server.wire.everybody import Health

__all__ = ["routes"]

WRITE_PATIENCE = 2.0
LEAST_SPACE = 20_000_000
RUNNER_SILENT = 60.0
"""The runner shows that it lives much more often than in so many seconds."""


def routes(version: str) -> tuple[Route, ...]:
    """The routes, for a server of this version."""

    async def health(_: Call[None]) -> Health:
        """The server answers."""
        return Health("ok", version)

    async def ready(call: Call[None]) -> Health:
        """The server can take answers, and what it took is judged."""
        troubles = [trouble async for trouble in _troubles(call.context)]
        if troubles:
            raise Refused("; ".join(troubles), status=503, code="not_ready", retry_after=5)
        return Health("ok", version)

    return (
        Route("GET", "/health", "anonymous", health, "Whether the server answers", reply=Health),
        Route("GET", "/ready", "anonymous", ready, "Whether the server can do its work", reply=Health),
    )


async def _troubles(context: Context) -> AsyncIterator[str]:
    try:
        async with asyncio.timeout(WRITE_PATIENCE):
            await context.writer.write(lambda _: None)
    except TimeoutError:
        yield f"the database has taken nothing for {WRITE_PATIENCE:g} s: it is busy, or another program holds it"
    except DatabaseBusy:
        yield "another program holds the database"
    except StorageFull:
        yield "the database cannot be written"
    # Anybody may ask: numbers are for `dataforge doctor`.
    if shutil.disk_usage(context.workspace.root).free < LEAST_SPACE:
        yield "the disk is nearly full"
    silent = context.workspace.runner_silent()
    if silent is not None and silent > RUNNER_SILENT:
        yield "the runner hangs or has ended: runs that nobody else drives stand still"
