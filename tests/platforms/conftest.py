"""Every platform behind one door: a requester's side, and workers who act by hand."""

import os
import signal
from collections.abc import Iterator
from typing import Any, Protocol

import httpx
import pytest

from dataforge.platforms import Platform
from dataforge.platforms._issue import Shut
from dataforge.platforms.embedded import connect
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.records import Batch, Event
from dataforge.workspace import Workspace


class House(Protocol):
    """A platform and its workers. A page is `(id, captions in the order shown)`; None: there is none now."""

    platform: Platform

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None: ...
    def closed(self, run: str, worker: str) -> str: ...
    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int: ...
    def skip(self, run: str, worker: str, page: str) -> None: ...
    def release(self, run: str, worker: str, page: str) -> None: ...


class SimulatedHouse:
    def __init__(self) -> None:
        self.platform = SimulatedPlatform(seed=1)

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None:
        page = self.platform.take(run, worker)
        if isinstance(page, Shut):
            return None
        return page.id, [inputs["caption"] for inputs in self.platform.inputs(run, page)]

    def closed(self, run: str, worker: str) -> str:
        page = self.platform.take(run, worker)
        assert isinstance(page, Shut)
        return page.reason

    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int:
        from dataforge.errors import Refused

        try:
            self.platform.submit(run, page, answers)
        except Refused as error:
            return error.status
        return 200

    def skip(self, run: str, worker: str, page: str) -> None:
        self.platform.skip(run, page)

    def release(self, run: str, worker: str, page: str) -> None:
        self.platform.release(run, page)


class EmbeddedHouse:
    """Workers come by the run's invitation, as browsers do."""

    def __init__(self, workspace: Workspace) -> None:
        self.platform = connect(workspace)
        self._workers: dict[tuple[str, str], httpx.Client] = {}

    def take(self, run: str, worker: str, have: list[str]) -> tuple[str, list[str]] | None:
        page = self._ask(run, worker, f"/api/work/runs/{run}/pages", {"have": have}).json()["page"]
        return None if page is None else (page["page"], [item["inputs"]["caption"] for item in page["items"]])

    def closed(self, run: str, worker: str) -> str:
        reply = self._ask(run, worker, f"/api/work/runs/{run}/pages", {"have": []}).json()
        assert reply["page"] is None, reply
        return str(reply["closed"]["reason"])

    def submit(self, run: str, worker: str, page: str, answers: list[dict[str, Any]]) -> int:
        return self._ask(run, worker, f"/api/work/pages/{page}/submit", {"answers": answers}).status_code

    def skip(self, run: str, worker: str, page: str) -> None:
        self._ask(run, worker, f"/api/work/pages/{page}/skip", {}).raise_for_status()

    def release(self, run: str, worker: str, page: str) -> None:
        self._ask(run, worker, f"/api/work/pages/{page}/release", {}).raise_for_status()

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
