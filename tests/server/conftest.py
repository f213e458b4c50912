"""A real server over HTTP in a thread, with a clock that tests move."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.known_people import make_known

from dataforge.server.serving import Listener, listen
from dataforge.workspace import Workspace

START = 1_750_000_000.0


@dataclass
class Clock:
    """The server's time; it moves only when a test says so."""

    time: float = START

    def __call__(self) -> float:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class Person:
    """A worker with a token."""

    url: str
    worker: str
    token: str
    client: httpx.Client

    def take(self, run: str = "run", have: list[str] | None = None) -> dict[str, Any]:
        reply = self.client.post(f"/api/work/runs/{run}/pages", json={"have": have or []})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def page(self, run: str = "run", have: list[str] | None = None) -> dict[str, Any]:
        """A page, as soon as there is one: whoever drives the run may have only just begun."""
        give_up = time.monotonic() + 60
        while (page := self.take(run, have)["page"]) is None:
            assert time.monotonic() < give_up, "no page has come"
            time.sleep(0.02)
        return page

    def submit(self, page: dict[str, Any], answer: Any = "yes", seconds: float | None = None) -> httpx.Response:
        body = {"answers": [{"answer": answer} for _ in page["items"]], "seconds": seconds}
        return self.client.post(f"/api/work/pages/{page['page']}/submit", json=body)

    def do(self, action: str, page: dict[str, Any]) -> httpx.Response:
        return self.client.post(f"/api/work/pages/{page['page']}/{action}", json={})

    def get(self, path: str) -> Any:
        reply = self.client.get(path)
        assert reply.status_code == 200, reply.text
        return reply.json()


@dataclass
class Served:
    """A running server and its requester."""

    workspace: Workspace
    clock: Clock
    listener: Listener
    url: str
    ended: threading.Event
    keys: Iterator[int] = field(default_factory=itertools.count)
    clients: list[httpx.Client] = field(default_factory=list)
    named: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False, verify=False)
        self.clients.append(client)
        return client

    @property
    def stranger(self) -> httpx.Client:
        """A client without a token that keeps no cookies."""
        client = self.kept("stranger", None)
        client.cookies.clear()
        return client

    @property
    def requester(self) -> httpx.Client:
        return self.kept("requester", self.workspace.secret())

    def kept(self, name: str, token: str | None) -> httpx.Client:
        if name not in self.named:
            self.named[name] = self.client(token)
        return self.named[name]

    def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        reply = self.requester.request(method, path, json=body)
        assert reply.status_code == status, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()

    @property
    def cookies(self) -> dict[str, str]:
        """The names of the cookies, by role."""
        mark = self.listener.context.cookies.mark
        return {role: f"df_{role}_{mark}" for role in ("worker", "requester")}

    @staticmethod
    def publication(run: str = "run") -> dict[str, Any]:
        return publication_of(run)

    def publish(self, run: str = "run", **changes: Any) -> dict[str, Any]:
        publication = publication_of(run) | changes
        self.ask("PUT", f"/api/runs/{run}", publication)
        return publication

    def command(self, kind: str, run: str = "run", status: int = 200, **content: Any) -> Any:
        command = {"kind": kind, "key": f"command-{next(self.keys)}"} | content
        return self.ask("POST", f"/api/runs/{run}/commands", {"commands": [command]}, status)

    def add(self, real: int, control: int = 0, wanted: int = 1, run: str = "run", prefix: str = "") -> None:
        items = [
            {"key": f"{prefix}r{number}", "inputs": {"text": f"{prefix}real {number}"}, "wanted": wanted}
            for number in range(real)
        ]
        items += [
            {"key": f"{prefix}c{n}", "inputs": {"text": f"{prefix}control {n}"}, "control": True, "wanted": wanted}
            for n in range(control)
        ]
        self.command("add_items", run, items=items)

    def invitation(self, run: str = "run") -> str:
        return str(self.ask("GET", f"/api/runs/{run}")["invitation_path"]).rpartition("/")[2]

    def join(self, run: str = "run", name: str = "Ann", language: str = "en", *, known: bool = True) -> Person:
        """Let somebody join, of whom the workspace knows something, so that they may fetch ahead at once."""
        body = {"invitation": self.invitation(run), "name": name, "language": language}
        reply = httpx.post(f"{self.url}/api/work/join", json=body, trust_env=False, verify=False)
        assert reply.status_code == 200, reply.text
        joined = reply.json()
        if known:
            make_known(self.workspace, joined["worker"])
        return Person(self.url, joined["worker"], joined["token"], self.client(joined["token"]))

    def accept_a_page(self, person: Person, run: str = "run") -> dict[str, Any]:
        """Let somebody answer a page and accept it: from now on they may fetch ahead."""
        page = person.page(run)
        assert person.submit(page).status_code == 200
        self.command("judge", run, accepted=[page["page"]])
        return page

    def events(self, run: str = "run", after: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        reply = self.ask("GET", f"/api/runs/{run}/events?after={after}&limit=10000&wait={wait}")
        return list(reply["events"])

    def item(self, key: str, run: str = "run") -> dict[str, Any]:
        return dict(self.ask("GET", f"/api/runs/{run}/items/{key}"))


def publication_of(run: str) -> dict[str, Any]:
    """A run of a yes-or-no question about a text, two real items and a control item to a page."""
    options = [{"value": value, "label": {"en": value}} for value in ("yes", "no")]
    return {
        "name": run,
        "task": {
            "id": "question",
            "name": {"en": "Question"},
            "instruction": {"en": "Say *yes* or *no*."},
            "duration": 5,
            "inputs": [{"name": "text", "type": "text", "title": {"en": "Text"}}],
            "outputs": [
                {"name": "answer", "type": "choice", "title": {"en": "Answer"}, "settings": {"options": options}}
            ],
        },
        "prices": [10_000, 20_000, 30_000],
        "real_per_page": 2,
        "control_per_page": 1,
        "lease": 600,
    }


@contextmanager
def running(
    folder: Path, *, seed: int | None = 1, clock: Clock | None = None, proxies: Sequence[str] = ()
) -> Iterator[Served]:
    """Serve a workspace in a thread; leaving stops the server."""
    workspace, clock = Workspace(folder), clock or Clock()
    ready = threading.Event()
    with listen("127.0.0.1", 0) as listening:
        listener = Listener(workspace, listening, seed=seed, now=clock, proxies=proxies, on_ready=lambda _: ready.set())
        ended = threading.Event()
        thread = threading.Thread(target=lambda: (listener.run(), ended.set()), name="server")
        thread.start()
        assert ready.wait(120)
        served = Served(workspace, clock, listener, listener.address.url, ended)
        try:
            yield served
        finally:
            listener.should_exit = True
            for client in served.clients:
                client.close()
            thread.join(120)
            assert not thread.is_alive()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A running server of a new workspace."""
    with running(tmp_path / "workspace") as server:
        yield server


@pytest.fixture
def run_server(tmp_path: Path) -> Callable[..., Any]:
    """Serve the test's workspace with other settings, or again."""
    return lambda **settings: running(tmp_path / "workspace", **settings)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
