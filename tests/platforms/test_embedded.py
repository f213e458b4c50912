"""The client of the embedded platform: how it finds, starts and outlives servers."""

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import pytest

import dataforge as df
from dataforge import cli
from dataforge.errors import PlatformError, Refused, Unreachable
from dataforge.platforms.embedded import EmbeddedPlatform, connect
from dataforge.server.serving import only_server
from dataforge.workspace import ServerAddress, Workspace, proof


def test_a_workspace_has_one_server_however_often_it_is_connected_to(served: Workspace) -> None:
    one, other = connect(served), connect(served.root)
    assert one.url == other.url
    one.close()
    other.close()


@df.task
def clear(text: df.Text) -> bool:
    """Is it clear?"""
    raise NotImplementedError


def test_a_run_makes_further_invitations_with_limits_of_their_own(served: Workspace) -> None:
    with df.launch(clear, ["yes", "no"], name="inviting", workspace=served, progress=False) as run:
        address = run.invite(uses=1, expires_in="2d")
        url, _, code = address.rpartition("/join/")
        order = {"invitation": code, "name": "Ann", "language": "en"}
        joined = [httpx.post(f"{url}/api/work/join", json=order).status_code for _ in range(2)]
        assert joined[0] == 200
        assert joined[1] >= 400
        assert address != run.invitation
        for wrong in ({"uses": 0}, {"expires_in": "soon"}):
            with pytest.raises(df.DataForgeError, match=next(iter(wrong))):
                run.invite(**wrong)
        people = run.invite_people(["Anna", "Boris"], label="course 3")
        assert run.invite_people(["Boris", "Anna"], label="course 3") == people, "who still waits keeps the link"
        with pytest.raises(df.DataForgeError, match="names: 'Anna' stands there more than once"):
            run.invite_people(["Anna", "Anna"])
        with pytest.raises(df.DataForgeError, match="the text that is to be sent has half a character at position 4"):
            run.invite_people(["Anna\ud83d"])


def test_without_leave_to_start_one_a_missing_server_is_said(tmp_path: Path) -> None:
    platform = EmbeddedPlatform(Workspace.at(tmp_path), start=False, patience=0)
    with pytest.raises(Unreachable, match=r"^the server at \S+ is not there; start the server with `dataforge serve`$"):
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


def test_the_server_of_a_workspace_is_not_taken_for_that_of_its_copy(served: Workspace, tmp_path: Path) -> None:
    shutil.copytree(served.root, tmp_path / "copy")
    copy, address = Workspace.at(tmp_path / "copy"), served.server()
    assert address is not None
    assert copy.secret() == served.secret()
    assert copy.server() is None
    served.set_managed(True)
    shutil.copy(served.root / "managed", copy.root)
    assert (served.no_start() is None, copy.no_start()) == (False, None)
    served.set_managed(False)
    with pytest.raises(SystemExit) as ended:
        cli.run(["stop", "--workspace", str(copy.root)])
    assert ended.value.code == 2
    copy.announce(address)
    with pytest.raises(Unreachable):
        EmbeddedPlatform(copy, start=False, patience=0).poll("run", 0, 0)
    assert EmbeddedPlatform(served).url == address.url


def test_a_running_server_of_an_older_version_is_found_where_it_runs_and_not_in_a_copy(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "there").make()
    address = ServerAddress("http://127.0.0.1:9", os.getpid(), 0.0, "0")
    (workspace.root / "server.json").write_bytes(msgspec.json.encode(address))
    assert workspace.server() is None, "nobody holds the lock: it is gone"
    with only_server(workspace):
        shutil.copytree(workspace.root, tmp_path / "copy")
        assert workspace.server() == address
        assert Workspace.at(tmp_path / "copy").server() is None
        with pytest.raises(PlatformError, match=f"process {os.getpid()}"), only_server(workspace):
            pass


def test_a_server_that_was_stopped_is_started_by_a_launch_and_not_by_who_goes_on_with_a_run(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "there")
    going_on = connect(workspace, patience=0)
    first = workspace.server()
    assert first is not None
    with pytest.raises(SystemExit) as ended:
        # The server is a child of this process; what is left of it until it is asked how it ended keeps nobody waiting.
        cli.run(["stop", "--workspace", str(workspace.root)])
    assert ended.value.code == 0
    for _ in range(2):
        with pytest.raises(Unreachable, match="stopped on purpose"):
            going_on.poll("run", 0, 0)
    assert workspace.server() is None
    connect(workspace).close()
    second = workspace.server()
    assert second is not None
    os.kill(second.pid, signal.SIGTERM)
    assert second.url == first.url


def test_a_full_disk_keeps_nobody_from_stopping_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    Workspace.at(tmp_path).note_stopped()


def test_a_server_that_somebody_starts_by_hand_at_a_port_is_started_by_nobody_else(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path).make()
    workspace.set_managed(True)
    with pytest.raises(Unreachable, match="started by hand"):
        connect(workspace, patience=0)
    assert not workspace.server_log.exists()


@pytest.mark.parametrize(("code", "often"), [("overloaded", True), ("task_unreadable", False)])
def test_a_missing_package_is_said_at_once_and_an_overloaded_server_asked_again(
    tmp_path: Path, code: str, often: bool
) -> None:
    asked: list[str] = []
    workspace = Workspace.at(tmp_path)
    folder = workspace.folder()
    assert folder is not None

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"error": {"code": code, "message": "no", "details": {}}}).encode()
            path, _, nonce = self.path.partition("?nonce=")
            if path == "/api/workspace":
                body = json.dumps({"proof": proof(workspace.secret(), folder, nonce)}).encode()
            else:
                asked.append(path)
            self.send_response(200 if path == "/api/workspace" else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    me = psutil.Process()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        workspace.announce(ServerAddress(f"http://127.0.0.1:{server.server_port}", me.pid, me.create_time(), "0"))
        platform = EmbeddedPlatform(workspace, start=False, patience=1.0)
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


def test_a_server_killed_while_it_starts_is_started_again_at_the_port_that_workers_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.at(tmp_path / "there")
    connect(workspace).close()
    first = workspace.server()
    assert first is not None
    os.kill(first.pid, signal.SIGTERM)
    psutil.wait_procs([psutil.Process(first.pid)], timeout=30)
    begin, killed = subprocess.Popen, []

    def kill_the_next(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        process = begin(*arguments, **named)
        if not killed:
            process.kill()
            killed.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", kill_the_next)
    connect(workspace).close()
    again = workspace.server()
    assert again is not None
    try:
        assert killed not in ([], [again.pid])
        assert again.url == first.url
    finally:
        os.kill(again.pid, signal.SIGTERM)
