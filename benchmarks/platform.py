"""The embedded platform under load: workers over HTTP take and submit pages; prints tables.

    python benchmarks/platform.py --sizes 10k,100k,1M

Each size and page has a fresh workspace and a server of its own; load comes from another process. A paced load: all
workers together ask for a fixed number of pages a second, which says how long a worker waits. "Flat out": every worker
asks again as soon as the answer is there, which says how much the server can do. Above the table stand the bounds of
this machine: what SQLite commits with full durability, and what the same HTTP server does without the database.

A second table is of the whole loop: a run is launched onto the server and drives it from a process of its own while
workers answer flat out, pages of 18 real and 2 control items. Bytes written for an answer are what both processes gave
to the disk; they are 0 where the temporary folder is in memory (TMPDIR chooses another).
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys

# Run as a script this folder comes first on the path, and `import platform` inside others would find this file.
sys.path[:] = [
    entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))
]

import argparse
import asyncio
import contextlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import psutil
import uvloop

IMPORT_BATCH = 5_000
OVERLAP = 5
CONTROL_SHARE = 0.01
INSTRUCTION = "Is the sentence about an animal?"
OPTIONS = ["yes", "no", "unclear"]


@dataclass(frozen=True)
class Shape:
    """How many items a page has."""

    real: int
    control: int

    @property
    def size(self) -> int:
        return self.real + self.control


@dataclass(frozen=True)
class Load:
    """What one load process is told to do."""

    host: str
    port: int
    run: str
    invitation: str
    workers: int
    seconds: float
    pace: float


@dataclass(frozen=True)
class Spent:
    """What a process has used so far: processor seconds, bytes written, and the megabytes it holds."""

    seconds: float
    written: int
    held: float

    @classmethod
    def by(cls, process: psutil.Process) -> Spent:
        return cls(sum(process.cpu_times()[:2]), process.io_counters().write_bytes, process.memory_info().rss / 2**20)


@dataclass(frozen=True)
class Measured:
    """What one load process saw; times in seconds."""

    seconds: float
    pages: int
    answers: int
    take: list[float]
    submit: list[float]


class Line(asyncio.Protocol):
    """One keep-alive connection; as little Python per request as an HTTP client can have."""

    def __init__(self) -> None:
        self.buffer = b""
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        start = head.index(b"content-length: ") + 16
        stop = head.find(b"\r\n", start)
        length = int(head[start:] if stop < 0 else head[start:stop])
        if len(self.buffer) < end + 4 + length:
            return
        body, self.buffer = self.buffer[end + 4 : end + 4 + length], b""
        if self.waiting is not None:
            self.waiting.set_result((int(head[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(ConnectionError("the server closed the connection"))

    async def post(self, path: str, body: bytes, token: str = "") -> tuple[int, bytes]:
        self.waiting = asyncio.get_running_loop().create_future()
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\n{authorization}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)  # type: ignore[attr-defined]
        return await self.waiting


class PageReply(msgspec.Struct):
    page: str
    items: list[msgspec.Raw]


class NextPage(msgspec.Struct):
    page: PageReply | None = None


async def work(load: Load, number: int, take: list[float], submit: list[float], counts: list[int]) -> None:
    loop = asyncio.get_running_loop()
    # From an address of their own: newcomers of one address together get only a part of the places.
    own = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
    _, line = await loop.create_connection(Line, load.host, load.port, local_addr=own)
    joining = json.dumps({"invitation": load.invitation, "name": f"worker {number}", "language": "en"}).encode()
    status, body = await line.post("/api/work/join", joining)
    assert status == 200, body
    token = json.loads(body)["token"]
    decode = msgspec.json.Decoder(NextPage).decode
    answers: dict[int, bytes] = {}
    begun = time.perf_counter()
    end = begun + load.seconds
    due = begun + (number / load.workers * load.pace if load.pace else 0)
    while True:
        if load.pace:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due += load.pace
        at = time.perf_counter()
        if at >= end:
            return
        status, body = await line.post(f"/api/work/runs/{load.run}/pages", b'{"have":[]}', token)
        took = time.perf_counter()
        assert status == 200, body
        page = decode(body).page
        if page is None:
            return
        take.append(took - at)
        size = len(page.items)
        if size not in answers:
            answers[size] = json.dumps({"answers": [{"answer": "yes"}] * size}).encode()
        at = time.perf_counter()
        status, body = await line.post(f"/api/work/pages/{page.page}/submit", answers[size], token)
        submit.append(time.perf_counter() - at)
        assert status == 200, body
        counts[0] += 1
        counts[1] += size


async def loaded(load: Load) -> Measured:
    take: list[float] = []
    submit: list[float] = []
    counts = [0, 0]
    begun = time.perf_counter()
    await asyncio.gather(*(work(load, number, take, submit, counts) for number in range(load.workers)))
    return Measured(time.perf_counter() - begun, counts[0], counts[1], take, submit)


# --- the server's side -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A server process with a workspace of its own."""

    process: psutil.Process
    workspace: str
    port: int
    secret: str

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        line.request(method, path, msgspec.json.encode(body) if body is not None else None, headers)
        reply = line.getresponse()
        data = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status} {data[:300]!r}")
        return dict(json.loads(data))


