"""Servers and launchers are killed at random moments, under load; nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest

import dataforge as df
from dataforge import registry
from dataforge.aggregation.consensus.base import Responses, best
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.tables import results
from dataforge.workspace import Workspace

LAUNCHER = Path(__file__).with_name("launcher.py")
sys.path.insert(0, str(LAUNCHER.parent))
import launcher  # noqa: E402

WORKERS = 12
ITEMS_PER_TRIAL = 120
LABELS = [member.value for member in launcher.Parity]
DONE = ("submitted", "accepted", "rejected")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Site:
    """The server and the launcher of one workspace, as processes that can be killed and started again."""

    workspace: Path
    items: int
    stay_open: bool = False
    lease: float = 20.0
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None
    launcher: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_server(self) -> None:
        self.server = self.start(
            "-m", "dataforge", "serve", "--workspace", str(self.workspace), "--port", str(self.port)
        )

    def start_launcher(self) -> None:
        words = [str(self.workspace), str(self.items), f"{self.lease:g}", *["open"] * self.stay_open]
        self.launcher = self.start(str(LAUNCHER), *words)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with open(self.workspace / "processes.log", "ab") as log:
            return subprocess.Popen([sys.executable, *command], stdout=log, stderr=log)

    def kill(self, victim: str) -> None:
        process: subprocess.Popen[bytes] = getattr(self, victim)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if victim == "server":
            self.kill_other_server()

    def kill_other_server(self) -> None:
        """A launcher that finds no server starts one of its own, which is to be killed like ours."""
        address = Workspace.at(self.workspace).server()
        if address is not None and psutil.pid_exists(address.pid):
            with suppress(psutil.NoSuchProcess):
                other = psutil.Process(address.pid)
                if str(self.workspace) in " ".join(other.cmdline()):
                    other.kill()
                    other.wait(10)

    def wait_for_server(self) -> None:
        """Wait until the server answers, for as long as it lives: how soon it does is the machine's affair."""
        assert self.server is not None
        while True:
            ended = self.server.poll() is not None
            try:
                httpx.get(f"{self.url}/health", timeout=2).raise_for_status()
                return
            except httpx.HTTPError:
                assert not ended, (self.workspace / "processes.log").read_text()
                time.sleep(0.05)


@contextmanager
def site(workspace: Path, items: int, *, stay_open: bool = False, lease: float = 20.0) -> Iterator[Site]:
    place = Site(workspace, items, stay_open, lease)
    place.start_server()
    try:
        place.wait_for_server()
        place.start_launcher()
        yield place
    finally:
        for process in (place.launcher, place.server):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(120)
        place.kill_other_server()


class Reachable(Protocol):
    """The server, or what stands before it."""

    @property
    def url(self) -> str: ...


