"""The client of the embedded platform: how it finds, starts and outlives servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from dataforge.errors import Refused, Unreachable
from dataforge.platforms.embedded import EmbeddedPlatform, connect
from dataforge.workspace import ServerAddress, Workspace


def test_a_workspace_has_one_server_however_often_it_is_connected_to(served: Workspace) -> None:
    one, other = connect(served), connect(served)
    assert one.url == other.url
    one.close()
    other.close()


def test_without_leave_to_start_one_a_missing_server_is_said(tmp_path: Path) -> None:
    platform = EmbeddedPlatform(Workspace.at(tmp_path), start=False, patience=0)
    with pytest.raises(Unreachable, match="dataforge serve"):
        platform.poll("run", 0, 0)


def test_an_announcement_of_a_dead_server_is_not_believed(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path)
    workspace.announce(ServerAddress("http://127.0.0.1:9", 1, 0.0, "0"))
    with pytest.raises(Unreachable):
        EmbeddedPlatform(workspace, start=False, patience=0).poll("run", 0, 0)


def test_nobody_who_listens_where_a_killed_server_did_is_told_the_secret(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    workspace = Workspace.at(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        url = f"http://127.0.0.1:{squatter.getsockname()[1]}"
        workspace.announce(ServerAddress(url, gone.pid, 0.0, "0"))
        with pytest.raises(Unreachable):
            EmbeddedPlatform(workspace, start=False, patience=0).poll("run", 0, 0)
        squatter.setblocking(False)
        with pytest.raises(BlockingIOError):
            squatter.accept()


def test_another_workspaces_server_is_not_taken_for_ours(served: Workspace, tmp_path: Path) -> None:
    address = served.server()
    assert address is not None
    mine = Workspace.at(tmp_path)
    mine.announce(address)
    with pytest.raises(Unreachable):
        EmbeddedPlatform(mine, start=False, patience=0).poll("run", 0, 0)


@pytest.mark.parametrize(("code", "often"), [("overloaded", True), ("task_unreadable", False)])
def test_a_missing_package_is_said_at_once_and_an_overloaded_server_asked_again(
    tmp_path: Path, code: str, often: bool
) -> None:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"error": {"code": code, "message": "no", "details": {}}}).encode()
            if self.path == "/api/invitations":
                body = b"{}"
            else:
                asked.append(self.path)
            self.send_response(200 if self.path == "/api/invitations" else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    workspace = Workspace.at(tmp_path)
    me = psutil.Process()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        workspace.announce(ServerAddress(f"http://127.0.0.1:{server.server_port}", me.pid, me.create_time(), "0"))
        platform = EmbeddedPlatform(workspace, start=False, patience=0.3)
        with pytest.raises(Refused, match="no"):
            platform.poll("run", 0, 0)
        platform.close()
        server.shutdown()
    assert (len(asked) > 1) == often


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path, monkeypatch: Any) -> None:
    workspace = Workspace.at(tmp_path / "there").make()
    workspace.database.mkdir()
    with pytest.raises(Unreachable, match=r"ended with status \d+; the end of its log"):
        connect(workspace)


def test_a_server_that_was_killed_is_started_again_and_found(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "there")
    platform = connect(workspace)
    first = workspace.server()
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    try:
        path = tmp_path / "file.txt"
        path.write_text("text")
        assert platform.attach(path)["media"].endswith(".txt")
        second = workspace.server()
        assert second is not None
        assert second.pid != first.pid
    finally:
        platform.close()
        left = workspace.server()
        if left is not None and left.pid != first.pid:
            os.kill(left.pid, signal.SIGTERM)


def test_a_server_killed_while_it_starts_is_started_again_at_the_port_that_workers_know(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "there")
    connect(workspace).close()
    first = workspace.server()
    assert first is not None
    os.kill(first.pid, signal.SIGTERM)
    psutil.wait_procs([psutil.Process(first.pid)], timeout=30)
    started: list[int] = []

    def kill_the_next() -> None:
        while not started:
            for child in psutil.Process().children():
                with suppress(psutil.Error):
                    if str(workspace.root) in child.cmdline():
                        child.kill()
                        started.append(child.pid)

    killer = threading.Thread(target=kill_the_next)
    killer.start()
    connect(workspace).close()
    killer.join(30)
    again = workspace.server()
    assert again is not None
    try:
        assert again.pid not in started
        assert again.url == first.url
    finally:
        os.kill(again.pid, signal.SIGTERM)