@contextlib.contextmanager
def server(profile: str | None = None) -> Iterator[Server]:
    folder = tempfile.mkdtemp(prefix="dataforge-bench-")
    command = [sys.executable, "-m", "dataforge.server", "--workspace", folder, "--port", "0"]
    if profile:
        command[1:1] = ["-m", "cProfile", "-o", profile]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        secret = (Path(folder) / "secret").read_text().strip()
        with contextlib.closing(sqlite3.connect(Path(folder) / "dataforge.sqlite3", isolation_level=None)) as db:
            # Whoever comes has worked before: nobody gives first verdicts here.
            db.execute(
                "CREATE TRIGGER known_at_once AFTER INSERT ON workers "
                "BEGIN UPDATE workers SET known = 1 WHERE id = NEW.id; END"
            )
        yield Server(psutil.Process(process.pid), folder, int(url.rpartition(":")[2]), secret)
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def publication(shape: Shape) -> dict[str, object]:
    options = [{"value": value, "label": {"en": value}} for value in OPTIONS]
    task = {
        "id": "bench",
        "name": {"en": "Bench"},
        "instruction": {"en": INSTRUCTION},
        "duration": 5,
        "inputs": [{"name": "text", "type": "text", "title": {"en": "Text"}}],
        "outputs": [{"name": "answer", "type": "choice", "title": {"en": "Answer"}, "settings": {"options": options}}],
    }
    return {
        "name": "bench",
        "task": task,
        "prices": [1000 * (n + 1) for n in range(shape.size)],
        "real_per_page": shape.real,
        "control_per_page": shape.control,
        "lease": 600,
    }


def fill(server: Server, size: int) -> float:
    """Put the items on the platform; give the seconds it took, the client's part included."""
    controls = max(10, int(size * CONTROL_SHARE))
    begun = time.perf_counter()
    for first in range(0, size + controls, IMPORT_BATCH):
        numbers = range(first, min(first + IMPORT_BATCH, size + controls))
        items = [
            {
                "key": f"item-{number:07d}",
                "inputs": {"text": f"Sentence {number}: the quick brown fox jumps over the lazy dog"},
                "control": number >= size,
                "wanted": OVERLAP,
            }
            for number in numbers
        ]
        command = {"kind": "add_items", "key": f"add-{first}", "items": items}
        server.ask("POST", "/api/runs/bench/commands", {"commands": [command]})
    return time.perf_counter() - begun


def run_load(load: Load) -> Measured:
    process = subprocess.run(
        [sys.executable, __file__, "--load", json.dumps(asdict(load))], stdout=subprocess.PIPE, check=True
    )
    return Measured(**json.loads(process.stdout))


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def measure(size: int, shape: Shape, arguments: argparse.Namespace) -> list[list[str]]:
    rows = []
    with server(arguments.profile) as running:
        running.ask("PUT", "/api/runs/bench", publication(shape))
        imported = fill(running, size)
        view = running.ask("GET", "/api/runs/bench")
        invitation = str(view["invitation_path"]).rpartition("/")[2]
        for name, pace in ((f"{arguments.pace}/s", arguments.workers / arguments.pace), ("flat out", 0.0)):
            load = Load("127.0.0.1", running.port, "bench", invitation, arguments.workers, arguments.seconds, pace)
            before, begun = Spent.by(running.process), time.perf_counter()
            seen = run_load(load)
            after = Spent.by(running.process)
            busy = (after.seconds - before.seconds) / (time.perf_counter() - begun)
            rows.append(
                [
                    f"{size:,}",
                    str(shape.size),
                    name,
                    f"{imported:.1f}",
                    f"{seen.pages / seen.seconds:,.0f}",
                    f"{seen.answers / seen.seconds:,.0f}",
                    *(f"{percentile(seen.take, share):.1f}" for share in (0.5, 0.95, 0.99)),
                    *(f"{percentile(seen.submit, share):.1f}" for share in (0.5, 0.95, 0.99)),
                    f"{100 * busy:.0f}",
                    f"{(after.written - before.written) / 1e3 / seen.answers:.2f}",
                    f"{after.held:.0f}",
                    f"{os.getloadavg()[0]:.1f}",
                ]
            )
            print_row(rows[-1], HEADINGS)
    return rows


HEADINGS = (
    "items", "page", "load", "import s", "pages/s", "answers/s",
    "take p50", "p95", "p99 ms", "submit p50", "p95", "p99 ms", "CPU %", "written KB/answer", "RSS MB", "load avg",
)  # fmt: skip


def print_row(row: Sequence[str], headings: Sequence[str]) -> None:
    print("  ".join(cell.rjust(max(8, len(head))) for cell, head in zip(row, headings, strict=True)), flush=True)


# --- the whole loop --------------------------------------------------------------------------------

LOOP_HEADINGS = (
    "items", "on platform s", "answers", "answers/s", "server us/answer", "run us/answer", "written KB/answer",
    "server MB", "run MB", "load avg",
)  # fmt: skip


