"""The server as a process: one per workspace, announced while it answers, gone without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import uvicorn
from filelock import FileLock, Timeout

from dataforge.errors import PlatformError
from dataforge.issue.sqlite.database import explained
from dataforge.server.app import VERSION, application, context_of, working
from dataforge.server.files.media import forget_unfinished
from dataforge.server.patience import PatientProtocol
from dataforge.server.requesters.exporting import forget_unsent
from dataforge.server.shared.context import Context
from dataforge.workspace import ServerAddress, Workspace, is_loopback

__all__ = ["DEFAULT_PORT", "Listener", "listen", "named", "serve"]

log = logging.getLogger("dataforge.server")

DEFAULT_PORT = 8765
# How long requests that are being answered may take once the server is asked to stop.
GRACE_SECONDS = 10
# How many files and connections the process may have open, where the system allows it.
MOST_FILES = 65_536
# How often the server looks whether its folder is still there.
LOOK_SECONDS = 0.5
# A worker thinks for a while between two requests.
KEEP_ALIVE_SECONDS = 75


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    seed: int | None = None,
    anywhere: bool = False,
    proxies: Sequence[str] = (),
    on_ready: Callable[[ServerAddress], None] | None = None,
) -> None:
    """Serve a workspace until the process is asked to stop.

    `port` 0 takes any free one. `anywhere` allows an address that other machines can reach. `proxies` are the addresses
    of those in front of the server that say truly who asks. `on_ready` is told where the server listens. Raises
    `PlatformError` if the workspace is served already, the port is taken or the database cannot be used.
    """
    check_host(host, anywhere)
    _allow_connections()
    with only_server(workspace), listen(host, port) as listening, explained(workspace.database):
        Listener(workspace, listening, host, seed=seed, proxies=proxies, on_ready=on_ready).run()


def _allow_connections() -> None:
    """Let the process have as many connections as the system allows; the usual limit is far below."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


class Listener(uvicorn.Server):
    """Serves a workspace on a socket; `run()` returns when it was asked to stop."""

    def __init__(
        self,
        workspace: Workspace,
        listening: socket.socket,
        host: str = "127.0.0.1",
        *,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
        proxies: Sequence[str] = (),
        on_ready: Callable[[ServerAddress], None] | None = None,
    ) -> None:
        self.workspace = workspace
        self.listening = listening
        self.context: Context = context_of(workspace, seed=seed, now=now)
        self.on_ready = on_ready
        url = f"http://{named(host)}:{listening.getsockname()[1]}"
        self.address = ServerAddress(url, os.getpid(), time.time(), VERSION)
        super().__init__(
            uvicorn.Config(
                application(self.context),
                http=PatientProtocol,
                access_log=False,
                lifespan="off",
                log_level="warning",
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until asked to stop."""
        runner = asyncio.Runner(loop_factory=_fast_loop())
        with runner:
            runner.run(self.serve([self.listening]))

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve inside a running event loop until asked to stop."""
        self.loop = asyncio.get_running_loop()
        async with working(self.context):
            watching = asyncio.create_task(self._watch_folder(), name="folder")
            try:
                await super().serve(sockets)
            finally:
                watching.cancel()
                self.workspace.withdraw(self.address.pid)

    async def _watch_folder(self) -> None:
        """End when the workspace is no longer where it was: what is kept elsewhere would be lost to its owner."""
        while self._is_in_place():
            await asyncio.sleep(LOOK_SECONDS)
        log.error("the workspace %s was moved, removed or replaced; the server ends", self.workspace.root)
        self.should_exit = True
        self.context.stop_waiting()

    def _is_in_place(self) -> bool:
        try:
            return self.workspace.folder() == self.context.folder
        except OSError:
            # A file system that does not answer tells nothing.
            return True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say where."""
        await super().startup(sockets)
        if self.started:
            self.workspace.announce(self.address)
            if self.on_ready is not None:
                self.on_ready(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop answering; those who wait for something to happen are answered at once."""
        self.context.stop_waiting()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals to stop, and do not raise them again at the end: stopping was what was asked for."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal to stop: it is somebody's wish, so that nobody else may start the server again."""
        super().handle_exit(sig, frame)
        self.workspace.note_stopped()
        self.loop.call_soon_threadsafe(self.context.stop_waiting)


def named(host: str) -> str:
    """A host as links name it; one that stands for every address of this machine leads nobody there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop of uvloop, which has no version for Windows."""
    if sys.platform == "win32":
        return None
    import uvloop

    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return loop


def check_host(host: str, anywhere: bool) -> None:
    if anywhere or is_loopback(host):
        return
    raise PlatformError(
        f"host {host!r} can be reached by other machines, over connections that are not encrypted; put a proxy with "
        "HTTPS in front of 127.0.0.1, or allow it on purpose with --anywhere"
    )


@contextlib.contextmanager
def only_server(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace, rid of what a killed server left half-done; raises `PlatformError` if another one has it."""
    lock = FileLock(workspace.make().serving, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        known = workspace.server()
        where = f" at {known.url} (process {known.pid})" if known is not None else ""
        raise PlatformError(
            f"the workspace {str(workspace.root)!r} is already served{where}; use that server, or stop it first"
        ) from None
    try:
        forget_unfinished(workspace.media)
        forget_unsent(workspace.root)
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket; raises `PlatformError` if the port is taken or the host is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PlatformError(
                    f"port {port} of {host} is taken by another program, such as the server of a workspace that this "
                    "one is a copy of; choose another one by --port, or 0 for any free one"
                ) from None
            raise PlatformError(f"cannot listen on {host} port {port}: {error.strerror}") from None
        listening.listen(2048)
        yield listening
    finally:
        listening.close()
