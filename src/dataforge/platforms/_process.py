"""The workspace's server as a process: found where it was announced, or started."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
from filelock import FileLock

from dataforge.errors import Unreachable
from dataforge.local_client import local_client
from dataforge.workspace import Workspace, proof

__all__ = ["FIRST_PAUSE", "answering", "started"]

START_PATIENCE = 60.0
ANSWER_PATIENCE = 10.0
TIMEOUT = 60.0
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 0.5
LOG_TAIL = 2_000


def answering(workspace: Workspace) -> httpx.Client | None:
    """A client of the announced server, if it answers and is this folder's; the secret is sent to no other."""
    address = workspace.running_server()
    if address is None:
        return None
    client = local_client(address.url, TIMEOUT)
    secret = workspace.secret()
    if _is_ours(client, workspace, secret):
        client.headers["Authorization"] = f"Bearer {secret}"
        return client
    client.close()
    return None


def _is_ours(client: httpx.Client, workspace: Workspace, secret: str) -> bool:
    folder, nonce = workspace.folder(), secrets.token_urlsafe(16)
    if folder is None:
        return False
    try:
        reply = client.get("/api/workspace", params={"nonce": nonce}, timeout=ANSWER_PATIENCE)
        return reply.status_code == 200 and bool(reply.json()["proof"] == proof(secret, folder, nonce))
    except (httpx.TransportError, ValueError, KeyError, TypeError):
        return False


def started(workspace: Workspace) -> httpx.Client:
    """Start the server as a process of its own and wait until it answers.

    It takes the port it had last time, so that the links workers were given go on working; another if that is taken.
    """
    # Of two processes that find no server, one starts it and the other finds it; `stop` waits for both.
    with FileLock(workspace.make().starting):
        client, trouble = answering(workspace), ""
        # Twice: the first may be killed while it starts, or meet another one that has not announced itself yet.
        for _ in range(2):
            if client is None and (reason := workspace.no_start()) is not None:
                raise httpx.ConnectError(reason)
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
            [
                *(sys.executable, "-m", "dataforge", "serve", "--for-launch"),
                *("--workspace", str(workspace.root), "--port", str(port)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Somebody has to ask how it ended: until then what is left of it counts as a process.
    threading.Thread(target=process.wait, name="server's end", daemon=True).start()
    give_up = time.monotonic() + START_PATIENCE
    pause = FIRST_PAUSE
    while time.monotonic() < give_up:
        ended = process.poll() is not None
        client = answering(workspace)
        if client is not None:
            return client, ""
        if ended:
            break
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
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
