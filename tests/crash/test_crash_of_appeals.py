"""A server is killed while appeals are decided: each page is paid once or its appeal is open, and the run follows."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import psutil
import pytest

import dataforge as df
from dataforge.platforms.embedded import connect
from dataforge.workspace import Workspace

PEOPLE = 12
DECISIONS = 0.6
"""In so many seconds, at most, the server is killed after the first decision is asked for."""


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    yield workspace
    if (address := workspace.server()) is not None:
        with suppress(ProcessLookupError):
            os.kill(address.pid, signal.SIGTERM)


def kill(workspace: Workspace) -> None:
    """Kill the server and the runner beside it, and start them again."""
    address = workspace.server()
    assert address is not None
    process = psutil.Process(address.pid)
    victims = [*process.children(recursive=True), process]
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, 10)
    connect(workspace).close()


def person(run: df.Run, number: int) -> httpx.Client:
    assert run.invitation is not None
    base, token = run.invitation.split("/join/")
    name = {"invitation": token, "name": f"worker {number}"}
    joined = httpx.post(f"{base}/api/work/join", json=name, trust_env=False).json()
    headers = {"Authorization": f"Bearer {joined['token']}"}
    return httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60)


def missed(run: df.Run) -> list[str]:
    """Pages of many people, each rejected for its control item, each objected to; by whom the run was done then."""
    pages = []
    for number in range(PEOPLE):
        with person(run, number) as client:
            while (page := client.post("/api/work/runs/run/pages", json={"have": []}).json()["page"]) is None:
                time.sleep(0.2)  # whoever drives the run has not come yet
            answers = {"answers": [{"answer": False}] * len(page["items"])}
            client.post(f"/api/work/pages/{page['page']}/submit", json=answers).raise_for_status()
            give_up = time.monotonic() + 60
            while run.status().pages_rejected <= number and time.monotonic() < give_up:
                time.sleep(0.05)
            said = client.post(f"/api/work/pages/{page['page']}/appeal", json={"text": f"I am {number}."})
            said.raise_for_status()
            pages.append(page["page"])
    return pages


def states(workspace: Workspace) -> dict[str, tuple[str, str, int]]:
    """By the page what became of its appeal, of itself, and how often it was paid."""
    with closing(sqlite3.connect(workspace.database)) as db:
        rows = db.execute(
            """
            SELECT lower(hex(pages.page)), appeals.state, pages.state,
              (SELECT COUNT(*) FROM ledger WHERE ledger.page = pages.id AND kind = 'accepted_after_all')
            FROM appeals JOIN pages ON pages.id = appeals.page
            """
        )
        return {page: (appeal, state, paid) for page, appeal, state, paid in rows}


def uphold(workspace: Workspace, pages: list[str], until: threading.Event) -> None:
    """Uphold one after the other, as a requester who does not know what was taken when the server went away."""
    for page in pages:
        while not until.is_set():
            try:
                address = workspace.server()
                assert address is not None
                headers = {"Authorization": f"Bearer {workspace.secret()}"}
                url = f"{address.url}/api/runs/run/appeals/{page}"
                reply = httpx.post(url, json={"upheld": True}, headers=headers, trust_env=False, timeout=5)
                assert reply.status_code == 200, reply.text
                break
            except (httpx.TransportError, AssertionError) as error:
                if isinstance(error, AssertionError) and "code" in str(error):
                    raise
                time.sleep(0.05)


@pytest.mark.crash
@pytest.mark.timeout(300)
def test_a_server_that_is_killed_while_appeals_are_decided_pays_each_page_once(served: Workspace) -> None:
    chance = random.Random(7)
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(2 * PEOPLE)]
    sure = [{"id": "sure", "text": "sure", "answer": True}]
    policy = df.Policy(page=(2, 1), speed=(), overlap=1)
    with df.launch(likes, rows, sure, policy, name="run", workspace=served, detach=True, progress=False) as run:
        pages, over = missed(run), threading.Event()
        asking = threading.Thread(target=uphold, args=(served, pages, over))
        asking.start()
        for _ in range(3):
            time.sleep(chance.uniform(0, DECISIONS))
            kill(served)
            # Paid exactly if upheld, whenever it was killed.
            for appeal, state, paid in states(served).values():
                assert (appeal, state, paid) in (("open", "rejected", 0), ("upheld", "accepted", 1))
        asking.join(120)
        over.set()
        assert set(states(served).values()) == {("upheld", "accepted", 1)}
        give_up = time.monotonic() + 60
        while run.status().pages_accepted < PEOPLE and time.monotonic() < give_up:
            time.sleep(0.2)
        assert (run.status().pages_accepted, run.status().pages_rejected) == (PEOPLE, 0)
        assert run.control()["appeals"].tolist() == [PEOPLE]
        assert run.workers()["earned"].sum() == pytest.approx(run.cost()["paid"].iloc[0])
        assert any("sure" in notice["en"] for notice in run.notices)
