"""The embedded platform's client: the requester's side of a workspace's server, over HTTP.

A call that finds nobody looks for the server again, because it may have come back at another port, and starts it if
it was told to. Every call may be repeated without harm, so that a lost reply is simply asked for again.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import msgspec
from filelock import FileLock

from dataforge.errors import DataError, PlatformError, Refused, Unreachable
from dataforge.records import Batch, Command, Publication, Snapshot, TaskSpec
from dataforge.workspace import Workspace

__all__ = ["PLUGIN", "EmbeddedPlatform", "connect"]

PATIENCE = 15.0
"""How long, in seconds, a call looks for a server that does not answer."""
START_PATIENCE = 60.0
TIMEOUT = 60.0
LONGEST_WAIT = 1.0
"""A run looks at its feed between polls, so that items which are added while nobody works are seen about so soon."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
LOG_TAIL = 2_000
MEDIA_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")

Reply = TypeVar("Reply")


class _RunView(msgspec.Struct, frozen=True):
    """The part of a run's view that a client needs."""

    invitation_path: str | None = None


class _PreviewPlace(msgspec.Struct, frozen=True):
    """Where a preview can be looked at."""

    path: str


class _Error(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""
    details: dict[str, Any] = {}


class _ErrorBody(msgspec.Struct, frozen=True):
    error: _Error


class EmbeddedPlatform:
    """The server of a workspace; with `start` it is started as a process of its own when nothing answers."""

    name = "embedded"
    commission = 0.0

    def __init__(self, workspace: Workspace, *, start: bool = False, patience: float = PATIENCE) -> None:
        self.workspace = workspace
        self._start = start
        self._patience = patience
        self._client: httpx.Client | None = None
        self._url = ""

    def settings(self) -> dict[str, Any]:
        """None are needed: the workspace says where its server is, and holds the secret."""
        return {}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], workspace: Workspace) -> Self:
        """The workspace's server, which is not started if it does not run."""
        return cls(workspace)

    # --- what a run asks of it --------------------------------------------------------------------

    def now(self) -> float:
        """The time; the server runs on this machine."""
        return time.time()

    def publish(self, publication: Publication) -> None:
        """Put a run on the server; it gets its items by commands."""
        self._call("PUT", f"/api/runs/{publication.name}", publication)

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        """Carry out commands in one transaction; those whose key is known are skipped."""
        self._call("POST", f"/api/runs/{run}/commands", {"commands": list(commands)})

    def poll(self, run: str, after: int, wait: float) -> Batch:
        """Events after a cursor; waits up to `wait` seconds while there are none, but never long."""
        wait = min(wait, LONGEST_WAIT)
        path = f"/api/runs/{run}/events?after={after}&wait={wait:g}"
        return self._read(self._call("GET", path, timeout=TIMEOUT + wait), Batch)

    def show(self, run: str, snapshot: Snapshot) -> None:
        """Put what the run knows of its quality on the requester's pages."""
        self._call("PUT", f"/api/runs/{run}/snapshot", snapshot)

    def attach(self, path: Path) -> dict[str, Any]:
        """Upload a file, unless the server has it, and get the reference that items carry in its place."""
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            suffix = path.suffix.lower() if MEDIA_SUFFIX.fullmatch(path.suffix.lower()) else ".bin"
            media = f"{digest}{suffix}"
            if self._call("HEAD", f"/api/media/{media}", missing_is_fine=True).status_code == 404:
                self._call("PUT", f"/api/media/{media}", path)
        except OSError as error:
            raise DataError(f"file {str(path)!r} cannot be read: {error.strerror}; check the path") from error
        return {"media": media}

    def invitation(self, run: str) -> str | None:
        """The address that lets a worker join."""
        path = self._read(self._call("GET", f"/api/runs/{run}"), _RunView).invitation_path
        return None if path is None else self._url + path

    def dashboard(self, run: str) -> str | None:
        """The address of the run's page; the login link opens it without typing the secret."""
        return f"{self._url}/runs/{run}"

    def preview(self, task: TaskSpec, items: Sequence[dict[str, Any]]) -> str:
        """The address of a page that shows the task with these items; it signs the requester in."""
        order = {"task": task, "items": items}
        path = self._read(self._call("POST", "/api/previews", order), _PreviewPlace).path
        return f"{self._url}/login?next={path}#{self.workspace.secret()}"

    @property
    def url(self) -> str:
        """Where the server listens."""
        if not self._url:
            self._found()
        return self._url

    def close(self) -> None:
        """Close the connections; the server goes on."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # --- calls ------------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, body: Any = None, *, timeout: float = TIMEOUT, missing_is_fine: bool = False
    ) -> httpx.Response:
        """The reply to a request with a body of JSON or, if `body` is a path, of that file."""
        encoded = None if body is None or isinstance(body, Path) else msgspec.json.encode(body)
        kind = "application/octet-stream" if isinstance(body, Path) else "application/json"
        give_up = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while True:
            try:
                # A film is sent piece by piece, and from its beginning each time.
                with body.open("rb") if isinstance(body, Path) else nullcontext(encoded) as content:
                    reply = self._found().request(
                        method, path, content=content, timeout=timeout, headers={"Content-Type": kind}
                    )
                refusal = None if reply.status_code < 400 else _refusal(reply, f"{method} {path}")
                if refusal is None or (missing_is_fine and reply.status_code == 404):
                    return reply
                if not refusal.passing or time.monotonic() > give_up:
                    raise refusal
            except httpx.TransportError as error:
                self.close()
                if time.monotonic() > give_up:
                    raise Unreachable(
                        f"nothing answers at {self._url or self.workspace.root} ({error!r}); "
                        "start the server with `dataforge serve`"
                    ) from error
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _read(self, reply: httpx.Response, kind: type[Reply]) -> Reply:
        try:
            return msgspec.json.decode(reply.content, type=kind)
        except msgspec.MsgspecError as error:
            raise PlatformError(
                f"{reply.request.method} {reply.request.url.path}: expected {kind.__name__}, got {reply.text[:80]!r} "
                f"({error}); is the server of another version?"
            ) from error

    def _found(self) -> httpx.Client:
        """A client of the server that answers now; starts the server if that is allowed."""
        if self._client is not None:
            return self._client
        client = _answering(self.workspace)
        if client is None and self._start:
            client = _started(self.workspace)
        if client is None:
            raise httpx.ConnectError(f"no server answers for the workspace {str(self.workspace.root)!r}")
        self._client, self._url = client, str(client.base_url).rstrip("/")
        return client


def connect(
    workspace: Workspace, start: bool = True, *, check: bool = True, patience: float = PATIENCE
) -> EmbeddedPlatform:
    """The workspace's server, found or started as a process of its own that outlives this one.

    Raises `Unreachable` if it does not answer for `patience` seconds; without `check` only the first call does.
    """
    platform = EmbeddedPlatform(workspace, start=start, patience=patience)
    if check:
        platform._call("GET", "/health")
    return platform


def _answering(workspace: Workspace) -> httpx.Client | None:
    """A client of the announced server, if it answers and knows this workspace's secret."""
    address = workspace.running_server()
    if address is None:
        return None
    headers = {"Authorization": f"Bearer {workspace.secret()}"}
    # No proxies from the environment: the server is on this machine.
    client = httpx.Client(base_url=address.url, headers=headers, trust_env=False, timeout=TIMEOUT)
    try:
        # A route that needs the secret, because another workspace's server may have taken over the port.
        if client.get("/api/invitations", timeout=10).status_code < 400:
            return client
    except httpx.TransportError:
        pass
    client.close()
    return None


