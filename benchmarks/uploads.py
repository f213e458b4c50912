"""Workers who send recordings: pace, processor and memory of the server, and what is lost when it is killed.

    python benchmarks/uploads.py --workers 50 --pages 4

Every worker takes a page, sends a recording of `--megabytes` in pieces of one, and submits; in the middle of it the
server is killed with SIGKILL and started again. Then every acknowledged file is read back. The bound is what the disk
of the temporary folder does: the same files written and synced one after another, each under its name.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys

# Run as a script this folder comes first on the path, and `import platform` inside others would find a file of it.
sys.path[:] = [
    entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))
]

import argparse
import hashlib
import json
import secrets
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil

from dataforge.files.durable import put_in_place
from dataforge.workspace import media_path

PIECE = 1 << 20
RATE = 48_000
SHARE_BEFORE_THE_KILL = 0.4


@dataclass
class Server:
    """A server of a workspace, which may be killed and started again at the same port."""

    folder: Path
    port: int = 0
    seconds: float = 0.0
    memory: int = 0
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        command = [sys.executable, "-m", "dataforge.server", "--workspace", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def end(self, how: signal.Signals) -> None:
        """End the server, and note what it has used."""
        self.look()
        self.seconds += sum(psutil.Process(self.process.pid).cpu_times()[:2])
        self.process.send_signal(how)
        self.process.wait(30)

    def look(self) -> None:
        self.memory = max(self.memory, psutil.Process(self.process.pid).memory_info().rss)

    def ask(self, method: str, path: str, body: object = None, token: str | None = None) -> Any:
        """The JSON reply, asked for again until there is one."""
        token = (self.folder / "secret").read_text().strip() if token is None else token
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            with suppress(OSError, HTTPException):
                headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
                connection.request(method, path, content, headers)
                reply = connection.getresponse()
                text = reply.read()
                if reply.status < 500:
                    assert reply.status == 200, text
                    return json.loads(text)
            connection.close()
            time.sleep(0.05)


def recording(size: int) -> bytes:
    """A WAV file of noise."""
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size - 8, b"WAVE", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    return head + struct.pack("<4sI", b"data", size - 44) + secrets.token_bytes(size - 44)


def publish(server: Server, pages: int) -> str:
    """A run of recordings with room for so many pages; its invitation."""
    output = {"name": "answer", "type": "recording", "title": {"en": "Answer"}, "settings": {"longest": 7200.0}}
    task = {
        "id": "bench",
        "name": {"en": "Bench"},
        "instruction": {"en": "Read it aloud."},
        "duration": 5,
        "inputs": [{"name": "text", "type": "text", "title": {"en": "Text"}}],
        "outputs": [output],
    }
    publication = {
        "name": "bench", "task": task, "prices": [10_000], "real_per_page": 1, "control_per_page": 0, "lease": 3600,
        "most_waiting": 1_000_000,  # nobody judges here
    }  # fmt: skip
    server.ask("PUT", "/api/runs/bench", publication)
    items = [{"key": f"i{n}", "inputs": {"text": f"sentence {n}"}, "wanted": 1} for n in range(pages)]
    server.ask("POST", "/api/runs/bench/commands", {"commands": [{"kind": "add_items", "key": "a", "items": items}]})
    return str(server.ask("GET", "/api/runs/bench")["invitation_path"]).rpartition("/")[2]


def work(server: Server, invitation: str, pages: int, size: int, acknowledged: list[str]) -> None:
    """Do pages as a browser does."""
    body = {"invitation": invitation, "name": "Ann", "language": "en"}
    token = server.ask("POST", "/api/work/join", body, "")["token"]
    for _ in range(pages):
        while (offered := server.ask("POST", "/api/work/runs/bench/pages", {"have": []}, token)["page"]) is None:
            time.sleep(0.1)  # many have just joined, and begin one after another
        page = offered["page"]
        content = recording(size)
        name = f"{hashlib.sha256(content).hexdigest()}.wav"
        path, state = f"/api/work/pages/{page}/files/answer/{name}", {"received": 0, "whole": False}
        while not state["whole"]:
            begin = state["received"]
            piece = content[begin : begin + PIECE]
            state = server.ask("PUT", f"{path}?size={size}&begin={begin}", piece, token)
        answers = [{"answer": {"media": name, "seconds": 1.0}}]
        server.ask("POST", f"/api/work/pages/{page}/submit", {"answers": answers}, token)
        acknowledged.append(name)
        verdict = {"kind": "judge", "key": page, "accepted": [page]}
        server.ask("POST", "/api/runs/bench/commands", {"commands": [verdict]})


def bound(folder: Path, files: int, size: int) -> float:
    """Files a second that the disk takes, written and synced one after another."""
    contents = [secrets.token_bytes(size) for _ in range(files)]
    begun = time.perf_counter()
    for number, content in enumerate(contents):
        (aside := folder / "aside").write_bytes(content)
        put_in_place(aside, folder / f"{number}")
    return files / (time.perf_counter() - begun)


HEADINGS = (
    "workers", "files", "MB each", "files/s", "MB/s", "CPU ms/file", "RSS MB", "kills", "lost", "bound files/s", "load"
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--pages", type=int, default=4, help="of each worker")
    parser.add_argument("--megabytes", type=float, default=2.0)
    arguments = parser.parse_args()
    size, wanted = 2 * int(arguments.megabytes * (1 << 19)), arguments.workers * arguments.pages
    folder = Path(tempfile.mkdtemp(prefix="dataforge-bench-"))
    server, acknowledged = Server(folder / "workspace"), list[str]()
    try:
        server.start()
        told = (server, publish(server, wanted), arguments.pages, size, acknowledged)
        threads = [threading.Thread(target=work, args=told) for _ in range(arguments.workers)]
        pace = wanted / run_and_kill(server, threads, lambda: len(acknowledged) >= SHARE_BEFORE_THE_KILL * wanted)
        lost = wanted - sum(is_whole(server, name) for name in acknowledged)
        row = (
            arguments.workers, wanted, f"{size / (1 << 20):g}", f"{pace:.1f}", f"{pace * size / 1e6:.0f}",
            f"{1e3 * server.seconds / wanted:.0f}", f"{server.memory / 1e6:.0f}", 1, lost,
            f"{bound(folder, min(40, wanted), size):.0f}", f"{os.getloadavg()[0]:.1f}",
        )  # fmt: skip
        for cells in (HEADINGS, ["--:"] * len(row), row):
            print(f"| {' | '.join(map(str, cells))} |")
    finally:
        shutil.rmtree(folder)


def run_and_kill(server: Server, threads: list[threading.Thread], is_half_done: Callable[[], bool]) -> float:
    """How many seconds it took, with the server killed once."""
    begun, killed = time.perf_counter(), False
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        server.look()
        if not killed and is_half_done():
            server.end(signal.SIGKILL)
            server.start()
            killed = True
        time.sleep(0.02)
    taken = time.perf_counter() - begun
    server.end(signal.SIGTERM)
    return taken


def is_whole(server: Server, name: str) -> bool:
    path = media_path(server.folder / "media", name)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == name.partition(".")[0]


if __name__ == "__main__":
    main()