class Person(threading.Thread):
    """A worker who insists: what has no reply is sent again; what was acknowledged is written down."""

    work_of = "crash"

    def __init__(self, site: Reachable, invitation: str, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.site, self.invitation, self.number, self.over = site, invitation, number, over
        self.random = random.Random(number)
        self.acknowledged: dict[str, list[dict[str, Any]]] = {}
        # Whether the server may come back from an older copy, which does not know what was last acknowledged.
        self.expects_older = False
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with httpx.Client(base_url=self.site.url, timeout=60) as client:
                token = self.ask(
                    client,
                    "/api/work/join",
                    {"invitation": self.invitation, "name": f"p{self.number}", "language": "en"},
                )
                if token is None:
                    return
                client.headers["Authorization"] = f"Bearer {token.json()['token']}"
                while not self.over.is_set():
                    self.do_a_page(client)
        except BaseException as error:
            self.failure = error
            raise

    def ask(self, client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response | None:
        """The reply, however often the connection breaks before it comes."""
        while not self.over.is_set():
            try:
                reply = client.post(path, json=body)
            except httpx.HTTPError:
                self.over.wait(0.05)
                continue
            if reply.status_code < 500:
                return reply
            self.over.wait(0.05)
        return None

    def do_a_page(self, client: httpx.Client) -> None:
        reply = self.ask(client, f"/api/work/runs/{self.work_of}/pages", {"have": []})
        if reply is None:
            return
        page = reply.json().get("page")
        if page is None:
            self.over.wait(0.1)
            return
        self.over.wait(self.random.uniform(0.01, 0.06))
        answers = [{"answer": self.answer(item["inputs"]["number"])} for item in page["items"]]
        path = f"/api/work/pages/{page['page']}/submit"
        reply = self.ask(client, path, {"answers": answers})
        if reply is not None and reply.status_code == 200:
            self.acknowledged[page["page"]] = answers
            if self.random.random() < 0.2:
                again = self.ask(client, path, {"answers": answers})
                assert again is None or again.status_code == 200 or (self.expects_older and again.status_code == 404)

    def answer(self, number: str) -> str | bool:
        """Two of the people guess; the others are wrong one time in twelve."""
        chance = random.Random(f"{self.number}/{number}")
        if self.number < 2:
            return chance.choice(LABELS)
        return launcher.truth(number) if chance.random() > 1 / 12 else chance.choice(LABELS)


def invitation(site: Site) -> str:
    """The invitation of the run, once it is on the platform and its folder is written, which comes last."""
    secret, folder = Workspace.at(site.workspace).secret(), RunFolder(site.workspace / "runs" / "crash")
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client:
        until = time.monotonic() + 600
        while time.monotonic() < until:
            reply = client.get("/api/runs/crash")
            if reply.status_code == 200 and folder.exists:
                return str(reply.json()["invitation_path"]).rsplit("/", 1)[-1]
            time.sleep(0.1)
    raise TimeoutError("the run did not appear on the platform")


def stir(site: Site, trials: int, source: random.Random) -> Counter[str]:
    """Kill something, start it again, and so on."""
    killed: Counter[str] = Counter()
    for _ in range(trials):
        time.sleep(source.uniform(0.2, 1.6))
        victims = source.choice([("server",), ("launcher",), ("server", "launcher")])
        for victim in victims:
            site.kill(victim)
            killed[victim] += 1
        time.sleep(source.uniform(0.0, 0.3))
        if "server" in victims:
            site.start_server()
            site.wait_for_server()
        if "launcher" in victims:
            site.start_launcher()
    return killed


def wait_until_done(workspace: Path, seconds: float) -> df.Run:
    run = df.open_run("crash", workspace=workspace)
    run.wait(timeout=seconds)
    assert run.status().ended, run.status()
    return run


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_killing_servers_and_launchers_loses_nothing_and_pays_nobody_twice(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    source = random.Random(int(os.environ.get("CRASH_SEED", "7")))
    over = threading.Event()
    with site(tmp_path, ITEMS_PER_TRIAL * trials) as place:
        ticket = invitation(place)
        people = [Person(place, ticket, number, over) for number in range(WORKERS)]
        for person in people:
            person.start()
        killed = stir(place, trials, source)
        run = wait_until_done(tmp_path, 120 + 20 * trials)
        over.set()
        for person in people:
            person.join(30)
        assert [person.failure for person in people if person.failure] == []
        acknowledged = {page: answers for person in people for page, answers in person.acknowledged.items()}
        facts = Facts.read(tmp_path)
        facts.check_nothing_lost(acknowledged)
        facts.check_nobody_paid_twice(run)
        facts.check_overlap()
        facts.check_log(tmp_path)
        facts.check_labels(tmp_path, run)
    with capsys.disabled():
        print(
            f"\n{trials} trials: killed the server {killed['server']} times, the launcher {killed['launcher']} times; "
            f"{len(acknowledged)} pages acknowledged, 0 lost, 0 doubled"
        )


@dataclass(frozen=True)
class Facts:
    """What the database says, read with nothing but SQL and JSON."""

    pages: list[sqlite3.Row]
    items: dict[int, tuple[str, bool]]
    wanted: dict[int, int]
    ledger: dict[int, int]

    @classmethod
    def read(cls, workspace: Path) -> Facts:
        db = sqlite3.connect(workspace / "dataforge.sqlite3")
        db.row_factory = sqlite3.Row
        pages = db.execute("SELECT * FROM pages").fetchall()
        rows = db.execute("SELECT * FROM items").fetchall()
        items = {row["id"]: (row["key"], bool(row["control"])) for row in rows}
        wanted = {row["id"]: row["wanted"] for row in rows}
        payments = db.execute("SELECT page, amount FROM ledger WHERE kind = 'accepted'").fetchall()
        db.close()
        assert len({row["page"] for row in payments}) == len(payments)
        return cls(pages, items, wanted, {row["page"]: row["amount"] for row in payments})

    def check_nothing_lost(self, acknowledged: dict[str, list[dict[str, Any]]]) -> None:
        stored = {page["page"].hex(): page for page in self.pages}
        for name, answers in acknowledged.items():
            assert stored[name]["state"] in DONE
            assert json.loads(stored[name]["answers"]) == answers

    def check_nobody_paid_twice(self, run: df.Run) -> None:
        accepted = {page["id"]: page["price"] for page in self.pages if page["state"] == "accepted"}
        assert self.ledger == accepted
        assert run.status().cost == pytest.approx(sum(accepted.values()) / 1e6)

    def check_overlap(self) -> None:
        held: Counter[int] = Counter()
        pairs: Counter[tuple[int, int]] = Counter()
        for page in self.pages:
            for item in json.loads(page["items"]):
                if page["state"] in (*DONE, "late"):
                    pairs[item, page["worker"]] += 1
                if page["state"] in ("submitted", "accepted"):
                    held[item] += 1
        assert max(pairs.values()) == 1
        asked = {item: count for item, count in held.items() if not self.items[item][1]}
        assert [item for item, count in asked.items() if count > self.wanted[item]] == []
        assert max(self.wanted[item] for item in asked) <= launcher.OVERLAP[1]

    def check_log(self, workspace: Path) -> None:
        told = Counter(
            entry_page
            for line in (workspace / "runs" / "crash" / "log.jsonl").read_bytes().splitlines()
            for entry_page in submitted_pages(json.loads(line))
        )
        done = {page["page"].hex() for page in self.pages if page["state"] in DONE}
        assert set(told) == done
        assert set(told.values()) <= {1}

    def check_labels(self, workspace: Path, run: df.Run) -> None:
        """The labels follow from the same answers, taken in and aggregated once by somebody whom nothing disturbed.

        Aggregated without control items nearly all are the same: what those vouch for is not known then.
        """
        answers = self.check_answers(run)
        labels = run.labels().set_index("id").sort_index()
        undisturbed = labels_of_the_log(workspace / "runs" / "crash").set_index("id").sort_index()
        pd.testing.assert_frame_equal(labels, undisturbed, rtol=0, atol=1e-5)
        codes = best(registry.load("aggregation", "hierarchical-dawid-skene").fit(answers).probabilities)
        by_key = {key: LABELS[code] for code, (key, _) in zip(codes, self.items.values(), strict=True)}
        other = [key for key, answer in labels["answer"].items() if answer != by_key[str(key)]]
        assert len(other) <= 0.03 * len(labels)

    def check_answers(self, run: df.Run) -> Responses:
        """The run has the answers that the database has; give those that count."""
        keys = {item: number for number, item in enumerate(self.items)}
        workers = {worker: number for number, worker in enumerate(sorted({page["worker"] for page in self.pages}))}
        there = [
            (page, item, answer["answer"])
            for page in self.pages
            if page["state"] in ("accepted", "rejected")
            for item, answer in zip(json.loads(page["items"]), json.loads(page["answers"]), strict=True)
        ]
        ours = run.responses()
        columns = ours["page"], ours["id"].astype(str), ours["answer"], ours["accepted"]
        assert sorted(zip(*columns, strict=True)) == sorted(
            (page["page"].hex(), self.items[item][0], answer, page["state"] == "accepted")
            for page, item, answer in there
        )
        triples = [
            (keys[item], workers[page["worker"]], LABELS.index(answer))
            for page, item, answer in there
            # Rejected pages tell nothing of real items, but how good their worker is.
            if page["state"] == "accepted" or self.items[item][1]
        ]
        item, worker, label = (np.array(column, np.int32) for column in zip(*triples, strict=True))
        known = np.array(
            [LABELS.index(launcher.truth(key)) if control else -1 for key, control in self.items.values()], np.int32
        )
        return Responses(item, worker, label, len(keys), len(workers), len(LABELS), known=known)


def labels_of_the_log(folder: Path) -> pd.DataFrame:
    """The labels that a run's log gives to somebody who reads it from the beginning."""
    with tempfile.TemporaryDirectory() as place:
        copy = RunFolder(Path(shutil.copytree(folder, Path(place) / folder.name)))
        copy.checkpoint.unlink(missing_ok=True)
        view = RunView.open(copy)
        view.catch_up()
        view.quality.fit(afresh=True)
        found = results.labels(view)
        view.feed.close()
    return found


def submitted_pages(entry: Any) -> Iterator[str]:
    """Pages whose submission an entry of the run log tells of, however deep it stands."""
    if isinstance(entry, dict):
        if entry.get("kind") == "page_submitted":
            yield entry["page"]
        else:
            for value in entry.values():
                yield from submitted_pages(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from submitted_pages(value)