def _started(workspace: Workspace) -> httpx.Client:
    """Start the server as a process of its own and wait until it answers.

    It takes the port it had last time, so that the links workers were given go on working; another if that is taken.
    """
    workspace.make()
    # Of two processes that find no server, one starts it and the other finds it.
    with FileLock(workspace.root / "starting.lock"):
        client, trouble = _answering(workspace), ""
        # Twice: the first may be killed while it starts, or meet another one that has not announced itself yet.
        for _ in range(2):
            if client is None:
                last = workspace.last_port()
                client, trouble = _serving(workspace, last if last is not None and _is_free(last) else 0)
        if client is None:
            raise Unreachable(trouble)
        return client


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server listens: what is left of its former connections does not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _serving(workspace: Workspace, port: int) -> tuple[httpx.Client | None, str]:
    """A client of a server newly started at that port, or None and what went wrong."""
    with open(workspace.server_log, "ab") as log:
        before = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "dataforge", "serve", "--workspace", str(workspace.root), "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    give_up = time.monotonic() + START_PATIENCE
    pause = FIRST_PAUSE
    while time.monotonic() < give_up:
        ended = process.poll() is not None
        client = _answering(workspace)
        if client is not None:
            return client, ""
        if ended:
            break
        time.sleep(pause)
        pause = min(2 * pause, 0.5)
    state = f"ended with status {process.returncode}" if process.poll() is not None else "does not answer"
    return None, (
        f"the server of {str(workspace.root)!r} {state}; the end of its log {str(workspace.server_log)!r}:\n"
        f"{_tail(workspace.server_log, before)}"
    )


def _tail(path: Path, start: int) -> str:
    """The end of what a log got since `start`."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(start, size - LOG_TAIL))
        return file.read().decode("utf-8", "replace").strip() or "(nothing was written)"


def _error_of(reply: httpx.Response) -> _Error:
    try:
        return msgspec.json.decode(reply.content, type=_ErrorBody).error
    except msgspec.MsgspecError:
        return _Error(message=reply.text[:200])


def _refusal(reply: httpx.Response, what: str) -> Refused:
    error = _error_of(reply)
    return Refused(
        f"{what}: {error.message or 'no reason given'}",
        status=reply.status_code,
        code=error.code,
        details=error.details,
        retry_after=int(wait) if (wait := reply.headers.get("Retry-After", "")).isdecimal() else None,
    )


PLUGIN = EmbeddedPlatform
