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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from dataforge.errors import Refused
from dataforge.records import Certificate
from dataforge.registry import names
from dataforge.server.requesters.feeding import folder_of
from dataforge.server.shared.routes import Call, Route

__all__ = ["ROUTES", "Refusing", "forget_unsent", "said_by", "written"]

NAME = re.compile(r"([a-z-]+)(\.[a-z]+)")
UNSENT = "results-"
LOOK_SECONDS = 0.5
# What a command ends with that was not asked properly.
MISTAKEN = 2


@dataclass(frozen=True)
class Refusing:
    """How it is told that a command could not do what was asked: `mistaken` where that was nothing it knows of."""

    status: int = 503
    code: str = "results_unusable"
    mistaken: tuple[int, str] = (404, "not_found")


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
    return await written(call, _results)


async def written(
    call: Call[None], command: Callable[[str], Sequence[str]], refusing: Refusing | None = None
) -> Response:
    """The file that the address names, written by the command that has what the file is called after.

    Raises `Refused` with what the command says if it cannot.
    """
    context = call.context
    run, name = folder_of(call).name, call.path("file")
    found = NAME.fullmatch(name)
    if found is None:
        raise Refused(f"expected a table's name and a file's ending, got {name[:80]!r}", status=404, code="not_found")
    folder = TemporaryDirectory(prefix=UNSENT, dir=context.workspace.root)
    try:
        path = Path(folder.name) / name
        failed = f"{found[1]!r} cannot be written as {path.suffix!r}"
        # One at a time: each has a whole run in memory.
        async with context.exporting:
            await said_by(call, run, failed, *command(found[1]), "--out", str(path), refusing=refusing or Refusing())
        return _PassingFile(folder, path, f"{run}-{name}")
    except BaseException:
        folder.cleanup()
        raise


def forget_unsent(root: Path) -> None:
    """Remove tables that a server did not live to send; nobody may serve the workspace meanwhile."""
    for folder in root.glob(f"{UNSENT}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _results(what: str) -> Sequence[str]:
    """The command that writes a table or a format."""
    return ["results", *(["--format", what] if what in names("formats") else ["--what", what])]


async def _certify(call: Call[None]) -> Certificate:
    """What the run's answers can be trusted to, as `dataforge certificate` says it."""
    run = folder_of(call).name
    async with call.context.exporting:
        said = await said_by(call, run, "the certificate cannot be made", "certificate", "--json")
    return msgspec.json.decode(said, type=Certificate)


async def said_by(call: Call[Any], run: str, failed: str, *command: str, refusing: Refusing = Refusing()) -> str:
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
        told = refusing.mistaken if writing.returncode == MISTAKEN else (refusing.status, refusing.code)
        raise Refused(
            f"{failed}: {trouble.strip().removeprefix('dataforge: ')}",
            status=told[0],
            code=told[1],
        )
    return said


async def _what_it_says(call: Call[Any], writing: subprocess.Popen[str]) -> tuple[str, str]:
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
