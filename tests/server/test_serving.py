"""The server as a process: one per workspace, announced, ended without a loss."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.known_people import know_everybody

from dataforge.errors import PlatformError
from dataforge.server.serving import check_host, listen, only_server
from dataforge.workspace import Workspace


@contextmanager
def process(folder: Path, *arguments: str):
    """A server process and its address."""
    command = [sys.executable, "-m", "dataforge.server", "--workspace", str(folder), "--port", "0", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert server.stdout is not None
    try:
        yield server, server.stdout.readline().rpartition(" ")[2].strip()
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
        server.stderr.close()


def asking(workspace: Workspace, url: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {workspace.secret()}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False, verify=False)


def test_a_server_is_announced_while_it_runs_and_ends_when_asked(tmp_path, served):
    workspace = Workspace.at(tmp_path / "other")
    with process(workspace.root) as (server, url):
        assert workspace.server().url == url
        assert workspace.server().pid == server.pid
        assert stat.S_IMODE((workspace.root / "secret").stat().st_mode) == 0o600
        assert stat.S_IMODE(workspace.root.stat().st_mode) == 0o700
        with asking(workspace, url) as client:
            client.put("/api/runs/run", json=served.publication())
            waiting = threading.Thread(target=client.get, args=("/api/runs/run/events?wait=60",))
            waiting.start()
            begun = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0
            waiting.join(30)
            # The one who waited was answered at once, not after its minute.
            assert time.monotonic() - begun < 30
    assert workspace.server() is None
    # Who sends a signal wants it stopped: whoever merely goes on with a run does not start it again.
    assert "stopped on purpose" in (workspace.no_start() or "")


def test_a_second_server_of_a_workspace_is_refused(served):
    with only_server(served.workspace):
        with pytest.raises(PlatformError, match="already served"), only_server(served.workspace):
            pass
        with process(served.workspace.root) as (server, url):
            assert url == ""
            assert server.wait(30) == 1
            assert f"already served at {served.url}" in server.stderr.read()


def test_what_a_killed_server_left_half_done_is_gone_when_the_next_one_holds_the_workspace(tmp_path):
    workspace = Workspace.at(tmp_path)
    workspace.media.mkdir()
    table = workspace.root / "results-0123" / "labels.csv"
    table.parent.mkdir()
    table.write_bytes(b"id")
    half, whole = workspace.media / "upload-0123", workspace.media / "ab" / f"{'ab' * 32}.png"
    whole.parent.mkdir()
    for file in (half, whole):
        file.write_bytes(b"picture")
    with only_server(workspace):
        assert [path for path in workspace.media.rglob("*") if path.is_file()] == [whole]
        assert not table.parent.exists()


def test_a_server_ends_when_its_workspace_is_moved_away_from_under_it(served, tmp_path):
    served.workspace.root.rename(tmp_path / "moved")
    assert served.ended.wait(30)
    assert not served.workspace.root.exists(), "nothing is written where the workspace was"


def test_a_port_in_use_is_said_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PlatformError, match=f"port {port} .* 0 for any free one"), listen("127.0.0.1", port):
            pass


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_an_address_for_everybody_is_refused_unless_allowed(host):
    with pytest.raises(PlatformError, match="--anywhere"):
        check_host(host, anywhere=False)
    check_host(host, anywhere=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_an_address_of_this_machine_is_allowed(host):
    check_host(host, anywhere=False)


def test_a_killed_server_loses_no_acknowledged_answer_and_keeps_none_twice(tmp_path, served):
    """Kill the process while people submit; whoever had an answer acknowledged finds it there, once."""
    workspace = Workspace.at(tmp_path / "killed")
    acknowledged: set[str] = set()
    with process(workspace.root) as (server, url), asking(workspace, url) as client:
        know_everybody(workspace)
        client.put("/api/runs/run", json=served.publication() | {"control_per_page": 0, "real_per_page": 1})
        items = [{"key": f"i{n}", "inputs": {"text": str(n)}, "wanted": 3} for n in range(3000)]
        added = client.post(
            "/api/runs/run/commands", json={"commands": [{"kind": "add_items", "key": "a", "items": items}]}
        )
        assert added.status_code == 200
        invitation = client.get("/api/runs/run").json()["invitation_path"].rpartition("/")[2]
        enough = threading.Event()
        with ThreadPoolExecutor(8) as pool:
            people = [pool.submit(work, url, invitation, f"Worker {n}", acknowledged, enough) for n in range(8)]
            assert enough.wait(60)
            server.kill()
            server.wait()
            for person in people:
                person.result(60)
    assert len(acknowledged) >= 200
    with process(workspace.root) as (_, url), asking(workspace, url) as client:
        events = client.get("/api/runs/run/events?limit=10000").json()["events"]
        submitted = [event["page"] for event in events if event["kind"] == "page_submitted"]
        assert len(set(submitted)) == len(submitted)
        assert acknowledged <= set(submitted)
        assert [event["cursor"] for event in events] == list(range(1, len(events) + 1))
        listed = client.get("/api/runs/run/items?limit=500&search=i1").json()["items"]
        assert all(item["submitted"] <= item["held"] <= 3 for item in listed)


def work(url: str, invitation: str, name: str, acknowledged: set[str], enough: threading.Event) -> None:
    """Answer pages until the server is gone."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False, verify=False) as client:
        try:
            client.post("/api/work/join", json={"invitation": invitation, "name": name, "language": "en"})
            while True:
                page = client.post("/api/work/runs/run/pages", json={}).json()["page"]
                answers = {"answers": [{"answer": "yes"}]}
                reply = client.post(f"/api/work/pages/{page['page']}/submit", json=answers)
                if reply.status_code == 200:
                    acknowledged.add(page["page"])
                if len(acknowledged) >= 200:
                    enough.set()
        except httpx.TransportError:
            return


def test_a_server_that_lives_is_not_ready_while_its_database_is_held_or_its_runner_hangs(served):
    def asked(path: str) -> tuple[int, str]:
        reply = served.stranger.get(path)
        return reply.status_code, reply.json().get("error", {}).get("message", "")

    assert asked("/ready") == (200, "")
    served.workspace.show_runner(True)
    assert asked("/ready") == (200, "")
    os.utime(served.workspace.root / "runner", (time.time() - 3600,) * 2)
    other = sqlite3.connect(served.workspace.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, message = asked("/ready")
    other.execute("ROLLBACK")
    other.close()
    assert status == 503
    assert "another program holds" in message
    assert "the runner hangs" in message
    assert asked("/health") == (200, "")
    served.workspace.show_runner(False)
    assert asked("/ready") == (200, "")
