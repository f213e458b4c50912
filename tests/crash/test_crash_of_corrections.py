"""A server is killed while bonuses are given and items settled by hand: each is paid once, or is as was said last."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from contextlib import closing
from typing import Any

import httpx
import pytest
from tests.crash.test_crash_of_appeals import kill, likes, person, served

import dataforge as df
from dataforge.corrections import Correct, GiveBonus
from dataforge.runs.core.folder import RunFolder
from dataforge.workspace import Workspace

__all__ = ["served"]

PEOPLE, ITEMS, BONUSES = 3, 12, 24
KILLS = 4
A_BONUS = 1_000
"""The first one, in millionths; each other one is twice as large, so that their sum tells which were paid."""


class Requester(threading.Thread):
    """Somebody who does not know what was taken when the server went away, and sends everything again until it is."""

    def __init__(self, workspace: Workspace, corrections: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.workspace = workspace
        self.corrections = corrections
        self.done = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            for correction in self.corrections:
                self.insist(correction)
                self.done += 1
        except BaseException as error:
            self.failure = error
            raise

    def insist(self, correction: dict[str, Any]) -> None:
        while True:
            try:
                address = self.workspace.server()
                if address is None:
                    raise httpx.ConnectError("it is being started")
                headers = {"Authorization": f"Bearer {self.workspace.secret()}"}
                url, body = f"{address.url}/api/runs/run/corrections", {"corrections": [correction]}
                reply = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=10)
            except httpx.HTTPError:
                time.sleep(0.03)
                continue
            if reply.status_code < 500:
                assert reply.status_code == 200, reply.text
                return
            time.sleep(0.03)


def answered(run: df.Run, people: int = PEOPLE) -> list[str]:
    """Whoever has answered all items of the run."""
    workers = []
    for number in range(people):
        with person(run, number) as client:
            left = ITEMS
            while left:
                page = client.post("/api/work/runs/run/pages", json={"have": []}).json()["page"]
                if page is None:
                    time.sleep(0.1)  # whoever drives the run has still to come, or to judge the first page
                    continue
                answers = {"answers": [{"answer": True}] * len(page["items"])}
                client.post(f"/api/work/pages/{page['page']}/submit", json=answers).raise_for_status()
                left -= len(page["items"])
            workers.append(client.get("/api/work/me").json()["worker"])
    return workers


def paid(workspace: Workspace) -> list[int]:
    with closing(sqlite3.connect(workspace.database)) as db:
        rows = db.execute("SELECT amount FROM ledger WHERE kind = 'bonus' ORDER BY amount").fetchall()
    return [amount for (amount,) in rows]


def _settled_last(labels: Any) -> bool:
    """Whether each item has what was said of it last: whoever drives the run takes that in as it comes to it."""
    return set(labels["flag"]) == {"corrected"} and not labels["answer"].any()


@pytest.mark.crash
@pytest.mark.timeout(300)
def test_a_server_that_is_killed_while_items_are_settled_and_bonuses_given_does_each_once(served: Workspace) -> None:
    chance = random.Random(11)
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(ITEMS)]
    policy = df.Policy.preset("no-control", page=(4, 0), overlap=PEOPLE, speed=())
    with df.launch(likes, rows, policy=policy, name="run", workspace=served, detach=True, progress=False) as run:
        workers = answered(run)
        bonuses = [
            {"kind": "give_bonus", "worker": workers[n % PEOPLE], "amount": A_BONUS << n, "key": f"bonus {n}"}
            for n in range(BONUSES)
        ]
        settled = [
            {"kind": "correct", "item": f"i{n}", "answer": {"answer": answer}}
            for answer in (True, False)
            for n in range(ITEMS)
        ]
        people = [Requester(served, bonuses), Requester(served, settled)]
        for one in people:
            one.start()
        for number in range(KILLS):
            # As far as they have come by then, however slow the machine is.
            while min(one.done for one in people) < number * 5 and all(one.is_alive() for one in people):
                time.sleep(0.01)
            time.sleep(chance.random() / 4)
            kill(served)
            found = paid(served)
            assert len(found) == len(set(found)), "each is another power of two"
        for one in people:
            one.join(120)
            assert not one.is_alive()
            assert one.failure is None
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up and (len(paid(served)) < BONUSES or not _settled_last(run.labels())):
            time.sleep(0.2)
        assert paid(served) == [A_BONUS << n for n in range(BONUSES)]
        labels = run.labels()
        assert set(labels["flag"]) == {"corrected"}
        assert not labels["answer"].any(), "what was said last holds"
        said = RunFolder.of(served, "run").feed().corrections(0)
        assert len([one for one in said if isinstance(one, GiveBonus)]) == BONUSES
        assert {one.item for one in said if isinstance(one, Correct)} == {row["id"] for row in rows}
        assert run.workers()["earned"].sum() == pytest.approx(run.cost()["paid"].iloc[0])