def drive(workspace: str, size: int) -> None:
    """Launch a run onto the server of the workspace and drive it until nobody wants it any more."""
    import dataforge as df
    from dataforge.records import TaskSpec
    from dataforge.tasks.task import Task

    task = Task.from_spec(msgspec.convert(publication(Shape(18, 2))["task"], TaskSpec))
    controls = max(10, int(size * CONTROL_SHARE))
    texts = [f"Sentence {number}: the quick brown fox jumps over the lazy dog" for number in range(size + controls)]
    run = df.launch(
        task,
        {"text": texts[:size]},
        {"text": texts[size:], "answer": ["yes"] * controls},
        df.Policy(overlap=(2, 3), page=(18, 2), control_ratio=0.8, speed=()),
        name="bench",
        workspace=workspace,
        progress=False,
    )
    while run.status().stage == "starting":
        time.sleep(0.05)
    print("on the platform", flush=True)
    sys.stdin.readline()
    run.close()


def measure_loop(size: int, arguments: argparse.Namespace) -> None:
    with server() as running:
        begun = time.perf_counter()
        order = json.dumps([running.workspace, size])
        driver = subprocess.Popen(
            [sys.executable, __file__, "--drive", order], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert driver.stdout is not None
        assert driver.stdout.readline(), "the run could not be launched"
        put = time.perf_counter() - begun
        invitation = str(running.ask("GET", "/api/runs/bench")["invitation_path"]).rpartition("/")[2]
        processes = (running.process, psutil.Process(driver.pid))
        before = [Spent.by(process) for process in processes]
        load = Load("127.0.0.1", running.port, "bench", invitation, arguments.workers, arguments.seconds, 0.0)
        seen = run_load(load)
        after = [Spent.by(process) for process in processes]
        driver.communicate("\n")
    used = [1e6 * (end.seconds - start.seconds) / seen.answers for start, end in zip(before, after, strict=True)]
    written = sum(end.written - start.written for start, end in zip(before, after, strict=True))
    row = [
        f"{size:,}", f"{put:.1f}", f"{seen.answers:,}", f"{seen.answers / seen.seconds:,.0f}",
        *(f"{each:.0f}" for each in used), f"{written / 1e3 / seen.answers:.2f}",
        *(f"{end.held:.0f}" for end in after), f"{os.getloadavg()[0]:.1f}",
    ]  # fmt: skip
    print_row(row, LOOP_HEADINGS)


# --- bounds ----------------------------------------------------------------------------------------


def commits(together: int, seconds: float = 2.0) -> float:
    """Rows a second that SQLite takes with full durability, `together` of them in each commit."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "x.sqlite3", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB)")
        count, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            db.execute("BEGIN")
            for _ in range(together):
                db.execute("INSERT INTO t (a) VALUES (?)", (b"x" * 200,))
            db.execute("COMMIT")
            count += together
        return count / (time.perf_counter() - begun)


async def bare_requests(port: int, connections: int = 100, seconds: float = 3.0) -> float:
    """Requests a second that the server answers without its database (an unknown path is the least it can do)."""
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + seconds
    count = 0

    async def ask() -> None:
        nonlocal count
        _, line = await loop.create_connection(Line, "127.0.0.1", port)
        while time.perf_counter() < end:
            await line.post("/api/nothing", b"{}")
            count += 1

    await asyncio.gather(*(ask() for _ in range(connections)))
    return count / seconds


def print_bounds() -> None:
    print(f"bound: SQLite, full durability, 1 row per commit: {commits(1):,.0f} rows/s; 50: {commits(50):,.0f} rows/s")
    with server() as running:
        rate = uvloop.run(bare_requests(running.port))
    print(f"bound: HTTP requests answered without the database: {rate:,.0f}/s (a page needs two)")


def number_of(text: str) -> int:
    units = {"k": 1_000, "m": 1_000_000}
    return int(float(text[:-1]) * units[text[-1].lower()]) if text[-1].lower() in units else int(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="10k,100k", help="numbers of items, for example 10k,100k,1M")
    parser.add_argument("--pages", default="1,10", help="items on a page; from 10 on one of ten is a control item")
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each load lasts")
    parser.add_argument("--pace", type=int, default=500, help="pages a second of the paced load")
    parser.add_argument("--profile", help="write a profile of the last server to this file")
    parser.add_argument("--only-loop", action="store_true", help="only the table of the whole loop")
    parser.add_argument("--load", help=argparse.SUPPRESS)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        json.dump(asdict(uvloop.run(loaded(Load(**json.loads(arguments.load))))), sys.stdout)
        return
    if arguments.drive:
        drive(*json.loads(arguments.drive))
        return
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    sizes = list(map(number_of, arguments.sizes.split(",")))
    if not arguments.only_loop:
        print_bounds()
        print_row(HEADINGS, HEADINGS)
        for size in sizes:
            for page in map(int, arguments.pages.split(",")):
                measure(size, Shape(page - page // 10, page // 10), arguments)
    print_row(LOOP_HEADINGS, LOOP_HEADINGS)
    for size in sizes:
        measure_loop(size, arguments)


if __name__ == "__main__":
    main()
