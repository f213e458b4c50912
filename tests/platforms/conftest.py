"""Every platform behind one door: a requester's side, and workers who act by hand."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any, Protocol

import httpx
import pytest
from tests.known_people import know_everybody

from dataforge.errors import Refused
from dataforge.issue.closed import Closed
from dataforge.platforms import Platform
from dataforge.platforms.embedded import connect
from dataforge.platforms.simulated import SimulatedPlatform, TakenPage
from dataforge.records import Batch, Event
from dataforge.workspace import Workspace


class House(Protocol):
    """A platform and its workers. A page is `(id, first input of each item as shown)`; None: there is none now."""

    platform: Platform

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None: ...
    def closed(self, run: str, worker: str) -> str: ...
    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int: ...
    def skip(self, run: str, worker: str, page: str) -> None: ...
    def release(self, run: str, worker: str, page: str) -> int: ...
    def wait(self, seconds: float) -> None: ...


class SimulatedHouse:
    def __init__(self) -> None:
        self.platform = SimulatedPlatform(seed=1)

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None:
        page = self.platform.take(run, worker, have=have)
        return (page.id, [first(inputs) for inputs in page.inputs]) if isinstance(page, TakenPage) else None

    def closed(self, run: str, worker: str) -> str:
        closed = self.platform.take(run, worker)
        assert isinstance(closed, Closed)
        return closed.reason

    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int:
        try:
            self.platform.submit(run, page, answers)
        except Refused as error:
            return error.status
        return 200

    def skip(self, run: str, worker: str, page: str) -> None:
        self.platform.skip(run, page)

    def release(self, run: str, worker: str, page: str) -> int:
        try:
            self.platform.release(run, page)
        except Refused as error:
            return error.status
        return 200

    def wait(self, seconds: float) -> None:
        self.platform.forward(seconds)


class EmbeddedHouse:
    """Workers come by the run's invitation, as browsers do."""

    def __init__(self, workspace: Workspace) -> None:
        self.platform = connect(workspace)
        self._workers: dict[tuple[str, str], httpx.Client] = {}

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None:
        page = self._ask(run, worker, f"/api/work/runs/{run}/pages", {"have": have}).json()["page"]
        return None if page is None else (page["page"], [first(item["inputs"]) for item in page["items"]])

    def closed(self, run: str, worker: str) -> str:
        reply = self._ask(run, worker, f"/api/work/runs/{run}/pages", {"have": []}).json()
        assert reply["page"] is None, reply
        return str(reply["closed"]["reason"])

    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int:
        return self._ask(run, worker, f"/api/work/pages/{page}/submit", {"answers": answers}).status_code

    def skip(self, run: str, worker: str, page: str) -> None:
        self._ask(run, worker, f"/api/work/pages/{page}/skip", {}).raise_for_status()

    def release(self, run: str, worker: str, page: str) -> int:
        return self._ask(run, worker, f"/api/work/pages/{page}/release", {}).status_code

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _ask(self, run: str, worker: str, path: str, body: dict[str, Any]) -> httpx.Response:
        client = self._workers.get((run, worker))
        if client is None:
            invitation = self.platform.invitation(run)
            assert invitation is not None
            token = invitation.rsplit("/", 1)[1]
            client = httpx.Client(base_url=self.platform.url, trust_env=False)
            join = {"invitation": token, "name": worker, "language": "en"}
            joined = client.post("/api/work/join", json=join)
            joined.raise_for_status()
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {joined.json()['token']}"
            self._workers[run, worker] = client
        return client.post(path, json=body)

    def close(self) -> None:
        for client in self._workers.values():
            client.close()
        self.platform.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose server runs for this module's tests."""
    workspace = Workspace.at(tmp_path_factory.mktemp("served") / ".dataforge")
    connect(workspace).close()
    know_everybody(workspace)
    address = workspace.server()
    assert address is not None
    yield workspace
    address = workspace.server()
    if address is not None:
        os.kill(address.pid, signal.SIGTERM)


@pytest.fixture(params=["simulated", "embedded"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    if request.param == "simulated":
        yield SimulatedHouse()
        return
    embedded = EmbeddedHouse(request.getfixturevalue("served"))
    yield embedded
    embedded.close()


def first(inputs: dict[str, Any]) -> str:
    return str(next(iter(inputs.values())))


def events(platform: Platform, run: str, after: int = 0) -> list[Event]:
    """All events after a cursor."""
    found: list[Event] = []
    while True:
        batch: Batch = platform.poll(run, after, 0)
        found += batch.events
        after = batch.cursor
        if not batch.events:
            return found


@pytest.fixture
def all_events() -> Any:
    return events
