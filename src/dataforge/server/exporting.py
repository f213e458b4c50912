"""A run's results as a file, and its certificate, made by the commands that make them everywhere else.

The tables are for a process of their own: it has the whole run in memory while it writes, and goes afterwards. The
server sends what lies on the disk.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from dataforge.errors import Refused
from dataforge.records import Certificate
from dataforge.registry import names
from dataforge.server.feeding import folder_of
from dataforge.server.routes import Call, Route

__all__ = ["ROUTES", "forget_unsent"]

NAME = re.compile(r"([a-z-]+)(\.[a-z]+)")
UNSENT = "results-"
LOOK_SECONDS = 0.5
# What a command ends with that was not asked properly.
MISTAKEN = 2


class _PassingFile(FileResponse):
    """A file that is gone, with its folder, once it was sent."""

    def __init__(self, folder: TemporaryDirectory[str], path: Path, filename: str) -> None:
        super().__init__(path, filename=filename)
        self.folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.folder:
            await super().__call__(scope, receive, send)


async def _export(call: Call[None]) -> Response:
    """A table of the run's results, or its answers in a format of others, as `dataforge results --out` writes it."""
    context = call.context
    run, name = folder_of(call).name, call.path("file")
    found = NAME.fullmatch(name)
    if found is None:
        raise Refused(f"expected a table's name and a file's ending, got {name[:80]!r}", status=404, code="not_found")
    folder = TemporaryDirectory(prefix=UNSENT, dir=context.workspace.root)
    try:
        path = Path(folder.name) / name
        # One at a time: each has a whole run in memory.
        async with context.exporting:
            await _write(call, run, found[1], path)
        return _PassingFile(folder, path, f"{run}-{name}")
    except BaseException:
        folder.cleanup()
        raise


def forget_unsent(root: Path) -> None:
    """Remove tables that a server did not live to send; nobody may serve the workspace meanwhile."""
    for folder in root.glob(f"{UNSENT}*"):
        shutil.rmtree(folder, ignore_errors=True)


async def _write(call: Call[None], run: str, what: str, path: Path) -> None:
    """Have the command write a table or a format; raises `Refused` with what it says if it cannot."""
    which = ["--format", what] if what in names("formats") else ["--what", what]
    await _command(call, run, f"{what!r} cannot be written as {path.suffix!r}", "results", *which, "--out", str(path))


async def _certify(call: Call[None]) -> Certificate:
    """What the run's answers can be trusted to, as `dataforge certificate` says it."""
    run = folder_of(call).name
    async with call.context.exporting:
        said = await _command(call, run, "the certificate cannot be made", "certificate", "--json")
    return msgspec.json.decode(said, type=Certificate)


async def _command(call: Call[None], run: str, failed: str, *command: str) -> str:
    """What a command says of a run; raises `Refused` with what it says of its trouble if it has failed."""
    root = str(call.context.workspace.root)
    begun = [sys.executable, "-m", "dataforge", *command, "--workspace", root, "--", run]
    writing = subprocess.Popen(begun, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said, trouble = await _what_it_says(call, writing)
    finally:
        if writing.poll() is None:
            writing.kill()
    if writing.returncode:
        unknown = writing.returncode == MISTAKEN
        raise Refused(
            f"{failed}: {trouble.strip().removeprefix('dataforge: ')}",
            status=404 if unknown else 503,
            code="not_found" if unknown else "results_unusable",
        )
    return said


async def _what_it_says(call: Call[None], writing: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process says, and of its trouble, once it has ended; nobody waits for one that is no longer wanted."""
    ended = asyncio.ensure_future(asyncio.to_thread(writing.communicate))
    while not (await asyncio.wait({ended}, timeout=LOOK_SECONDS))[0]:
        if call.context.stopping or await call.request.is_disconnected():
            writing.kill()
    return ended.result()


ROUTES = (
    Route(
        "GET",
        "/api/runs/{run}/results/{file}",
        "requester",
        _export,
        "A table of the run's results as a file: labels, probabilities, responses, workers, cost or control, "
        "`.csv`, `.xlsx`, `.json`, `.jsonl` or `.parquet`; or its answers as others have them: `coco.json`, `yolo.zip` "
        "and the like",
    ),
    Route(
        "GET",
        "/api/runs/{run}/certificate",
        "requester",
        _certify,
        "What the run's answers can be trusted to, what that rests on, and what was paid",
        reply=Certificate,
    ),
)
